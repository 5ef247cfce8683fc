// What stands on the map: the car, photos and events. Elements, never text that becomes some.

import { glyph } from "./gallery-icons.js";

const SVG = "http://www.w3.org/2000/svg";
const ARROW = "M22 5 34 37 22 30 10 37z";

function svg(size, ...children) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("viewBox", `0 0 ${size} ${size}`);
  made.setAttribute("aria-hidden", "true");
  made.append(...children);
  return made;
}

function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  return made;
}

/** An arrow where the car heads, and a dot for one whose heading is not known. */
export function carSign() {
  return svg(44, shape("path", { d: ARROW, class: "arrow" }), shape("circle", { cx: 22, cy: 22, r: 10, class: "dot" }));
}

/** A photo, or an event of a cause. */
export const markSign = (sign) => glyph(sign);
