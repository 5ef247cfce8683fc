// Over the live picture: how fast it drives, and whether GPS knows where. Only while there is a receiver.

import * as api from "./api.js";
import { element, setText } from "./dom.js";
import { speedNumber } from "./map-words.js";

const ASK_MILLISECONDS = 1_000;
const LOST_MILLISECONDS = 3_000;

function wordOf(gps) {
  if (!gps.is_connected) {
    return "no receiver";
  }
  if (gps.status === "fix") {
    return gps.is_real ? "GPS" : gps.kind;
  }
  return gps.status === "stale" ? "no GPS now" : "searching";
}

/** Whether there is a receiver, or was since the start. */
export const hasReceiver = (gps) => Boolean(gps && gps.kind !== "none" && (gps.is_connected || gps.place));

/** The line in `frame`; it asks for the speed only while it is seen. */
export class LivePlace {
  #number = element("strong");
  #unit = element("span");
  #word = element("span", { className: "state" });
  #isShown = false;
  #timer = 0;

  constructor(frame) {
    this.root = element("p", { className: "live-place", hidden: true }, this.#number, " ", this.#unit, " ", this.#word);
    frame.append(this.root);
    document.addEventListener("visibilitychange", () => this.#again(0));
  }

  /** The dashcam's word; null while it cannot be reached. */
  setState(state) {
    const wasHidden = this.root.hidden;
    setText(this.#unit, state?.speed_unit ?? "km/h");
    this.#take(state?.recorder?.gps);
    if (wasHidden !== this.root.hidden) {
      this.#again(0);
    }
  }

  show(isShown) {
    if (this.#isShown !== isShown) {
      this.#isShown = isShown;
      this.#again(0);
    }
  }

  #take(gps) {
    this.root.hidden = !hasReceiver(gps);
    if (!this.root.hidden) {
      const speed = gps.status === "fix" && gps.is_connected ? gps.place?.speed_mps : null;
      setText(this.#number, speedNumber(speed, this.#unit.textContent));
      setText(this.#word, wordOf(gps));
    }
  }

  #again(milliseconds) {
    clearTimeout(this.#timer);
    if (this.#isShown && !document.hidden && !this.root.hidden) {
      this.#timer = setTimeout(() => this.#ask(), milliseconds);
    }
  }

  async #ask() {
    try {
      const { gps } = await api.place();
      this.#take(gps);
      this.#again(ASK_MILLISECONDS);
    } catch {
      // The bar at the top tells of a lost connection; an old speed is none.
      setText(this.#number, "–");
      this.#again(LOST_MILLISECONDS);
    }
  }
}
