// The line of a day as a strip to be touched: dragged, zoomed, and played from wherever it is tapped.

import { DayLine, momentWords } from "./day-line.js";
import { coloursOf, drawStrip, MARK_PIXELS, marksIn, STRIP_PIXELS } from "./day-strip-draw.js";
import { button, element, setText } from "./dom.js";
import { causeOf } from "./event-words.js";
import { speedWords } from "./map-words.js";
import { stripTouch } from "./strip-touch.js";
import { count } from "./words.js";

const LEAST_VIEW_SECONDS = 60;
const ZOOM = 2;
// A finger is no more exact.
const SLACK_PIXELS = 12;
// Of what is seen, for a touch of an arrow key.
const STEP_SHARE = 1 / 60;
const EMPTY = { clips: [], events: [], gaps: [], speeds: [] };

/** The strip; `onPlay(id, seconds)` when a clip is to be played, `onEvent(event)` when an event is. */
export class DayStrip {
  constructor({ onPlay, onEvent }) {
    this._onPlay = onPlay;
    this._onEvent = onEvent;
    this._line = new DayLine(EMPTY);
    this._day = "";
    this._unit = "km/h";
    this._view = this._line.extent();
    this._cursor = null;
    this._frame = 0;
    this._build();
  }

  setUnit(unit) {
    if (unit && unit !== this._unit) {
      this._unit = unit;
      this._say();
    }
  }

  /** A day as the dashcam tells it; the same day again stays as it is looked at. */
  setDay(found) {
    const isSame = found.day === this._day;
    this._day = found.day;
    this._line = new DayLine(found);
    if (!isSame) {
      this._view = this._line.extent();
      this._cursor = null;
    }
    this.root.classList.toggle("is-empty", this._line.isEmpty);
    this._say();
    this.draw();
  }

  /** Draws once the browser is ready for it. */
  draw() {
    this._frame ||= requestAnimationFrame(() => {
      this._frame = 0;
      this._draw();
    });
  }

  _build() {
    this._canvas = element("canvas", { className: "day-canvas", tabIndex: 0, height: STRIP_PIXELS });
    this._canvas.setAttribute("role", "slider");
    this._canvas.setAttribute(
      "aria-label",
      "Time of the day. Arrows move, Page Up and Down go to the next event, Enter plays, plus and minus zoom.",
    );
    this._canvas.setAttribute("aria-valuemin", "0");
    this._words = element("p", { className: "strip-words" });
    this._closer = button("+", { className: "closer", onClick: () => this._zoom(ZOOM) });
    this._further = button("−", { className: "further", onClick: () => this._zoom(1 / ZOOM) });
    this._whole = button("24 h", { className: "whole-day", onClick: () => this._look(0, this._line.end) });
    this._closer.ariaLabel = "Closer";
    this._further.ariaLabel = "Further";
    this._whole.ariaLabel = "24 h, the whole day";
    const bar = element("div", { className: "strip-bar" }, this._words, this._further, this._closer, this._whole);
    this.root = element("div", { className: "day-strip-box" }, this._canvas, bar);
    this._canvas.addEventListener("keydown", (event) => this._hearKey(event));
    stripTouch(this._canvas, {
      view: () => this._view,
      onView: (from, to) => this._look(from, to),
      onTap: (x) => this._tap(x),
      onHover: (x) => this._setCursor(x === null ? null : this._moment(x)),
    });
    new ResizeObserver(() => this.draw()).observe(this._canvas);
    // Other colours, the same line.
    new MutationObserver(() => this.draw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  get _width() {
    return this._canvas.clientWidth;
  }

  _moment(x) {
    return this._view.from + (x / Math.max(1, this._width)) * (this._view.to - this._view.from);
  }

  _lookFrom() {
    const { from, to } = this._view;
    const width = this._width;
    return { from, to, width, x: (seconds) => ((seconds - from) / (to - from)) * width };
  }

  /** Shows from one moment to another, as far as the day goes. */
  _look(from, to) {
    const length = Math.min(this._line.end, Math.max(LEAST_VIEW_SECONDS, to - from));
    const start = Math.max(0, Math.min(this._line.end - length, from + (to - from - length) / 2));
    this._view = { from: start, to: start + length };
    this.draw();
  }

  _zoom(by) {
    const { from, to } = this._view;
    const isSeen = this._cursor !== null && this._cursor >= from && this._cursor <= to;
    const middle = isSeen ? this._cursor : (from + to) / 2;
    this._look(middle - (middle - from) / by, middle + (to - middle) / by);
  }

  _tap(x) {
    const view = this._lookFrom();
    const group = marksIn(this._line, view).find((one) => Math.abs(one.x - x.x) <= MARK_PIXELS / 2 + 2);
    if (group && x.y < STRIP_PIXELS / 4) {
      this._tapGroup(group);
      return;
    }
    this._setCursor(this._moment(x.x));
    this._play();
  }

  /** Several events at one place: nearer, until they are apart. */
  _tapGroup({ events }) {
    const [first, last] = [events[0].at_seconds, events.at(-1).at_seconds];
    if (events.length === 1 || last - first < 1) {
      this._setCursor(first);
      this._onEvent(events[0]);
    } else {
      const room = (last - first) * 0.2;
      this._look(first - room, last + room);
    }
  }

  _play() {
    const { from, to } = this._view;
    const slack = ((to - from) / Math.max(1, this._width)) * SLACK_PIXELS;
    const found = this._line.clipAt(this._cursor, slack);
    if (found) {
      this._onPlay(found.clip.id, found.seconds);
    }
  }

  _hearKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) {
      return;
    }
    const { from, to } = this._view;
    const cursor = this._cursor ?? (from + to) / 2;
    const step = (to - from) * STEP_SHARE;
    const work = {
      ArrowLeft: () => this._moveTo(cursor - step),
      ArrowRight: () => this._moveTo(cursor + step),
      PageUp: () => this._moveTo(this._line.nextEvent(cursor, -1)?.at_seconds ?? cursor - 10 * step),
      PageDown: () => this._moveTo(this._line.nextEvent(cursor, 1)?.at_seconds ?? cursor + 10 * step),
      Home: () => this._moveTo(0),
      End: () => this._moveTo(this._line.end),
      Enter: () => this._play(),
      " ": () => this._play(),
      "+": () => this._zoom(ZOOM),
      "-": () => this._zoom(1 / ZOOM),
      0: () => this._look(0, this._line.end),
    }[event.key];
    if (work) {
      event.preventDefault();
      this._cursor = cursor;
      work();
    }
  }

