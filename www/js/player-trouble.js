// What keeps a clip from playing, said over its picture; it goes on by itself once the dashcam is back.

import * as api from "./api-more.js";

const AGAIN_MILLISECONDS = 1_000;
const ASK_AGAIN_MILLISECONDS = 3_000;
const GOES_ON = "The clip goes on by itself once the dashcam is back.";
const NOT_YET = "The first second of this clip is not on the card yet. One moment.";
const UNPLAYABLE = "This clip cannot be played here. Download it and try another player.";

/** Asks whether the dashcam has the clip; resolves to what is wrong, null for nothing. */
async function askFor(clip) {
  try {
    await (clip.kind === "growing" ? api.status() : api.clip(clip.id));
    return null;
  } catch (error) {
    return error;
  }
}

/** `player`: `clip` and `isPartial` as they are now, `showAt(seconds, isPlaying)`; `explain(words, {canRetry})`. */
export class Trouble {
  constructor(stage, player, explain) {
    this._stage = stage;
    this._player = player;
    this._explain = explain;
    this._isAsking = false;
    this._timer = 0;
    /** Nothing is heard of the dashcam. */
    this.isLost = false;
    this.begin();
  }

  /** Whether the clip does not play until something changes. */
  get isStuck() {
    return this._again !== null;
  }

  /** Another clip is shown, or the same once more. */
  begin() {
    this._again = null;
    this._lostWords = "";
    clearTimeout(this._timer);
    this._explain("");
  }

  /** Tries once more what did not work. */
  again() {
    const again = this._again;
    this.begin();
    again?.();
  }

  /** The dashcam has told something; null: nothing is heard of it any more. */
  async setState(state) {
    this.isLost = state === null;
    if (this._stage.isStalled) {
      this.hearWaiting();
    }
    if (!this._lostWords) {
      return;
    }
    this._say();
    await this._goOn();
  }

  /** The video has shown all that came, and wants more. */
  hearWaiting() {
    if (this.isLost && !this.isStuck) {
      this.wait(GOES_ON, this._fromHere());
    }
  }

  /** The video of the shown clip has failed. */
  async hearError(error) {
    const { clip, isPartial } = this._player;
    const again = this._fromHere();
    if (isPartial && !this.isLost) {
      this._explain(NOT_YET);
      setTimeout(() => this._player.clip?.id === clip.id && again(), AGAIN_MILLISECONDS);
      return;
    }
    const { MEDIA_ERR_NETWORK, MEDIA_ERR_SRC_NOT_SUPPORTED } = MediaError;
    const isOfNetwork = error.code === MEDIA_ERR_NETWORK || error.code === MEDIA_ERR_SRC_NOT_SUPPORTED;
    const why = isOfNetwork ? await askFor(clip) : null;
    if (this._player.clip?.id !== clip.id) {
      return;
    }
    if (why?.code === "unreachable") {
      this.wait(why.message, again);
    } else {
      this._stop(again);
      this._explain(why?.message ?? UNPLAYABLE);
    }
  }

  /** The dashcam cannot be reached: `again()` is called as soon as it can. */
  wait(words, again) {
    this._stop(again);
    this._lostWords = words;
    this._say();
  }

  _stop(again) {
    this._stage.pause();
    this._again = again;
  }

  _say() {
    // What is at the top of the player says the rest.
    this._explain(this.isLost ? GOES_ON : this._lostWords, { canRetry: !this.isLost });
    // Perhaps only this was lost: then nothing will be told of it.
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._goOn(), ASK_AGAIN_MILLISECONDS);
  }

  async _goOn() {
    const { clip } = this._player;
    if (this._isAsking || this.isLost) {
      return;
    }
    this._isAsking = true;
    const why = await askFor(clip);
    this._isAsking = false;
    if (this._player.clip?.id !== clip.id || !this._lostWords) {
      return;
    }
    if (why?.code === "unreachable") {
      this._say();
    } else if (why) {
      this._lostWords = "";
      this._explain(why.message);
    } else {
      this.again();
    }
  }

  /** Shows the clip from where it is now, and plays it only if it plays now. */
  _fromHere() {
    const { isPlaying, video } = this._stage;
    const seconds = video?.currentTime ?? 0;
    return () => this._player.showAt(seconds, isPlaying);
  }
}
