// The player: one clip or photo, large, with what can be done with it, and on to the next when it ends.

import * as api from "./api.js";
import { complain, tell } from "./dialogs.js";
import { find, setText, whileBusy } from "./dom.js";
import { download, storeFrom } from "./download.js";
import { pictureName, pictureOf } from "./frames.js";
import { setGlyph } from "./gallery-icons.js";
import { growingClip } from "./gallery-now.js";
import { buildPlayer } from "./player-dialog.js";
import { writeFacts } from "./player-facts.js";
import { neighboursOf, playsAfter } from "./player-source.js";
import { lengthOf } from "./player-stage.js";
import { troublePanel } from "./recording.js";
import { canShareFiles, shareClips, shareFiles } from "./share.js";
import { askToDelete } from "./undo.js";
import { dayName, timeOf } from "./words.js";

// The next clip is loaded when the shown one is, or at the latest so long before its end.
const PREPARE_SECONDS = 20;
const NO_NEIGHBOURS = { older: null, newer: null };
const LIST_ADDRESS = "#clips";

const titleOf = (clip) => (clip.kind === "growing" ? "Recording now" : `${dayName(clip.day)}, ${timeOf(clip)}`);

/** The player of a list of clips; `onClosed(id)` hears which clip was shown last. */
export class Player {
  constructor({ clips, deletions, onClosed }) {
    this._clips = clips;
    this._deletions = deletions;
    this._onClosed = onClosed;
    this._clip = null;
    this._growing = null;
    this._next = null;
    this._neighbours = NO_NEIGHBOURS;
    this._generation = null;
    this._isPartial = false;
    this._waitsForMore = false;
    this._parts = buildPlayer({
      onStep: (side) => this._step(side),
      onTime: () => this._onTime(),
      onEnded: () => this._onEnded(),
      onTrouble: (error) => this._explain(error),
      onPicture: () => this._takePicture(),
    });
    this._dialog = this._parts.dialog;
    this._stage = this._parts.stage;
    this._trouble = troublePanel(this._parts.trouble);
    this._connect();
  }

  setState(state) {
    this._trouble.setState(state);
    this._growing = growingClip(state);
    if (this._clip?.kind === "growing" && this._growing?.id === this._clip.id) {
      this._clip = this._growing;
      this._describe();
    }
    if (this._waitsForMore) {
      this._goOn();
    }
  }

  /** The catalogue has changed: what is known of the clip and its neighbours may have, too. */
  async setGeneration(generation) {
    if (this._clip && generation !== this._generation) {
      this._generation = generation;
      await this._learn();
      if (this._waitsForMore) {
        await this._goOn();
      }
    }
  }

  /** Shows a clip that was touched in the list. */
  open(clip) {
    history.pushState({ isPlayer: true }, "", `${LIST_ADDRESS}/${clip.id}`);
    this._open(clip);
  }

  /** Obeys the address: `id` is the clip that it names, empty for none. The phone's Back button comes here. */
  async follow(id) {
    if (!id) {
      this._closeNow();
    } else if (id !== this._clip?.id) {
      try {
        this._open(this._growing?.id === id ? this._growing : await api.clip(id));
      } catch (error) {
        history.replaceState(null, "", LIST_ADDRESS);
        complain(error);
      }
    }
  }

