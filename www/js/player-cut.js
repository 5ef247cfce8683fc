// Cutting a part out of the drive: two handles below the line of the player, over as many clips as it takes.

import * as api from "./api-more.js";
import { wallTime } from "./clip-time.js";
import { cutHandles } from "./cut-handles.js";
import { CutRange, frameSeconds } from "./cut-range.js";
import { complain } from "./dialogs.js";
import { button, element, setText, whileBusy } from "./dom.js";
import { download } from "./download.js";
import { isUnderWay, jobLine } from "./job-line.js";
import { nextOfDrive } from "./player-source.js";
import { canShareFiles, shareClips } from "./share.js";
import { clock, count } from "./words.js";

/** `1:02.40`: seconds with their hundredths. */
const exactly = (seconds) => {
  const hundredths = Math.max(0, Math.round(seconds * 100));
  return `${clock(Math.floor(hundredths / 100))}.${String(hundredths % 100).padStart(2, "0")}`;
};

/** `parts` of player-dialog.js; `player`: `clip`, `clips`, `show(clip, wish)`, `showAt(clip, seconds, isPlaying)`. */
export class Cutting {
  constructor(parts, player) {
    this._parts = parts;
    this._player = player;
    this._range = null;
    this._job = "";
    this._made = null;
    this._build();
  }

  /** Brings the handles; `mark` is `start` or `end`, to be set where the video is. */
  begin(mark = "") {
    if (!this._range) {
      this._range = new CutRange(this._player.clip);
      this._job = "";
      this._made = null;
      this._isOver(false);
      this._parts.dialog.classList.add("is-cutting");
      this._panel.hidden = false;
      this._handles.root.hidden = false;
    }
    if (mark) {
      this._mark(mark);
    } else {
      this._buttons.start.focus({ preventScroll: true });
    }
    this._draw();
  }

  end() {
    this._range = null;
    this._job = "";
    this._parts.dialog.classList.remove("is-cutting");
    this._panel.hidden = true;
    this._handles.root.hidden = true;
  }

  /** Another clip is shown, or more is known of it. */
  setClip(clip) {
    if (!this._range) {
      return;
    }
    if (clip.kind === "photo" || clip.kind === "growing") {
      this.end();
    } else if (!this._range.look(clip)) {
      this._range = new CutRange(clip);
    }
    this._draw();
  }

  /** The dashcam tells how the cut goes. */
  setState(state) {
    this._buttons.cut.disabled = state === null;
    const job = state?.keeper?.jobs.find(({ id }) => id === this._job);
    if (!job || !this._range) {
      return;
    }
    this._line.set(job);
    if (!isUnderWay(job) && !this._isEnded) {
      this._isEnded = true;
      this._finish(job);
    }
  }

  _build() {
    const run = (work) => (event) => whileBusy(event.currentTarget, () => this._try(work));
    const made = (words, className, work) => button(words, { className, onClick: run(work) });
    this._handles = cutHandles({
      onMove: (which, share) => this._move(which, share),
      onStep: (which, frames) => this._stepMark(which, frames),
      onDone: (which) => this._settle(which),
    });
    this._words = element("p", { className: "cut-length" });
    this._words.setAttribute("role", "status");
    this._buttons = {
      start: made("Start here", "cut-start", () => this._mark("start")),
      end: made("End here", "cut-end", () => this._mark("end")),
      older: made("Clip before", "cut-older", () => this._extend("older")),
      newer: made("Clip after", "cut-newer", () => this._extend("newer")),
      cancel: made("Cancel", "cut-cancel", () => this.end()),
      cut: made("Cut", "cut-now primary", () => this._cut()),
    };
    this._buttons.start.title = "Begin with this picture (I)";
    this._buttons.end.title = "End with this picture (O)";
    this._line = jobLine({ onStop: (id) => this._try(() => api.stopJob(id)) });
    const results = {
      show: made("Show", "primary", () => this._show()),
      download: made("Download", "", () => download([this._made])),
      share: made("Share", "", () => shareClips([this._made])),
      close: made("Done", "", () => this.end()),
    };
    results.share.hidden = !canShareFiles();
    this._results = element("div", { className: "cut-row cut-results", hidden: true }, ...Object.values(results));
    this._resultButtons = results;
    const { start, end, older, newer, cancel, cut } = this._buttons;
    this._rows = [
      [start, end],
      [older, newer],
      [cancel, cut],
    ].map((pair) => element("div", { className: "cut-row" }, ...pair));
    this._panel = element(
      "section",
      { className: "cut", hidden: true, ariaLabel: "Cut a part out" },
      this._words,
      ...this._rows,
      this._line.root,
      this._results,
    );
    this._parts.controls.addCutting(this._handles.root, this._panel);
  }

  async _try(work) {
    try {
      await work();
    } catch (error) {
      complain(error);
    }
  }

