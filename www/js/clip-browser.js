// A list of clips with all that is done with them: chosen, kept, downloaded, deleted, and played.

import * as api from "./api-more.js";
import { Clips } from "./clips.js";
import { complain } from "./dialogs.js";
import { element, setText } from "./dom.js";
import { download, downloadTracks } from "./download.js";
import { ClipList } from "./gallery-list.js";
import { jobsBar } from "./jobs.js";
import { Player } from "./player.js";
import { searchIn } from "./search-dialog.js";
import { hearLongPresses, Selection, selectionBar } from "./selection.js";
import { canShareFiles, shareClips } from "./share.js";
import { askToDelete, Deletions, wordsFor } from "./undo.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/**
 * The list in `listRoot`, within the page at `address`. `look`: how its tiles look, see gallery-list.js;
 * `startOf(clip)`: from which second a clip is played; `onChange()` when the list has become another, `onTrouble(text)`
 * when it cannot be had, `onTitle(day)` when the name of a day is touched.
 */
export class ClipBrowser {
  constructor(root, listRoot, { address, filter = {}, look, startOf = () => 0, onChange, onTrouble, onTitle }) {
    this._generation = null;
    this._isShown = false;
    this._startOf = startOf;
    this._onTitle = onTitle;
    this.clips = new Clips({
      filter,
      onChange: () => {
        onChange();
        this.list.update();
      },
      onTrouble,
    });
    this._deletions = new Deletions({
      onHide: (clips) => this.clips.hide(clips),
      onBack: (clips) => this.clips.unhide(clips),
      onGone: (ids) => this.clips.markGone(ids),
    });
    this.selection = new Selection(() => this._updateSelection());
    this.player = new Player({
      clips: this.clips,
      deletions: this._deletions,
      address,
      onClosed: (id) => id && this.list.focus(id),
    });
    this._jobs = jobsBar({ onShow: (id) => this._try(async () => this.player.open(await api.clip(id))) });
    this._build(root, listRoot, look);
  }

  get isShown() {
    return this._isShown;
  }

  setState(state) {
    this.player.setState(state);
    this._jobs.setState(state);
    if (state) {
      this.setClips(state);
    }
  }

  /** The catalogue has another generation; while nobody looks it is only remembered. */
  setClips({ generation }) {
    this._generation = generation;
    if (this._isShown) {
      this.clips.setGeneration(generation);
      this.player.setGeneration(generation);
    }
  }

  /** `rest`: the clip that the address names, and from which second; empty for the list alone. */
  show(rest = "") {
    const [id, seconds = ""] = rest.split("/");
    const wasShown = this._isShown;
    this._isShown = true;
    this.list.isShown = true;
    if (!wasShown) {
      this.list.update();
      if (this._generation !== null) {
        this.setClips({ generation: this._generation });
      } else {
        this.clips.refresh();
      }
    }
    this.player.follow(id, Number(seconds) || 0);
  }

  hide() {
    this._isShown = false;
    this.list.isShown = false;
    this.selection.stop();
    this.player.follow("");
  }

  _build(root, listRoot, look) {
    this._pill = element("button", { type: "button", className: "pill", hidden: true });
    this._pill.addEventListener("click", () => this.list.goToTop());
    this.list = new ClipList(listRoot, {
      clips: this.clips,
      look,
      decorate: (button, clip) => this._decorate(button, clip),
      onNews: (news) => this._tellNews(news),
    });
    const acts = [
      ["lock", "Lock", "lock", (clips) => this._handle(api.lock, clips)],
      ["unlock", "Unlock", "unlock", (clips) => this._handle(api.unlock, clips)],
      ["download", "Download", "download", (clips) => this._try(() => download(clips))],
      ...(canShareFiles() ? [["share", "Share", "share", (clips) => this._try(() => shareClips(clips))]] : []),
      ["tracks", "GPX", "track", (clips) => this._try(() => downloadTracks(clips))],
      ["delete", "Delete", "remove", (clips) => this._delete(clips)],
    ];
    const search = (clips) => this._try(() => this._search(clips));
    this._bar = selectionBar(this.selection, acts, ["search-chosen", "Search for motion", "search", search]);
    root.append(this._jobs.root, this._pill, this._bar.root);
    hearLongPresses(listRoot, (tile) => this._startSelection(tile));
    listRoot.addEventListener("click", (event) => this._onClick(event));
    listRoot.addEventListener("keydown", (event) => this._onKey(event));
  }

