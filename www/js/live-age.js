// How old a picture is when it is seen, although phone and dashcam do not agree on the time.

// The clocks of phone and dashcam drift apart; a comparison older than this is forgotten.
const WINDOW_MILLISECONDS = 30_000;
// Beyond this it is no age but a misunderstanding about clocks.
const MOST_SECONDS = 120;

/**
 * The dashcam says with each picture when it was taken and when it was sent, both by its own clock. The quickest
 * recent picture on its way tells what the clocks differ by, but for the time that it took itself: that is half of the
 * quickest question and answer. All else - waiting in queues, unpacking, drawing - is measured.
 */
export class AgeMeter {
  #least = [Infinity, Infinity];
  #since = null;
  #roundTrip = Infinity;

  /** A question and its answer took this long. */
  hearRoundTrip(milliseconds) {
    this.#roundTrip = Math.min(this.#roundTrip, milliseconds);
  }

  /** A picture sent at `sent` (dashcam's clock) has arrived at `arrived` (phone's). */
  hearArrival(sent, arrived) {
    this.#since ??= arrived;
    if (arrived - this.#since > WINDOW_MILLISECONDS) {
      this.#least = [this.#least[1], Infinity];
      this.#since = arrived;
    }
    this.#least[1] = Math.min(this.#least[1], arrived - sent);
  }

  /** The age in seconds of a picture taken at `captured` (dashcam's clock), seen at `seen` (phone's); null: unknown. */
  secondsOf(captured, seen) {
    const onTheWay = Number.isFinite(this.#roundTrip) ? this.#roundTrip / 2 : 0;
    const seconds = (seen - captured - Math.min(...this.#least) + onTheWay) / 1000;
    return seconds >= 0 && seconds < MOST_SECONDS ? seconds : null;
  }
}
