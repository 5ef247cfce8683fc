// One day of the gallery: a heading that opens, and its clips, newest first, loaded a page at a time.

import * as api from "./api.js";
import { complain } from "./dialogs.js";
import { element, icon, setText, whileBusy } from "./dom.js";
import { clock, count, dayName, size, spokenDuration, timeOf } from "./words.js";

const PAGE_CLIPS = 48;
const MOST_CLIPS_AT_ONCE = 480;

/** What the marks on the picture say, for screen readers. */
function spokenMarks(clip) {
  const what = clip.kind === "photo" ? "photo" : `clip, ${spokenDuration(clip.duration_seconds)}`;
  return `, ${what}${clip.is_locked ? ", locked" : ""}`;
}

function thumbnail(clip) {
  if (!clip.thumb) {
    return element("span", { className: "no-picture", textContent: "no picture yet" });
  }
  const picture = element("img", {
    className: "thumb",
    loading: "lazy",
    decoding: "async",
    alt: "",
    width: 320,
    height: 180,
  });
  picture.addEventListener("error", () =>
    picture.replaceWith(element("span", { className: "no-picture", textContent: "no picture" })),
  );
  picture.src = clip.thumb;
  return picture;
}

function tile(clip, onOpen) {
  const marks = element("span", { className: "marks" });
  if (clip.is_locked) {
    marks.append(icon("lock"));
  }
  if (clip.kind === "photo") {
    marks.append(icon("camera"));
  } else {
    marks.append(clock(clip.duration_seconds));
  }
  const picture = element("span", { className: "picture", ariaHidden: "true" }, thumbnail(clip), marks);
  const time = element("span", { className: "time", textContent: timeOf(clip) });
  const spoken = element("span", { className: "spoken", textContent: spokenMarks(clip) });
  const button = element("button", { type: "button", className: "tile" }, picture, time, spoken);
  button.addEventListener("click", () => onOpen(clip.id));
  return button;
}

function counts(day) {
  const clips = day.loops + day.events;
  const parts = [
    clips ? count(clips, "clip") : "",
    day.events ? `${day.events} kept` : "",
    day.photos ? count(day.photos, "photo") : "",
    size(day.bytes),
  ];
  return parts.filter(Boolean).join(" · ");
}

/** A day; `onOpen(id)` is called when a clip is touched, `onChange()` when its list has changed. */
export class Day {
  constructor(day, onOpen, onChange) {
    this.day = day;
    this.clips = [];
    this._onOpen = onOpen;
    this._onChange = onChange;
    this._before = null;
    this._isLoaded = false;
    this._tiles = new Map();
    this._title = element("span", { className: "title" });
    this._counts = element("span", { className: "counts" });
    this._list = element("ul", { className: "tiles" });
    this._more = element("button", {
      type: "button",
      className: "more",
      hidden: true,
      textContent: "Load more",
    });
    this._more.addEventListener("click", () => whileBusy(this._more, () => this.loadMore().catch(complain)));
    this.root = element(
      "details",
      { className: "day" },
      element("summary", {}, this._title, this._counts),
      this._list,
      this._more,
    );
    this.root.addEventListener("toggle", () => {
      if (this.root.open && !this._isLoaded) {
        this.loadMore().catch(complain);
      }
    });
    this.setDay(day);
  }

  get hasMore() {
    return !this._isLoaded || this._before !== null;
  }

  /** New counts; true when they differ from those before. */
  setDay(day) {
    const hasChanged = counts(day) !== this._counts.textContent;
    this.day = day;
    setText(this._title, dayName(day.day));
    setText(this._counts, counts(day));
    return hasChanged;
  }

  async open() {
    if (!this._isLoaded) {
      await this.loadMore();
    }
    this.root.open = true;
  }

  async loadMore() {
    const page = await api.clips({ day: this.day.day, before: this._before, limit: PAGE_CLIPS });
    const known = new Set(this.clips.map((clip) => clip.id));
    this._show([...this.clips, ...page.clips.filter((clip) => !known.has(clip.id))], page.next);
  }

  /** Asks again for as much as is shown. */
  async refresh() {
    if (!this._isLoaded) {
      return;
    }
    const wanted = Math.max(this.clips.length + 1, PAGE_CLIPS);
    const clips = [];
    let before = null;
    do {
      const limit = Math.min(wanted - clips.length, MOST_CLIPS_AT_ONCE);
      const page = await api.clips({ day: this.day.day, before, limit });
      clips.push(...page.clips);
      before = page.next;
    } while (before !== null && clips.length < wanted);
    this._show(clips, before);
  }

  get lacksPictures() {
    return this.clips.some((clip) => !clip.thumb);
  }

  _show(clips, before) {
    this.clips = clips;
    this._before = before;
    this._isLoaded = true;
    this._more.hidden = before === null;
    const tiles = new Map();
    for (const clip of clips) {
      const key = JSON.stringify([clip.thumb, clip.is_locked, clip.duration_seconds, timeOf(clip)]);
      const old = this._tiles.get(clip.id);
      tiles.set(clip.id, old?.key === key ? old : { key, item: element("li", {}, tile(clip, this._onOpen)) });
    }
    for (const [id, { item }] of this._tiles) {
      if (tiles.get(id)?.item !== item) {
        item.remove();
      }
    }
    this._tiles = tiles;
    this._place([...tiles.values()].map(({ item }) => item));
    this._onChange();
  }

  /** Puts tiles where they belong and leaves alone those that are there: a moved picture would load again. */
  _place(items) {
    let next = this._list.firstElementChild;
    for (const item of items) {
      if (item === next) {
        next = next.nextElementSibling;
      } else {
        this._list.insertBefore(item, next);
      }
    }
  }
}