  _connect() {
    const { dialog, buttons } = this._parts;
    dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this._close();
    });
    // A browser that closes it without asking leaves nothing playing behind.
    dialog.addEventListener("close", () => this._clip && this._close());
    const connect = (button, work) =>
      button.addEventListener("click", () => whileBusy(button, () => this._try(() => work.call(this))));
    buttons.close.addEventListener("click", () => this._close());
    connect(buttons.lock, this._toggleLock);
    connect(buttons.download, () => download([this._clip]));
    connect(buttons.share, () => shareClips([this._clip]));
    connect(buttons.delete, this._remove);
    connect(buttons.again, () => this._show(this._clip));
  }

  async _try(work) {
    try {
      await work();
    } catch (error) {
      complain(error);
    }
  }

  _open(clip) {
    if (!this._dialog.open) {
      this._dialog.showModal();
      this._parts.buttons.play.focus();
    }
    this._show(clip);
  }

  _close() {
    if (history.state?.isPlayer) {
      history.back();
    } else {
      history.replaceState(null, "", LIST_ADDRESS);
      this._closeNow();
    }
  }

  _closeNow() {
    if (!this._clip) {
      return;
    }
    const { id } = this._clip;
    this._clip = null;
    this._waitsForMore = false;
    this._stage.clear();
    this._deletions.moveOut();
    if (document.fullscreenElement) {
      document.exitFullscreen();
    }
    this._dialog.close();
    this._onClosed(id);
  }

  _show(clip, { isPlaying = true } = {}) {
    this._clip = clip;
    this._isPartial = clip.kind === "growing";
    this._waitsForMore = false;
    this._next = null;
    this._neighbours = NO_NEIGHBOURS;
    this._parts.explain("");
    history.replaceState(history.state, "", `${LIST_ADDRESS}/${clip.id}`);
    this._stage.show(clip, { isPlaying });
    this._describe();
    this._learning = this._learn();
  }

  _describe() {
    const clip = this._clip;
    const { buttons } = this._parts;
    setText(this._parts.title, titleOf(clip));
    writeFacts(this._parts.facts, clip);
    const isVideo = clip.kind !== "photo";
    const isClosed = clip.kind !== "growing";
    setText(find(buttons.lock, "span"), clip.is_locked ? "Unlock" : "Lock");
    setGlyph(buttons.lock, clip.is_locked ? "unlock" : "lock");
    buttons.lock.hidden = !(isVideo && isClosed);
    buttons.download.hidden = !isClosed;
    buttons.delete.hidden = !isClosed;
    buttons.share.hidden = !(isClosed && canShareFiles());
    buttons.picture.hidden = !isVideo;
    this._parts.controls.setClip(clip);
  }

  /** Asks what is known of the clip now, and which are beside it. */
  async _learn() {
    const { id } = this._clip;
    try {
      const isGrowing = this._growing?.id === id;
      const clip = isGrowing ? this._growing : await api.clip(id);
      const around = { clips: this._clips, growing: this._growing };
      const neighbours = await neighboursOf(clip, around);
      const next = await playsAfter(neighbours.newer, around);
      if (this._clip?.id === id) {
        this._clip = clip;
        this._neighbours = neighbours;
        this._next = next;
        this._describe();
        this._onTime();
        this._parts.controls.setNeighbours(neighbours);
      }
    } catch (error) {
      // What is not in the list any more, or not yet, can still be looked at.
      if (this._clip?.id === id && error.code !== "not_found") {
        complain(error);
      }
    }
  }

  _step(side) {
    const clip = this._neighbours[side];
    if (clip) {
      this._show(clip, { isPlaying: this._stage.isPlaying || this._clip.kind === "photo" });
    }
  }

  _onTime() {
    this._parts.controls.update();
    const { video } = this._stage;
    const next = this._next;
    if (!video || !next || next.kind === "growing" || this._isPartial || !this._parts.goesOn()) {
      return;
    }
    const { buffered, currentTime } = video;
    const left = lengthOf(video) - currentTime;
    const isLoaded = buffered.length > 0 && buffered.end(buffered.length - 1) > lengthOf(video) - 0.5;
    if (isLoaded || left / this._stage.rate < PREPARE_SECONDS) {
      this._stage.prepare(next);
    }
  }

  async _onEnded() {
    if (this._isPartial) {
      await this._goOn();
      return;
    }
    const ended = this._clip;
    await this._learning;
    if (this._clip?.id !== ended.id) {
      return;
    }
    if (this._next && this._parts.goesOn()) {
      this._show(this._next);
    } else {
      this._stage.pause();
      this._parts.controls.update();
      if (!this._next && this._parts.goesOn()) {
        tell("This is the newest clip.");
      }
    }
  }

  /** The clip was shown while it grew: shows what has come since, and when that was all, the next clip. */
  async _goOn() {
    const { id } = this._clip;
    this._waitsForMore = false;
    const isGrowing = this._growing?.id === id;
    const hasMore = await this._stage.goOn(this._clip);
    if (this._clip?.id !== id) {
      return;
    }
    this._isPartial = isGrowing;
    if (hasMore || !this._stage.isPlaying) {
      return;
    }
    if (!isGrowing) {
      await this._learn();
    }
    if (this._clip?.id === id && this._clip.kind === "growing") {
      // It grows, or is closed and not yet in the list: with the next word of the dashcam.
      this._waitsForMore = true;
      this._isPartial = true;
    } else {
      await this._onEnded();
    }
  }

  async _explain(error) {
    const { id } = this._clip;
    let words = "This clip cannot be played here. Download it and try another player.";
    if (this._isPartial) {
      words = "There is not yet enough of this clip to be played. Wait a moment, then try again.";
    } else if (error.code === MediaError.MEDIA_ERR_NETWORK || error.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED) {
      try {
        await api.clip(id);
      } catch (trouble) {
        words = trouble.message;
      }
    }
    if (this._clip?.id === id) {
      this._stage.pause();
      this._parts.explain(words);
    }
  }

  async _takePicture() {
    const { video, frames } = this._stage;
    await this._try(async () => {
      if (!video?.videoWidth) {
        throw new Error("There is no picture yet. Wait until the clip is shown, and try again.");
      }
      const file = await pictureOf(video, pictureName(this._clip, frames.time));
      const address = URL.createObjectURL(file);
      storeFrom(address, file.name);
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      if (canShareFiles()) {
        this._parts.offer(`${file.name} stored.`, "Share", () => this._try(() => shareFiles([file])));
      } else {
        tell(`${file.name} stored.`);
      }
    });
  }

  async _toggleLock() {
    const { id, is_locked: isLocked } = this._clip;
    const { failed } = await (isLocked ? api.unlock([id]) : api.lock([id]));
    if (failed[id]) {
      throw new Error(failed[id]);
    }
    this._clips.refresh();
    await this._learn();
  }

  async _remove() {
    const clip = this._clip;
    if (!(await askToDelete([clip])) || this._clip !== clip) {
      return;
    }
    const { older, newer } = this._neighbours;
    const next = older ?? (newer?.kind === "growing" ? null : newer);
    this._deletions.add([clip], () => this._clip && this._show(clip));
    if (next) {
      this._show(next, { isPlaying: false });
    } else {
      this._close();
    }
  }
}
