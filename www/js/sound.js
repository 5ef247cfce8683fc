// Tells by sound, if wished, that recording has ended or that the connection is lost. Silent while all is well.

import { remember, remembered } from "./remembered.js";
import { isCalm, lookOf } from "./words-of-state.js";

// What was not stopped by a person is told again and again, but seldom enough to think meanwhile.
const AGAIN_MILLISECONDS = 30_000;
const LOUDNESS = 0.35;

/** Frequency in hertz and length in seconds of each tone; 0 Hz is a pause. */
export const TONES = {
  alarm: [
    [880, 0.18],
    [0, 0.06],
    [660, 0.18],
    [0, 0.06],
    [880, 0.18],
    [0, 0.06],
    [660, 0.3],
  ],
  lost: [[330, 0.6]],
  well: [
    [660, 0.12],
    [880, 0.2],
  ],
  saved: [
    [1047, 0.09],
    [0, 0.04],
    [1319, 0.16],
  ],
};

/** Which tones a change from one look to another wants: a name in TONES, or "" for silence. */
export function toneFor(before, now) {
  if (now === before || now === "waiting") {
    return "";
  }
  if (isCalm(now)) {
    return before === "alarm" || before === "lost" ? "well" : "";
  }
  return now;
}

/** Whether a tone is kept back: what somebody has ordered needs no alarm. `farewell` is what power.js says of it. */
export function isExpected(name, farewell) {
  return (name === "lost" && farewell !== undefined) || (name === "alarm" && farewell === "going");
}

/** Plays tones once a finger has touched the page: browsers allow no sound before. */
class Speaker {
  #context = null;

  /** Called within a touch. */
  wake() {
    this.#context ??= new AudioContext();
    this.#context.resume();
  }

  play(name) {
    if (!this.#context) {
      return;
    }
    let at = this.#context.currentTime + 0.05;
    for (const [hertz, seconds] of TONES[name]) {
      if (hertz) {
        this.#tone(hertz, at, seconds);
      }
      at += seconds;
    }
  }

  #tone(hertz, at, seconds) {
    const tone = this.#context.createOscillator();
    const loudness = this.#context.createGain();
    tone.frequency.value = hertz;
    // Without the short slopes each tone begins and ends with a click.
    loudness.gain.setValueAtTime(0, at);
    loudness.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
    loudness.gain.setValueAtTime(LOUDNESS, at + seconds - 0.03);
    loudness.gain.linearRampToValueAtTime(0, at + seconds);
    tone.connect(loudness).connect(this.#context.destination);
    tone.start(at);
    tone.stop(at + seconds);
  }
}

/** The switch, and the sound itself. */
export function soundPanel(root) {
  const toggle = root.querySelector("input");
  const speaker = new Speaker();
  let look = "waiting";
  let timer = 0;

  toggle.checked = remembered("sound", "off") === "on";
  toggle.addEventListener("change", () => {
    remember("sound", toggle.checked ? "on" : "off");
    if (toggle.checked) {
      speaker.wake();
      speaker.play("well");
    }
  });
  addEventListener("pointerdown", () => toggle.checked && speaker.wake());
  addEventListener("keydown", () => toggle.checked && speaker.wake());

  function play(name) {
    if (name && toggle.checked && !isExpected(name, document.body.dataset.farewell)) {
      speaker.play(name);
    }
  }

  return {
    /** Called within the touch of which `confirm` is to be heard: whoever has switched the sound off hears nothing. */
    wake: () => remembered("sound", "") === "off" || speaker.wake(),
    confirm: () => remembered("sound", "") === "off" || speaker.play("saved"),
    setState(state) {
      const before = look;
      look = lookOf(state).look;
      if (look === before) {
        return;
      }
      play(toneFor(before, look));
      clearInterval(timer);
      if (look === "alarm" && state.state !== "stopped") {
        timer = setInterval(() => document.hidden || play("alarm"), AGAIN_MILLISECONDS);
      }
    },
  };
}
