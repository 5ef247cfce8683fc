// The bar at the top: whether it is recording, in three seconds and without reading twice.

import * as api from "./api.js";
import { complain } from "./dialogs.js";
import { find, setText, whileBusy } from "./dom.js";
import { RecordingClock } from "./recording-clock.js";
import { eventName, isCalm, lookOf } from "./words-of-state.js";

const MARKS = { guarding: "live", off: "stop" };

/** The same where the bar is hidden, over an open clip or a full screen: only what is wrong. */
export function troublePanel(root) {
  return {
    setState(state) {
      const shown = lookOf(state);
      root.dataset.look = shown.look;
      root.hidden = shown.look === "waiting" || (isCalm(shown.look) && shown.look !== "off");
      setText(root, root.hidden ? "" : `${shown.words}. ${shown.reason}`);
    },
  };
}

/** The bar; `setState(null)` is a lost connection, `keep(ids)` marks clips as kept before word of it comes. */
export function recordingPanel(root) {
  const mark = find(root, ".mark use");
  const words = find(root, ".words");
  const timer = find(root, ".timer");
  const kept = find(root, ".kept");
  const happening = find(root, ".happening");
  const reason = find(root, ".reason");
  const why = find(root, ".why");
  const start = find(root, ".start");
  const spoken = find(root, ".spoken");
  const keptIds = new Set();
  const clock = new RecordingClock();
  const eventClock = new RecordingClock((state) => state?.recorder?.event?.seconds);
  let clip = null;
  let event = null;

  function tick() {
    happening.hidden = !event;
    setText(happening, event ? `${eventName(event)} ${eventClock.words().replace(/^0/, "")}` : "");
    kept.hidden = Boolean(event) || !(clip?.is_saved || keptIds.has(clip?.id));
    setText(timer, clock.words());
  }

  start.addEventListener("click", () => whileBusy(start, () => api.startRecording().catch(complain)));
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
      mark.setAttribute("href", `#icon-${MARKS[shown.look] ?? shown.look}`);
      setText(words, shown.words);
      setText(reason, shown.reason);
      event = state?.recorder?.event ?? null;
      setText(spoken, `${shown.words}. ${shown.reason}${event ? ` Event: ${eventName(event)}.` : ""}`);
      why.hidden = shown.look !== "alarm" && shown.look !== "lost";
      start.hidden = state?.state !== "stopped";
      document.title = shown.look === "recording" ? "● Dashcam" : `${shown.words} – Dashcam`;
      clip = state?.is_recording ? (state.recorder?.open_clip ?? null) : null;
      clock.setState(state);
      eventClock.setState(state);
      tick();
    },
  };
}
