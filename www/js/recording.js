// The bar at the top: whether it is recording, in three seconds and without reading twice.

import { find, setText } from "./dom.js";
import { clock } from "./words.js";

// The clip's time goes on by itself between two reports, but never far beyond the last one.
const MOST_GUESSED_SECONDS = 6;

const HEADLINES = {
  recording: ["recording", "Recording"],
  starting: ["waiting", "Starting"],
  unreachable: ["alarm", "RECORDER DOES NOT ANSWER"],
};

function lookOf(state) {
  if (state === null) {
    return {
      look: "lost",
      words: "Connection lost",
      reason: "Trying again. Is this phone still in the dashcam's Wi-Fi? The dashcam records without the phone, too.",
    };
  }
  const [look, words] = HEADLINES[state.state] ?? ["alarm", "NOT RECORDING"];
  return { look, words, reason: state.reason };
}

/** The same over an open clip, which hides the bar: only what is wrong. */
export function troublePanel(root) {
  return {
    setState(state) {
      const shown = lookOf(state);
      root.hidden = shown.look === "recording" || shown.look === "waiting";
      setText(root, root.hidden ? "" : `${shown.words}. ${shown.reason}`);
    },
  };
}

/** The bar; `setState(null)` is a lost connection. */
export function recordingPanel(root) {
  const words = find(root, ".words");
  const timer = find(root, ".timer");
  const reason = find(root, ".reason");
  const spoken = find(root, ".spoken");
  let clipSeconds = null;
  let heardAt = 0;

  function tick() {
    if (clipSeconds === null) {
      setText(timer, "");
      return;
    }
    const guessed = Math.min((performance.now() - heardAt) / 1000, MOST_GUESSED_SECONDS);
    setText(timer, clock(clipSeconds + guessed).padStart(5, "0"));
  }

  setInterval(tick, 500);
  return {
    setState(state) {
      const shown = lookOf(state);
      root.dataset.look = shown.look;
      setText(words, shown.words);
      setText(reason, shown.reason);
      setText(spoken, `${shown.words}. ${shown.reason}`);
      document.title = shown.look === "recording" ? "● Dashcam" : `${shown.words} – Dashcam`;
      clipSeconds = state?.is_recording ? (state.recorder?.open_clip?.seconds ?? null) : null;
      heardAt = performance.now();
      tick();
    },
  };
}
