// Tries a network now: says what will happen before the dashcam leaves, counts, and finds it again afterwards.

import * as api from "./api-more.js";
import { button, element, setText, whileBusy } from "./dom.js";
import { nameOf } from "./network-words.js";
import { sentence } from "./words.js";

const TICK_MILLISECONDS = 250;
const ASK_MILLISECONDS = 1_500;
const ANSWER_MILLISECONDS = 2_500;
const ON_ITS_WAY = ["starting", "joining", "opening", "looking"];
// Answers and clocks are not so exact.
const TOLERANCE_SECONDS = 1;

/** What will happen, before anybody touches the button: sentences. */
export function plan(network, wifi) {
  const name = nameOf(network);
  const now = { access_point: `its access point ${wifi.ssid}`, joined: wifi.ssid }[wifi.state] ?? "what it is at";
  return [
    `The dashcam leaves ${now} a few seconds after you touch “Try now”, and this page with it.`,
    `If ${name} is this phone's own hotspot: switch it on then, and keep its page open. Else join ${name} with this phone.`,
    "If it does not work, the dashcam is back within a minute, on its own access point. It records all the time.",
  ];
}

/** What has become of a try: null while that is not known, else `{isJoined, words}`. `elapsed`: seconds since the order. */
export function outcome({ wifi, saved }, { id, elapsed, leaves, back }) {
  if (wifi.state === "joined" && wifi.network_id === id) {
    return { isJoined: true, words: wifi.words };
  }
  const away = elapsed - leaves;
  const isOver = !ON_ITS_WAY.includes(wifi.state) && wifi.since_seconds <= away + TOLERANCE_SECONDS;
  return away > 0 && (isOver || away > back)
    ? { isJoined: false, words: saved.find((network) => network.id === id)?.words || wifi.words }
    : null;
}

function links(addresses) {
  return addresses
    .filter((address) => new URL(address).origin !== location.origin)
    .map((address) =>
      element("a", { className: "button", href: `${address}#settings/network`, textContent: `Open ${address}` }),
    );
}

/** The words while it is away: `{title, text}`; only the title counts, so that nobody hears every second. */
function wordsOfWait({ name, own, elapsed, leaves, back }) {
  const left = leaves - elapsed;
  if (left > 0) {
    return {
      title: `It leaves in ${Math.ceil(left)} s`,
      text: `Then join ${name} with this phone, or switch its hotspot on.`,
    };
  }
  const rest = Math.ceil(leaves + back - elapsed);
  if (rest > 0) {
    return {
      title: `It tries ${name}: ${rest} s`,
      text: `By then it is on ${name}, or back on ${own}. This page looks for it all the time. At another address it is found by touching it:`,
    };
  }
  return {
    title: "It is not found from here yet",
    text: `Is this phone on ${name}, or has it gone back to ${own}? Join the one that is there; this page goes on looking. At another address it is found by touching it:`,
  };
}

/** One try, in a dialog over the page; resolves to the id of the network whose key should be typed again, or "". */
export function tryNow(network, { wifi, page_addresses: addresses }) {
  const name = nameOf(network);
  const own = wifi.state === "access_point" ? wifi.ssid : "its own access point";
  const title = element("h2", { id: "network-try-title", textContent: `Try ${name} now?` });
  const words = element(
    "div",
    { className: "plan" },
    ...plan(network, wifi).map((text) => element("p", { textContent: text })),
  );
  const elsewhere = element("div", { className: "elsewhere", hidden: true }, ...links(addresses));
  const no = button("Not now", { className: "no", onClick: () => dialog.close() });
  const go = button("Try now", { className: "yes primary" });
  const key = button("Type the key again", { className: "to-key" });
  key.hidden = true;
  const actions = element("div", { className: "actions" }, no, go, key);
  const dialog = element("dialog", { className: "question network-try" }, title, words, elsewhere, actions);
  dialog.setAttribute("aria-labelledby", title.id);
  words.setAttribute("role", "status");
  let begins = null;
  let startedAt = 0;
  let ticking = 0;
  let asking = 0;
  let wantsKey = "";

  const elapsed = () => (performance.now() - startedAt) / 1000;
  const times = () => ({ elapsed: elapsed(), leaves: begins.leaves_in_seconds, back: begins.back_within_seconds });

  function say(heading, ...texts) {
    setText(title, heading);
    const now = texts.filter(Boolean).map((text) => element("p", { textContent: text }));
    if (words.textContent !== now.map((one) => one.textContent).join("")) {
      words.replaceChildren(...now);
    }
  }

  function stop() {
    clearInterval(ticking);
    clearTimeout(asking);
    delete document.body.dataset.farewell;
  }

  function end({ isJoined, words: reason }) {
    stop();
    elsewhere.hidden = true;
    setText(no.firstChild, "OK");
    if (isJoined) {
      say(`It is on ${name}`, "And this page has found it again.");
    } else {
      say(`It could not join ${name}`, sentence(reason), "The dashcam can be reached as before.");
      key.hidden = !network.has_key;
    }
    no.focus();
  }

  async function look() {
    try {
      const found = outcome(await api.network(ANSWER_MILLISECONDS), { id: network.id, ...times() });
      if (found && dialog.open) {
        end(found);
        return;
      }
    } catch {
      // It is away, or this phone is.
    }
    if (dialog.open) {
      asking = setTimeout(look, ASK_MILLISECONDS);
    }
  }

  function tick() {
    const { title: heading, text } = wordsOfWait({ name, own, ...times() });
    say(heading, text);
    elsewhere.hidden = times().elapsed < times().leaves || elsewhere.childElementCount === 0;
  }

  async function begin() {
    begins = await api.tryNetwork(network.id);
    startedAt = performance.now();
    // A connection that is lost now was ordered: no alarm for that.
    document.body.dataset.farewell = "trying";
    go.hidden = true;
    setText(no.firstChild, "Close");
    tick();
    ticking = setInterval(tick, TICK_MILLISECONDS);
    asking = setTimeout(look, begins.leaves_in_seconds * 1000);
  }

  go.addEventListener("click", () =>
    whileBusy(go, () => begin().catch((error) => say(`It cannot try ${name} now`, error.message))),
  );
  key.addEventListener("click", () => {
    wantsKey = network.id;
    dialog.close();
  });
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      stop();
      dialog.remove();
      resolve(wantsKey);
    });
    document.body.append(dialog);
    dialog.showModal();
    go.focus();
  });
}
