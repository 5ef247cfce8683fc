// The logs of the programs: followed, filtered, paused.

import * as api from "./api-more.js";
import { element, find, setText } from "./dom.js";

const LEVELS = { debug: "Everything", info: "Information", warning: "Warnings", error: "Errors" };
const FOLLOW_MILLISECONDS = 2_000;
const TROUBLE_MILLISECONDS = 6_000;
const TYPING_MILLISECONDS = 400;
const MOST_LINES = 1_000;
const AT_END_PIXELS = 40;
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

function choice(label, options, chosen) {
  const select = element("select");
  for (const [value, words] of options) {
    select.append(element("option", { value, textContent: words, selected: value === chosen }));
  }
  return { select, root: element("label", {}, element("span", { textContent: label }), select) };
}

/** By this phone's clock: `15:45:00`, and the day where it is not today. */
function timeOf(utc) {
  const time = new Date(utc);
  if (Number.isNaN(time.getTime())) {
    return utc;
  }
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? TIME.format(time) : `${DAY.format(time)} ${TIME.format(time)}`;
}

function item({ utc, level, area, text }) {
  const made = element(
    "li",
    {},
    element("time", { dateTime: utc, textContent: timeOf(utc) }),
    " ",
    element("b", { textContent: level }),
    " ",
    element("i", { textContent: area }),
    " ",
    element("span", { textContent: text }),
  );
  made.dataset.level = level;
  return made;
}

/** The panel of the logs; asks only while it is shown and not paused. */
export function logPanel(root) {
  const program = choice("Program", [], "");
  const level = choice("Level", Object.entries(LEVELS), "info");
  const text = element("input", { type: "search", placeholder: "any" });
  const pause = element("button", { type: "button", className: "pause", textContent: "Pause" });
  const filters = element("div", { className: "filters" }, program.root, level.root);
  filters.append(element("label", {}, element("span", { textContent: "Contains" }), text), pause);
  const notice = element("p", { className: "quiet", textContent: "Asking the dashcam" });
  const lines = element("ol", { className: "lines", tabIndex: 0 });
  lines.setAttribute("aria-label", "Lines of the log");
  root.append(filters, notice, lines);

  let cursor = null;
  let isShown = false;
  let isPaused = false;
  let timer = 0;
  // Whoever asked before the filter was changed is answered too late.
  let round = 0;

  async function askPrograms() {
    const names = await api.logPrograms();
    const chosen = program.select.value || (names.includes("recorder") ? "recorder" : names[0]);
    program.select.replaceChildren(
      ...names.map((name) => element("option", { value: name, textContent: name, selected: name === chosen })),
    );
  }

  function add(news, hasGap) {
    const isAtEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < AT_END_PIXELS;
    if (hasGap && lines.childElementCount) {
      lines.append(element("li", { className: "quiet", textContent: "Some lines are missing here." }));
    }
    lines.append(...news.map(item));
    while (lines.childElementCount > MOST_LINES) {
      lines.firstElementChild.remove();
    }
    if (isAtEnd) {
      lines.scrollTop = lines.scrollHeight;
    }
  }

  async function askLines(asked) {
    if (!program.select.value) {
      await askPrograms();
    }
    if (!program.select.value) {
      setText(notice, "No program has written a log yet.");
      return;
    }
    const answer = await api.log(program.select.value, {
      level: level.select.value,
      text: text.value.trim() || null,
      after: cursor,
    });
    if (asked === round) {
      cursor = answer.next;
      add(answer.lines, answer.has_gap);
      setText(
        notice,
        lines.childElementCount ? "The newest stand at the end; new ones follow." : "Nothing of the kind.",
      );
    }
  }

  async function follow() {
    clearTimeout(timer);
    if (!isShown || isPaused || document.hidden) {
      return;
    }
    const asked = round;
    let wait = FOLLOW_MILLISECONDS;
    try {
      await askLines(asked);
    } catch (error) {
      wait = TROUBLE_MILLISECONDS;
      setText(notice, `The log cannot be shown now. ${error.message}`);
    }
    if (asked === round) {
      clearTimeout(timer);
      timer = setTimeout(follow, wait);
    }
  }

  function restart(milliseconds = 0) {
    round += 1;
    cursor = null;
    lines.replaceChildren();
    clearTimeout(timer);
    timer = setTimeout(follow, milliseconds);
  }

  program.select.addEventListener("change", () => restart());
  level.select.addEventListener("change", () => restart());
  text.addEventListener("input", () => restart(TYPING_MILLISECONDS));
  document.addEventListener("visibilitychange", follow);
  find(filters, ".pause").addEventListener("click", () => {
    isPaused = !isPaused;
    setText(pause, isPaused ? "Go on" : "Pause");
    setText(notice, isPaused ? "Paused: new lines wait." : "");
    follow();
  });
  return {
    setState() {},
    show() {
      isShown = true;
      follow();
    },
    hide() {
      isShown = false;
      clearTimeout(timer);
    },
  };
}
