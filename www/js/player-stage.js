// What is looked at: two videos, one shown and one that gets the next clip ready, or a photo.

import { element } from "./dom.js";
import { FrameClock } from "./frames.js";
import { timeOf } from "./words.js";

// So much more of a growing clip must be there to make it worth another start.
const WORTH_SECONDS = 0.3;

/** The last moment of a video that can be shown; of a growing clip the browser may not know its length. */
export function lengthOf(video) {
  if (Number.isFinite(video.duration)) {
    return video.duration;
  }
  return video.seekable.length ? video.seekable.end(video.seekable.length - 1) : 0;
}

function clear(video) {
  video.pause();
  video.removeAttribute("src");
  video.removeAttribute("poster");
  delete video.dataset.id;
  // Gives the connection back at once; a forgotten video goes on loading.
  video.load();
}

/** The stage; every callback is about the video that is shown. */
export class Stage {
  constructor({ onFrame, onTime, onPlaying, onWaiting, onEnded, onTrouble }) {
    this._wantsToPlay = false;
    this._rate = 1;
    const isShown = (video) => video === this._shown && Boolean(video.dataset.id);
    const videos = ["one", "other"].map((name) => {
      const video = element("video", { className: `medium ${name}`, playsInline: true, preload: "auto" });
      video.tabIndex = -1;
      const on = (event, work) => video.addEventListener(event, () => isShown(video) && work());
      for (const event of ["timeupdate", "durationchange", "progress", "seeked", "loadeddata"]) {
        on(event, onTime);
      }
      on("play", onPlaying);
      on("pause", onPlaying);
      on("waiting", onWaiting);
      on("playing", onPlaying);
      on("ended", () => this._wantsToPlay && onEnded());
      on("error", () => video.error && onTrouble(video.error));
      return video;
    });
    this._clocks = new Map(videos.map((video) => [video, new FrameClock(video, () => isShown(video) && onFrame())]));
    [this._spare, this._shown] = videos;
    this._photo = element("img", { className: "medium photo", hidden: true });
    this.root = element("div", { className: "stage" }, ...videos, this._photo);
    this._order();
  }

  /** The video that is shown; null while it is a photo. */
  get video() {
    return this._photo.hidden ? this._shown : null;
  }

  get frames() {
    return this._clocks.get(this._shown);
  }

  /** Whether it plays, or would if there were more. */
  get isPlaying() {
    return this._wantsToPlay;
  }

  /** Whether it wants to play and has nothing more to show. */
  get isStalled() {
    const { ended, paused, readyState } = this._shown;
    const hasMore = readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    return this._wantsToPlay && this.video !== null && !ended && !paused && !hasMore;
  }

  get rate() {
    return this._rate;
  }

  set rate(rate) {
    this._rate = rate;
    this._shown.playbackRate = rate;
  }

  /** Shows a clip from its beginning; at once when it was prepared. */
  show(clip, { isPlaying = true } = {}) {
    this._wantsToPlay = isPlaying && clip.kind !== "photo";
    if (clip.kind === "photo") {
      this._showPhoto(clip);
      return;
    }
    this._photo.hidden = true;
    if (this._spare.dataset.id !== clip.id) {
      this._load(this._spare, clip, clip.media);
    }
    this._takeOver();
  }

  /** Loads the clip that will be shown next. */
  prepare(clip) {
    if (this._spare.dataset.id !== clip.id) {
      this._load(this._spare, clip, clip.media);
    }
  }

  get preparedId() {
    return this._spare.dataset.id;
  }

  /** Goes on with what has been added to the shown clip since it was loaded; false when that is nothing. */
  async goOn(clip) {
    const at = this._shown.currentTime;
    const spare = this._spare;
    this._load(spare, clip, `${clip.media}?from=${at.toFixed(1)}`);
    const isThere = await new Promise((resolve) => {
      spare.addEventListener("loadedmetadata", () => resolve(true), { once: true });
      spare.addEventListener("error", () => resolve(false), { once: true });
      spare.addEventListener("emptied", () => resolve(false), { once: true });
    });
    if (!isThere || spare !== this._spare || lengthOf(spare) < at + WORTH_SECONDS) {
      if (spare === this._spare) {
        clear(spare);
      }
      return false;
    }
    await this._clocks.get(spare).seek(at);
    if (spare === this._spare) {
      this._takeOver();
    }
    return true;
  }

  async play() {
    this._wantsToPlay = true;
    const video = this._shown;
    video.playbackRate = this._rate;
    try {
      await video.play();
    } catch (error) {
      if (error.name === "NotAllowedError" && !video.muted) {
        // Without a touch browsers start only what makes no sound.
        video.muted = true;
        await this.play();
      } else if (error.name === "NotAllowedError") {
        this._wantsToPlay = false;
      }
    }
  }

  pause() {
    this._wantsToPlay = false;
    this._shown.pause();
  }

  clear() {
    this._wantsToPlay = false;
    this._photo.hidden = true;
    this._photo.removeAttribute("src");
    clear(this._shown);
    clear(this._spare);
  }

  _showPhoto(clip) {
    clear(this._shown);
    clear(this._spare);
    this._photo.src = clip.media;
    this._photo.alt = `Photo of ${timeOf(clip)}`;
    this._photo.hidden = false;
  }

  _load(video, clip, address) {
    video.src = address;
    video.dataset.id = clip.id;
    video.muted = false;
    if (clip.thumb) {
      video.poster = clip.thumb;
    } else {
      video.removeAttribute("poster");
    }
  }

  _takeOver() {
    const before = this._shown;
    this._shown = this._spare;
    this._spare = before;
    this._order();
    if (this._wantsToPlay) {
      this.play();
    }
    clear(before);
  }

  _order() {
    this._shown.classList.add("is-shown");
    this._spare.classList.remove("is-shown");
    this._spare.ariaHidden = "true";
    this._shown.ariaHidden = null;
  }
}
