// What the gallery knows: the days within a filter, which clips are about to be deleted, and when to ask anew.

import * as api from "./api-more.js";
import { Day } from "./day.js";

// Several changes often come together: a clip, its thumbnail, the deletion of an old one.
const SETTLE_MILLISECONDS = 700;
const AGAIN_MILLISECONDS = 3_000;

function withoutClip(counts, clip) {
  const plural = `${clip.kind}s`;
  return { ...counts, [plural]: Math.max(0, counts[plural] - 1), bytes: Math.max(0, counts.bytes - clip.bytes) };
}

/** The list of clips; calls `onChange()` when it has become another, `onTrouble(text)` when it cannot be had. */
export class Clips {
  constructor({ filter = {}, onChange, onTrouble }) {
    this._onChange = onChange;
    this._onTrouble = onTrouble;
    this._days = new Map();
    this._order = [];
    /** Clips whose deletion can still be undone, or is not yet in the counts: by id `{clip, isDone}`. */
    this._leaving = new Map();
    this._gone = new Set();
    this._filter = filter;
    this._generation = null;
    this._isDirty = false;
    this._isRefreshing = false;
    this._timer = 0;
    this.isLoaded = false;
  }

  get filter() {
    return this._filter;
  }

  /** The days in order, newest first. */
  get days() {
    return this._order;
  }

  isHidden(id) {
    return this._leaving.has(id) || this._gone.has(id);
  }

  /** The clips of a day that a person sees, as far as they are known. */
  shownOf(day) {
    return day.clips.filter((clip) => !this.isHidden(clip.id));
  }

  /** A day's counts as a person sees them: what is about to be deleted is gone. */
  countsOf(day) {
    let { counts } = day;
    for (const { clip } of this._leaving.values()) {
      if (clip.day === day.name) {
        counts = withoutClip(counts, clip);
      }
    }
    return counts;
  }

  /** Another filter `{kind, locked}`: everything is asked anew. */
  setFilter(filter) {
    this._filter = filter;
    this._days.clear();
    this._order = [];
    this.isLoaded = false;
    this._onChange();
    this._soon(0);
  }

  /** The catalogue's number of now; another one than before means that something has changed. */
  setGeneration(generation) {
    if (generation !== this._generation) {
      this._generation = generation;
      this._soon(this.isLoaded ? SETTLE_MILLISECONDS : 0);
    }
  }

  /** Something was changed from here: asks without waiting for word of it. */
  refresh() {
    this._soon(0);
  }

  /** Takes clips out of sight. */
  hide(clips) {
    for (const clip of clips) {
      this._leaving.set(clip.id, { clip, isDone: false });
    }
    this._onChange();
  }

  /** Brings them back. */
  unhide(clips) {
    for (const clip of clips) {
      this._leaving.delete(clip.id);
    }
    this._onChange();
  }

  /** They are deleted for good; ids are never used again. */
  markGone(ids) {
    for (const id of ids) {
      this._gone.add(id);
      const leaving = this._leaving.get(id);
      if (leaving) {
        leaving.isDone = true;
        this._days.get(leaving.clip.day)?.forget(id);
      }
    }
    this.refresh();
  }

  /** All clips of a day, read to its end. */
  async wholeDay(day) {
    await day.cover(Number.POSITIVE_INFINITY);
    return this.shownOf(day);
  }

  _soon(milliseconds) {
    this._isDirty = true;
    if (!this._isRefreshing) {
      clearTimeout(this._timer);
      this._timer = setTimeout(() => this._refresh(), milliseconds);
    }
  }

  async _refresh() {
    this._isRefreshing = true;
    this._isDirty = false;
    const filter = this._filter;
    let pause = SETTLE_MILLISECONDS;
    try {
      await this._readDays(filter);
    } catch (error) {
      // The bar at the top tells of a lost connection; a catalogue that is being built comes by itself.
      pause = AGAIN_MILLISECONDS;
      this._isDirty = true;
      this._onTrouble(error.message);
    }
    this._isRefreshing = false;
    if (this._isDirty) {
      this._soon(this._filter === filter ? pause : 0);
    }
  }

  async _readDays(filter) {
    const done = [...this._leaving].filter(([, { isDone }]) => isDone).map(([id]) => id);
    const found = await api.days(filter);
    if (this._filter !== filter) {
      return;
    }
    for (const id of done) {
      this._leaving.delete(id);
    }
    const days = new Map();
    for (const counts of found) {
      const day = this._days.get(counts.day) ?? new Day(counts, filter);
      day.setCounts(counts);
      days.set(counts.day, day);
    }
    this._days = days;
    this._order = [...days.values()];
    this.isLoaded = true;
    this._onChange();
  }
}
