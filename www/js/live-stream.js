// Fetches the live pictures and hands on the newest; a slow phone misses pictures instead of falling behind.

import * as api from "./api.js";
import { AgeMeter } from "./live-age.js";
import { partsOf } from "./multipart.js";

const ROUND_TRIPS = 3;
const ROUND_TRIP_AGAIN_MILLISECONDS = 20_000;
// The dashcam sends several pictures a second; without any the way to it is broken, whatever the browser thinks.
const SILENCE_MILLISECONDS = 10_000;

/** One watching of the live view, from its making until `close()`. */
export class LiveStream {
  #stop = new AbortController();
  #meter = new AgeMeter();
  #newest = null;
  #isDrawing = false;
  #silence = 0;
  #roundTrips = 0;

  /**
   * `onPicture(bitmap, ageOf)`: the picture to be drawn now, closed afterwards; `ageOf()` then tells its age in seconds.
   * `onEnd(error)`: the stream has ended by itself; never called after `close()`.
   */
  constructor({ onPicture, onEnd }) {
    this.onPicture = onPicture;
    this.onEnd = onEnd;
    this.#run();
  }

  close() {
    this.#stop.abort();
    clearTimeout(this.#silence);
    clearTimeout(this.#roundTrips);
  }

  async #run() {
    let error = new Error("The live picture was interrupted; trying again.");
    try {
      const response = await api.openLive(this.#stop.signal);
      this.#measure(ROUND_TRIPS);
      this.#watchSilence();
      for await (const part of partsOf(response.body)) {
        this.#watchSilence();
        this.#hear(part);
      }
    } catch (caught) {
      if (caught instanceof api.ApiError) {
        error = caught;
      }
    }
    if (!this.#stop.signal.aborted) {
      this.close();
      this.onEnd(error);
    }
  }

  #watchSilence() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.close();
      this.onEnd(new Error("No picture has come for a while; trying again."));
    }, SILENCE_MILLISECONDS);
  }

  #hear({ headers, body }) {
    const captured = Number(headers.get("x-captured-milliseconds") ?? Number.NaN);
    this.#meter.hearArrival(Number(headers.get("x-sent-milliseconds") ?? Number.NaN), performance.now());
    this.#newest = { captured, body, type: headers.get("content-type") };
    if (!this.#isDrawing) {
      this.#draw();
    }
  }

  async #draw() {
    this.#isDrawing = true;
    while (this.#newest && !this.#stop.signal.aborted) {
      const { captured, body, type } = this.#newest;
      this.#newest = null;
      try {
        const bitmap = await createImageBitmap(new Blob([body], { type }));
        if (!this.#stop.signal.aborted) {
          this.onPicture(bitmap, () => this.#meter.secondsOf(captured, performance.now()));
        }
        bitmap.close();
      } catch {
        // A damaged picture; the next one comes at once.
      }
    }
    this.#isDrawing = false;
  }

  async #measure(times) {
    const milliseconds = await api.roundTripMilliseconds();
    if (milliseconds !== null) {
      this.#meter.hearRoundTrip(milliseconds);
    }
    if (!this.#stop.signal.aborted) {
      const pause = times > 1 ? 0 : ROUND_TRIP_AGAIN_MILLISECONDS;
      this.#roundTrips = setTimeout(() => this.#measure(times - 1), pause);
    }
  }
}
