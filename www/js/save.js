// Save: one touch keeps what has just happened. It is confirmed, to eye and ear, when the dashcam says that it is sure.

import * as api from "./api.js";
import { complain, tell } from "./dialogs.js";
import { whileBusy } from "./dom.js";

const SHAKE_MILLISECONDS = 60;
const WRITING = "input:not([type=radio], [type=checkbox]), select, textarea, .question";

/** All buttons that save, and the key S. `onKept(ids)` hears which clips hold what was saved. */
export class Saver {
  #buttons = [];
  #places = [];
  #lines = null;
  #sound;
  #onKept;

  constructor({ sound, onKept }) {
    this.#sound = sound;
    this.#onKept = onKept;
    document.addEventListener("keydown", (event) => {
      const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.repeat);
      if (isPlain && event.key.toLowerCase() === "s" && !event.target.closest?.(WRITING)) {
        this.#buttons.find((button) => !button.disabled)?.click();
      }
    });
  }

  connect(button) {
    button.disabled = this.#buttons[0]?.disabled ?? true;
    button.addEventListener("click", () => {
      // Within the touch: browsers allow no sound before.
      this.#sound.wake();
      whileBusy(this.#buttons[0], () => this.#save().catch(complain));
    });
    this.#buttons.push(button);
  }

  /** Where it stands what becomes of what was saved, until its clip is there. */
  addPlace(root) {
    this.#places.push(root);
    this.#lines?.addPlace(root);
  }

  setState(state) {
    const isPossible = Boolean(state?.connected && (state.is_recording || state.state === "guarding"));
    for (const button of this.#buttons) {
      button.disabled = !isPossible;
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
      const { SaveLines } = await import("./save-lines.js");
      this.#lines ??= new SaveLines(this.#places);
      this.#lines.add(kept);
    } catch {
      // It is saved all the same.
    }
  }
}
