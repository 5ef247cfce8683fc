// The player: one clip or photo, large, with what can be done with it, and on to the next when it ends.

import * as api from "./api-more.js";
import { takenShort } from "./clip-time.js";
import { complain, tell } from "./dialogs.js";
import { find, setText } from "./dom.js";
import { setGlyph } from "./gallery-icons.js";
import { growingClip } from "./gallery-now.js";
import { connectActs } from "./player-acts.js";
import { buildPlayer } from "./player-dialog.js";
import { writeFacts } from "./player-facts.js";
import { PlayingOn } from "./player-on.js";
import { listedClip, neighboursOf, playsAfter } from "./player-source.js";
import { Trouble } from "./player-trouble.js";
import { troublePanel } from "./recording.js";
import { canShareFiles } from "./share.js";

const NO_NEIGHBOURS = { older: null, newer: null };

const titleOf = (clip) => (clip.kind === "growing" ? "Recording now" : takenShort(clip));

/** The player of the list of clips at `address`; `onClosed(id)` hears which clip was shown last. */
export class Player {
  constructor({ clips, deletions, onClosed, address }) {
    this._clips = clips;
    this._deletions = deletions;
    this._onClosed = onClosed;
    this._address = address;
    this._clip = null;
    this._growing = null;
    this._neighbours = NO_NEIGHBOURS;
    this._generation = null;
    this._parts = buildPlayer({
      onStep: (side) => this._step(side),
      onTime: () => this._onTime(),
      onWaiting: () => this._lack.hearWaiting(),
      onEnded: () => this._on.end(),
      onTrouble: (error) => this._lack.hearError(error),
      onToggle: () => this._toggle(),
      id: address === "#clips" ? "player" : `player-of-${address.slice(1)}`,
    });
    this._stepping = Promise.resolve();
    this._dialog = this._parts.dialog;
    this._stage = this._parts.stage;
    this._on = new PlayingOn(this._stage, this._forPlayingOn());
    this._lack = new Trouble(this._stage, this._forTrouble(), this._parts.explain);
    this._trouble = troublePanel(this._parts.trouble);
    this._connect();
  }

  setState(state) {
    const wasLost = this._lack.isLost;
    this._trouble.setState(state);
    this._parts.setState(state);
    this._lack.setState(state);
    this._acts.setState(state);
    if (state === null) {
      return;
    }
    const former = this._growing?.id;
    this._growing = growingClip(state);
    if (this._clip?.kind === "growing" && this._growing?.id === this._clip.id) {
      this._clip = this._growing;
    }
    if (this._clip) {
      this._describe();
    }
    // The one that is being recorded is a neighbour, too.
    if (this._clip && (wasLost || former !== this._growing?.id)) {
      this._learning = this._learn();
    }
    this._on.hear();
  }

  /** The catalogue has changed: what is known of the clip and its neighbours may have, too. */
  async setGeneration(generation) {
    if (this._clip && generation !== this._generation) {
      this._generation = generation;
      await this._learn();
      await this._on.hear();
    }
  }

  /** Shows a clip that was touched in the list, from a second on. */
  open(clip, seconds = 0) {
    history.pushState({ isPlayer: true }, "", `${this._address}/${clip.id}`);
    this._open(clip, seconds);
  }

