// Below the picture: play, the place in the clip, single frames, speed.

import { wallTime } from "./clip-time.js";
import { element, find, setText } from "./dom.js";
import { glyph, setGlyph } from "./gallery-icons.js";
import { rateOf } from "./player-facts.js";
import { lengthOf } from "./player-stage.js";
import { TraceLine } from "./player-trace.js";
import { clock, spokenDuration } from "./words.js";

const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];
// Of a key that is held down.
const MOST_WAITING_STEPS = 3;
const LIKELY_FRAME_SECONDS = 1 / 30;

/** A button with a sign and a short word below it; `label` says at more length what it does. */
export function signButton(className, sign, label, words = "") {
  const button = element("button", { type: "button", className, title: label, ariaLabel: label }, glyph(sign));
  button.dataset.glyph = sign;
  if (words) {
    button.append(element("span", { textContent: words }));
  }
  return button;
}

function speedChoice(stage) {
  const choice = element("select", { className: "speed" });
  choice.setAttribute("aria-label", "Speed");
  for (const speed of SPEEDS) {
    const words = `${speed}×`;
    choice.append(element("option", { value: String(speed), textContent: words, selected: speed === 1 }));
  }
  choice.addEventListener("change", () => {
    stage.rate = Number(choice.value);
  });
  return choice;
}

/**
 * The controls of a stage; `moment` is the line that follows them. `onStep(side)` asks for the clip `older` or `newer`; `onToggle()` says whether something
 * else was done than to play or pause.
 */
export class Controls {
  constructor(stage, { moment, onStep, onToggle }) {
    this._moment = moment;
    this._onToggle = onToggle;
    this._stage = stage;
    this._clip = null;
    this._isDragging = false;
    this._steps = 0;
    this._stepping = Promise.resolve();
    this._play = signButton("play", "play", "Play", "Play");
    this._older = signButton("older", "older", "Older clip", "Older");
    this._newer = signButton("newer", "newer", "Newer clip", "Newer");
    this._back = signButton("frame-back", "frame-back", "One frame back", "Frame");
    this._on = signButton("frame-on", "frame-on", "One frame on", "Frame");
    this._seek = element("input", { type: "range", className: "seek", min: "0", max: "1", step: "any", value: "0" });
    this._seek.setAttribute("aria-label", "Place in the clip");
    this._trace = new TraceLine();
    this._line = element("div", { className: "seek-line" }, this._trace.root, this._seek);
    this._place = element("span", { className: "place" });
    this._wall = element("span", { className: "wall" });
    this.speed = speedChoice(stage);
    this.buttons = { older: this._older, newer: this._newer };
    this.setNeighbours({ older: null, newer: null });
    this._transport = element(
      "div",
      { className: "transport" },
      this._older,
      this._back,
      this._play,
      this._on,
      this._newer,
    );
    const times = element("div", { className: "times" }, this._wall, this._place);
    this.root = element("div", { className: "deck" }, this._line, times, this._transport);
    this._play.addEventListener("click", () => this.toggle());
    this._older.addEventListener("click", () => onStep("older"));
    this._newer.addEventListener("click", () => onStep("newer"));
    this._back.addEventListener("click", () => this.step(-1));
    this._on.addEventListener("click", () => this.step(1));
    this._seek.addEventListener("input", () => this._drag());
    this._seek.addEventListener("change", () => {
      this._isDragging = false;
    });
  }

  /** Room for what cuts a part out: handles below the line, and what stands below all else. */
  addCutting(handles, panel) {
    this._line.after(handles);
    this.root.append(panel);
  }

  /** Another clip is shown, or more is known of it. */
  setClip(clip) {
    this._clip = clip;
    this._moment.setClip(clip);
    this._trace.setClip(clip);
    const isPhoto = clip.kind === "photo";
    for (const part of [this._play, this._back, this._on, this._line, this._place, this._wall, this.speed]) {
      part.hidden = isPhoto;
    }
    this.update();
  }

  setNeighbours({ older, newer }) {
    this._older.disabled = !older;
    this._newer.disabled = !newer;
  }

  toggle() {
    if (this._onToggle()) {
      return;
    }
    if (this._stage.isPlaying) {
      this._stage.pause();
    } else {
      const { video } = this._stage;
      if (video?.ended) {
        video.currentTime = 0;
      }
      this._stage.play();
    }
    this.update();
  }

  /** Some seconds on or back. */
  skip(seconds) {
    const { video } = this._stage;
    if (video) {
      video.currentTime = Math.max(0, Math.min(lengthOf(video), video.currentTime + seconds));
    }
  }

  /** One frame on or back, after those that were asked for before. */
  async step(by) {
    if (!this._stage.video || this._steps >= MOST_WAITING_STEPS) {
      return;
    }
    this._stage.pause();
    this._steps += 1;
    this._stepping = this._stepping.then(async () => {
      const rate = rateOf(this._clip);
      await this._stage.frames.step(by, rate ? 1 / rate : LIKELY_FRAME_SECONDS);
      this._steps -= 1;
      this.update();
    });
    await this._stepping;
  }

  update() {
    const { video, isPlaying } = this._stage;
    if (!video || !this._clip) {
      return;
    }
    const act = isPlaying ? "Pause" : "Play";
    setGlyph(this._play, isPlaying ? "pause" : "play");
    setText(find(this._play, "span"), act);
    this._play.ariaLabel = act;
    this._play.title = act;
    const length = lengthOf(video) || this._clip.duration_seconds;
    const at = isPlaying ? video.currentTime : this._stage.frames.time;
    const rate = rateOf(this._clip);
    const frame = rate && !isPlaying ? ` · frame ${Math.round(at * rate) + 1} of ${this._clip.frames}` : "";
    setText(this._place, `${clock(at)} / ${clock(length)}${frame}`);
    setText(this._wall, wallTime(this._clip, at));
    this._moment.show(at);
    this._trace.setLength(length);
    if (!this._isDragging) {
      this._seek.max = String(length);
      this._seek.value = String(at);
    }
    this._seek.setAttribute("aria-valuetext", `${spokenDuration(at)} of ${spokenDuration(length)}`);
  }

  /** While the finger moves, one seek at a time; the last place is reached in any case. */
  _drag() {
    this._isDragging = true;
    const { video } = this._stage;
    if (video.seeking) {
      video.addEventListener("seeked", () => this._isAnother() && this._drag(), { once: true });
    } else {
      video.currentTime = Number(this._seek.value);
      this._isDragging = this._seek.matches(":active");
    }
  }

  _isAnother() {
    return this._stage.video && Math.abs(this._stage.video.currentTime - Number(this._seek.value)) > 0.01;
  }
}
