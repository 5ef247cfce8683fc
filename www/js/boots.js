// How long the last starts took: until it recorded, until it could be reached.

import * as api from "./api-more.js";
import { element, setText } from "./dom.js";
import { count } from "./words.js";

const PROGRAMS = { recorder: "Recorder", network: "Network", web: "Page" };
const DAY = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const MARKS_OF_ROW = [
  ["recorder", "durable", "video"],
  ["web", "served", "page"],
  ["network", "joined", "network"],
  ["network", "access_point", "own access point"],
];

const seconds = (number) => `${number.toFixed(1)} s`;

/** `recorder: camera open` as `Recorder: camera open`; `web: page ready` says whose it is already. */
function labelOf({ program, words }) {
  const name = PROGRAMS[program] ?? program;
  const reached = words.slice(words.indexOf(":") + 1).trim();
  return reached.startsWith(name.toLowerCase())
    ? `${reached[0].toUpperCase()}${reached.slice(1)}`
    : `${name}: ${reached}`;
}

function head() {
  const cells = ["", "usually", "at worst"].map((textContent) => element("th", { scope: "col", textContent }));
  return element("thead", {}, element("tr", {}, ...cells));
}

function row(figure) {
  return element(
    "tr",
    {},
    element("th", { scope: "row", textContent: labelOf(figure) }),
    element("td", { textContent: seconds(figure.median_seconds) }),
    element("td", { textContent: seconds(figure.worst_seconds) }),
  );
}

/** One start in a line: `Start 42, 20 Nov 2026, 15:45: video after 8.4 s, page after 14.2 s`. */
export function wordsOfStart(boot, isNow) {
  const time = new Date(boot.utc);
  const name = [
    boot.boot === null ? "A start" : `Start ${boot.boot}`,
    boot.utc && !Number.isNaN(time.getTime()) ? DAY.format(time) : "",
  ];
  const reached = MARKS_OF_ROW.flatMap(([program, mark, words]) => {
    const found = boot.marks.find((one) => one.program === program && one.mark === mark);
    return found ? [`${words} after ${seconds(found.seconds)}`] : [];
  });
  const rest = [
    boot.is_with_machine ? reached.join(", ") || "nothing was reached" : "started later, by hand",
    boot.restarts ? `recorder started anew ${count(boot.restarts, "time")}` : "",
    boot.has_gone_well || isNow ? "" : "over within three minutes, without good order",
  ];
  return `${name.filter(Boolean).join(", ")}: ${rest.filter(Boolean).join("; ")}`;
}

/** The panel; asks when it is shown. */
export function bootsPanel(root) {
  const words = element("p", { className: "quiet", textContent: "Asking the dashcam" });
  const body = element("tbody");
  const table = element("table", { hidden: true }, head(), body);
  const summary = element("summary", { textContent: "Each of them" });
  const list = element("ul");
  const each = element("details", { hidden: true }, summary, list);
  root.append(words, table, each);
  let key = "";

  function take({ boots, figures }) {
    const now = JSON.stringify([boots, figures]);
    if (now === key) {
      return;
    }
    key = now;
    const measured = boots.filter((boot) => boot.is_with_machine).length;
    setText(
      words,
      measured
        ? `Of ${measured === 1 ? "the last start" : `the last ${measured} starts`}, counted from when the system began to load; power came some seconds before.`
        : "Measured where the dashcam starts together with its machine; that was not so yet.",
    );
    body.replaceChildren(...figures.map(row));
    table.hidden = figures.length === 0;
    list.replaceChildren(
      ...boots.map((boot, place) => element("li", { textContent: wordsOfStart(boot, place === 0) })),
    );
    each.hidden = boots.length === 0;
  }

  return {
    setState() {},
    async show() {
      try {
        take(await api.boots());
      } catch (error) {
        setText(words, `The times cannot be shown now. ${error.message}`);
      }
    },
  };
}