  /** Obeys the address: the clip that it names, empty for none, from a second on. The phone's Back button comes here. */
  async follow(id, seconds = 0) {
    if (!id) {
      this._closeNow();
    } else if (id !== this._clip?.id) {
      try {
        this._open(this._growing?.id === id ? this._growing : await api.clip(id), seconds);
      } catch (error) {
        history.replaceState(null, "", this._address);
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
    buttons.close.addEventListener("click", () => this._close());
    buttons.again.addEventListener("click", () => this._lack.again());
    this._acts = connectActs(this._parts, this._forActs());
  }

  /** What is needed to do something with the shown clip. */
  _forActs() {
    const player = this;
    return {
      get clip() {
        return player._clip;
      },
      get neighbours() {
        return player._neighbours;
      },
      clips: this._clips,
      deletions: this._deletions,
      learn: () => this._learn(),
      show: (clip, wish) => this._show(clip, wish),
      showAt: (clip, seconds, isPlaying) => this._showAt(seconds, isPlaying, clip),
      close: () => this._close(),
    };
  }

  /** What playing on needs to know and do. */
  _forPlayingOn() {
    const player = this;
    return {
      get clip() {
        return player._clip;
      },
      get growing() {
        return player._growing;
      },
      learned: () => this._learning,
      learn: () => this._learn(),
      show: (clip) => this._show(clip),
      isWanted: () => this._parts.goesOn(),
      onEnd: (isNewest) => this._onEnd(isNewest),
      onLost: (error) => this._lack.wait(error.message, () => this._on.end()),
    };
  }

  /** What is needed to say what is wrong, and to go on afterwards. */
  _forTrouble() {
    const player = this;
    return {
      get clip() {
        return player._clip;
      },
      get isPartial() {
        return player._on.isPartial;
      },
      showAt: (seconds, isPlaying) => this._showAt(seconds, isPlaying),
    };
  }

  _open(clip, seconds = 0) {
    if (!this._dialog.open) {
      this._dialog.showModal();
      this._parts.buttons.play.focus();
    }
    this._showAt(seconds, true, clip);
  }

  _close() {
    if (history.state?.isPlayer) {
      history.back();
    } else {
      history.replaceState(null, "", this._address);
      this._closeNow();
    }
  }

  _closeNow() {
    if (!this._clip) {
      return;
    }
    const { id } = this._clip;
    this._clip = null;
    this._on.stop();
    this._acts.stop();
    this._stage.clear();
    this._lack.begin();
    this._deletions.moveOut();
    if (document.fullscreenElement) {
      document.exitFullscreen();
    }
    this._dialog.close();
    this._onClosed(id);
  }

  _show(clip, { isPlaying = true } = {}) {
    this._clip = clip;
    this._on.begin(clip);
    this._neighbours = NO_NEIGHBOURS;
    this._lack.begin();
    history.replaceState(history.state, "", `${this._address}/${clip.id}`);
    this._stage.show(clip, { isPlaying });
    this._describe();
    this._learning = this._learn();
  }

  _describe() {
    const clip = this._clip;
    const { buttons } = this._parts;
    setText(this._parts.title, titleOf(clip));
    writeFacts(this._parts.facts, clip, this._parts.speedUnit());
    const isVideo = clip.kind !== "photo";
    const isClosed = clip.kind !== "growing";
    setText(find(buttons.lock, "span"), clip.is_locked ? "Unlock" : "Lock");
    setGlyph(buttons.lock, clip.is_locked ? "unlock" : "lock");
    buttons.lock.hidden = !(isVideo && isClosed);
    buttons.download.hidden = !isClosed;
    buttons.delete.hidden = !isClosed;
    buttons.share.hidden = !(isClosed && canShareFiles());
    buttons.picture.hidden = !isVideo;
    buttons.map.hidden = !clip.track?.points;
    buttons.drive.hidden = !clip.event;
    buttons.cut.hidden = !(isVideo && isClosed);
    this._parts.controls.setClip(clip);
    this._acts.setClip(clip);
  }

  /** Asks what is known of the clip now, and which are beside it; resolves to what went wrong, null for nothing. */
  async _learn() {
    const { id } = this._clip;
    try {
      const clip = await this._newest();
      const around = { clips: this._clips, growing: this._growing };
      const neighbours = await neighboursOf(clip, around);
      const next = await playsAfter(clip, neighbours.newer, around);
      if (this._clip?.id === id) {
        this._clip = clip;
        this._neighbours = neighbours;
        this._describe();
        this._on.setNext(next);
        this._parts.controls.setNeighbours(neighbours);
      }
      return null;
    } catch (error) {
      // What is not in the list any more can still be looked at; a lost connection is said elsewhere.
      if (this._clip?.id === id && error.code !== "not_found" && error.code !== "unreachable") {
        complain(error);
      }
      return error;
    }
  }

  /** The shown clip as it is now; one that has just been closed stays what it was until it is in the list. */
  async _newest() {
    const clip = this._clip;
    if (this._growing?.id === clip.id) {
      return this._growing;
    }
    return clip.kind === "growing" ? ((await listedClip(clip.id)) ?? clip) : api.clip(clip.id);
  }

  _showAt(seconds, isPlaying, clip = this._clip) {
    this._show(clip, { isPlaying });
    if (this._stage.video && seconds > 0) {
      this._stage.video.currentTime = seconds;
    }
  }

  /** True when nothing can be played or paused now; then it is tried again. */
  _toggle() {
    const { isStuck } = this._lack;
    if (isStuck) {
      this._lack.again();
    }
    return isStuck;
  }

  /** Touches that come before the neighbours are known count, too, one after the other. */
  _step(side) {
    this._stepping = this._stepping.then(() => this._stepOnceKnown(side));
  }

  async _stepOnceKnown(side) {
    await this._learning;
    const clip = this._neighbours[side];
    if (clip && this._clip) {
      const isPlaying = this._stage.isPlaying || this._lack.isStuck || this._clip.kind === "photo";
      this._show(clip, { isPlaying });
    }
  }

  _onTime() {
    this._parts.controls.update();
    this._on.prepare();
  }

  _onEnd(isNewest) {
    this._parts.controls.update();
    if (isNewest && this._parts.goesOn()) {
      tell("This is the newest clip.");
    }
  }
}
