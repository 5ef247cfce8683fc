// The endless list: every day has its whole height, but only tiles near the screen exist.

import { DayView } from "./gallery-day.js";
import { Room } from "./gallery-room.js";

// While one scrolls on, the list is asked for at most this often.
const DEMAND_MILLISECONDS = 150;
const AGAIN_MILLISECONDS = 3_000;

/** The list in `root`. `look` as in gallery-look.js; `decorate(button, clip)` gives a tile its marks of the moment. */
export class ClipList {
  constructor(root, { clips, look, decorate, onNews }) {
    this._root = root;
    this._clips = clips;
    this._look = look;
    this._decorate = decorate;
    this._onNews = onNews;
    this._views = [];
    this._byName = new Map();
    this._headingHeight = 0;
    this._seen = null;
    this._frame = 0;
    this._timer = 0;
    this._loading = new Set();
    this._near = [];
    /** So often clips or their marks have become others. */
    this._changes = 0;
    this.isShown = false;
    this._room = new Room(root, look, () => this.update());
    addEventListener("scroll", () => this._renderSoon(), { passive: true });
    addEventListener("resize", () => this._renderSoon(), { passive: true });
  }

  get columns() {
    return this._room.columns;
  }

  /** Takes over what has become of the clips; what one looks at stays where it is. */
  update() {
    if (!this.isShown) {
      return;
    }
    this._changes += 1;
    const anchors = this._isAtTop() ? [] : this._visible();
    const current = this._viewAtTop();
    this._takeDays();
    for (const view of this._views) {
      view.held = view === current ? this._newcomers(view) : 0;
      view.setContent(this._clips.countsOf(view.day), this._clips.shownOf(view.day));
    }
    this._layout();
    this._restore(anchors);
    this._render();
  }

  /** Marks tiles anew, when only their marks have changed. */
  redecorate() {
    this._changes += 1;
    this._render();
  }

  /** Scrolls to the top of a day. */
  goTo(name) {
    const view = this._byName.get(name);
    if (view) {
      scrollTo({ top: scrollY + this._top(view) - this._room.top });
      this._render();
      view.heading.querySelector(".title").focus({ preventScroll: true });
    }
  }

  /** Shows what is new. */
  goToTop() {
    scrollTo({ top: 0 });
    this._renderSoon();
  }

  /** The clip that lies `by` places further on than that of `id`, undefined at the ends or when it is not known yet. */
  neighbour(id, by) {
    const known = this._views.flatMap((view) => view.clips);
    return known[known.findIndex((clip) => clip.id === id) + by];
  }

  /** The clip that takes the place of these once they are gone: the next older, else the next newer. */
  after(clips) {
    const ids = new Set(clips.map((clip) => clip.id));
    const known = this._views.flatMap((view) => view.clips);
    const places = known.map((clip, place) => (ids.has(clip.id) ? place : -1)).filter((place) => place >= 0);
    const isLeft = (clip) => !ids.has(clip.id);
    return known.slice(places.at(-1) + 1).find(isLeft) ?? known.slice(0, places[0]).findLast(isLeft);
  }

  /** Clips from one to another, in the order of the list. */
  between(oneId, otherId) {
    const known = this._views.flatMap((view) => view.clips);
    const places = [oneId, otherId].map((id) => known.findIndex((clip) => clip.id === id)).sort((a, b) => a - b);
    return places[0] < 0 ? [] : known.slice(places[0], places[1] + 1);
  }

  /** Brings a clip's tile onto the screen and gives it the focus; false when it is not in the list. */
  focus(id) {
    const top = this._topOfClip(id);
    if (top === null) {
      return false;
    }
    const least = this._room.top + this._headingHeight;
    const most = innerHeight - this._room.rowHeight - this._headingHeight;
    if (top < least || top > most) {
      scrollBy({ top: top - Math.max(least, Math.min(top, most)) });
    }
    this._render();
    this._root.querySelector(`.tile[data-id="${id}"]`)?.focus({ preventScroll: true });
    return true;
  }

  dayOf(name) {
    return this._byName.get(name)?.day;
  }

  _takeDays() {
    const views = new Map();
    for (const day of this._clips.days) {
      const known = this._byName.get(day.name);
      views.set(day.name, known?.day === day ? known : new DayView(day, this._look));
    }
    for (const view of this._views) {
      if (views.get(view.day.name) !== view) {
        view.root.remove();
      }
    }
    this._byName = views;
    this._views = [...views.values()];
    this._views.forEach((view, place) => {
      const there = this._root.children[place];
      if (there !== view.root) {
        this._root.insertBefore(view.root, there ?? null);
      }
    });
  }

  /** How many clips have come before the first that was seen in a day whose beginning is out of sight. */
  _newcomers(view) {
    const first = view.clips[0]?.id;
    return Math.max(
      0,
      this._clips.shownOf(view.day).findIndex((clip) => clip.id === first),
    );
  }

