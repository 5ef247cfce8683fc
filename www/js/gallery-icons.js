// The signs of gallery and player; for the eyes only, words say the same.

import { part } from "./svg.js";

const PATHS = {
  lock: "M7 10V7a5 5 0 0 1 10 0v3h1a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zm2 0h6V7a3 3 0 0 0-6 0z",
  unlock:
    "M9 10h9a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2h1V6a5 5 0 0 1 9.6-2l-1.8.9A3 3 0 0 0 9 6z",
  camera:
    "M9 4h6l2 3h3a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2h3zm3 4.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9m0 2a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5",
  download: "M11 3h2v9l3.5-3.5 1.4 1.4L12 15.8 6.1 9.9l1.4-1.4L11 12zM4 18h16v2.5H4z",
  share: "M12 2l5 5-1.4 1.4L13 5.8V15h-2V5.8L8.4 8.4 7 7zM5 11h4v2H7v7h10v-7h-2v-2h4v11H5z",
  remove: "M9 3h6l1 2h4v2H4V5h4zM6 8h12l-1 13H7zm3.5 2.5.5 8h1.5l-.4-8zm3.4 0-.4 8H14l.5-8z",
  track:
    "M6 15a3 3 0 1 0 2.8 4H16a4 4 0 0 0 0-8H9a2 2 0 0 1 0-4h6.2A3 3 0 1 0 15.2 5H9a4 4 0 0 0 0 8h7a2 2 0 0 1 0 4H8.800A3 3 0 0 0 6 15z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12 19 17.6 17.6 19 12 13.4 6.4 19 5 17.6 10.6 12 5 6.4z",
  tick: "M9.5 16.2 5.3 12l-1.5 1.5 5.7 5.7L20.6 8.1l-1.5-1.5z",
  days: "M7 2h2v2h6V2h2v2h4v18H3V4h4zM5 10v10h14V10zm2 2h4v4H7z",
  play: "M8 5v14l11-7z",
  pause: "M6 5h4v14H6zm8 0h4v14h-4z",
  older: "M6 5h2.5v14H6zm13 0v14L9 12z",
  newer: "M15.5 5H18v14h-2.5zM5 5v14l10-7z",
  "frame-back": "M14 6v12l-8-6zm2 0h2v12h-2z",
  "frame-on": "M10 6v12l8-6zM6 6h2v12H6z",
  large: "M4 4h6v2H6v4H4zm10 0h6v6h-2V6h-4zM4 14h2v4h4v2H4zm14 0h2v6h-6v-2h4z",
  motion:
    "M13.500 2a2.200 2.200 0 1 1 0 4.400 2.200 2.200 0 0 1 0-4.400zM11 7.500l3-.5 2.500 3.500 3 1-.6 1.900-3.700-1.200-1.300-1.700-1 3.700 2.600 2.600L16.500 22h-2.200l-1-4.300-2.800-2.600L8.500 19 4.500 21.500l-1-1.700 3.400-2.200 2.300-7.300-1.900.9L6.500 14l-1.900-.5 1-3.700z",
  impact:
    "M12 1.500l2.200 6 5.300-3.500-2 6 5.500 1.500-5 3.200 3 5.300-5.800-1.300L13 22.500l-2.700-4.800L5 20.500l1.200-6-5.200-2 5.500-2.300-2.200-6 5.500 3z",
  cut: "M6.500 3a3.500 3.500 0 0 1 3.200 5L12 10.300l7-7h2.500L9.700 15.900a3.500 3.500 0 1 1-1.900-1.900l2.300-2.200-2.300-2.100A3.500 3.500 0 1 1 6.500 3zm0 2a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3zm0 10.500a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3zM14 13.700l7.500 7H19l-6.300-5.800z",
  program: "M8.500 6.500 10 8l-4 4 4 4-1.500 1.500L3 12zm7 0L21 12l-5.500 5.500L14 16l4-4-4-4z",
  drive: "M4 4h2v16H4zm4 3h9a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H8zm3 2.500v5l4-2.500z",
  search:
    "M10 3a7 7 0 1 1-4.400 12.400A7 7 0 0 1 10 3zm0 2a5 5 0 1 0 0 10 5 5 0 0 0 0-10zm5.800 9.400 5.400 5.400-1.400 1.400-5.400-5.400z",
  small: "M8 4h2v6H4V8h4zm6 0h2v4h4v2h-6zM4 14h6v6H8v-4H4zm10 0h6v2h-4v4h-2z",
};

/** The outline of a sign, within 24 by 24. */
export const outlineOf = (name) => PATHS[name];

/** One of the signs above. */
export function glyph(name) {
  return part("svg", { "aria-hidden": "true", viewBox: "0 0 24 24" }, part("path", { d: PATHS[name] }));
}

/** Puts another sign into a button that has one. */
export function setGlyph(button, name) {
  if (button.dataset.glyph !== name) {
    button.dataset.glyph = name;
    button.querySelector("svg").replaceWith(glyph(name));
  }
}
