// Below the live view: which mode is in force and why, its choice by hand, and the boxes around what moves.

import * as api from "./api.js";
import { askPerson, complain } from "./dialogs.js";
import { button, element, loadStyles, setText } from "./dom.js";
import { laterPanel } from "./later.js";
import { remember, remembered } from "./remembered.js";
import { sentence } from "./words.js";

const MODES = ["auto", "drive", "park", "watch", "off"];
const MEANINGS = {
  drive: "Drive, all is recorded",
  park: "Park, only events are recorded",
  watch: "Watch, all is recorded, and motion noticed",
  off: "Off, nothing is recorded",
};

/** `Park, only events are recorded: the car has stood for 10 minutes.` */
function modeWords({ mode, words }) {
  return sentence(`${MEANINGS[mode]}${words ? `: ${words}` : ""}`);
}

function maySwitchOff() {
  return askPerson({
    title: "Record nothing?",
    text: "Nothing is recorded, and nothing is noticed, until another mode is chosen.",
    yes: "Switch off",
    no: "Go on",
    isDangerous: true,
  });
}

/** The choice of the mode, with the words of the one in force. */
class ModeChoice {
  #isSaving = false;
  #mode = null;

  constructor() {
    this.select = element("select", { ariaLabel: "Mode" });
    this.select.append(...MODES.map((name) => new Option(name[0].toUpperCase() + name.slice(1), name)));
    this.select.addEventListener("change", () => this.#choose(this.select.value));
    this.words = element("p", { className: "mode-words" });
    this.words.setAttribute("role", "status");
  }

  setState(state) {
    this.#mode = state?.recorder?.mode ?? this.#mode;
    this.select.disabled = !state?.connected;
    // What a mode does is not done while recording is stopped by hand: the bar at the top says so.
    setText(this.words, this.#mode && state?.state !== "stopped" ? modeWords(this.#mode) : "");
    this.#write();
  }

  #write() {
    if (!this.#isSaving && this.#mode) {
      this.select.value = this.#mode.wanted;
    }
  }

  async #choose(mode) {
    this.#isSaving = true;
    try {
      if (mode !== "off" || (await maySwitchOff())) {
        await api.changeSettings({ "recording.mode": mode });
        this.#mode = this.#mode && { ...this.#mode, wanted: mode };
      }
    } catch (error) {
      complain(error);
    } finally {
      this.#isSaving = false;
      this.#write();
    }
  }
}

/** The strip in `root`; the boxes are drawn over the picture in `live`. */
export class LiveNow {
  #mode = new ModeChoice();
  #isWished = remembered("boxes", "off") === "on";
  #boxes;
  #state;
  #isShown = false;

  constructor(root, live) {
    loadStyles("/live-now.css");
    this.#boxes = laterPanel(
      async () => new (await import("./motion-boxes.js")).MotionBoxes(live),
      () => this.#isWished && this.#isShown,
    );
    this.motion = button("Motion", { className: "boxes-switch", onClick: () => this.#switch() });
    this.motion.title = "Boxes around what moves, on this page only";
    this.zones = button("Zones", { className: "zones-button", onClick: () => this.#drawZones().catch(complain) });
    const label = element("label", { className: "mode" }, element("span", { textContent: "Mode" }), this.#mode.select);
    root.prepend(element("div", { className: "now-bar" }, label, this.motion, this.zones), this.#mode.words);
    this.#tell();
  }

  setState(state) {
    this.#state = state;
    this.#mode.setState(state);
    this.#boxes.setState(state);
  }

  show(isShown) {
    this.#isShown = isShown;
    this.#tell();
  }

  #switch() {
    this.#isWished = !this.#isWished;
    remember("boxes", this.#isWished ? "on" : "off");
    this.#tell();
  }

  #tell() {
    this.motion.setAttribute("aria-pressed", String(this.#isWished));
    this.zones.hidden = !this.#isWished;
    this.#boxes.setState(this.#state);
    this.#boxes.show(this.#isWished && this.#isShown);
  }

  async #drawZones() {
    const { drawZones } = await import("./zone-editor.js");
    await drawZones({ camera: this.#state?.recorder?.camera });
  }
}
