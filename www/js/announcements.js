// What is to go although somebody saved it: said where it is seen, with what can be done about it.

import * as api from "./api-more.js";
import { complain } from "./dialogs.js";
import { button, element, setText } from "./dom.js";
import { askToDelete } from "./undo.js";
import { count, sentence } from "./words.js";

// So long a person has had it before their eyes.
const SEEN_MILLISECONDS = 1_000;
const SEEN_SHARE = 0.9;
const FIRST_SHOWN = 3;

/** Calls `onSeen(id)` for every item that was really on the screen for a while. */
function watchEyes(onSeen) {
  const timers = new Map();

  function stop(target) {
    clearTimeout(timers.get(target));
    timers.delete(target);
  }

  function look({ target, isIntersecting }) {
    stop(target);
    if (isIntersecting && !document.hidden) {
      timers.set(
        target,
        setTimeout(() => onSeen(target.dataset.id), SEEN_MILLISECONDS),
      );
    }
  }

  const observer = new IntersectionObserver((entries) => entries.forEach(look), { threshold: SEEN_SHARE });
  const watched = new Set();
  document.addEventListener("visibilitychange", () => {
    for (const target of watched) {
      stop(target);
      observer.unobserve(target);
      if (!document.hidden) {
        observer.observe(target);
      }
    }
  });
  return {
    add(target) {
      watched.add(target);
      observer.observe(target);
    },
    remove(target) {
      stop(target);
      watched.delete(target);
      observer.unobserve(target);
    },
  };
}

/** Makes the list at the end of `root`, or before `place` in it. */
export function announcementsPanel(root, place = null) {
  const title = element("h3", { textContent: "Saved clips that will go" });
  const list = element("ul");
  const all = button("", { className: "all-announcements", onClick: () => showAll() });
  const keep = element("a", { className: "button", href: "#settings/storage", textContent: "More room" });
  keep.title = "Settings: room for events";
  const head = element("header", {}, title, keep);
  const box = element("section", { className: "announcements", hidden: true }, head, list, all);
  const items = new Map();
  /** Those that this page has told the dashcam of. */
  const told = new Set();
  let known = [];
  let isWhole = false;
  root.insertBefore(box, place);

  const eyes = watchEyes((id) => {
    if (!told.has(id)) {
      told.add(id);
      // What did not arrive is told when it is seen again.
      api.sawAnnouncements([id]).catch(() => told.delete(id));
    }
  });

  async function change(work, { clip_id: clipId }) {
    try {
      const { failed } = await work(clipId);
      if (failed[clipId]) {
        throw new Error(failed[clipId]);
      }
    } catch (error) {
      complain(error);
    }
  }

  const unlock = (announcement) => change((id) => api.unlock([id]), announcement);
  const remove = (announcement) =>
    change(async (id) => {
      const clip = await api.clip(id);
      return (await askToDelete([clip], { canUndo: false })) ? api.remove([id], [id]) : { failed: {} };
    }, announcement);

  function itemOf(announcement) {
    const words = element("p");
    const item = element(
      "li",
      {},
      words,
      element(
        "div",
        { className: "announced-acts" },
        element("a", { className: "button", href: `#events/${announcement.clip_id}`, textContent: "Show" }),
        button("Unlock", { onClick: () => unlock(announcement) }),
        button("Delete", { onClick: () => remove(announcement) }),
      ),
    );
    item.dataset.id = announcement.id;
    return { item, words };
  }

  function showAll() {
    isWhole = true;
    draw();
  }

  function forgetAllBut(ids) {
    for (const [id, { item }] of items) {
      if (!ids.has(id)) {
        eyes.remove(item);
        item.remove();
        items.delete(id);
      }
    }
  }

  function add(announcement) {
    const made = itemOf(announcement);
    items.set(announcement.id, made);
    list.append(made.item);
    if (!announcement.is_seen) {
      eyes.add(made.item);
    }
    return made;
  }

  function draw() {
    const shown = isWhole ? known : known.slice(0, FIRST_SHOWN);
    forgetAllBut(new Set(shown.map(({ id }) => id)));
    for (const announcement of shown) {
      const { words } = items.get(announcement.id) ?? add(announcement);
      setText(words, sentence(announcement.words));
    }
    box.hidden = known.length === 0;
    all.hidden = shown.length === known.length;
    setText(all.querySelector("span"), `${count(known.length - shown.length, "more clip")}`);
  }

  return {
    setState(state) {
      const next = state?.keeper?.announcements;
      if (next && JSON.stringify(next) !== JSON.stringify(known)) {
        known = next;
        draw();
      }
    },
  };
}
