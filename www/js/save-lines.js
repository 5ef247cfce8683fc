// What becomes of what was saved: a line for each press, until its clip can be shown.

import * as api from "./api-more.js";
import { button, element, icon, loadStyles, setText } from "./dom.js";

const ASK_MILLISECONDS = 2_000;
const TICK_MILLISECONDS = 500;
// Clips are closed after some minutes; what is not there long after that is to be looked for under Status.
const MOST_MILLISECONDS = 20 * 60_000;
const READY_MILLISECONDS = 60_000;

/** The job that cuts what was saved under this id. */
export function jobOf(id, jobs) {
  return jobs.find((job) => job.id === id || job.id.endsWith(`-${id}`));
}

/** How far it is: `{words, id}`; with an id there is a clip to show, with `isOver` nothing more will come. */
export function standingOf({ secondsLeft, job }) {
  if (job?.state === "done") {
    return { words: "Saved: ready", id: job.result_ids[0] ?? "", isOver: true };
  }
  if (job?.state === "failed" || job?.state === "stopped") {
    return { words: `Saved, but not cut: ${job.words}`, id: "", isOver: true };
  }
  if (job?.state === "running") {
    return { words: `Saved: cutting ${Math.round(100 * job.share)} %`, id: "", isOver: false };
  }
  if (secondsLeft > 0) {
    return { words: `Saved, ${Math.ceil(secondsLeft)} s more to come`, id: "", isOver: false };
  }
  return { words: "Saved: its clip is made when the recording one is closed", id: "", isOver: false };
}

/** One press, in all places where it is told. */
class SaveLine {
  #lines = [];
  #timers = [];
  #job;

  constructor(kept, places, onOver) {
    this.kept = kept;
    this.onOver = onOver;
    this.endAt = performance.now() + kept.after_seconds * 1000;
    this.giveUpAt = this.endAt + MOST_MILLISECONDS;
    places.forEach((place) => {
      this.addPlace(place);
    });
    this.#timers = [
      setInterval(() => this.#tick(), TICK_MILLISECONDS),
      setInterval(() => this.#ask(), ASK_MILLISECONDS),
    ];
    this.#tick();
  }

  addPlace(place) {
    const words = element("span");
    const show = element("a", { className: "button", textContent: "Show", hidden: true });
    const away = button("OK", { onClick: () => this.#end() });
    away.hidden = true;
    const root = element("p", { className: "save-line" }, icon("lock"), words, show, away);
    place.append(root);
    this.#lines.push({ root, words, show, away });
    this.#tick();
  }

  #tick() {
    const { words, id, isOver } = standingOf({
      secondsLeft: (this.endAt - performance.now()) / 1000,
      job: this.#job,
    });
    for (const line of this.#lines) {
      setText(line.words, words);
      line.show.hidden = !id;
      line.show.href = `#clips/${id}`;
      line.away.hidden = !isOver;
    }
    if (isOver && this.#timers.length) {
      this.#stop();
      this.#timers = [];
      setTimeout(() => this.#end(), READY_MILLISECONDS);
    } else if (performance.now() > this.giveUpAt) {
      this.#end();
    }
  }

  async #ask() {
    if (document.hidden) {
      return;
    }
    const { keeper, recorder } = await api.status().catch(() => ({}));
    this.#job = jobOf(this.kept.id, keeper?.jobs ?? []) ?? this.#job ?? (await this.#eventOf(recorder));
    this.#tick();
  }

  /** While parked a save is an event of its own, whose clip is there when it has ended. */
  async #eventOf(recorder) {
    const [id] = this.kept.clip_ids;
    if (recorder?.mode?.mode !== "park" || recorder.event || performance.now() < this.endAt) {
      return undefined;
    }
    const clip = await api.clip(id).catch(() => null);
    return clip ? { state: "done", result_ids: [clip.id] } : undefined;
  }

  #stop() {
    this.#timers.forEach(clearInterval);
  }

  #end() {
    this.#stop();
    for (const { root } of this.#lines) {
      root.remove();
    }
    this.onOver(this);
  }
}

/** The lines of all presses that are not done with. */
export class SaveLines {
  #places;
  #lines = new Set();

  constructor(places) {
    this.#places = [...places];
    loadStyles("/live-now.css");
  }

  addPlace(root) {
    this.#places.push(root);
    for (const line of this.#lines) {
      line.addPlace(root);
    }
  }

  add(kept) {
    this.#lines.add(new SaveLine(kept, this.#places, (line) => this.#lines.delete(line)));
  }
}