  /** While it is cut and afterwards, what sets the range is not to be seen. */
  _isOver(isOver) {
    this._isEnded = false;
    for (const row of this._rows) {
      row.hidden = isOver;
    }
    this._handles.root.hidden = isOver;
    this._line.root.hidden = !isOver;
    this._results.hidden = true;
  }

  _mark(which) {
    this._range.set(which, this._parts.stage.frames.time);
    this._draw();
  }

  /** A handle is dragged: the video shows the frame below it. */
  _move(which, share) {
    const { clip } = this._range;
    const frame = frameSeconds(clip);
    const number = Math.floor((share * clip.duration_seconds) / frame + 0.01) - (which === "end" ? 1 : 0);
    this._range.set(which, Math.max(0, number) * frame);
    this._seek(which);
    this._draw();
  }

  _stepMark(which, frames) {
    const mark = this._range[which];
    if (mark.place === this._range.at) {
      this._range.set(which, mark.seconds + frames * frameSeconds(this._range.clip));
      this._settle(which);
      this._draw();
    }
  }

  _seek(which) {
    const { video } = this._parts.stage;
    this._parts.stage.pause();
    if (video && !video.seeking) {
      // The middle of a frame is safely within it.
      video.currentTime = this._range[which].seconds + frameSeconds(this._range.clip) / 2;
    }
  }

  /** The handle stands still: it is where the frame that is shown begins, exactly. */
  async _settle(which) {
    const { stage } = this._parts;
    const range = this._range;
    const { place, seconds } = range[which];
    const frame = frameSeconds(range.clip);
    stage.pause();
    await stage.frames.seek(seconds + frame / 2);
    const shown = stage.frames.time;
    const isSame = this._range === range && range[which].place === place && range[which].seconds === seconds;
    if (isSame && Math.abs(shown - seconds) < 1.5 * frame) {
      range.set(which, shown);
      this._draw();
    }
  }

  /** The next clip on one side is shown; where the range ended, it goes on to its far end. */
  async _extend(side) {
    const range = this._range;
    const edge = side === "newer" ? range.end.place : range.start.place;
    const clip =
      range.clips[range.at + (side === "newer" ? 1 : -1)] ?? (await nextOfDrive(range.clip, side, this._player.clips));
    const isAtEdge = edge === range.at;
    if (this._range !== range) {
      return;
    }
    if (!clip || !range.look(clip)) {
      throw new Error(`Nothing was recorded right ${side === "newer" ? "after" : "before"} this clip.`);
    }
    if (isAtEdge) {
      range.reach(side);
    }
    const mark = range[side === "newer" ? "end" : "start"];
    this._player.showAt(clip, mark.place === range.at ? mark.seconds : 0, false);
    this._draw();
  }

  async _cut() {
    this._parts.stage.pause();
    this._job = await api.cut(this._range.request());
    this._isOver(true);
    this._line.set({ id: this._job, state: "waiting", share: 0, seconds_left: null, words: "Waits for its turn" });
  }

  async _finish({ id: job, state, result_ids: [id] }) {
    this._offer(false);
    if (state !== "done" || !id) {
      return;
    }
    try {
      const made = await api.clip(id);
      if (this._job !== job) {
        return;
      }
      this._made = made;
      this._offer(true);
      this._draw();
      this._resultButtons.show.focus({ preventScroll: true });
    } catch (error) {
      if (error.code === "unreachable") {
        // It is asked for again as soon as the dashcam is heard again.
        this._isEnded = false;
        return;
      }
      complain(error);
    }
    this._player.clips.refresh();
  }

  _offer(isMade) {
    this._results.hidden = false;
    const { show, download: store, share } = this._resultButtons;
    show.hidden = !isMade;
    store.hidden = !isMade;
    share.hidden = !(isMade && canShareFiles());
  }

  _show() {
    const clip = this._made;
    this.end();
    this._player.showAt(clip, 0, true);
  }

  _draw() {
    const range = this._range;
    if (!range) {
      return;
    }
    const { start, end, first, last } = range;
    this._handles.set(range.shares(), {
      start: exactly(start.seconds),
      end: exactly(end.seconds + frameSeconds(last)),
    });
    const times = [wallTime(first, start.seconds), wallTime(last, end.seconds)];
    const length = `${exactly(range.seconds)}, ${count(range.frames, "frame")}`;
    const over = range.isWithinOne ? "" : ` of ${count(end.place - start.place + 1, "clip")}`;
    const spoken = `${length}${over}${times[0] ? ` · ${times[0]} to ${times[1]}` : ""}`;
    setText(this._words, spoken + this._earlierWords());
    const isEvent = Boolean(range.clip.event);
    this._buttons.older.hidden = isEvent;
    this._buttons.newer.hidden = isEvent;
  }

  /** A clip can only begin where a picture needs no other one: what that adds is told once it is there. */
  _earlierWords() {
    const more = this._made ? this._made.duration_seconds - this._range.seconds : 0;
    return more < frameSeconds(this._range.first) / 2 ? "" : ` · begins ${more.toFixed(1)} s earlier, where a cut can`;
  }
}
