// What becomes of what was saved: a line that says so until its clip can be shown.

import * as api from "./api-more.js";
import { button, element, icon, loadStyles, setText } from "./dom.js";
import { isUnderWay } from "./job-line.js";

const ASK_MILLISECONDS = 2_000;
const TICK_MILLISECONDS = 500;
// Until the keeper has seen a press, and made one of those that overlap.
const TAKEN_MILLISECONDS = 8_000;
// Clips are closed after some minutes; what is not there long after that is to be looked for among the events.
const MOST_MILLISECONDS = 20 * 60_000;
const READY_MILLISECONDS = 60_000;

// Nothing comes any more, and no clip is open.
const STOPPED = ["off", "stopped"];

const hasEnded = (job) => job !== undefined && !isUnderWay(job);

/** How far it is: `{words, id}`; with an id there is a clip to show. `state`: the recorder's. */
export function standingOf(job, secondsLeft, state = "recording") {
  switch (job?.state) {
    case "done":
      return { words: "Saved: ready", id: job.result_ids[0] ?? "" };
    case "failed":
    case "stopped":
      return { words: `Saved, but not cut: ${job.words}`, id: "" };
    case "running":
      return { words: `Saved: cutting ${Math.round(100 * job.share)} %`, id: "" };
  }
  if (secondsLeft > 0 && !STOPPED.includes(state)) {
    return { words: `Saved, ${Math.ceil(secondsLeft)} s more to come`, id: "" };
  }
  const isClosed = STOPPED.includes(state) || state === "guarding";
  const words = isClosed ? "Saved: nothing more is recorded, its clip is being made" : "Saved: cut when this clip ends";
  return { words, id: "" };
}

/** The line, in each of its places; presses that overlap become one clip, and so they are one line. */
export class SaveLine {
  #places;
  #lines = [];
  #presses = [];
  #job;
  #endAt = 0;
  #state;
  #timers = [];

  constructor(places) {
    this.#places = [...places];
    loadStyles("/live-now.css");
  }

  /** A press, as the dashcam has answered it. */
  add(kept) {
    const now = performance.now();
    this.#presses.unshift({ ...kept, at: now });
    this.#endAt = now + kept.after_seconds * 1000;
    this.#job = undefined;
    this.#state = undefined;
    this.#stop();
    this.#timers = [
      setInterval(() => this.#tick(), TICK_MILLISECONDS),
      setInterval(() => this.#ask(), ASK_MILLISECONDS),
    ];
    if (!this.#lines.length) {
      this.#lines = this.#places.map((place) => this.#lineIn(place));
    }
    this.#tick();
  }

  addPlace(place) {
    this.#places.push(place);
    if (this.#lines.length) {
      this.#lines.push(this.#lineIn(place));
      this.#tick();
    }
  }

  #lineIn(place) {
    const words = element("span");
    const show = element("a", { className: "button", textContent: "Show" });
    const away = button("OK", { onClick: () => this.#end() });
    const root = element("p", { className: "save-line" }, icon("lock"), words, show, away);
    place.append(root);
    return { root, words, show, away };
  }

  #tick() {
    const { words, id } = standingOf(this.#job, (this.#endAt - performance.now()) / 1000, this.#state);
    const isOver = hasEnded(this.#job);
    for (const line of this.#lines) {
      setText(line.words, words);
      line.root.dataset.job = this.#job?.id ?? this.#presses[0]?.id ?? "";
      line.show.hidden = !id;
      line.show.href = `#clips/${id}`;
      line.away.hidden = !isOver;
    }
    if (isOver) {
      this.#stop();
      this.#timers = [setTimeout(() => this.#end(), READY_MILLISECONDS)];
    } else if (performance.now() > this.#endAt + MOST_MILLISECONDS) {
      this.#end();
    }
  }

  async #ask() {
    if (document.hidden) {
      return;
    }
    const [press] = this.#presses;
    const state = await api.status().catch(() => null);
    const job = this.#jobIn(state?.keeper?.jobs ?? []) ?? (await this.#eventOf(press, state?.recorder));
    // Somebody may have pressed again meanwhile, or sent the line away.
    if (press === this.#presses[0]) {
      this.#job = job ?? this.#job;
      this.#state = state?.state;
      this.#tick();
    }
  }

  /** The job of the last press, or of an earlier one that it has become part of. */
  #jobIn(jobs) {
    const isTaken = performance.now() - this.#presses[0].at > TAKEN_MILLISECONDS;
    const found = this.#presses.map(({ id }) => jobs.find((job) => job.id === id));
    return found[0] ?? found.find((job) => job && (isTaken || !hasEnded(job)));
  }

  /** While parked a save is an event of its own, whose clip is there when it has ended. */
  async #eventOf(press, recorder) {
    if (recorder?.mode.mode !== "park" || recorder.event || performance.now() < this.#endAt) {
      return undefined;
    }
    const clip = await api.clip(press.clip_ids[0]).catch(() => null);
    return clip ? { state: "done", result_ids: [clip.id] } : undefined;
  }

  #stop() {
    this.#timers.forEach(clearInterval);
  }

  #end() {
    this.#stop();
    this.#presses = [];
    for (const { root } of this.#lines) {
      root.remove();
    }
    this.#lines = [];
  }
}
