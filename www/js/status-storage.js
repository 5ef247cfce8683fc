// How full the card is, how long that lasts, and what happens then.

import * as api from "./api-more.js";
import { element, setText } from "./dom.js";
import { count, roughly, size } from "./words.js";

const KINDS = { loop: "Loop clips", event: "Kept clips", photo: "Photos" };
const AGAIN_MILLISECONDS = 30_000;
const SOON_MILLISECONDS = 2_000;

const EXPLANATION = [
  "The dashcam records clip after clip. When the room for loop clips is used up, the oldest one is deleted for each new one: nothing has to be done, and the card never fills up.",
  "What is kept - by “Save what happened”, by a lock, by an event - has a room of its own. When that is full, events that nobody saved go first. What is saved goes only a day after the page has named it and you have read that: unlock or delete others before, and it stays.",
  "How large each room is stands in the settings. Download or copy what matters: a card can break.",
];

/** How much longer there is room, in one sentence. */
export function outlook({ hours_until_full: until, loop_hours: hours }) {
  const holds = hours === null ? "" : `It holds about ${roughly(hours * 3600)} of driving.`;
  if (until === null) {
    return holds || "How long it lasts is known after some minutes of recording.";
  }
  if (until === 0) {
    return `The oldest clips make room for new ones. ${holds}`.trim();
  }
  return `${holds} The oldest clip goes in about ${roughly(until * 3600)} of recording.`.trim();
}

function meter(label, used, room, words) {
  const bar = element("progress", { max: Math.max(room, 1), value: Math.min(used, room) });
  bar.setAttribute("aria-label", label);
  return element(
    "li",
    {},
    element("p", {}, element("span", { textContent: label }), element("span", { textContent: words })),
    bar,
  );
}

function meters(storage) {
  const { total_bytes: total, free_bytes: free, kinds, locked } = storage;
  const items = [meter("Card", total - free, total, `${size(free)} of ${size(total)} free`)];
  for (const [kind, label] of Object.entries(KINDS)) {
    const usage = kinds[kind];
    if (usage) {
      const noun = kind === "photo" ? "photo" : "clip";
      const words = `${count(usage.clips, noun)}, ${size(usage.bytes)} of ${size(usage.quota_bytes)}`;
      items.push(meter(label, usage.bytes, usage.quota_bytes, words));
    }
  }
  if (locked?.clips) {
    items.push(element("li", { textContent: `${count(locked.clips, "clip")} locked, ${size(locked.bytes)}.` }));
  }
  return items;
}

/** The panel of the storage; asks only while it is shown. */
export function storagePanel(root) {
  const words = element("p", { className: "outlook", textContent: "Asking the dashcam" });
  const list = element("ul", { className: "meters" });
  const explanation = element("details", {}, element("summary", { textContent: "What happens when it is full?" }));
  explanation.append(...EXPLANATION.map((text) => element("p", { textContent: text })));
  root.append(words, list, explanation);
  let timer = 0;
  let isShown = false;

  async function refresh() {
    clearTimeout(timer);
    try {
      const storage = await api.storage();
      setText(words, outlook(storage));
      list.replaceChildren(...meters(storage));
    } catch (error) {
      setText(words, `The storage cannot be told now. ${error.message}`);
    }
    again(AGAIN_MILLISECONDS);
  }

  function again(milliseconds) {
    clearTimeout(timer);
    if (isShown) {
      timer = setTimeout(refresh, milliseconds);
    }
  }

  return {
    setState() {},
    setClips: () => again(SOON_MILLISECONDS),
    show() {
      isShown = true;
      refresh();
    },
    hide() {
      isShown = false;
      clearTimeout(timer);
    },
  };
}
