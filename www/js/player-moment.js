// Speed and place at the picture that is shown: phones' browsers show no such track of a video by themselves.

import * as api from "./api-more.js";
import { element, setText } from "./dom.js";
import { speedWords } from "./map-words.js";
import { positionWords } from "./place-words.js";
import { remember, remembered } from "./remembered.js";

const WISH = "player-moment";
// Receivers tell once a second: so long before the first and after the last place of a part it holds.
const NEAR_SECONDS = 1;

/** The points of a clip's GeoJSON: `{seconds, lat, lon, speed, isJoined}`; joined are those without a gap before. */
export function pointsOf({ features }) {
  return features.flatMap(({ geometry, properties }) => {
    const places = geometry.type === "Point" ? [geometry.coordinates] : geometry.coordinates;
    return places.map(([lon, lat], index) => ({
      seconds: properties.seconds[index],
      lat,
      lon,
      speed: properties.speeds[index],
      isJoined: index > 0,
    }));
  });
}

/** Where the car was at a second, between two points as far along as that; null in a gap. */
export function momentAt(points, seconds) {
  const found = points.findIndex((point) => point.seconds >= seconds);
  const index = found < 0 ? points.length : found;
  const [before, next] = [points[index - 1], points[index]];
  if (!before || !next?.isJoined) {
    return [next, before].find((point) => point && Math.abs(point.seconds - seconds) <= NEAR_SECONDS) ?? null;
  }
  const share = (seconds - before.seconds) / (next.seconds - before.seconds || 1);
  const between = (one, other) => one + share * (other - one);
  const isSpeedKnown = before.speed !== null && next.speed !== null;
  return {
    lat: between(before.lat, next.lat),
    lon: between(before.lon, next.lon),
    speed: isSpeedKnown ? between(before.speed, next.speed) : null,
  };
}

/** The line; it is there for clips with a track, and its words can be hidden. */
export class MomentLine {
  constructor() {
    this._id = "";
    this._asked = "";
    this._points = null;
    this._seconds = 0;
    this._unit = "km/h";
    this._isWished = remembered(WISH, "shown") === "shown";
    this._speed = element("strong");
    this._position = element("span");
    this._words = element("p", {}, this._speed, this._position);
    this._switch = element("button", { type: "button", className: "show-moment" });
    this.root = element("div", { className: "moment", hidden: true }, this._words, this._switch);
    this._switch.addEventListener("click", () => {
      this._isWished = !this._isWished;
      remember(WISH, this._isWished ? "shown" : "hidden");
      this._load();
      this._draw();
    });
  }

  setUnit(unit) {
    this._unit = unit;
    this._draw();
  }

  /** Another clip is shown, or more is known of it. */
  setClip(clip) {
    if (clip.id !== this._id) {
      this._id = clip.id;
      this._points = null;
      this._seconds = 0;
    }
    this.root.hidden = !clip.track?.points;
    this._load();
    this._draw();
  }

  /** The picture that is shown now. */
  show(seconds) {
    this._seconds = seconds;
    this._draw();
  }

  /** Asks for the track once; what did not come is asked for when more is known of the clip. */
  async _load() {
    const id = this._id;
    if (this._points || this._asked === id || this.root.hidden || !this._isWished) {
      return;
    }
    this._asked = id;
    try {
      const points = pointsOf(await api.track(id));
      if (this._id === id) {
        this._points = points;
        this._draw();
      }
    } catch {
      // The picture is what counts; a lost connection is said elsewhere.
    } finally {
      if (this._asked === id) {
        this._asked = "";
      }
    }
  }

  _draw() {
    const moment = this._points && this._isWished ? momentAt(this._points, this._seconds) : null;
    const hasSpeed = moment !== null && moment.speed !== null;
    setText(this._speed, hasSpeed ? speedWords(moment.speed, this._unit) : "");
    setText(this._position, moment ? positionWords(moment.lat, moment.lon) : "");
    this._words.hidden = !this._isWished;
    setText(this._switch, this._isWished ? "Hide" : "Show speed");
    this._switch.ariaLabel = this._isWished ? "Hide speed and place" : "Show speed and place";
  }
}
