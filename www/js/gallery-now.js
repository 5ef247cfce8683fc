// The clip that is being recorded, above those that are closed.

import { element, icon, setText } from "./dom.js";
import { glyph } from "./gallery-icons.js";
import { RecordingClock } from "./recording-clock.js";

/** What player and list call the clip that grows; null while there is none. Its media are to be had a second later. */
export function growingClip(state) {
  const open = state?.recorder?.open_clip;
  if (!open) {
    return null;
  }
  return {
    id: open.id,
    kind: "growing",
    name: open.path.split("/").at(-1),
    media: `/media/${open.id}`,
    thumb: null,
    duration_seconds: open.seconds,
    bytes: open.bytes,
    is_locked: false,
  };
}

/** The row in `root`; `onOpen(clip)` when it is touched. Beside it one saves what has just happened. */
export function nowRow(root, onOpen, saver) {
  const facts = element("span", { className: "counts" });
  const now = element("span", { textContent: "now" });
  const button = element(
    "button",
    { type: "button", className: "now" },
    element("span", { className: "now-dot", ariaHidden: "true" }),
    element("span", { className: "now-words" }, element("strong", {}, "Recording ", now), facts),
    element("span", { className: "now-play" }, glyph("play"), element("span", { textContent: "Play" })),
  );
  const clock = new RecordingClock();
  let clip = null;
  button.hidden = true;
  button.addEventListener("click", () => onOpen(clip));
  const save = element(
    "button",
    { type: "button", className: "save-now", title: "Save what has just happened" },
    icon("lock"),
    element("span", { textContent: "Save" }),
  );
  const saved = element("div", { className: "saved-place" });
  root.append(element("div", { className: "now-row" }, button, save), saved);
  saver.connect(save);
  saver.addPlace(saved);

  function tick() {
    setText(facts, clock.words());
  }

  setInterval(tick, 1000);
  return {
    /** The row is there while a clip grows; true when it has come or gone. */
    setState(state) {
      const wasHidden = button.hidden;
      clip = growingClip(state);
      button.hidden = clip === null;
      clock.setState(state);
      tick();
      return wasHidden !== button.hidden;
    },
  };
}
