// Which events are shown, by their cause.

import { element } from "./dom.js";
import { CAUSES } from "./event-words.js";
import { glyph } from "./gallery-icons.js";

// What was asked for by a program was saved, too.
const CHOICES = [
  [null, "All", ""],
  ["motion", CAUSES.motion.word, CAUSES.motion.sign],
  ["button,api", CAUSES.button.word, CAUSES.button.sign],
  ["impact", CAUSES.impact.word, CAUSES.impact.sign],
  ["hand", CAUSES.hand.word, CAUSES.hand.sign],
];

/** The chips; `onCause(cause)` hears every change, null for all. */
export function causeChips(onCause) {
  const chips = CHOICES.map(([cause, words, sign]) => {
    const chip = element("button", { type: "button", className: "chip", textContent: words });
    if (sign) {
      chip.prepend(glyph(sign));
    }
    chip.dataset.cause = cause ?? "all";
    chip.addEventListener("click", () => {
      mark(cause);
      onCause(cause);
    });
    return chip;
  });

  function mark(chosen) {
    CHOICES.forEach(([cause], place) => {
      chips[place].ariaPressed = String(cause === chosen);
    });
  }

  mark(null);
  const root = element("div", { className: "chips" }, ...chips);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Which events");
  return { root };
}
