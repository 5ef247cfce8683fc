// What stands on the map: the car, photos and events. Elements, never text that becomes some.

import { glyph } from "./gallery-icons.js";
import { part } from "./svg.js";

const ARROW = "M22 5 34 37 22 30 10 37z";

/** An arrow where the car heads, and a dot for one whose heading is not known. */
export function carSign() {
  return part(
    "svg",
    { viewBox: "0 0 44 44", "aria-hidden": "true" },
    part("path", { d: ARROW, class: "arrow" }),
    part("circle", { cx: 22, cy: 22, r: 10, class: "dot" }),
  );
}

/** A photo, or an event of a cause. */
export const markSign = (sign) => glyph(sign);
