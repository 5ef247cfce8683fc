// What is played after the end of a clip: what has been added to one that grows, then the next clip.

import { lengthOf } from "./player-stage.js";

// The next clip is loaded when the shown one is, or at the latest so long before its end.
const PREPARE_SECONDS = 20;
const LOADED_SECONDS = 0.5;
// A closed clip is in the list about a second later.
const LISTED_MILLISECONDS = 2_000;

const numberOf = (clip) => Number(clip.id.split("-")[1]);

/** Between a clip and the one that grows now there may be one that is closed and not in the list yet. */
function mayMissOne(clip, next) {
  return next.kind === "growing" && numberOf(next) > numberOf(clip) + 1;
}

/**
 * Plays on. `player`: `clip` and `growing` as they are now, `learn()` asks for what is next to the clip, `show(clip)`,
 * `learned()` waits for that, both resolve to what went wrong, `isWanted()`, `onEnd(isNewest)` when it stops there, and
 * `onLost(error)` when the dashcam cannot be asked for what comes next.
 */
export class PlayingOn {
  constructor(stage, player) {
    this._stage = stage;
    this._player = player;
    this.stop();
  }

  /** The clip was still growing when it was loaded. */
  get isPartial() {
    return this._isPartial;
  }

  /** Another clip is shown. */
  begin(clip) {
    this.stop();
    this._isPartial = clip.kind === "growing";
  }

  stop() {
    this._isPartial = false;
    this._waits = false;
    this._hasAsked = false;
    this._next = null;
  }

  /** It is known what comes after the shown clip; null: nothing. */
  setNext(next) {
    this._next = next;
    this.prepare();
  }

  /** Loads what comes next when it is time. */
  prepare() {
    const { video, rate } = this._stage;
    const next = this._next;
    if (!video || !next || next.kind === "growing" || this._isPartial || !this._player.isWanted()) {
      return;
    }
    const length = lengthOf(video);
    const { buffered, currentTime } = video;
    const isLoaded = buffered.length > 0 && buffered.end(buffered.length - 1) > length - LOADED_SECONDS;
    if (isLoaded || (length - currentTime) / rate < PREPARE_SECONDS) {
      this._stage.prepare(next);
    }
  }

  /** The dashcam has told something new: perhaps there is more of what grows. */
  async hear() {
    if (this._waits) {
      await this._showMore();
    }
  }

  /** The shown video has come to its end. */
  async end() {
    if (this._isPartial) {
      await this._showMore();
    } else {
      await this._showNext();
    }
  }

  async _showMore() {
    const { clip, growing } = this._player;
    this._waits = false;
    const isGrowing = growing?.id === clip.id;
    const hasMore = await this._stage.goOn(clip);
    if (this._player.clip?.id !== clip.id) {
      return;
    }
    this._isPartial = isGrowing;
    if (hasMore || !this._stage.isPlaying) {
      return;
    }
    if (isGrowing) {
      this._waits = true;
    } else {
      await this._showNext();
    }
  }

  async _showNext() {
    const { id } = this._player.clip;
    const isAnother = () => this._player.clip?.id !== id;
    let wrong = await this._player.learned();
    if (!isAnother() && (!this._next || this._player.clip.kind === "growing")) {
      wrong = await this._player.learn();
    }
    if (isAnother()) {
      return;
    }
    const { clip } = this._player;
    if (clip.kind === "growing") {
      // Closed, and not yet in the list.
      this._isPartial = true;
      this._waits = true;
    } else if (!this._next && wrong?.code === "unreachable" && this._player.isWanted()) {
      this._player.onLost(wrong);
    } else if (!this._next || !this._player.isWanted()) {
      this._stage.pause();
      this._player.onEnd(!this._next && !wrong);
    } else if (mayMissOne(clip, this._next) && !this._hasAsked) {
      this._hasAsked = true;
      await new Promise((resolve) => setTimeout(resolve, LISTED_MILLISECONDS));
      if (!isAnother()) {
        await this._player.learn();
        await this._showNext();
      }
    } else {
      this._player.show(this._next);
    }
  }
}
