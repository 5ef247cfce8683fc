// Adding a network: from the list of those in reach, or by its name.

import * as api from "./api-more.js";
import { complain } from "./dialogs.js";
import { button, element, setText, whileBusy } from "./dom.js";
import { block } from "./network-now.js";
import { lockSign, strengthSign } from "./network-signs.js";
import { ageOfList, factsOfSeen, hindranceOf, nameOf } from "./network-words.js";

function seenRow(network, onChoose) {
  const words = element(
    "span",
    { className: "words" },
    element("bdi", { className: "name", textContent: nameOf(network) }),
    element("span", { className: "quiet", textContent: factsOfSeen(network) }),
  );
  const content = [strengthSign(network.signal_percent), words, lockSign(network.security)];
  if (hindranceOf(network)) {
    return element("li", {}, element("div", { className: "seen" }, ...content));
  }
  const choose = element("button", { type: "button", className: "seen" }, ...content);
  choose.addEventListener("click", () => onChoose(network));
  return element("li", {}, choose);
}

/** `onAdd(network)` asks for the rest; null: for the name, too. */
export function addPanel({ onAdd }) {
  const scan = button("Look for networks", { className: "scan primary" });
  const type = button("Type a name", { className: "type-name", onClick: () => onAdd(null) });
  const words = element("p", { className: "quiet" });
  words.setAttribute("role", "status");
  const list = element("ul", { className: "seen-list" });
  const root = block("Add a network", element("div", { className: "network-acts" }, scan, type), words, list);

  async function look() {
    setText(words, "The radio looks around: this takes some seconds.");
    try {
      const seen = await api.scanNetworks();
      list.replaceChildren(...seen.networks.map((network) => seenRow(network, onAdd)));
      setText(words, ageOfList(seen));
    } catch (error) {
      setText(words, "");
      complain(error);
    }
  }

  scan.addEventListener("click", () => whileBusy(scan, look));
  return {
    root,
    /** What was added is no longer to be added. */
    clear() {
      list.replaceChildren();
      setText(words, "");
    },
  };
}
