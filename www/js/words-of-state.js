// What a state is called, in the bar, over a clip and by sound.

import { sentence } from "./words.js";

const HEADLINES = {
  recording: ["recording", "Recording"],
  starting: ["waiting", "Starting"],
  unreachable: ["alarm", "RECORDER DOES NOT ANSWER"],
};

/** `{look, words, reason}`; a look is `recording`, `waiting`, `alarm` or `lost`. `null` is a lost connection. */
export function lookOf(state) {
  if (state === null) {
    return {
      look: "lost",
      words: "Connection lost",
      reason: "Trying again. Is this phone still in the dashcam's Wi-Fi? The dashcam records without the phone, too.",
    };
  }
  const [look, words] = HEADLINES[state.state] ?? ["alarm", "NOT RECORDING"];
  return { look, words, reason: reasonOf(state) };
}

function reasonOf(state) {
  if (state.state === "unreachable") {
    return "It may be starting. If this stays for a minute, restart the dashcam; its log under Status says more.";
  }
  if (state.state === "stopped") {
    return "It was stopped by hand. Touch “Start recording” to go on.";
  }
  return sentence(state.reason);
}
