// The drives of a day: its lines, photos and trips, and the video from wherever a line is touched.

import * as api from "./api-more.js";
import { complain } from "./dialogs.js";
import { button, element, setText } from "./dom.js";
import { causeOf } from "./event-words.js";
import { beginsOf, boundsOf, bySpeed, lengthOf, nearest, trackOf, wholeLines, withoutDoubles } from "./map-lines.js";
import { MapPlayer } from "./map-player.js";
import { TripList } from "./map-trips.js";
import { speedLimits } from "./map-words.js";
import { count, isDay, shortDayName, timeOf } from "./words.js";

// As far from a line a finger may be.
const TOUCH_PIXELS = 24;
// So long a clip must be on the screen for the marks between them.
const LEAST_CLIP_PIXELS = 36;
// The button "Whole day" lies over the map's lower edge.
const BUTTON_PIXELS = 72;
// So long before its trigger an event is played from.
const BEFORE_SECONDS = 2;
// A day in which a clip is added every minute is asked for anew now and then.
const AGAIN_MILLISECONDS = 30_000;

/** A day as there is room for it beside the other choices: the year instead of the weekday where it is another. */
function choiceName(day) {
  const name = shortDayName(day);
  const year = day.slice(0, 4);
  return /\d/.test(name) && year !== String(new Date().getFullYear()) ? `${name.replace(/^\S+ /, "")} ${year}` : name;
}

/** The panel; `map()` is the map that is there now, `onDay(name)` hears which day the person wants. */
export class DayPanel {
  constructor({ map, colours, onDay }) {
    this._map = map;
    this._colours = colours;
    this._onDay = onDay;
    this._unit = "km/h";
    this._day = "";
    this._found = null;
    this._points = [];
    this._isShown = false;
    this._timer = 0;
    this._player = new MapPlayer({
      onPlace: (place) => this._setCar(place),
      nextOf: (clip) => this._after(clip),
      onClosed: () => this._markSide(),
    });
    this._build();
  }

  /** Shows a day, the newest for an empty name; then a clip from a second on, if one is named. */
  async show(unit, day, clipId = "", seconds = 0) {
    this._unit = unit;
    const wasShown = this._isShown && day === this._day;
    this._isShown = true;
    this.root.hidden = false;
    this.bar.hidden = false;
    try {
      const name = await this._chooseDay(day);
      if (this._isShown && (!wasShown || !this._found)) {
        await this._read(name, { isNew: true });
      }
      if (clipId && this._isShown) {
        this._open(clipId, seconds);
      }
    } catch (error) {
      this._say(error.message);
    }
  }

  hide() {
    this._isShown = false;
    this.root.hidden = true;
    this.bar.hidden = true;
    this._whole.hidden = true;
    clearTimeout(this._timer);
    this._timer = 0;
    this._player.close();
    this._map()?.clear("day");
    this._map()?.setMarks([]);
  }

  /** The list of clips has changed: perhaps this day has more. */
  hearClips() {
    if (this._isShown) {
      this._timer ||= setTimeout(() => {
        this._timer = 0;
        // Without an answer what is shown stays, and the bar at the top tells of a lost connection.
        this._read(this._day).catch(() => {});
      }, AGAIN_MILLISECONDS);
    }
  }

  /** The person has moved the map. */
  hearDrag() {
    this._whole.hidden = !this._isShown || !this._points.length;
  }

  /** A place on the map was touched. */
  touch(place) {
    if (!this._isShown) {
      return;
    }
    const found = nearest(this._points, place, TOUCH_PIXELS * this._map().metresPerPixel);
    if (found) {
      this._play(found.clip, found.seconds);
    }
  }

  /** The colours are others, or the map is another. */
  redraw({ isNew = false } = {}) {
    if (this._isShown && this._found) {
      this._draw();
      if (isNew) {
        this._fitDay();
      }
    }
  }

  _build() {
    this._select = element("select", { ariaLabel: "Day" });
    this._select.addEventListener("change", () => this._onDay(this._select.value));
    this._gpx = element("a", { className: "button gpx", download: "", textContent: "GPX" });
    this._gpx.title = "Download the tracks of this day";
    this._whole = button("Whole day", { className: "whole", onClick: () => this._fitDay() });
    this._said = element("p", { className: "said" });
    this._said.setAttribute("role", "status");
    this._trips = new TripList({ onShow: (trip) => this._showTrip(trip), onPlay: (trip) => this._playTrip(trip) });
    const { title, list } = this._trips.parts;
    this._whole.hidden = true;
    this.bar = element("div", { className: "day-bar", hidden: true }, this._select, this._gpx);
    this.button = this._whole;
    this._list = element("div", { className: "trip-list" }, title, this._said, list);
    this._photo = element("figure", { className: "map-photo", hidden: true });
    this.root = element("div", { className: "map-day", hidden: true }, this._player.root, this._photo, this._list);
  }

  /** Plays a clip of this day that was named; one that is not there any more is told of. */
  _open(clipId, seconds) {
    const clip = this._found?.clips.find(({ id }) => id === clipId);
    if (clip) {
      this._play(clip, seconds);
    } else {
      this._player.close();
      this._say("This clip is not there any more: it was deleted, or belongs to another day.");
    }
  }

