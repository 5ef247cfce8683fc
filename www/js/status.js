// The page that tells how everything stands, and the help.

import * as api from "./api-more.js";
import { bootsPanel } from "./boots.js";
import { element, setText } from "./dom.js";
import { helpPanel } from "./help.js";
import { noticesPanel } from "./notices.js";
import { powerPanel } from "./power.js";
import { clockFacts, gpsFacts, tripFacts } from "./status-drive.js";
import { cameraFacts, keeperFacts, machineFacts, recordingFacts } from "./status-facts.js";
import { logPanel } from "./status-log.js";
import { networkFacts } from "./status-network.js";
import { storagePanel } from "./status-storage.js";
import { isCalm, lookOf } from "./words-of-state.js";

// The events tell what a person would notice; the counters here move more often.
const AGAIN_MILLISECONDS = 3_000;
const GROUPS = [
  ["Recording", recordingFacts],
  ["Camera", cameraFacts],
  ["GPS", gpsFacts],
  ["This trip", tripFacts],
  ["Time", clockFacts],
  ["Network", networkFacts],
  ["Machine", machineFacts],
  ["Clips", keeperFacts],
];

function card(title, className = "") {
  const root = element("section", { className: `card ${className}` }, element("h3", { textContent: title }));
  root.setAttribute("aria-label", title);
  return root;
}

function row({ label, text, isBad, href }) {
  const value = element("dd", {}, href ? element("a", { href, textContent: text }) : text);
  value.classList.toggle("bad", isBad);
  return [element("dt", { textContent: label }), value];
}

/** A card of facts; a lost connection leaves the last ones standing. */
function factsPanel(root, factsOf) {
  const list = element("dl", { className: "facts" });
  root.append(list);
  let labels = "";
  return {
    setState(state) {
      if (state === null) {
        return;
      }
      const facts = factsOf(state);
      root.hidden = facts.length === 0;
      const now = facts.map(({ label }) => label).join("\n");
      if (now !== labels) {
        labels = now;
        list.replaceChildren(...facts.flatMap(row));
        return;
      }
      // In place: who is reading or listening is left in peace.
      facts.forEach(({ text, isBad }, index) => {
        const value = list.children[2 * index + 1];
        setText(value.firstElementChild ?? value, text);
        value.classList.toggle("bad", isBad);
      });
    },
  };
}

function link(words, href) {
  return element("a", { className: "button", href, textContent: words });
}

const HELP_WORDS = "Why is it not recording?";

/** Words of the help that fit what is: while it records nobody asks why it does not. */
function helpWords(target) {
  return {
    setState(state) {
      setText(target, state && isCalm(lookOf(state).look) ? "Help" : HELP_WORDS);
    },
  };
}

function overview(root) {
  const toHelp = link(HELP_WORDS, "#status/help");
  const notices = element("section", { className: "notices" }, element("ul"));
  notices.setAttribute("aria-label", "Notices");
  const cards = element("div", { className: "cards" });
  root.append(
    element("div", { className: "heading" }, element("h2", { textContent: "Status" }), toHelp),
    notices,
    cards,
  );
  const panels = [helpWords(toHelp), noticesPanel(notices)];
  for (const [title, factsOf] of GROUPS) {
    const place = card(title);
    panels.push(factsPanel(place, factsOf));
    cards.append(place);
  }
  for (const [title, panel, where, className = title.toLowerCase()] of [
    ["Storage", storagePanel, cards],
    ["Start-up times", bootsPanel, cards, "boots"],
    ["Power", powerPanel, cards],
    ["Log", logPanel, root],
  ]) {
    const place = card(title, className);
    panels.push(panel(place));
    where.append(place);
  }
  return panels;
}

function help(root) {
  const title = element("h2", { textContent: HELP_WORDS });
  root.append(element("div", { className: "heading" }, title, link("Back to Status", "#status")));
  return [helpWords(title), helpPanel(root)];
}

/** Makes the page in its root. */
export function statusPage(root) {
  const places = { overview: element("div"), help: element("div", { className: "help", hidden: true }) };
  root.replaceChildren(places.overview, places.help);
  const panels = { overview: overview(places.overview), help: help(places.help) };
  const all = [...panels.overview, ...panels.help];
  const each = (list, name, ...given) => {
    for (const panel of list) {
      panel[name]?.(...given);
    }
  };
  const setState = (state) => each(all, "setState", state);
  let timer = 0;

  async function refresh() {
    if (!document.hidden) {
      // Without an answer the last facts stay, and the bar at the top tells of a lost connection.
      const state = await api.status().catch(() => null);
      if (state) {
        setState(state);
      }
    }
  }

  return {
    setState,
    setClips: (news) => each(all, "setClips", news),
    show(rest) {
      const isHelp = rest === "help";
      if (places.help.hidden === isHelp) {
        scrollTo(0, 0);
      }
      places.help.hidden = !isHelp;
      places.overview.hidden = isHelp;
      each(panels.overview, isHelp ? "hide" : "show");
      clearInterval(timer);
      timer = setInterval(refresh, AGAIN_MILLISECONDS);
    },
    hide() {
      clearInterval(timer);
      each(all, "hide");
    },
  };
}
