// Small drawings of the network's page: bars of strength, a lock, arrows. For the eyes only: words say it too.

import { icon } from "./dom.js";
import { barsOf } from "./network-words.js";
import { part } from "./svg.js";

const BARS = [1, 2, 3, 4];

/** Four bars, as many of them full as the signal is strong. */
export function strengthSign(percent) {
  const full = barsOf(percent);
  const bars = BARS.map((bar) =>
    part("rect", {
      x: 1 + (bar - 1) * 6,
      y: 20 - bar * 4.5,
      width: 4,
      height: 2 + bar * 4.5,
      rx: 1,
      class: bar <= full ? "full" : "empty",
    }),
  );
  return part("svg", { viewBox: "0 0 24 24", class: "strength", "aria-hidden": "true" }, ...bars);
}

/** A lock where a key is needed, else an empty place. */
export function lockSign(security) {
  return security === "open" ? part("svg", { class: "no-lock", "aria-hidden": "true" }) : icon("lock");
}

/** An arrow up or down. */
export function arrowSign(isUp) {
  const line = part("path", { class: "line", d: isUp ? "M5 14l7-7 7 7" : "M5 10l7 7 7-7" });
  return part("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, line);
}
