// Several clips at once: which are chosen, and the bar that says what can be done with them.

import { element, setText, whileBusy } from "./dom.js";
import { glyph } from "./gallery-icons.js";
import { count, size } from "./words.js";

const LONG_PRESS_MILLISECONDS = 500;
// A finger that moves further scrolls.
const STILL_PIXELS = 12;

/** What is chosen; calls `onChange()` after every change. While it is off, nothing is. */
export class Selection {
  constructor(onChange) {
    this._onChange = onChange;
    this._chosen = new Map();
    this._last = null;
    this.isOn = false;
  }

  get clips() {
    return [...this._chosen.values()];
  }

  /** The clip that was chosen last: a range begins there. */
  get last() {
    return this._last;
  }

  has(id) {
    return this._chosen.has(id);
  }

  start(...clips) {
    this.isOn = true;
    this.add(clips);
  }

  stop() {
    this.isOn = false;
    this._chosen.clear();
    this._last = null;
    this._onChange();
  }

  toggle(clip) {
    if (this._chosen.delete(clip.id)) {
      this._onChange();
    } else {
      this.add([clip]);
    }
  }

  add(clips) {
    for (const clip of clips) {
      this._chosen.set(clip.id, clip);
    }
    this._last = clips.at(-1)?.id ?? this._last;
    this._onChange();
  }

  remove(clips) {
    for (const clip of clips) {
      this._chosen.delete(clip.id);
    }
    this._onChange();
  }
}

/** Calls `onLongPress(tile)` when a finger rests on a tile of `root`; the touch that ends then is none. */
export function hearLongPresses(root, onLongPress) {
  let timer = 0;
  let start = null;
  let isSpent = false;

  const forget = () => clearTimeout(timer);

  root.addEventListener("pointerdown", (event) => {
    const tile = event.target.closest(".tile");
    isSpent = false;
    forget();
    if (tile && event.isPrimary && event.pointerType !== "mouse") {
      start = event;
      timer = setTimeout(() => {
        isSpent = true;
        onLongPress(tile);
      }, LONG_PRESS_MILLISECONDS);
    }
  });
  root.addEventListener("pointermove", (event) => {
    if (start && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) > STILL_PIXELS) {
      forget();
    }
  });
  for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
    root.addEventListener(name, forget);
  }
  root.addEventListener("contextmenu", (event) => {
    if (event.target.closest(".tile") && start?.pointerType !== "mouse" && start !== null) {
      event.preventDefault();
    }
  });
  root.addEventListener(
    "click",
    (event) => {
      if (isSpent) {
        isSpent = false;
        event.preventDefault();
        event.stopPropagation();
      }
    },
    { capture: true },
  );
}

/**
 * The bar below; `actions`: `[name, words, sign, work]`, `work(clips)` is run with what is chosen. `rare`: one of them
 * that stands apart, as its sign alone.
 */
export function selectionBar(selection, actions, rare) {
  const words = element("p", { className: "chosen" });
  words.setAttribute("role", "status");
  const stop = element("button", { type: "button", className: "stop", textContent: "Done" });
  stop.addEventListener("click", () => selection.stop());
  const buttons = actions.map(([name, label, sign, work]) => {
    const button = element("button", { type: "button", className: name }, glyph(sign), element("span", {}, label));
    button.addEventListener("click", () => whileBusy(button, () => work(selection.clips)));
    return button;
  });
  const [name, label, sign, work] = rare;
  const apart = element("button", { type: "button", className: name, title: label, ariaLabel: label }, glyph(sign));
  apart.addEventListener("click", () => whileBusy(apart, () => work(selection.clips)));
  const root = element(
    "div",
    { className: "selection", hidden: true },
    element("header", {}, words, apart, stop),
    element("div", { className: "acts" }, ...buttons),
  );
  root.setAttribute("role", "toolbar");
  root.setAttribute("aria-label", "Chosen clips");
  return {
    root,
    update() {
      const { clips } = selection;
      const bytes = clips.reduce((sum, clip) => sum + clip.bytes, 0);
      root.hidden = !selection.isOn;
      document.body.classList.toggle("is-selecting", selection.isOn);
      setText(words, clips.length ? `${count(clips.length, "item")} · ${size(bytes)}` : "Touch what you want");
      for (const button of [...buttons, apart]) {
        button.disabled = clips.length === 0;
      }
    },
  };
}
