// The gallery: days, newest first; the newest is open. It follows the catalogue's changes.

import * as api from "./api.js";
import { Day } from "./day.js";
import { find, setText } from "./dom.js";

// Several changes often come together: a clip, its thumbnail, the deletion of an old one.
const SETTLE_MILLISECONDS = 700;
const AGAIN_MILLISECONDS = 3_000;

/** The gallery; `player` shows what is touched. */
export function clipsPanel(root, player) {
  const list = find(root, ".days");
  const empty = find(root, ".empty");
  const days = new Map();
  let generation = null;
  let timer = 0;
  let isRefreshing = false;

  const onOpen = (id) => player.open(id, gallery);
  const onChange = () => player.refresh();

  function placeDays(counts) {
    const names = new Set(counts.map((day) => day.day));
    for (const [name, day] of days) {
      if (!names.has(name)) {
        day.root.remove();
        days.delete(name);
      }
    }
    const changed = [];
    counts.forEach((day, index) => {
      let known = days.get(day.day);
      if (!known) {
        known = new Day(day, onOpen, onChange);
        days.set(day.day, known);
      } else if (known.setDay(day) || known.lacksPictures) {
        changed.push(known);
      }
      if (list.children[index] !== known.root) {
        list.insertBefore(known.root, list.children[index] ?? null);
      }
    });
    return changed;
  }

  async function refresh() {
    const isFirst = days.size === 0;
    const counts = await api.days();
    const changed = placeDays(counts);
    empty.hidden = counts.length > 0;
    setText(empty, "No clips yet: the first appears when the one being recorded is closed.");
    for (const day of changed) {
      await day.refresh();
    }
    if (isFirst && counts.length) {
      await days.get(counts[0].day).open();
    }
    player.refresh();
  }

  async function refreshSoon() {
    if (isRefreshing) {
      return;
    }
    isRefreshing = true;
    const wanted = generation;
    let pause = SETTLE_MILLISECONDS;
    try {
      await refresh();
    } catch {
      // The bar at the top tells of a lost connection; a catalogue that is being built comes by itself.
      pause = AGAIN_MILLISECONDS;
      generation = null;
    }
    setTimeout(() => {
      isRefreshing = false;
      if (generation !== wanted && generation !== null) {
        refreshSoon();
      }
    }, pause);
  }

  const inOrder = () => [...list.children].map((child) => [...days.values()].find((day) => day.root === child));

  const gallery = {
    /** The clip of an id; undefined when it is gone. */
    get(id) {
      return inOrder()
        .flatMap((day) => day.clips)
        .find((clip) => clip.id === id);
    },
    /** The id one older (step 1) or newer (step -1) than `id`, loading what is needed; undefined at the end. */
    async neighbour(id, step) {
      const ids = () => inOrder().flatMap((day) => day.clips.map((clip) => clip.id));
      const at = ids().indexOf(id);
      const shown = at < 0 ? undefined : ids()[at + step];
      if (shown !== undefined || step < 0) {
        return shown;
      }
      for (const day of inOrder().slice(inOrder().findIndex((one) => one.clips.some((clip) => clip.id === id)))) {
        if (day.hasMore) {
          await day.loadMore();
          const loaded = ids();
          return loaded[loaded.indexOf(id) + 1];
        }
      }
      return undefined;
    },
    refresh,
  };

  return {
    setState(state) {
      if (state === null || state.generation === generation) {
        return;
      }
      generation = state.generation;
      clearTimeout(timer);
      timer = setTimeout(refreshSoon, days.size ? SETTLE_MILLISECONDS : 0);
    },
  };
}
