// Above the list: which clips are shown, and the way to a day.

import { element, find } from "./dom.js";
import { glyph } from "./gallery-icons.js";
import { count, dayName, shortDayName, size } from "./words.js";

const KINDS = [
  [null, "All"],
  ["loop", "Loop"],
  ["event", "Kept"],
  ["photo", "Photos"],
];
const DAYS_IN_STRIP = 7;

function chip(words, isPressed, onPress) {
  const made = element("button", { type: "button", className: "chip", textContent: words, ariaPressed: isPressed });
  made.addEventListener("click", onPress);
  return made;
}

/** Chips for kind and lock; `onFilter({kind, locked})` hears every change. */
function kindChips(onFilter) {
  const filter = { kind: null, locked: null };
  const kinds = KINDS.map(([kind, words]) =>
    chip(words, String(kind === filter.kind), () => {
      filter.kind = kind;
      tell();
    }),
  );
  const locked = chip("Locked", "false", () => {
    filter.locked = filter.locked ? null : true;
    tell();
  });
  locked.prepend(glyph("lock"));

  function tell() {
    KINDS.forEach(([kind], place) => {
      kinds[place].ariaPressed = String(kind === filter.kind);
    });
    locked.ariaPressed = String(Boolean(filter.locked));
    onFilter({ ...filter });
  }

  const group = element("div", { className: "chips" }, ...kinds, locked);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Which clips");
  return {
    root: group,
    reset() {
      filter.kind = null;
      filter.locked = null;
      tell();
    },
  };
}

/** The dialog with all days; resolves to the name of the one that was chosen, or undefined. */
function askForDay(days, countsOf) {
  const close = element("button", { type: "button", textContent: "Close" });
  const list = element("ul", { className: "all-days" });
  const title = element("h2", { textContent: "Days", id: "all-days-title" });
  const dialog = element("dialog", { className: "days-dialog" }, element("header", {}, title, close), list);
  dialog.setAttribute("aria-labelledby", title.id);
  return new Promise((resolve) => {
    let chosen;
    for (const day of days) {
      const { loops, events, photos, bytes } = countsOf(day);
      const words = `${count(loops + events + photos, "item")} · ${size(bytes)}`;
      const button = element(
        "button",
        { type: "button" },
        element("span", { textContent: dayName(day.name) }),
        element("span", { className: "counts", textContent: words }),
      );
      button.addEventListener("click", () => {
        chosen = day.name;
        dialog.close();
      });
      list.append(element("li", {}, button));
    }
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(chosen);
    });
    document.body.append(dialog);
    dialog.showModal();
    find(dialog, "button").focus();
  });
}

/** The bar in `root`; `onSelect()` when the person wants to choose several, `onDay(name)` when a day is wanted. */
export function filterBar(root, { clips, onFilter, onDay, onSelect }) {
  const chips = kindChips(onFilter);
  const strip = element("div", { className: "strip" });
  const select = element("button", { type: "button", className: "select", textContent: "Select" });
  const all = element("button", { type: "button", className: "all", title: "All days" }, glyph("days"));
  all.setAttribute("aria-label", "All days");
  all.addEventListener("click", askDay);
  const days = element("nav", { className: "day-strip" }, strip, all, select);
  days.setAttribute("aria-label", "Days");
  select.addEventListener("click", onSelect);
  root.append(chips.root, days);
  let shown = "";

  async function askDay() {
    const name = await askForDay(clips.days, (day) => clips.countsOf(day));
    if (name !== undefined) {
      onDay(name);
    }
  }

  return {
    askDay,
    reset: () => chips.reset(),
    /** The days may be others. */
    update() {
      const names = clips.days.map((day) => day.name);
      const key = JSON.stringify([names.slice(0, DAYS_IN_STRIP), names.length, dayName(names[0] ?? "undated")]);
      select.hidden = !names.length;
      all.hidden = names.length < 2;
      if (key === shown) {
        return;
      }
      shown = key;
      const buttons = names.slice(0, DAYS_IN_STRIP).map((name) => {
        const made = element("button", { type: "button", className: "chip", textContent: shortDayName(name) });
        made.addEventListener("click", () => onDay(name));
        return made;
      });
      strip.replaceChildren(...buttons);
    },
  };
}
