// What is to be searched for motion, and whether what is found becomes events.

import * as api from "./api-more.js";
import { tell } from "./dialogs.js";
import { button, element } from "./dom.js";
import { count, dayName } from "./words.js";

// As many as the dashcam takes in one request.
const MOST_CLIPS = 500;

/** Asks where and has it searched: on `day` or everywhere, or in the clips of `ids`; false when nobody wants it. */
export async function searchIn({ day = "", ids = [] }) {
  if (ids.length > MOST_CLIPS) {
    throw new Error(`At most ${MOST_CLIPS} clips can be searched at once; choose fewer, or search a whole day.`);
  }
  const wish = await askSearch(day, ids);
  if (wish) {
    await api.searchMotion(wish);
    tell("The dashcam looks for motion. It goes on while you do other things.");
  }
  return wish !== undefined;
}

/** Resolves to what the dashcam is to be asked; undefined for nothing. */
function askSearch(day, ids) {
  const title = element("h2", { textContent: "Search for motion", id: "search-title" });
  const words = element("p", {
    textContent:
      "Looks through what is recorded, when the dashcam has nothing better to do. What it has looked through already it does not look through again.",
  });
  const where = element("select", { ariaLabel: "Where" });
  const choices = ids.length
    ? [["ids", `In ${count(ids.length, "chosen clip")}`]]
    : [
        ["day", `On this day: ${dayName(day)}`],
        ["all", "In everything that is recorded"],
      ];
  where.append(...choices.map(([value, textContent]) => element("option", { value, textContent })));
  const cut = element("input", { type: "checkbox", className: "cut-too" });
  const label = element(
    "label",
    { className: "switch" },
    cut,
    element("span", { textContent: "Make an event of all that moves" }),
  );
  const dialog = element("dialog", { className: "question search-dialog" }, title, words, where, label);
  dialog.setAttribute("aria-labelledby", title.id);
  return new Promise((resolve) => {
    let wish;
    const start = button("Search", {
      className: "yes primary",
      onClick: () => {
        const place = { day: { day }, all: {}, ids: { ids } }[where.value];
        wish = { ...place, cut: cut.checked };
        dialog.close();
      },
    });
    const cancel = button("Cancel", { className: "no", onClick: () => dialog.close() });
    dialog.append(element("div", { className: "actions" }, cancel, start));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(wish);
    });
    document.body.append(dialog);
    dialog.showModal();
    where.focus();
  });
}
