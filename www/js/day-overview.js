// A day at a glance: which day, what came together on it, its line, and the search for motion.

import * as api from "./api-more.js";
import { DayStrip } from "./day-strip.js";
import { complain } from "./dialogs.js";
import { button, element, setText } from "./dom.js";
import { CAUSES } from "./event-words.js";
import { glyph } from "./gallery-icons.js";
import { distanceWords, durationWords, speedWords } from "./map-words.js";
import { searchIn } from "./search-dialog.js";
import { count, dayName, shortDayName } from "./words.js";

// While clips come in, the day is asked for anew at most this often.
const AGAIN_MILLISECONDS = 3_000;
const NEWS_MILLISECONDS = 1_000;
const ALL = "all";

/** `2 Motion · 1 Saved · motion 4 min · recorded 3 h 12 min · 2 gaps · 42 km`. */
function counterWords(counters, unit, isHappening) {
  const causes = Object.entries(CAUSES)
    .filter(([cause]) => counters.events[cause])
    .map(([cause, { word }]) => `${counters.events[cause]} ${word.toLowerCase()}`);
  const events = Object.values(counters.events).reduce((sum, number) => sum + number, 0);
  return [
    events ? `${count(events, "event")}: ${causes.join(", ")}` : isHappening ? "no event has ended yet" : "no events",
    counters.motion_seconds >= 1 ? `${durationWords(counters.motion_seconds)} of motion` : "",
    `${durationWords(counters.recorded_seconds)} recorded`,
    counters.gaps ? `${count(counters.gaps, "gap")}, ${durationWords(counters.gap_seconds)}` : "",
    counters.distance_m >= 100 ? distanceWords(counters.distance_m, unit) : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

function legend() {
  const speed = element("span");
  const parts = [
    ["recorded", "drive"],
    ["moved", "motion, event"],
    ["stopped", "not recorded"],
  ];
  const list = element(
    "p",
    { className: "strip-legend", ariaHidden: "true" },
    ...parts.map(([name, words]) => element("span", {}, element("i", { className: `swatch ${name}` }), words)),
    speed,
  );
  return { root: list, speed };
}

/**
 * The overview. `onDay(day)` hears which day the list is to show, null for all; `onPlay(clip, seconds)` what is to be
 * played, `startOf(clip)` says from where an event is.
 */
export class DayOverview {
  constructor({ onDay, onPlay, startOf }) {
    this._onDay = onDay;
    this._onPlay = onPlay;
    this._startOf = startOf;
    this._chosen = ALL;
    this._shown = "";
    this._counted = null;
    this._isHappening = false;
    this._unit = "km/h";
    this._generation = null;
    this._asked = null;
    this._isShown = false;
    this._timer = 0;
    this._names = [];
    this._build();
  }

  setState(state) {
    if (state) {
      this._unit = state.speed_unit ?? this._unit;
      this._strip.setUnit(this._unit);
      this._isHappening = Boolean(state.recorder?.event);
      this._sayCounters();
      this.setGeneration(state.generation);
    }
    this._search.disabled = state === null;
  }

  setGeneration(generation) {
    if (generation !== this._generation) {
      this._generation = generation;
      this._soon();
    }
  }

  show() {
    this._isShown = true;
    this._soon(0);
    this._strip.draw();
  }

  hide() {
    this._isShown = false;
    clearTimeout(this._timer);
    this._timer = 0;
  }

  /** A day is to be shown, and the list of no other. */
  choose(day) {
    this._select.value = day;
    this._changeDay(day);
  }

  _build() {
    this._select = element("select", { className: "which-day", ariaLabel: "Day" });
    this._select.addEventListener("change", () => this._changeDay(this._select.value));
    this._older = button("‹", { className: "day-before", onClick: () => this._step(1) });
    this._newer = button("›", { className: "day-after", onClick: () => this._step(-1) });
    this._older.ariaLabel = "The day before";
    this._newer.ariaLabel = "The day after";
    this._search = button("Search", { className: "search-motion", onClick: () => this._askSearch() });
    this._search.prepend(glyph("search"));
    this._search.title = "Search for motion in what is recorded";
    this._title = element("strong");
    this._counters = element("span");
    this._strip = new DayStrip({
      onPlay: (id, seconds) => this._play(id, () => seconds),
      onEvent: ({ id }) => this._play(id, this._startOf),
    });
    this._legend = legend();
    const bar = element("div", { className: "overview-bar" }, this._older, this._select, this._newer, this._search);
    const words = element("p", { className: "counters" }, this._title, " ", this._counters);
    this.root = element("section", { className: "overview", ariaLabel: "The day" }, bar, words, this._strip.root);
    this._strip.root.append(this._legend.root);
  }

  _changeDay(chosen) {
    this._chosen = chosen;
    this._onDay(chosen === ALL ? null : chosen);
    this._mark();
    this._read();
  }

  _step(by) {
    const from = this._names.indexOf(this._chosen === ALL ? this._shown : this._chosen);
    const name = this._names[from + by];
    if (name) {
      this.choose(name);
    }
  }

  _soon(milliseconds = NEWS_MILLISECONDS) {
    if (this._isShown && !this._timer) {
      const rest = this._asked === null ? 0 : this._asked + AGAIN_MILLISECONDS - performance.now();
      this._timer = setTimeout(() => this._read(), milliseconds && Math.max(milliseconds, rest));
    }
  }

  async _read() {
    clearTimeout(this._timer);
    this._timer = 0;
    this._asked = performance.now();
    try {
      await this._readDays();
      const day = this._chosen === ALL ? this._names[0] : this._chosen;
      if (day) {
        await this._readDay(day);
      }
    } catch {
      // The bar at the top tells of a lost connection; what is shown stays.
      this._asked = null;
      this._soon(AGAIN_MILLISECONDS);
    }
  }

  async _readDays() {
    this._names = (await api.days()).map(({ day }) => day);
    const choice =
      this._chosen === ALL || this._names.includes(this._chosen) ? this._names : [this._chosen, ...this._names];
    const key = JSON.stringify([choice, dayName(choice[0] ?? "undated")]);
    if (key !== this._choiceKey) {
      this._choiceKey = key;
      this._select.replaceChildren(
        element("option", { value: ALL, textContent: "All days" }),
        ...choice.map((day) => element("option", { value: day, textContent: shortDayName(day) })),
      );
      this._select.value = this._chosen;
    }
    this._mark();
  }

  async _readDay(day) {
    const [line, counters] = await Promise.all([api.timeline(day), api.counters(day)]);
    if (day !== (this._chosen === ALL ? this._names[0] : this._chosen)) {
      return;
    }
    this._shown = day;
    setText(this._title, dayName(day));
    this._counted = counters;
    this._sayCounters();
    this._strip.setDay(line);
    const top = Math.max(0, ...line.speeds.map(([, speed]) => speed));
    setText(this._legend.speed, line.speeds.length ? `line: speed, up to ${speedWords(top, this._unit)}` : "");
    this.root.classList.add("is-loaded");
    this._mark();
  }

  /** An event that runs is counted when it has ended. */
  _sayCounters() {
    if (this._counted) {
      const isHappening = this._isHappening && this._shown === this._names[0];
      setText(this._counters, counterWords(this._counted, this._unit, isHappening));
    }
  }

  _mark() {
    const at = this._names.indexOf(this._chosen === ALL ? this._shown : this._chosen);
    this._older.disabled = at < 0 || at >= this._names.length - 1;
    this._newer.disabled = at <= 0;
    this._search.hidden = this._names.length === 0;
  }

  async _play(id, startOf) {
    try {
      const clip = await api.clip(id);
      this._onPlay(clip, startOf(clip));
    } catch (error) {
      complain(error);
    }
  }

  async _askSearch() {
    try {
      await searchIn({ day: this._shown });
    } catch (error) {
      complain(error);
    }
  }
}