  _clipOf(target) {
    const tile = target.closest?.(".tile");
    return tile ? this.list.neighbour(tile.dataset.id, 0) : undefined;
  }

  _onClick(event) {
    const action = event.target.closest("[data-action]")?.dataset.action;
    if (action === "days") {
      this._onTitle(event.target.closest(".day").dataset.day);
    } else if (action === "drive") {
      const clip = this._clipOf(event.target.closest("li").firstElementChild);
      this._try(() => this._showInDrive(clip));
    } else if (action === "pick-day") {
      this._try(() => this._pickDay(event.target.closest(".day").dataset.day));
    } else {
      const clip = this._clipOf(event.target);
      if (clip) {
        this._touch(clip, event);
      }
    }
  }

  _touch(clip, event) {
    const { last } = this.selection;
    if (event.shiftKey && this.selection.isOn && last) {
      this.selection.add(this.list.between(last, clip.id));
    } else if (event.shiftKey || event.ctrlKey || event.metaKey) {
      this.selection.start(...this.selection.clips, clip);
    } else if (this.selection.isOn) {
      this.selection.toggle(clip);
    } else {
      this.player.open(clip, this._startOf(clip));
    }
  }

  /** The moment of an event in the drive beside it. */
  async _showInDrive({ id }) {
    const place = await api.loopPlace(id);
    this.player.open(await api.clip(place.id), place.seconds);
  }

  _onKey(event) {
    const clip = this._clipOf(event.target);
    const { columns } = this.list;
    const step = { ...STEPS, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (event.key === "Escape" && this.selection.isOn) {
      this.selection.stop();
    } else if (clip && step) {
      const next = this.list.neighbour(clip.id, step);
      if (next) {
        event.preventDefault();
        this.list.focus(next.id);
      }
    }
  }

  _startSelection(tile) {
    const clip = this._clipOf(tile);
    if (clip && !this.selection.isOn) {
      this.selection.start(clip);
      navigator.vibrate?.(20);
    } else if (clip) {
      this.selection.toggle(clip);
    }
  }

  /** Chooses all of a day; once all are chosen, none. */
  async _pickDay(name) {
    const clips = await this.clips.wholeDay(this.list.dayOf(name));
    if (clips.every((clip) => this.selection.has(clip.id))) {
      this.selection.remove(clips);
    } else {
      this.selection.add(clips);
    }
  }

  async _try(work) {
    try {
      await work();
    } catch (error) {
      complain(error);
    }
  }

  _handle(work, clips) {
    return this._try(async () => {
      const videos = clips.filter((clip) => clip.kind !== "photo");
      if (!videos.length) {
        throw new Error("Photos are never deleted by the loop; they need no lock.");
      }
      const { failed } = await work(videos.map((clip) => clip.id));
      this.clips.refresh();
      const complaints = Object.values(failed);
      if (complaints.length) {
        throw new Error(`${complaints.length} of ${wordsFor(videos)} not done: ${complaints[0]}`);
      }
      this.selection.stop();
    });
  }

  async _search(clips) {
    const videos = clips.filter((clip) => clip.kind !== "photo");
    if (!videos.length) {
      throw new Error("In photos nothing moves; choose clips.");
    }
    if (await searchIn({ ids: videos.map((clip) => clip.id) })) {
      this.selection.stop();
    }
  }

  async _delete(clips) {
    if (await askToDelete(clips)) {
      const next = this.list.after(clips);
      this.selection.stop();
      this._deletions.add(clips);
      if (next) {
        this.list.focus(next.id);
      }
    }
  }

  _decorate(button, clip) {
    if (this.selection.isOn) {
      button.setAttribute("aria-pressed", String(this.selection.has(clip.id)));
    } else {
      button.removeAttribute("aria-pressed");
    }
  }

  _updateSelection() {
    this._bar.update();
    this.list.redecorate();
  }

  _tellNews(news) {
    if (news === this._shownNews) {
      return;
    }
    this._shownNews = news;
    this._pill.hidden = news === 0;
    setText(this._pill, `${news} new`);
    this._pill.setAttribute("aria-label", `${news} new, show them`);
  }
}
