// Where the car is now: the marker, the speed, the running trip.

import * as api from "./api-more.js";
import { button, element, setText } from "./dom.js";
import { bySpeed, pointsOf, wholeLines } from "./map-lines.js";
import { agoWords, distanceWords, durationWords, speedLimits, speedNumber } from "./map-words.js";

const ASK_MILLISECONDS = 1_000;
const LOST_MILLISECONDS = 3_000;
// Then the line is asked for anew: the recorder keeps it simple.
const MOST_TAIL_POINTS = 300;
const STANDING_MPS = 1;
// Two places that are no line: a tunnel, or the page was hidden meanwhile.
const MOST_STEP_SECONDS = 5;

/** What the receiver does, in words; empty while all is well. */
function wordsOf(gps) {
  if (!gps) {
    return "The recorder does not answer.";
  }
  const { status, satellites_in_view: satellites, age_seconds: age, words } = gps;
  if (status === "fix") {
    return gps.is_real ? "" : "Not the real place: a simulated or replayed drive.";
  }
  if (status === "stale") {
    return `No GPS now. Last seen ${agoWords(age ?? 0)}.`;
  }
  if (status === "searching") {
    const seen = satellites === null ? "" : `: ${satellites} satellite${satellites === 1 ? "" : "s"} in view`;
    return `Searching for the place${seen}.`;
  }
  return words.endsWith(".") ? words : `${words[0].toUpperCase()}${words.slice(1)}.`;
}

/** The panel; `map()` is the map that is there now, `colours(unit)` those of the classes of speed. */
export class LivePanel {
  constructor({ map, colours }) {
    this._map = map;
    this._colours = colours;
    this._unit = "km/h";
    this._timer = 0;
    this._isShown = false;
    this._isFollowing = true;
    this._tail = [];
    this._course = null;
    this._build();
    document.addEventListener("visibilitychange", () => this._isShown && this._again(0));
  }

  show(unit) {
    this._unit = unit;
    this._isShown = true;
    this._hasLine = false;
    this.root.hidden = false;
    this._follow(true);
    this._again(0);
  }

  hide() {
    this._isShown = false;
    this.root.hidden = true;
    clearTimeout(this._timer);
    this._map()?.setCar(null);
    this._map()?.clear("trip");
  }

  /** The person has moved the map: it stays where it was moved to. */
  hearDrag() {
    if (this._isShown) {
      this._follow(false);
    }
  }

  /** The colours are others. */
  redraw() {
    this._hasLine = false;
  }

  _build() {
    this._number = element("strong", { textContent: "–" });
    this._unitWords = element("span");
    this._trip = element("p", { className: "trip" });
    this._state = element("p", { className: "state" });
    this._state.setAttribute("role", "status");
    this.button = button("Follow the car", { className: "follow", onClick: () => this._follow(true) });
    this.button.hidden = true;
    const speed = element("p", { className: "pace" }, this._number, " ", this._unitWords);
    this.root = element("div", { className: "map-live", hidden: true }, speed, this._trip, this._state);
  }

  _follow(isFollowing) {
    this._isFollowing = isFollowing;
    this.button.hidden = isFollowing || !this._isShown;
    if (isFollowing && this._place) {
      this._map()?.centre(this._place);
    }
  }

  _again(milliseconds) {
    clearTimeout(this._timer);
    if (this._isShown && !document.hidden) {
      this._timer = setTimeout(() => this._ask(), milliseconds);
    }
  }

  async _ask() {
    try {
      const { gps, trip } = await api.place();
      if (this._isShown) {
        await this._take(gps, trip);
      }
      this._again(ASK_MILLISECONDS);
    } catch {
      // The bar at the top tells of a lost connection.
      this._take(null, null);
      this._again(LOST_MILLISECONDS);
    }
  }

  async _take(gps, trip) {
    this._tell(gps, trip);
    const place = gps?.place;
    if (!place) {
      if (this._place) {
        this._map()?.setCar({ ...this._place, course: this._course, isStale: true });
      }
      return;
    }
    const isNow = gps.status === "fix";
    if (isNow && place.speed_mps > STANDING_MPS) {
      this._course = place.course_degrees;
    }
    this._place = { lat: place.latitude, lon: place.longitude };
    if (!this._hasLine || this._tail.length > MOST_TAIL_POINTS || trip?.seconds < this._tripSeconds) {
      await this._askForLine();
    }
    this._tripSeconds = trip?.seconds ?? 0;
    if (!this._isShown) {
      return;
    }
    if (isNow) {
      this._grow(trip, place);
    }
    this._map()?.setCar({ ...this._place, course: this._course, isStale: !isNow });
    if (this._isFollowing) {
      this._map()?.centre(this._place);
    }
  }

  _tell(gps, trip) {
    const isNow = gps?.status === "fix";
    setText(this._number, speedNumber(isNow ? gps.place?.speed_mps : null, this._unit));
    setText(this._unitWords, this._unit);
    this.root.classList.toggle("is-old", !isNow);
    const words = trip ? `${durationWords(trip.seconds)} · ${distanceWords(trip.distance_m, this._unit)}` : "";
    setText(this._trip, words);
    setText(this._state, wordsOf(gps));
  }

  async _askForLine() {
    const { points } = await api.trip();
    const line = pointsOf(points);
    this._hasLine = true;
    this._tail = line.slice(-1).map((point) => ({ ...point, isJoined: false }));
    this._draw("trip", line);
  }

  /** What has been driven since the line was asked for. */
  _grow(trip, place) {
    const seconds = trip?.seconds ?? 0;
    const last = this._tail.at(-1);
    if (last?.seconds === seconds) {
      return;
    }
    const isJoined = last !== undefined && seconds > last.seconds && seconds - last.seconds <= MOST_STEP_SECONDS;
    this._tail.push({ seconds, lat: place.latitude, lon: place.longitude, speed: place.speed_mps, isJoined });
    this._draw("trip tail", this._tail);
  }

  _draw(name, points) {
    const map = this._map();
    map?.setLines(`${name} case`, { lines: wholeLines(points), colour: this._colours.edge, isCase: true });
    for (const [index, lines] of bySpeed(points, speedLimits(this._unit)).entries()) {
      map?.setLines(`${name} ${index}`, { lines, colour: this._colours.speeds[index] });
    }
  }
}
