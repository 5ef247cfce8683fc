// Save: one touch keeps what has just happened. It is confirmed, to eye and ear, when the dashcam says that it is sure.

import * as api from "./api.js";
import { complain, tell } from "./dialogs.js";

const SHAKE_MILLISECONDS = 60;
const WRITING = "input:not([type=radio], [type=checkbox]), select, textarea, .question";

/** All buttons that save, and the key S. `onKept(ids)` hears which clips hold what was saved. */
export class Saver {
  #buttons = [];
  #places = [];
  #line = null;
  #isPossible = false;
  #isBusy = false;
  #sound;
  #onKept;

  constructor({ sound, onKept }) {
    this.#sound = sound;
    this.#onKept = onKept;
    document.addEventListener("keydown", (event) => {
      const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.repeat);
      if (isPlain && event.key.toLowerCase() === "s" && !event.target.closest?.(WRITING)) {
        this.#press();
      }
    });
  }

  connect(button) {
    button.disabled = !this.#isPossible;
    button.addEventListener("click", () => this.#press());
    this.#buttons.push(button);
  }

  /** Where it stands what becomes of what was saved, until its clip is there. */
  addPlace(root) {
    this.#places.push(root);
    this.#line?.addPlace(root);
  }

  setState(state) {
    this.#isPossible = Boolean(state?.connected && (state.is_recording || state.state === "guarding"));
    for (const button of this.#buttons) {
      button.disabled = !this.#isPossible;
    }
  }

  async #press() {
    if (!this.#isPossible || this.#isBusy) {
      return;
    }
    // Within the touch: browsers allow no sound before.
    this.#sound.wake();
    this.#tellBusy(true);
    await this.#save().catch(complain);
    this.#tellBusy(false);
  }

  #tellBusy(isBusy) {
    this.#isBusy = isBusy;
    for (const button of this.#buttons) {
      button.setAttribute("aria-busy", String(isBusy));
    }
  }

  async #save() {
    const kept = await api.save();
    this.#sound.confirm();
    navigator.vibrate?.(SHAKE_MILLISECONDS);
    tell(kept.words);
    this.#onKept(kept.clip_ids);
    await this.#follow(kept);
  }

  async #follow(kept) {
    try {
      const { SaveLine } = await import("./save-line.js");
      this.#line ??= new SaveLine(this.#places);
      this.#line.add(kept);
    } catch {
      // It is saved all the same.
    }
  }
}
