// What is to be searched for motion, and whether what is found becomes events.

import { button, element } from "./dom.js";
import { count, dayName } from "./words.js";

/**
 * Asks where; resolves to what the dashcam is asked, or undefined when the person does not want it. With `ids` only
 * in these clips.
 */
export function askSearch(day, ids = []) {
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
    element("span", { textContent: "Make an event of each find" }),
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
