// A day as it is seen: a heading that stays in sight, and the tiles near the screen. The others are only room.

import { element, setText } from "./dom.js";
import { placeholder } from "./tile.js";
import { dayName } from "./words.js";

/** One day's section of the list. */
export class DayView {
  constructor(day, look) {
    this.day = day;
    this._look = look;
    /** The newest that came while one looked further down; shown once the top is in sight again. */
    this.held = 0;
    /** The clips that are seen, newest first, as far as they are known, and how many places there are. */
    this.clips = [];
    this.places = 0;
    this._tiles = new Map();
    this._rendered = "";
    const label = `day-${day.name}`;
    this._title = element("button", { type: "button", className: "title", id: label });
    this._counts = element("span", { className: "counts" });
    this._pick = element("button", { type: "button", className: "pick", textContent: "Select day" });
    this._title.dataset.action = "days";
    this._pick.dataset.action = "pick-day";
    this.heading = element("div", { className: "heading" }, element("h3", {}, this._title), this._counts, this._pick);
    this.list = element("ul", { className: "tiles" });
    this.root = element("section", { className: "day" }, this.heading, this.list);
    this.root.setAttribute("aria-labelledby", label);
    this.root.dataset.day = day.name;
  }

  /** Takes over what is known of the day: its counts and the clips a person sees. */
  setContent(counts, clips) {
    setText(this._title, dayName(this.day.name));
    this._title.setAttribute("aria-haspopup", "dialog");
    setText(this._counts, this._look.counts(counts));
    const { loops, events, photos } = counts;
    const places = this.day.isComplete ? clips.length : Math.max(loops + events + photos, clips.length);
    this.clips = clips.slice(this.held);
    this.places = Math.max(0, places - this.held);
    this.root.hidden = this.places === 0;
  }

  /**
   * Puts the tiles of the places from `first` up to `end` into the list, below room for those before them. While
   * `state` is the same as before, so are clips and marks.
   */
  render({ first, end, columns, rowHeight, state }, decorate) {
    const key = [first, end, columns, rowHeight, state].join(" ");
    if (key === this._rendered) {
      return;
    }
    this._rendered = key;
    this.list.style.paddingTop = `${Math.floor(first / columns) * rowHeight}px`;
    const tiles = new Map();
    const items = [];
    for (let place = first; place < Math.min(end, this.places); place += 1) {
      const clip = this.clips[place];
      const tileOf = clip ? this._look.key(clip) : `place ${place}`;
      const item = this._tiles.get(tileOf) ?? (clip ? this._look.tile(clip) : placeholder());
      tiles.set(tileOf, item);
      items.push(item);
      if (clip) {
        item.ariaPosInSet = String(place + 1);
        item.ariaSetSize = String(this.places);
        decorate(item.firstElementChild, clip);
      }
    }
    this._place(items, tiles);
  }

  /** Nothing of it is near the screen. */
  clear() {
    this._rendered = "";
    if (this._tiles.size) {
      this._tiles = new Map();
      this.list.replaceChildren();
    }
  }

  /** Puts tiles where they belong and leaves alone those that are there: a moved picture would load again. */
  _place(items, tiles) {
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
    for (const [key, item] of this._tiles) {
      if (!tiles.has(key)) {
        item.remove();
      }
    }
    this._tiles = tiles;
    let next = this.list.firstElementChild;
    for (const item of items) {
      if (item === next) {
        next = next.nextElementSibling;
      } else {
        this.list.insertBefore(item, next);
      }
    }
    if (focused && document.activeElement?.dataset.id !== focused) {
      this.list.querySelector(`[data-id="${focused}"]`)?.focus({ preventScroll: true });
    }
  }
}
