// The bar at the top: whether it is recording, in three seconds and without reading twice.

import { find, setText } from "./dom.js";
import { clock } from "./words.js";
import { lookOf } from "./words-of-state.js";

// The clip's time goes on by itself between two reports, but never far beyond the last one.
const MOST_GUESSED_SECONDS = 20;

/** The same where the bar is hidden, over an open clip or a full screen: only what is wrong. */
export function troublePanel(root) {
  return {
    setState(state) {
      const shown = lookOf(state);
      root.hidden = shown.look === "recording" || shown.look === "waiting";
      setText(root, root.hidden ? "" : `${shown.words}. ${shown.reason}`);
    },
  };
}

/** The bar; `setState(null)` is a lost connection, `keep(ids)` marks clips as kept. */
export function recordingPanel(root) {
  const mark = find(root, ".mark use");
  const words = find(root, ".words");
  const timer = find(root, ".timer");
  const kept = find(root, ".kept");
  const reason = find(root, ".reason");
  const why = find(root, ".why");
  const spoken = find(root, ".spoken");
  const keptIds = new Set();
  let clip = null;
  let heardAt = 0;

  function tick() {
    kept.hidden = !(clip && keptIds.has(clip.id));
    if (clip === null) {
      setText(timer, "");
      return;
    }
    const guessed = Math.min((performance.now() - heardAt) / 1000, MOST_GUESSED_SECONDS);
    setText(timer, clock(clip.seconds + guessed).padStart(5, "0"));
  }

  setInterval(tick, 500);
  return {
    keep(ids) {
      for (const id of ids) {
        keptIds.add(id);
      }
      tick();
    },
    setState(state) {
      const shown = lookOf(state);
      root.dataset.look = shown.look;
      mark.setAttribute("href", `#icon-${shown.look}`);
      setText(words, shown.words);
      setText(reason, shown.reason);
      setText(spoken, `${shown.words}. ${shown.reason}`);
      why.hidden = shown.look !== "alarm" && shown.look !== "lost";
      document.title = shown.look === "recording" ? "● Dashcam" : `${shown.words} – Dashcam`;
      clip = state?.is_recording ? (state.recorder?.open_clip ?? null) : null;
      heardAt = performance.now();
      tick();
    },
  };
}
