// Deleting with a way back: the clips go out of sight at once, and are deleted some seconds later.

import * as api from "./api-more.js";
import { askPerson } from "./dialogs.js";
import { element, setText } from "./dom.js";
import { count } from "./words.js";

const UNDO_MILLISECONDS = 6_000;

/** `1 clip`, `2 photos`, `3 clips and photos`. */
export function wordsFor(clips) {
  const photos = clips.filter((clip) => clip.kind === "photo").length;
  if (!photos) {
    return count(clips.length, "clip");
  }
  return photos === clips.length ? count(photos, "photo") : `${clips.length} clips and photos`;
}

/** Asks whether these are to go; resolves to true for yes. */
export function askToDelete(clips, { canUndo = true } = {}) {
  const locked = clips.filter((clip) => clip.is_locked).length;
  const isOne = clips.length === 1;
  const warning = isOne ? "It is locked." : `${locked === clips.length ? "All" : locked} of them are locked.`;
  return askPerson({
    title: isOne ? `Delete this ${clips[0].kind === "photo" ? "photo" : "clip"}?` : `Delete ${wordsFor(clips)}?`,
    text: [
      locked ? warning : "",
      canUndo ? "You can undo it for some seconds; then it is for good." : "This is for good.",
    ]
      .filter(Boolean)
      .join(" "),
    yes: "Delete",
    no: "Cancel",
    isDangerous: true,
  });
}

/** The bar that offers the way back; an open dialog covers all else, so it goes where it can be reached. */
function undoBar() {
  const words = element("p");
  words.setAttribute("role", "status");
  const action = element("button", { type: "button", className: "act" });
  const close = element("button", { type: "button", className: "later", textContent: "OK" });
  const root = element("div", { className: "undo", hidden: true }, words, action, close);
  return {
    show(text, label, onAction, onClose) {
      const place = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
      if (root.parentElement !== place) {
        place.append(root);
      }
      root.hidden = false;
      setText(words, text);
      setText(action, label);
      action.onclick = onAction;
      close.hidden = !onClose;
      close.onclick = onClose;
    },
    hide() {
      root.hidden = true;
    },
    /** The dialog that it was in is closed. */
    moveOut() {
      document.body.append(root);
    },
  };
}

/**
 * Deletes with a way back. `onHide(clips)` takes them out of sight, `onBack(clips)` brings them back, `onGone(ids)`
 * hears of those that are deleted for good.
 */
export class Deletions {
  constructor({ onHide, onBack, onGone }) {
    this._onHide = onHide;
    this._onBack = onBack;
    this._onGone = onGone;
    this._bar = undoBar();
    this._waiting = null;
    // Who looks at something else, or switches the screen off, has not left: the seconds go on.
    addEventListener("pagehide", () => this._send({ isLeaving: true }));
  }

  /** Takes clips out of sight and deletes them in some seconds, unless it is undone: `onUndone()` is called then. */
  add(clips, onUndone = () => {}) {
    this._send();
    this._onHide(clips);
    const timer = setTimeout(() => this._send({ isLeaving: document.hidden }), UNDO_MILLISECONDS);
    this._waiting = { clips, timer };
    this._bar.show(`${wordsFor(clips)} deleted.`, "Undo", () => {
      clearTimeout(timer);
      this._waiting = null;
      this._bar.hide();
      this._onBack(clips);
      onUndone();
    });
  }

  /** A dialog is about to go, and what it holds with it. */
  moveOut() {
    this._bar.moveOut();
  }

  async _send({ isLeaving = false } = {}) {
    if (!this._waiting) {
      return;
    }
    const { clips, timer } = this._waiting;
    clearTimeout(timer);
    this._waiting = null;
    this._bar.hide();
    const ids = clips.map((clip) => clip.id);
    // As they were when the person was asked.
    const known = clips.filter((clip) => clip.is_locked).map((clip) => clip.id);
    const { done, failed, locked } = await (isLeaving ? api.removeOnLeaving(ids, known) : api.remove(ids, known));
    this._onGone(done);
    const kept = clips.filter((clip) => Object.hasOwn(failed, clip.id));
    if (kept.length) {
      const told = locked[0] ?? kept[0].id;
      const now = kept.map((clip) => (locked.includes(clip.id) ? { ...clip, is_locked: true } : clip));
      this._offerAgain(now, failed[told]);
    }
  }

  /** Often a clip is still being finished: a moment later it can be deleted. Or somebody has locked it meanwhile. */
  _offerAgain(clips, why) {
    this._onBack(clips);
    const retry = () => {
      this._bar.hide();
      this.add(clips);
    };
    this._bar.show(`${wordsFor(clips)} could not be deleted: ${why}`, "Delete again", retry, () => this._bar.hide());
  }
}