  /** The cursor goes there, and what is seen goes along. */
  _moveTo(moment) {
    const goal = Math.max(0, Math.min(this._line.end, moment));
    const { from, to } = this._view;
    if (goal < from || goal > to) {
      this._look(goal - (to - from) / 2, goal + (to - from) / 2);
    }
    this._setCursor(goal);
  }

  _setCursor(moment) {
    this._cursor = moment;
    this._say();
    this.draw();
  }

  _say() {
    const line = this._line;
    const at = this._cursor;
    setText(this._words, at === null ? this._restWords() : this._momentWords(at));
    this._canvas.setAttribute("aria-valuemax", String(Math.round(line.end)));
    this._canvas.setAttribute("aria-valuenow", String(Math.round(at ?? this._view.from)));
    this._canvas.setAttribute("aria-valuetext", at === null ? this._restWords() : this._momentWords(at));
  }

  _restWords() {
    const { isEmpty, timeless } = this._line;
    const none = timeless ? "When these clips were recorded is not known." : "Nothing was recorded.";
    return isEmpty ? none : "Tap to play.";
  }

  _momentWords(at) {
    const found = this._line.clipAt(at);
    const score = this._line.scoreAt(at);
    const speed = this._line.speedAt(at);
    const near = (this._view.to - this._view.from) / Math.max(1, this._width);
    const events = this._line.eventsBetween(at - near * SLACK_PIXELS, at + near * SLACK_PIXELS);
    return [
      momentWords(at, true),
      events.length > 1 ? count(events.length, "event") : (events[0] && causeOf(events[0]).word) || "",
      found ? "" : "not recorded",
      score ? `motion ${Math.round(score)}` : "",
      speed === null ? "" : speedWords(speed, this._unit),
    ]
      .filter(Boolean)
      .join(" · ");
  }

  _draw() {
    const width = this._width;
    if (!width) {
      return;
    }
    const ratio = devicePixelRatio || 1;
    const pixels = [Math.round(width * ratio), Math.round(STRIP_PIXELS * ratio)];
    if (this._canvas.width !== pixels[0] || this._canvas.height !== pixels[1]) {
      [this._canvas.width, this._canvas.height] = pixels;
    }
    const context = this._canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const { from, to } = this._view;
    const view = this._lookFrom();
    drawStrip(context, { view, line: this._line, colours: coloursOf(this._canvas), cursor: this._cursor });
    this._canvas.dataset.from = from.toFixed(1);
    this._canvas.dataset.to = to.toFixed(1);
    this._closer.disabled = to - from <= LEAST_VIEW_SECONDS;
    this._further.disabled = to - from >= this._line.end;
    this._whole.disabled = this._further.disabled;
  }
}
