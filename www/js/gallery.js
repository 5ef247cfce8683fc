// The page of the clips: filters, the list, what is done with several, and the player that a touch opens.

import * as api from "./api-more.js";
import { Clips } from "./clips.js";
import { complain } from "./dialogs.js";
import { element, find, loadStyles, setText } from "./dom.js";
import { download, downloadTracks } from "./download.js";
import { filterBar } from "./gallery-filter.js";
import { ClipList } from "./gallery-list.js";
import { nowRow } from "./gallery-now.js";
import { Player } from "./player.js";
import { hearLongPresses, Selection, selectionBar } from "./selection.js";
import { canShareFiles, shareClips } from "./share.js";
import { askToDelete, Deletions, wordsFor } from "./undo.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

/** Makes the page in its root; `saver` cares for its button that saves. */
export async function galleryPage(root, saver) {
  await Promise.all(["/gallery-bars.css", "/player.css", "/player-screens.css"].map(loadStyles));
  return new Gallery(root, saver);
}

class Gallery {
  constructor(root, saver) {
    this._root = root;
    this._saver = saver;
    this._generation = null;
    this._isShown = false;
    this._clips = new Clips({ onChange: () => this._update(), onTrouble: (text) => this._explain(text) });
    this._deletions = new Deletions({
      onHide: (clips) => this._clips.hide(clips),
      onBack: (clips) => this._clips.unhide(clips),
      onGone: (ids) => this._clips.markGone(ids),
    });
    this._selection = new Selection(() => this._updateSelection());
    this._player = new Player({
      clips: this._clips,
      deletions: this._deletions,
      onClosed: (id) => id && this._list.focus(id),
    });
    this._build(find(root, ".days"));
  }

  setState(state) {
    this._player.setState(state);
    if (this._now.setState(state)) {
      this._list.update();
    }
    if (state) {
      this.setClips(state);
    }
  }

  /** The catalogue has another generation; while nobody looks it is only remembered. */
  setClips({ generation }) {
    this._generation = generation;
    if (this._isShown) {
      this._clips.setGeneration(generation);
      this._player.setGeneration(generation);
    }
  }

  /** `rest`: the clip that the address names, and from which second; empty for the list alone. */
  show(rest = "") {
    const [id, seconds = ""] = rest.split("/");
    const wasShown = this._isShown;
    this._isShown = true;
    this._list.isShown = true;
    if (!wasShown) {
      this._list.update();
      if (this._generation !== null) {
        this.setClips({ generation: this._generation });
      } else {
        this._clips.refresh();
      }
    }
    this._player.follow(id, Number(seconds) || 0);
  }

  hide() {
    this._isShown = false;
    this._list.isShown = false;
    this._selection.stop();
    this._player.follow("");
  }

  _build(listRoot) {
    this._empty = find(this._root, ".empty");
    find(this._root, "h2").classList.add("spoken");
    const top = element("div", { className: "gallery-top" });
    this._root.insertBefore(top, this._empty);
    this._filter = filterBar(top, {
      clips: this._clips,
      onFilter: (filter) => this._clips.setFilter(filter),
      onDay: (name) => this._list.goTo(name),
      onSelect: () => this._selection.start(),
    });
    this._now = nowRow(top, (clip) => this._player.open(clip), this._saver);
    this._pill = element("button", { type: "button", className: "pill", hidden: true });
    this._pill.addEventListener("click", () => this._list.goToTop());
    this._all = element("button", {
      type: "button",
      className: "show-all",
      hidden: true,
      textContent: "Show all clips",
    });
    this._all.addEventListener("click", () => this._filter.reset());
    this._root.insertBefore(this._all, listRoot);
    this._root.append(this._pill);
    this._list = new ClipList(listRoot, {
      clips: this._clips,
      decorate: (button, clip) => this._decorate(button, clip),
      onNews: (news) => this._tellNews(news),
    });
    this._bar = selectionBar(this._selection, [
      ["lock", "Lock", "lock", (clips) => this._handle(api.lock, clips)],
      ["unlock", "Unlock", "unlock", (clips) => this._handle(api.unlock, clips)],
      ["download", "Download", "download", (clips) => this._try(() => download(clips))],
      ...(canShareFiles() ? [["share", "Share", "share", (clips) => this._try(() => shareClips(clips))]] : []),
      ["tracks", "GPX", "track", (clips) => this._try(() => downloadTracks(clips))],
      ["delete", "Delete", "remove", (clips) => this._delete(clips)],
    ]);
    this._root.append(this._bar.root);
    hearLongPresses(listRoot, (tile) => this._startSelection(tile));
    listRoot.addEventListener("click", (event) => this._onClick(event));
    listRoot.addEventListener("keydown", (event) => this._onKey(event));
  }

