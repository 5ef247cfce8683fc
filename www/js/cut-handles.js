// Two handles on a line, as wide as a thumb: where a part begins and where it ends.

import { element } from "./dom.js";

// In frames; a second and more by the page keys.
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -30, PageUp: 30 };

const percent = (share) => `${(100 * share).toFixed(3)}%`;

function handle(which, words) {
  const made = element("button", { type: "button", className: `handle ${which}`, ariaLabel: words, title: words });
  made.setAttribute("role", "slider");
  made.setAttribute("aria-valuemin", "0");
  made.setAttribute("aria-valuemax", "100");
  return made;
}

/**
 * The line. `onMove(which, share)` hears a finger or pointer, 0 to 1; `onStep(which, frames)` keys; `onDone(which)` when
 * a handle has been let go.
 */
export function cutHandles({ onMove, onStep, onDone }) {
  const handles = { start: handle("start", "Start of the part"), end: handle("end", "End of the part") };
  const band = element("span", { className: "band" });
  const line = element("div", { className: "cut-track" }, band, handles.start, handles.end);
  const root = element("div", { className: "cut-line", hidden: true }, line);

  for (const [which, made] of Object.entries(handles)) {
    let grip = null;
    made.addEventListener("pointerdown", (event) => {
      const { left, width } = line.getBoundingClientRect();
      made.setPointerCapture(event.pointerId);
      // The handle hangs beside its place: it stays below the finger where it was taken.
      grip = { left, width, offset: event.clientX - left - width * Number(made.dataset.share) };
    });
    made.addEventListener("pointermove", (event) => {
      if (grip) {
        const share = (event.clientX - grip.offset - grip.left) / grip.width;
        onMove(which, Math.max(0, Math.min(1, share)));
      }
    });
    for (const name of ["pointerup", "pointercancel"]) {
      made.addEventListener(name, () => {
        if (grip) {
          grip = null;
          onDone(which);
        }
      });
    }
    made.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (step !== undefined) {
        event.preventDefault();
        event.stopPropagation();
        onStep(which, step);
      }
    });
  }

  return {
    root,
    /** Shares of what is shown, null for a handle that is in another clip; `words` say where each stands. */
    set({ start, end, isOutside }, words) {
      const shares = { start, end };
      for (const [which, made] of Object.entries(handles)) {
        const share = shares[which];
        made.hidden = share === null;
        made.dataset.share = String(share ?? 0);
        made.style.left = percent(share ?? 0);
        made.setAttribute("aria-valuenow", String(Math.round(100 * (share ?? 0))));
        made.setAttribute("aria-valuetext", words[which]);
      }
      band.hidden = isOutside;
      band.style.left = percent(start ?? 0);
      band.style.width = percent((end ?? 1) - (start ?? 0));
    },
  };
}