  _layout() {
    this._room.measure();
    const seen = this._views.find((view) => !view.root.hidden);
    this._headingHeight = seen?.heading.offsetHeight ?? 0;
    for (const view of this._views) {
      view.list.style.height = `${this._rows(view) * this._room.rowHeight}px`;
    }
  }

  _rows(view) {
    return Math.ceil(view.places / this._room.columns);
  }

  _height(view) {
    return view.root.hidden ? 0 : this._headingHeight + this._rows(view) * this._room.rowHeight;
  }

  /** Where a day's section begins, in pixels from the top of the screen. */
  _top(wanted) {
    let top = this._root.getBoundingClientRect().top;
    for (const view of this._views) {
      if (view === wanted) {
        break;
      }
      top += this._height(view);
    }
    return top;
  }

  _topOfClip(id) {
    for (const view of this._views) {
      const place = view.clips.findIndex((clip) => clip.id === id);
      if (place >= 0) {
        const row = Math.floor(place / this._room.columns);
        return this._top(view) + this._headingHeight + row * this._room.rowHeight;
      }
    }
    return null;
  }

  _isAtTop() {
    return this._root.getBoundingClientRect().top >= this._room.top - 1;
  }

  /** The day whose first row is out of sight while others of it are seen; undefined when there is none. */
  _viewAtTop() {
    const line = this._room.top + this._headingHeight;
    return this._views.find((view) => {
      const rowsTop = this._top(view) + this._headingHeight;
      return rowsTop + this._room.rowHeight / 2 < line && rowsTop + this._rows(view) * this._room.rowHeight > line;
    });
  }

  /** Tiles on the screen with their places, from the top. */
  _visible() {
    return [...this._root.querySelectorAll(".tile")]
      .map((tile) => ({ id: tile.dataset.id, top: tile.getBoundingClientRect().top }))
      .filter(({ top }) => top > this._room.top - this._room.rowHeight / 2 && top < innerHeight);
  }

  _restore(anchors) {
    for (const { id, top } of anchors) {
      const now = this._topOfClip(id);
      if (now !== null) {
        if (Math.abs(now - top) >= 1) {
          scrollBy({ top: now - top, behavior: "instant" });
        }
        return;
      }
    }
  }

  _renderSoon() {
    if (this.isShown && !this._frame) {
      this._frame = requestAnimationFrame(() => {
        this._frame = 0;
        if (this._views.some((view) => view.held) && !this._viewAtTop()?.held) {
          this.update();
        } else {
          this._render();
        }
      });
    }
  }

  _render() {
    if (!this.isShown) {
      return;
    }
    const { columns, rowHeight, margin } = this._room;
    let top = this._root.getBoundingClientRect().top;
    const isAtTop = top >= this._room.top - 1;
    this._near = [];
    for (const view of this._views) {
      const rowsTop = top + this._headingHeight;
      top += this._height(view);
      if (view.root.hidden || top < -margin || rowsTop > innerHeight + margin) {
        view.clear();
        continue;
      }
      const first = Math.max(0, Math.floor((-margin - rowsTop) / rowHeight)) * columns;
      const end = Math.max(first, Math.ceil((innerHeight + margin - rowsTop) / rowHeight) * columns);
      view.render({ first, end, columns, rowHeight, state: this._changes }, this._decorate);
      this._near.push({ view, first, end });
    }
    this._tellNews(isAtTop);
    this._timer ||= setTimeout(() => this._demand(), DEMAND_MILLISECONDS);
  }

  /** How many clips have come since the newest were in sight. */
  _tellNews(isAtTop) {
    const [newest] = this._clips.days;
    const at = this._clips.days.findIndex((day) => day.name === this._seen?.name);
    if (isAtTop || at < 0 || !newest) {
      this._seen = newest && { name: newest.name, total: newest.total };
      this._onNews(0);
      return;
    }
    // Clips that never got a date come to stand between the days, and are not new.
    const later = this._clips.days.slice(0, at).filter((day) => day === newest || day.name !== "undated");
    const more = Math.max(0, this._clips.days[at].total - this._seen.total);
    this._onNews(later.reduce((news, day) => news + day.total, more));
  }

  /** Asks for what is near the screen and not known, or perhaps no longer true. */
  _demand() {
    this._timer = 0;
    for (const { view, first, end } of this._near) {
      const { day } = view;
      const offset = day.clips.length - view.clips.length;
      const last = Math.min(end, view.places) - 1 + offset;
      if (!this._loading.has(day) && last >= 0 && (day.isStale || (!day.isComplete && day.clips.length <= last))) {
        this._load(day, first, last);
      }
    }
  }

  async _load(day, first, last) {
    this._loading.add(day);
    try {
      if (day.isStale) {
        await day.renew(first, last);
      }
      await day.cover(last);
      this._loading.delete(day);
      this.update();
    } catch {
      // The bar at the top tells why; what is missing is asked for again.
      day.isStale = true;
      setTimeout(() => {
        this._loading.delete(day);
        this._render();
      }, AGAIN_MILLISECONDS);
    }
  }
}
