// Over the line of the player: what moved in the clip, and when its event began.

import * as api from "./api-more.js";
import { element } from "./dom.js";
import { part } from "./svg.js";

const WIDTH = 1000;
const HEIGHT = 100;
// So that a window of little motion is seen at all.
const LEAST_HEIGHT = 12;

const heightOf = (score) => (score > 0 ? Math.max(LEAST_HEIGHT, Math.min(HEIGHT, score)) : 0);

/** Bars as one path: `[from, to, score]`, in seconds of a clip of a length. */
function barsPath(bars, length) {
  return bars
    .map(([from, to, score]) => {
      const [left, right] = [from, to].map((seconds) => ((Math.min(seconds, length) / length) * WIDTH).toFixed(1));
      return `M${left} ${HEIGHT}V${(HEIGHT - heightOf(score)).toFixed(1)}H${right}V${HEIGHT}z`;
    })
    .join("");
}

const scoreBars = ({ step_seconds: step, scores }) =>
  scores.map((score, place) => [place * step, (place + 1) * step, score]).filter(([, , score]) => score > 0);

/** The line; empty for clips in which nobody has looked for motion, and that were made for no event. */
export class TraceLine {
  constructor() {
    this._id = "";
    this._asked = "";
    this._clip = null;
    this._scores = null;
    this._length = 0;
    this._windows = part("path", { class: "windows" });
    this._curve = part("path", { class: "scores" });
    const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" };
    this._svg = part("svg", box, this._windows, this._curve);
    this._mark = element("span", { className: "event-mark", hidden: true });
    this.root = element("div", { className: "trace", ariaHidden: "true" }, this._svg, this._mark);
  }

  /** Another clip is shown, or more is known of it. */
  setClip(clip) {
    if (clip.id !== this._id) {
      this._id = clip.id;
      this._scores = null;
    }
    this._clip = clip;
    this._load();
    this._draw();
  }

  setLength(seconds) {
    if (Math.abs(seconds - this._length) > 0.01) {
      this._length = seconds;
      this._draw();
    }
  }

  async _load() {
    const id = this._id;
    if (this._scores || this._asked === id || !this._clip.motion?.windows.length) {
      return;
    }
    this._asked = id;
    try {
      const { motion } = await api.motionOf(id);
      if (this._id === id && motion) {
        this._scores = motion.scores.length ? scoreBars(motion) : motion.windows;
        this._draw();
      }
    } catch {
      // The windows are there; a lost connection is said elsewhere.
    } finally {
      if (this._asked === id) {
        this._asked = "";
      }
    }
  }

  _draw() {
    const { motion, event } = this._clip ?? {};
    const length = this._length || this._clip?.duration_seconds || 1;
    const full = (motion?.windows ?? []).map(([from, to]) => [from, to, HEIGHT]);
    this._windows.setAttribute("d", barsPath(full, length));
    this._curve.setAttribute("d", barsPath(this._scores ?? motion?.windows ?? [], length));
    this._mark.hidden = !event || event.part > 1;
    if (event) {
      this._mark.style.left = `${Math.min(100, (100 * event.at_seconds) / length)}%`;
    }
  }
}
