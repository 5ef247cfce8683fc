// The event that is being recorded, above those that have ended: its clip is there only when it is closed.

import { element, setText } from "./dom.js";
import { CAUSES } from "./event-words.js";
import { glyph } from "./gallery-icons.js";
import { RecordingClock } from "./recording-clock.js";
import { eventName } from "./words-of-state.js";

// A clip that has not come by then is hidden by a filter, or there is none.
const MOST_WAIT_MILLISECONDS = 20_000;
const TICK_MILLISECONDS = 500;

/** The row; `isListed(id)` tells whether an event's clip is in the list below. */
export function eventNow(isListed) {
  const sign = element("span", { className: "cause" });
  const title = element("strong", { textContent: "Happening now" });
  const measures = element("span", { className: "counts" });
  const live = element("a", { className: "button", href: "#live", textContent: "Live" });
  const words = element("p", { className: "now-words" }, title, measures);
  const root = element("section", { className: "event-now", hidden: true, ariaLabel: "Happening now" });
  root.append(sign, words, live);
  const clock = new RecordingClock((state) => state?.recorder?.event?.seconds);
  let event = null;
  let isOver = false;
  let timer = 0;

  function tick() {
    if (isOver && isListed(event.id)) {
      end();
    } else if (isOver) {
      setText(title, "Just now");
      setText(measures, `${eventName(event)} has ended, its clip is being closed`);
    } else if (event) {
      const score = event.score ? ` · score ${Math.round(event.score)}` : "";
      setText(title, "Happening now");
      setText(measures, `${eventName(event)} for ${clock.words().replace(/^0/, "") || "a moment"}${score}`);
    }
  }

  function begin(now) {
    if (event?.cause !== now.cause) {
      sign.replaceChildren(glyph((CAUSES[now.cause] ?? CAUSES.button).sign));
    }
    clearTimeout(timer);
    isOver = false;
    event = now;
    root.hidden = false;
  }

  function end() {
    clearTimeout(timer);
    event = null;
    isOver = false;
    root.hidden = true;
  }

  setInterval(tick, TICK_MILLISECONDS);
  return {
    root,
    setState(state) {
      const now = state?.recorder?.event ?? null;
      clock.setState(state);
      if (now) {
        begin(now);
      } else if (event && !isOver && state) {
        isOver = true;
        timer = setTimeout(end, MOST_WAIT_MILLISECONDS);
      } else if (!state) {
        // What became of it is not known.
        end();
      }
      tick();
    },
  };
}
