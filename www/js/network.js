// What stands above the settings of Wi-Fi and of the shares: how they are now, and what is no setting.

import { complain, tell } from "./dialogs.js";
import { element, setText } from "./dom.js";
import { caseOf } from "./help.js";
import { addPanel } from "./network-add.js";
import { askNetwork } from "./network-form.js";
import { PHONE_CASES } from "./network-help.js";
import { accessPointPanel, addressesPanel, block, nowPanel } from "./network-now.js";
import { savedPanel } from "./network-saved.js";
import { sharesPanel } from "./network-shares.js";
import { tryNow } from "./network-try.js";
import { networkWatch } from "./network-watch.js";

const LEFT_ALONE =
  "Wi-Fi is left alone: this machine joins networks by itself. To have the dashcam look after it, switch on “Look after Wi-Fi” below, and save.";
const NO_SHARES = "This machine has no shares, whatever is set below: scripts/install makes them.";

function bootFilePanel() {
  const list = element("ul", { className: "cures" });
  const root = element(
    "details",
    { className: "case", hidden: true },
    element("summary", {}, element("span", { textContent: "What was taken over from the card's dashcam.toml" })),
    list,
  );
  let key = "";
  return {
    root,
    show({ boot_file: report }) {
      const lines = report
        ? [
            ...report.mistakes.map((text) => `Not understood: ${text}`),
            ...(report.secrets_left
              ? ["Keys and passwords still stand in the file: take them out on a computer."]
              : []),
            ...report.taken.map((text) => `Taken over: ${text}`),
          ]
        : [];
      root.hidden = lines.length === 0;
      if (lines.join("\n") !== key) {
        key = lines.join("\n");
        list.replaceChildren(...lines.map((textContent) => element("li", { textContent })));
      }
    },
  };
}

/** Wi-Fi: what it is on, known networks, others in reach, its own access point. `refresh(isSeen)` asks anew. */
function wifiPanel({ refresh }) {
  const calm = element("p", { className: "calm" });
  const now = nowPanel();
  const addresses = addressesPanel();
  const own = accessPointPanel();
  const saved = savedPanel({ onTry: (network) => begin(network).catch(complain), refresh });
  const add = addPanel({ onAdd: (network) => ask(network).catch(complain) });
  const help = block("Phones", ...PHONE_CASES.map(caseOf));
  const bootFile = bootFilePanel();
  const root = element("div", {}, calm, now.root, saved.root, add.root, addresses.root, own.root, help, bootFile.root);
  let answer = null;

  async function begin(network) {
    const idOfKey = await tryNow(network, answer);
    await refresh(() => true);
    saved.askKey(idOfKey);
  }

  async function ask(network) {
    const wish = await askNetwork({ network, others: answer.saved.length > 0 });
    if (!wish) {
      return;
    }
    add.clear();
    const find = ({ saved: all }) => all.find(({ id }) => id === wish.id);
    await refresh(find);
    const made = find(answer);
    if (wish.isTry && made) {
      await begin(made);
    } else {
      tell("Saved. The dashcam joins it when it is in reach.");
    }
  }

  return {
    root,
    show(news) {
      answer = news;
      const isUsed = news.is_there && !["off", "no_radio"].includes(news.wifi.state);
      const isOff = news.is_there && news.wifi.state === "off";
      calm.hidden = isUsed || (news.is_there && !isOff);
      setText(calm, isOff ? LEFT_ALONE : news.words);
      now.root.hidden = !news.is_there || isOff;
      for (const part of [saved.root, add.root, own.root, help]) {
        part.hidden = !isUsed;
      }
      now.show(news);
      saved.show(news);
      addresses.show(news);
      bootFile.show(news);
    },
    hide: own.close,
  };
}

/**
 * Fills the places in the sections of Wi-Fi and of the shares, and keeps them up to date while one of them is open.
 * `onThere(isThere)` tells whether there is anything to be set.
 */
export function networkPanels({ wifi: wifiPlace, shares: sharesPlace, isTlsNeeded, onThere }) {
  const isOpen = (place) => place.closest("details")?.open;
  const watch = networkWatch(take, () => isOpen(wifiPlace) || isOpen(sharesPlace));
  const wifi = wifiPanel({ refresh: watch.askUntil });
  const shares = sharesPanel({ refresh: watch.askUntil, isTlsNeeded });
  const noShares = element("p", { className: "calm", hidden: true });
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.open && (target.contains(wifiPlace) || target.contains(sharesPlace))) {
        watch.ask();
      }
    },
    true,
  );
  wifiPlace.replaceChildren(wifi.root);
  sharesPlace.replaceChildren(noShares, shares.root);

  function take(news) {
    wifi.show(news);
    shares.show(news);
    noShares.hidden = news.is_there && news.shares.length > 0;
    setText(noShares, news.is_there ? NO_SHARES : news.words);
    onThere(news.is_there || news.is_wanted);
  }

  return {
    setState() {},
    show(isShown) {
      watch.show(isShown);
      if (!isShown) {
        wifi.hide();
      }
    },
  };
}