  _clipOf(target) {
    const tile = target.closest?.(".tile");
    return tile ? this._list.neighbour(tile.dataset.id, 0) : undefined;
  }

  _onClick(event) {
    const action = event.target.closest("[data-action]")?.dataset.action;
    if (action === "days") {
      this._filter.askDay();
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
    const { last } = this._selection;
    if (event.shiftKey && this._selection.isOn && last) {
      this._selection.add(this._list.between(last, clip.id));
    } else if (event.shiftKey || event.ctrlKey || event.metaKey) {
      this._selection.start(...this._selection.clips, clip);
    } else if (this._selection.isOn) {
      this._selection.toggle(clip);
    } else {
      this._player.open(clip);
    }
  }

  _onKey(event) {
    const clip = this._clipOf(event.target);
    const { columns } = this._list;
    const step = { ...STEPS, ArrowUp: -columns, ArrowDown: columns }[event.key];
    if (event.key === "Escape" && this._selection.isOn) {
      this._selection.stop();
    } else if (clip && step) {
      const next = this._list.neighbour(clip.id, step);
      if (next) {
        event.preventDefault();
        this._list.focus(next.id);
      }
    }
  }

  _startSelection(tile) {
    const clip = this._clipOf(tile);
    if (clip && !this._selection.isOn) {
      this._selection.start(clip);
      navigator.vibrate?.(20);
    } else if (clip) {
      this._selection.toggle(clip);
    }
  }

  /** Chooses all of a day; once all are chosen, none. */
  async _pickDay(name) {
    const clips = await this._clips.wholeDay(this._list.dayOf(name));
    if (clips.every((clip) => this._selection.has(clip.id))) {
      this._selection.remove(clips);
    } else {
      this._selection.add(clips);
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
      this._clips.refresh();
      const complaints = Object.values(failed);
      if (complaints.length) {
        throw new Error(`${complaints.length} of ${wordsFor(videos)} not done: ${complaints[0]}`);
      }
      this._selection.stop();
    });
  }

  async _delete(clips) {
    if (await askToDelete(clips)) {
      const next = this._list.after(clips);
      this._selection.stop();
      this._deletions.add(clips);
      if (next) {
        this._list.focus(next.id);
      }
    }
  }

  _decorate(button, clip) {
    if (this._selection.isOn) {
      button.setAttribute("aria-pressed", String(this._selection.has(clip.id)));
    } else {
      button.removeAttribute("aria-pressed");
    }
  }

  _updateSelection() {
    this._bar.update();
    this._list.redecorate();
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

  _update() {
    const { days, isLoaded, filter } = this._clips;
    const isFiltered = Boolean(filter.kind || filter.locked);
    this._empty.hidden = days.length > 0;
    this._all.hidden = !isLoaded || days.length > 0 || !isFiltered;
    if (isLoaded) {
      const none = "No clips yet: the first appears when the one being recorded is closed.";
      setText(this._empty, isFiltered ? "There is nothing of this kind." : none);
    } else {
      setText(this._empty, "Loading");
    }
    this._filter.update();
    this._list.update();
  }

  _explain(text) {
    if (!this._clips.isLoaded) {
      setText(this._empty, text);
    }
  }
}
