// For how long it has been recording without a break, going on by itself between two reports.

import { clock } from "./words.js";

// The dashcam tells its status at least so often; beyond, nothing is known.
const MOST_GUESSED_SECONDS = 20;
// A recorder that is held up for some seconds is told of with an old time; that is no new beginning.
const TOLERANCE_SECONDS = 6;

/** The same clock for all that show it: the bar, and the row of the clip that grows. */
export class RecordingClock {
  #startedAt = null;
  #heardAt = 0;
  #secondsOf;

  /** `secondsOf(state)`: since when by the dashcam; nothing while there is nothing to time. */
  constructor(secondsOf = (state) => state?.is_recording && state.recorder?.recording_since_seconds) {
    this.#secondsOf = secondsOf;
  }

  setState(state) {
    const seconds = this.#secondsOf(state);
    if (!seconds) {
      this.#startedAt = null;
      return;
    }
    // A page that comes later is given what was heard long ago.
    const age = Math.min(Math.max(0, (Date.now() - state.heardAt) / 1000), MOST_GUESSED_SECONDS);
    this.#heardAt = performance.now() / 1000 - age;
    const startedAt = this.#heardAt - seconds;
    const isSame = this.#startedAt !== null && Math.abs(startedAt - this.#startedAt) < TOLERANCE_SECONDS;
    this.#startedAt = isSame ? Math.min(startedAt, this.#startedAt) : startedAt;
  }

  /** `00:12`, `1:02:03`; empty while it is not recording. */
  words() {
    if (this.#startedAt === null) {
      return "";
    }
    const now = Math.min(performance.now() / 1000, this.#heardAt + MOST_GUESSED_SECONDS);
    return clock(now - this.#startedAt).padStart(5, "0");
  }
}
