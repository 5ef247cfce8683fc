// The speed of a clip as a small curve, with a cursor where the video is; a touch on it seeks.

import { element } from "./dom.js";
import { secondWords, speedWords } from "./map-words.js";
import { part } from "./svg.js";

const WIDTH = 1000;
const HEIGHT = 100;
// Below this the curve would show the drift of a standing car as hills.
const LEAST_TOP_MPS = 8;
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };

/** Paths of the curve: one `M`... for each part without a gap; a speed that nobody knows is a gap, too. */
function curveOf(points, seconds, top) {
  const at = ({ seconds: second, speed }) =>
    `${((second / seconds) * WIDTH).toFixed(1)} ${(HEIGHT - (speed / top) * (HEIGHT - 8)).toFixed(1)}`;
  const isKnown = (point) => point !== undefined && point.speed !== null;
  return points
    .map((point, index) => {
      const begins = !(point.isJoined && isKnown(points[index - 1]));
      return isKnown(point) ? `${begins ? "M" : "L"}${at(point)}` : "";
    })
    .join("");
}

/** The graph; `onSeek(seconds)` hears touches and keys. */
export function speedGraph(onSeek) {
  const curve = part("path", { class: "curve" });
  const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" };
  const svg = part("svg", box, curve);
  const cursor = element("span", { className: "cursor" });
  const root = element("div", { className: "graph", tabIndex: 0 }, svg, cursor);
  root.setAttribute("role", "slider");
  root.setAttribute("aria-label", "Place in the clip, over its speed");
  root.setAttribute("aria-valuemin", "0");
  let length = 1;
  let now = 0;

  const seek = (seconds) => onSeek(Math.min(length, Math.max(0, seconds)));
  const seekTo = (event) => {
    const { left, width } = root.getBoundingClientRect();
    seek(((event.clientX - left) / width) * length);
  };
  root.addEventListener("pointerdown", (event) => {
    root.setPointerCapture(event.pointerId);
    seekTo(event);
  });
  root.addEventListener("pointermove", (event) => root.hasPointerCapture(event.pointerId) && seekTo(event));
  root.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const place = { Home: 0, End: length }[event.key];
    if (step !== undefined || place !== undefined) {
      event.preventDefault();
      seek(place ?? now + step);
    }
  });

  return {
    root,
    /** Another clip: its points, and how long it is. */
    setClip(points, seconds) {
      length = Math.max(seconds, 1);
      const top = Math.max(LEAST_TOP_MPS, ...points.map((point) => point.speed ?? 0));
      curve.setAttribute("d", curveOf(points, length, top));
      root.setAttribute("aria-valuemax", String(Math.round(length)));
    },
    /** Where the video is, and how fast the car was there. */
    setPlace(seconds, speed, unit) {
      now = seconds;
      cursor.style.left = `${Math.min(100, (100 * seconds) / length)}%`;
      root.setAttribute("aria-valuenow", String(Math.round(seconds)));
      root.setAttribute("aria-valuetext", `${secondWords(seconds)}, ${speedWords(speed, unit)}`);
    },
  };
}
