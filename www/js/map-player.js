// A clip beside the map: the video from the second that was touched, and where the car was while it plays.

import { wallTime } from "./clip-time.js";
import { element, setText } from "./dom.js";
import { glyph } from "./gallery-icons.js";
import { speedGraph } from "./map-graph.js";
import { placeAt, pointsOf } from "./map-lines.js";
import { speedNumber } from "./map-words.js";
import { timeOf } from "./words.js";

const GONE = "This clip cannot be played. It may have been deleted meanwhile: choose another.";

function signButton(sign, words, onClick) {
  const made = element("button", { type: "button", className: sign, title: words, ariaLabel: words }, glyph(sign));
  made.addEventListener("click", onClick);
  return made;
}

/**
 * The player. `onPlace(place)` hears where the car was at the picture that is shown, null where nobody knows;
 * `nextOf(clip)` is what is played after it; `onClosed()`.
 */
export class MapPlayer {
  constructor({ onPlace, nextOf, onClosed }) {
    this._onPlace = onPlace;
    this._nextOf = nextOf;
    this._onClosed = onClosed;
    this._clip = null;
    this._points = [];
    this._unit = "km/h";
    this._build();
  }

  get clip() {
    return this._clip;
  }

  /** Plays a clip from a second on. */
  show(clip, seconds, unit) {
    const isAnother = clip.id !== this._clip?.id;
    this._clip = clip;
    this._unit = unit;
    this.root.hidden = false;
    if (isAnother) {
      this._points = pointsOf(clip.line, clip);
      this._graph.setClip(this._points, clip.duration_seconds);
      this._problem.hidden = true;
      this._video.poster = clip.thumb ?? "";
      this._video.src = clip.media;
      this._gpx.href = `/api/clips/${clip.id}/track.gpx`;
      this._gpx.hidden = !clip.line.length;
    }
    this._seek(seconds);
    this._play();
  }

  close() {
    if (!this._clip) {
      return;
    }
    this._clip = null;
    this.root.hidden = true;
    this._video.pause();
    this._video.removeAttribute("src");
    // Gives the connection back at once.
    this._video.load();
    this._onPlace(null);
    this._onClosed();
  }

  pause() {
    this._video.pause();
  }

  _build() {
    this._video = element("video", { controls: true, playsInline: true, preload: "auto" });
    this._video.setAttribute("aria-label", "The clip");
    this._problem = element("p", { className: "problem", hidden: true, textContent: GONE });
    this._problem.setAttribute("role", "alert");
    this._title = element("h3");
    this._speed = element("strong");
    this._unitWords = element("span");
    this._graph = speedGraph((seconds) => this._seek(seconds));
    this._gpx = element("a", { className: "button gpx", textContent: "GPX", download: "" });
    this._gpx.title = "Download the track of this clip";
    const large = signButton("large", "Open this clip in the large player", () => this._showLarge());
    const close = signButton("close", "Close the clip", () => this.close());
    this.root = element(
      "section",
      { className: "map-player", hidden: true },
      element(
        "header",
        {},
        element("hgroup", {}, this._title, element("p", { className: "pace" }, this._speed, " ", this._unitWords)),
        this._gpx,
        large,
        close,
      ),
      element("div", { className: "picture" }, this._video, this._problem),
      this._graph.root,
    );
    this.root.setAttribute("aria-label", "Clip on the map");
    for (const event of ["timeupdate", "seeking", "seeked", "loadedmetadata"]) {
      this._video.addEventListener(event, () => this._tellPlace());
    }
    this._video.addEventListener("loadedmetadata", () => {
      // Not every browser remembers a place that was wished before it knew the video.
      if (Math.abs(this._video.currentTime - this._wanted) > 0.2) {
        this._video.currentTime = this._wanted;
      }
    });
    this._video.addEventListener("ended", () => this._goOn());
    this._video.addEventListener("error", () => {
      this._problem.hidden = !this._clip;
    });
  }

  _seek(seconds) {
    // Before the browser knows the video it remembers where it is to begin.
    this._wanted = Math.min(seconds, Math.max(0, this._clip.duration_seconds - 0.1));
    this._video.currentTime = this._wanted;
    this._tellPlace();
  }

  async _play() {
    try {
      await this._video.play();
    } catch (error) {
      if (error.name !== "AbortError" && error.name !== "NotAllowedError") {
        this._problem.hidden = false;
      }
    }
  }

  _tellPlace() {
    if (!this._clip) {
      return;
    }
    const seconds = this._video.currentTime;
    setText(this._title, this._clip.local_time ? wallTime(this._clip, seconds) : timeOf(this._clip));
    const place = placeAt(this._points, seconds);
    this._graph.setPlace(seconds, place?.speed, this._unit);
    setText(this._speed, speedNumber(place?.speed, this._unit));
    setText(this._unitWords, this._unit);
    this._onPlace(place);
  }

  _goOn() {
    const next = this._clip && this._nextOf(this._clip);
    if (next) {
      this.show(next, 0, this._unit);
    }
  }

  _showLarge() {
    const { id } = this._clip;
    const seconds = this._video.currentTime.toFixed(1);
    this.pause();
    location.hash = `#clips/${id}/${seconds}`;
  }
}
