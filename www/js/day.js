// The clips of one day as far as they are known: pages of the list, newest first. No elements, only data.

import * as api from "./api-more.js";

const PAGE_CLIPS = 60;
const MOST_CLIPS_AT_ONCE = 500;
// A page is asked anew with room for what has come since.
const ROOM_CLIPS = 20;
// What has been away for so many clips begins anew.
const MOST_ROUNDS = 4;

/** A day of the list within a filter. `counts` is what the dashcam says that the day holds. */
export class Day {
  constructor(counts, filter) {
    this.name = counts.day;
    this.counts = counts;
    /** Something may have changed since its pages were read. */
    this.isStale = false;
    this._filter = filter;
    this._pages = [];
    this._clips = [];
    this._hasCountChanged = false;
  }

  /** All clips known from the newest on, without gaps. */
  get clips() {
    return this._clips;
  }

  /** How many clips there are, known or not. */
  get total() {
    const { loops, events, photos } = this.counts;
    return this.isComplete ? this._clips.length : Math.max(loops + events + photos, this._clips.length);
  }

  get isComplete() {
    return this._pages.length > 0 && this._pages.at(-1).next === null;
  }

  /** Takes over new counts; what is shown of the day is asked anew when it is next looked at. */
  setCounts(counts) {
    this._hasCountChanged ||= JSON.stringify(counts) !== JSON.stringify(this.counts);
    this.counts = counts;
    this.isStale = this._pages.length > 0;
  }

  /** Reads on until `index` is known or the day ends. */
  async cover(index) {
    while (!this.isComplete && this._clips.length <= index) {
      await this._readOn(Math.max(PAGE_CLIPS, index + 1 - this._clips.length));
    }
  }

  /** Asks anew for the pages from `first` to `last`, and for the newest when the day has another count. */
  async renew(first, last) {
    this.isStale = false;
    const needsNewest = this._hasCountChanged;
    this._hasCountChanged = false;
    let start = 0;
    for (const page of [...this._pages]) {
      const end = start + page.clips.length;
      const isShown = start <= last && end > first;
      if ((isShown || (start === 0 && needsNewest)) && this._pages.includes(page)) {
        await this._renewPage(page);
      }
      start = end;
    }
    const { loops, events, photos } = this.counts;
    if (this.isComplete && this._clips.length !== loops + events + photos) {
      await this._readAnew();
    }
  }

  /** Drops a clip that is deleted. */
  forget(id) {
    for (const page of this._pages) {
      page.clips = page.clips.filter((clip) => clip.id !== id);
    }
    this._gather();
  }

  async _ask(before, limit) {
    const wanted = Math.min(limit, MOST_CLIPS_AT_ONCE);
    return await api.clips({ ...this._filter, day: this.name, before, limit: wanted });
  }

  async _readOn(limit) {
    const before = this._pages.at(-1)?.next ?? null;
    const pages = this._pages;
    const { clips, next } = await this._ask(before, limit);
    if (this._pages === pages) {
      pages.push({ before, clips, next });
      this._gather();
    }
  }

  async _renewPage(page) {
    const { clips, next } = await this._readUpTo(page);
    const at = this._pages.indexOf(page);
    if (at < 0) {
      return;
    }
    const following = this._pages[at + 1];
    const places = new Map(following?.clips.map((clip, place) => [clip.id, place]));
    const cut = clips.findIndex((clip) => places.has(clip.id));
    if (following && cut >= 0) {
      following.clips = following.clips.slice(places.get(clips[cut].id));
      page.clips = clips.slice(0, cut);
    } else {
      this._pages = [...this._pages.slice(0, at), { before: page.before, clips, next }];
    }
    this._gather();
  }

  /** What a page holds now, however much has come since: up to where it ended before, or a little further. */
  async _readUpTo(page) {
    const following = this._pages[this._pages.indexOf(page) + 1];
    const ends = new Set((following ?? page).clips.slice(following ? 0 : -ROOM_CLIPS).map((clip) => clip.id));
    const clips = [];
    let next = page.before;
    let limit = page.clips.length + ROOM_CLIPS;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const part = await this._ask(next, limit);
      clips.push(...part.clips);
      ({ next } = part);
      if (next === null || part.clips.some((clip) => ends.has(clip.id))) {
        break;
      }
      limit = MOST_CLIPS_AT_ONCE;
    }
    return { clips, next };
  }

  /** A page in the middle has changed that nobody looked at: everything again, and nothing vanishes meanwhile. */
  async _readAnew() {
    const wanted = this._clips.length;
    const pages = [];
    let known = 0;
    let before = null;
    do {
      const { clips, next } = await this._ask(before, wanted - known + ROOM_CLIPS);
      pages.push({ before, clips, next });
      known += clips.length;
      before = next;
    } while (before !== null && known < wanted);
    this._pages = pages;
    this._gather();
  }

  _gather() {
    const seen = new Set();
    this._clips = this._pages
      .flatMap((page) => page.clips)
      .filter((clip) => !seen.has(clip.id) && seen.add(clip.id) !== undefined);
  }
}