  /** Fills the choice of days; gives the one to be shown. */
  async _chooseDay(wanted) {
    const names = (await api.days()).map(({ day }) => day);
    const name = isDay(wanted) || !names.length ? wanted : names[0];
    // One without clips was asked for by a link; it stands there so that it can be left.
    const choice = name && !names.includes(name) ? [name, ...names] : names;
    this._select.replaceChildren(
      ...choice.map((day) => element("option", { value: day, textContent: choiceName(day), selected: day === name })),
    );
    this._select.disabled = !names.length;
    return name;
  }

  async _read(day, { isNew = false } = {}) {
    if (isNew) {
      this._player.close();
      this._closePhoto();
    }
    this._day = day;
    if (!day) {
      this._say("No clips yet.");
      return;
    }
    if (isNew) {
      this._say("Loading");
    }
    const found = await api.dayMap(day);
    if (!this._isShown || day !== this._day) {
      return;
    }
    this._found = found;
    this._points = trackOf(withoutDoubles(found.clips));
    this._gpx.href = `/api/days/${day}/track.gpx`;
    this._gpx.hidden = !this._points.length;
    this._draw();
    this._listTrips();
    if (isNew) {
      this._fitDay();
    }
  }

  /** Photos and events that have a place. */
  _marks() {
    const photos = this._found.photos.map((photo) => ({
      lat: photo.latitude,
      lon: photo.longitude,
      label: `Photo, ${timeOf(photo)}`,
      sign: "camera",
      onTouch: () => this._showPhoto(photo),
    }));
    const events = this._found.events.map((event) => ({
      lat: event.latitude,
      lon: event.longitude,
      label: [causeOf(event).word, event.local_time?.slice(11, 19)].filter(Boolean).join(", "),
      sign: causeOf(event).sign,
      onTouch: () => {
        location.hash = `#events/${event.id}/${Math.max(0, event.at_seconds - BEFORE_SECONDS).toFixed(1)}`;
      },
    }));
    return [...photos, ...events];
  }

  _draw() {
    const map = this._map();
    const { edge, mark, speeds } = this._colours;
    map?.setLines("day case", { lines: wholeLines(this._points), colour: edge, isCase: true });
    for (const [index, lines] of bySpeed(this._points, speedLimits(this._unit)).entries()) {
      map?.setLines(`day ${index}`, { lines, colour: speeds[index] });
    }
    const begins = beginsOf(this._points).map(({ lat, lon }) => [[lat, lon]]);
    // From further away they would hide the line.
    const farthest = lengthOf(this._points) / Math.max(begins.length, 1) / LEAST_CLIP_PIXELS;
    map?.setLines("day begins", { lines: begins, colour: mark, isDot: true, farthest });
    map?.setMarks(this._marks());
  }

  _fitDay() {
    this._whole.hidden = true;
    this._fit([...this._points, ...this._marks()]);
  }

  _fit(points, pixelsBelow = 0) {
    const bounds = boundsOf(points);
    if (bounds) {
      this._map()?.fit(bounds, pixelsBelow);
    }
  }

  _listTrips() {
    const { trips, clips } = this._found;
    const waiting = clips.filter((clip) => !clip.is_known).length;
    this._trips.set(trips, this._unit);
    this._say(this._missingWords(waiting));
  }

  /** Why there is no trip; what is still being made may hold one. */
  _missingWords(waiting) {
    if (!(this._found.clips.length || this._found.photos.length)) {
      return "Nothing of this day is on the card: it was deleted, or nothing was recorded.";
    }
    if (waiting) {
      return `The tracks of ${count(waiting, "clip")} are still being made.`;
    }
    if (!this._points.length) {
      return "No tracks on this day: there was no GPS.";
    }
    return this._found.trips.length ? "" : "The car did not drive.";
  }

  _playTrip({ begins }) {
    this._play(
      this._found.clips.find(({ id }) => id === begins.id),
      begins.seconds,
    );
  }

  _showTrip(trip) {
    const ids = new Set(trip.clips);
    const { begins, ends } = trip;
    const isWithin = ({ clip, seconds }) =>
      ids.has(clip.id) &&
      !(clip.id === begins.id && seconds < begins.seconds) &&
      !(clip.id === ends.id && seconds > ends.seconds);
    this._fit(this._points.filter(isWithin), BUTTON_PIXELS);
    this._whole.hidden = false;
  }

  _play(clip, seconds) {
    this._closePhoto();
    this._player.show(clip, seconds, this._unit);
    this._markSide();
  }

  /** The room below the map is for one thing at a time. */
  _markSide() {
    this.root.classList.toggle("is-playing", this._player.clip !== null);
    this._map()?.resize();
  }

  _after(clip) {
    const clips = this._found?.clips ?? [];
    return clips[clips.findIndex(({ id }) => id === clip.id) + 1] ?? null;
  }

  _setCar(place) {
    if (!this._isShown) {
      return;
    }
    this._map()?.setCar(place && { ...place, isStale: false });
    if (place) {
      this._map()?.keepInSight(place);
    }
  }

  _showPhoto(photo) {
    this._player.close();
    const picture = element("img", { src: photo.media, alt: `Photo of ${timeOf(photo)}` });
    picture.addEventListener("error", () => complain(new Error("This photo cannot be shown; was it deleted?")));
    const close = button("Close", { onClick: () => this._closePhoto() });
    const words = element("figcaption", {}, element("span", { textContent: timeOf(photo) }), close);
    this._photo.replaceChildren(words, picture);
    this._photo.hidden = false;
    close.focus();
  }

  _closePhoto() {
    this._photo.hidden = true;
    this._photo.replaceChildren();
  }

  _say(text) {
    setText(this._said, text);
  }
}
