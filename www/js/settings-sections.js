// The sections of the form, a search over all settings, and the view of only what was changed.

import { element, setText } from "./dom.js";
import { settingField } from "./settings-field.js";
import { isGiven } from "./settings-words.js";
import { count } from "./words.js";

function wordsOf(section, setting) {
  return [section.label, setting.label, setting.help, setting.name].join(" ").toLowerCase();
}

function noteOf(views) {
  const refused = views.filter(({ error }) => error).length;
  const edited = views.filter(({ isEdited }) => isEdited).length;
  return [refused ? `${refused} refused` : "", edited ? `${edited} changed` : ""].filter(Boolean).join(", ");
}

/** What the fields are made from; values come and go without new fields. */
function shapeOf(sections) {
  return JSON.stringify(
    sections.map(({ settings, ...section }) => [
      section,
      settings.map(({ value, saved, origin, ...fixed }) => [fixed, isGiven({ origin })]),
    ]),
  );
}

/** One section that can be opened; `extra` stands above its fields. */
function sectionPart(section, { model, extra, toolOf, isThere, onInput, onBack }) {
  const note = element("span", { className: "note" });
  const heading = element("h3", { textContent: section.label });
  const summary = element("summary", {}, heading, element("p", { textContent: section.help }), note);
  const root = element("details", { className: "section", id: `section-${section.name}` }, summary);
  const fields = section.settings.map((setting) =>
    settingField(setting, {
      onInput: (value) => onInput(setting.name, value),
      onBack: () => onBack(setting.name),
      tool: toolOf(setting),
    }),
  );
  const content = element("div", { className: "fields" }, ...fields.map((field) => field.root));
  root.append(...(extra ? [extra] : []), content);
  const searched = new Map(section.settings.map((setting) => [setting.name, wordsOf(section, setting)]));
  let wasOpen = false;
  let isFiltered = false;

  return {
    root,
    name: section.name,
    fields,
    show() {
      const views = fields.map((field) => model.view(field.name));
      for (const [number, field] of fields.entries()) {
        field.show(views[number]);
      }
      setText(note, noteOf(views));
    },
    /** Shows only what `isWanted(name, words)`, or everything with null; how many that are. */
    filter(isWanted) {
      if (!isFiltered) {
        wasOpen = root.open;
      }
      isFiltered = isWanted !== null;
      let found = 0;
      for (const field of fields) {
        const isShown = isThere(field.name) && (!isWanted || isWanted(field.name, searched.get(field.name)));
        field.root.hidden = !isShown;
        found += isShown ? 1 : 0;
      }
      if (extra) {
        extra.hidden = isFiltered;
      }
      root.hidden = found === 0 && (isFiltered || !extra);
      root.open = isFiltered ? true : wasOpen;
      return found;
    },
  };
}

/**
 * All sections. `first`: what stands before them; `extras(section)`: what stands above the fields of one; `toolOf(setting)`:
 * another way to enter its value, or null; `isThere(name)`: false for settings that would do nothing on this machine.
 */
export function sectionList(root, model, { first, extras, toolOf, isThere, onInput, onBack }) {
  const search = element("input", {
    type: "search",
    id: "settings-search",
    autocomplete: "off",
    enterKeyHint: "search",
  });
  const label = element("label", { htmlFor: search.id, textContent: "Search the settings" });
  const found = element("p", { className: "found", tabIndex: -1 });
  found.setAttribute("role", "status");
  const everything = element("button", { type: "button", textContent: "Show all", hidden: true });
  const list = element("div", { className: "sections" });
  root.replaceChildren(
    element("div", { className: "search" }, label, search),
    element("div", { className: "filtered" }, found, everything),
    first,
    list,
  );
  let parts = [];
  let shape = "";
  let only = null;

  function filter() {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const isFiltered = asked.length > 0 || only !== null;
    const isWanted = (name, words) => (only === null || only.has(name)) && asked.every((word) => words.includes(word));
    const number = parts.reduce((sum, part) => sum + part.filter(isFiltered ? isWanted : null), 0);
    everything.hidden = !isFiltered;
    first.classList.toggle("is-away", isFiltered);
    const what = count(number, only === null ? "setting" : "changed setting");
    setText(found, isFiltered ? (number ? what : "No setting is like that.") : "");
  }

  function showAll() {
    only = null;
    search.value = "";
    filter();
  }

  function build() {
    const { sections } = model.answer;
    // A dashcam that was updated, or a setting that is no longer given with --set.
    const now = shapeOf(sections);
    if (now === shape) {
      return;
    }
    shape = now;
    const open = new Set(parts.filter((part) => part.root.open).map((part) => part.name));
    parts = sections.map((section) =>
      sectionPart(section, { model, extra: extras(section), toolOf, isThere, onInput, onBack }),
    );
    for (const part of parts) {
      part.root.open = open.has(part.name);
    }
    list.replaceChildren(...parts.map((part) => part.root));
    filter();
  }

  search.addEventListener("input", filter);
  everything.addEventListener("click", () => {
    showAll();
    search.focus();
  });
  return {
    show() {
      build();
      for (const part of parts) {
        part.show();
      }
    },
    /** Only these settings, to be looked at. */
    showOnly(names) {
      search.value = "";
      only = new Set(names);
      filter();
      found.focus({ preventScroll: true });
      root.scrollIntoView({ block: "start" });
    },
    showAll,
    /** Other settings are there now. */
    refilter: filter,
    /** After a button has gone with the bar: the focus stays near a setting, and the page where it is. */
    focusNear(name) {
      const part = parts.find((one) => one.fields.some((field) => field.name === name));
      part?.root.querySelector("summary").focus({ preventScroll: true });
    },
    /** Opens a section, or a setting by its full name, and puts the focus there. */
    open(name) {
      const part = parts.find((one) => one.name === name || one.fields.some((field) => field.name === name));
      if (!part) {
        return;
      }
      if (part.root.hidden || part.fields.some((field) => field.name === name && field.root.hidden)) {
        showAll();
      }
      part.root.open = true;
      const field = part.fields.find((one) => one.name === name);
      if (field) {
        field.focus();
      } else {
        part.root.querySelector("summary").focus();
        part.root.scrollIntoView({ block: "start" });
      }
    },
  };
}
