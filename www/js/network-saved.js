// The networks that are joined by themselves: their order, what became of the last try, a new key, forgetting.

import * as api from "./api-more.js";
import { askPerson, complain, tell } from "./dialogs.js";
import { button, element, setText } from "./dom.js";
import { keyField, sendBy } from "./network-fields.js";
import { block } from "./network-now.js";
import { arrowSign } from "./network-signs.js";
import { doubtOfKey, factsOfSaved, nameOf } from "./network-words.js";
import { sentence } from "./words.js";

function arrow(isUp, onClick) {
  const made = button("", { className: isUp ? "up" : "down", onClick });
  made.replaceChildren(arrowSign(isUp));
  return made;
}

/** Another key for a saved network, in its row. */
function againForm(get, onSave) {
  const field = keyField("Its key", { doubt: doubtOfKey });
  const save = element("button", { type: "button", className: "primary", textContent: "Save the key" });
  const root = element("div", { className: "again", hidden: true }, field.root, save);

  async function send() {
    if (!field.isFine()) {
      return;
    }
    await onSave(get(), field.value);
    field.clear();
    root.hidden = true;
  }

  sendBy(field, save, send);
  return { root, field };
}

function savedRow({ onMove, onTry, onForget, onKey }) {
  let network = null;
  const get = () => network;
  const name = element("bdi", { className: "name" });
  const mark = element("span", { className: "mark" });
  const facts = element("p", { className: "quiet" });
  const trouble = element("p", { className: "trouble" });
  const up = arrow(true, () => onMove(network, -1));
  const down = arrow(false, () => onMove(network, 1));
  const again = againForm(get, onKey);
  const tryIt = button("Try now", { className: "try", onClick: () => onTry(network) });
  const key = button("New key", {
    className: "new-key",
    onClick() {
      again.root.hidden = !again.root.hidden;
      if (!again.root.hidden) {
        again.field.input.focus();
      }
    },
  });
  const forget = button("Forget", { className: "forget", onClick: () => onForget(network) });
  const root = element(
    "li",
    { className: "saved" },
    element("div", { className: "about" }, element("p", {}, name, " ", mark), facts, trouble),
    element("div", { className: "order" }, up, down),
    element("div", { className: "network-acts" }, tryIt, key, forget),
    again.root,
  );
  let wasTrouble = "";
  return {
    root,
    up,
    down,
    again,
    show(now, { place, last, isCurrent }) {
      network = now;
      const called = nameOf(now);
      setText(name, called);
      setText(mark, isCurrent ? "now" : "");
      setText(facts, factsOfSaved(now));
      setText(trouble, sentence(now.words));
      up.disabled = place === 0;
      down.disabled = place === last;
      tryIt.hidden = isCurrent;
      key.hidden = !now.has_key;
      for (const [act, words] of [
        [up, `Prefer ${called} more`],
        [down, `Prefer ${called} less`],
        [tryIt, `Try now: ${called}`],
        [key, `New key: ${called}`],
        [forget, `Forget ${called}`],
      ]) {
        act.setAttribute("aria-label", words);
      }
      // Once: who closes it wants it closed.
      if (now.words && now.words !== wasTrouble && now.has_key) {
        again.root.hidden = false;
      }
      wasTrouble = now.words;
    },
  };
}

/** The list; `onTry(network)` begins a try, `refresh(isSeen)` asks the dashcam anew until the change is seen. */
export function savedPanel({ onTry, refresh }) {
  const list = element("ol", { className: "saved-list" });
  const none = element("p", { className: "quiet", textContent: "None yet: add your phone's hotspot below." });
  const some = element("p", {
    className: "help",
    textContent: "The dashcam joins the first of these that is in reach.",
  });
  const root = block("Known networks", some, none, list);
  const rows = new Map();
  let networks = [];
  let order = "";

  const ids = () => networks.map(({ id }) => id);

  async function move({ id }, step) {
    const wanted = ids();
    const place = wanted.indexOf(id);
    wanted.splice(place, 1);
    wanted.splice(place + step, 0, id);
    await api.orderNetworks(wanted);
    await refresh(({ saved }) => saved.map((network) => network.id).join() === wanted.join());
    const row = rows.get(id);
    const [wish, other] = step < 0 ? [row.up, row.down] : [row.down, row.up];
    (wish.disabled ? other : wish).focus();
  }

  async function forget(network) {
    const isSure = await askPerson({
      title: `Forget ${nameOf(network)}?`,
      text: "The dashcam does not join it any more. To have it back, its key has to be typed again.",
      yes: "Forget",
      no: "Keep it",
      isDangerous: true,
    });
    if (isSure) {
      await api.forgetNetwork(network.id);
      await refresh(({ saved }) => saved.every(({ id }) => id !== network.id));
      tell(`Forgotten: ${nameOf(network)}.`);
      list.querySelector(".forget")?.focus();
    }
  }

  async function setKey(network, key) {
    const { ssid_hex, is_hidden, address, gateway } = network;
    const before = ids();
    await api.addNetwork({ ssid_hex, key, is_hidden, address, gateway, is_first: before[0] === network.id });
    if (before.length > 1) {
      await api.orderNetworks(before);
    }
    await refresh(() => true);
    tell(`Saved: the new key of ${nameOf(network)}.`);
  }

  function rowOf(network) {
    if (!rows.has(network.id)) {
      rows.set(
        network.id,
        savedRow({
          onMove: (...given) => move(...given).catch(complain),
          onTry,
          onForget: (given) => forget(given).catch(complain),
          onKey: setKey,
        }),
      );
    }
    return rows.get(network.id);
  }

  return {
    root,
    show({ saved, wifi }) {
      networks = saved;
      none.hidden = saved.length > 0;
      some.hidden = saved.length < 2;
      if (ids().join() !== order) {
        order = ids().join();
        list.replaceChildren(...saved.map((network) => rowOf(network).root));
      }
      saved.forEach((network, place) => {
        const isCurrent = wifi.state === "joined" && wifi.network_id === network.id;
        rowOf(network).show(network, { place, last: saved.length - 1, isCurrent });
      });
    },
    /** Opens the field for another key. */
    askKey(id) {
      const row = rows.get(id);
      if (row) {
        row.again.root.hidden = false;
        row.again.field.input.focus();
        row.root.scrollIntoView({ block: "center" });
      }
    },
  };
}
