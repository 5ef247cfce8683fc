// What a state is called, in the bar, over a clip and by sound.

import { sentence } from "./words.js";

const HEADLINES = {
  starting: ["waiting", "Starting"],
  unreachable: ["alarm", "NOT RECORDING?"],
  guarding: ["guarding", "Guarding"],
  off: ["off", "Not recording"],
};
// Nothing is wrong: it does what it was told to.
const CALM = new Set(["recording", "guarding", "off"]);
const CAUSES = { motion: "Motion", impact: "Impact" };

export const isCalm = (look) => CALM.has(look);

/** What the event that is being recorded is called; `event` as the recorder tells it. */
export const eventName = (event) => CAUSES[event.cause] ?? "Save";

/**
 * `{look, words, reason}`; a look is `recording`, `guarding`, `off`, `waiting`, `alarm` or `lost`. `null` is a lost
 * connection.
 */
export function lookOf(state) {
  if (state === null) {
    return {
      look: "lost",
      words: "Connection lost",
      reason:
        "It is not known from here whether it records. Is this phone still in the dashcam's Wi-Fi, and has the dashcam power? Trying again.",
    };
  }
  // A card that answers slowly is a state of its own, and it records all the same.
  const [look, words] = state.is_recording
    ? ["recording", "Recording"]
    : (HEADLINES[state.state] ?? ["alarm", "NOT RECORDING"]);
  return { look, words, reason: reasonOf(state) };
}

function reasonOf(state) {
  if (state.state === "unreachable") {
    return "The recorder does not answer: most likely nothing is recorded. It may come back by itself; if this stays for a minute, restart the dashcam.";
  }
  if (state.state === "stopped") {
    return "It was stopped by hand.";
  }
  if (state.state === "guarding") {
    const { motion } = state.recorder ?? {};
    return motion?.state === "off" && motion.words
      ? sentence(`Records only impacts: ${motion.words}`)
      : "Records when something moves.";
  }
  return state.state === "off" ? "The mode is off." : sentence(state.reason);
}
