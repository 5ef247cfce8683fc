// What the dashcam is on now, where the page is found, and its own access point.

import * as api from "./api-more.js";
import { copyButton } from "./copy.js";
import { complain } from "./dialogs.js";
import { button, element, setText, whileBusy } from "./dom.js";
import { strengthSign } from "./network-signs.js";
import { strength, wifiTitle } from "./network-words.js";
import { sentence } from "./words.js";

/** A part with a heading of its own. */
export function block(title, ...children) {
  return element("section", { className: "block" }, element("h4", { textContent: title }), ...children);
}

function qrPicture(src, alt) {
  return element("img", { className: "qr", src, alt, width: 220, height: 220 });
}

/** What Wi-Fi does now. */
export function nowPanel() {
  const sign = element("span", { className: "sign" });
  const title = element("p", { className: "title" });
  const signal = element("p", { className: "quiet" });
  const words = element("p");
  const root = element("div", { className: "wifi-now" }, sign, element("div", {}, title, signal, words));
  root.setAttribute("role", "status");
  let shownPercent = null;
  return {
    root,
    show({ wifi }) {
      const { title: heading, isTrouble } = wifiTitle(wifi);
      const percent = wifi.state === "joined" ? wifi.signal_percent : null;
      root.classList.toggle("trouble", isTrouble);
      setText(title, heading);
      setText(signal, percent === null ? "" : `Signal: ${strength(percent)}`);
      setText(words, sentence(wifi.words));
      if (percent !== shownPercent) {
        shownPercent = percent;
        sign.replaceChildren(...(percent === null ? [] : [strengthSign(percent)]));
      }
    },
  };
}

function addressRow(address) {
  const qr = button("QR", { className: "to-qr" });
  qr.setAttribute("aria-label", `QR code of ${address}`);
  qr.setAttribute("aria-expanded", "false");
  const row = element(
    "li",
    { className: "address" },
    element("a", { href: address, textContent: address }),
    copyButton(address),
    qr,
  );
  let picture = null;
  qr.addEventListener("click", () => {
    if (picture) {
      picture.remove();
      picture = null;
    } else {
      picture = qrPicture(api.pageQrAddress(address), `QR code of ${address}`);
      row.append(picture);
    }
    qr.setAttribute("aria-expanded", String(picture !== null));
  });
  return row;
}

/** The addresses to type, to copy, or to look at with another phone. */
export function addressesPanel() {
  const list = element("ul", { className: "addresses" });
  const root = block("Where this page is", list);
  let key = "";
  return {
    root,
    show({ page_addresses: addresses }) {
      if (addresses.join(" ") !== key) {
        key = addresses.join(" ");
        list.replaceChildren(...addresses.map(addressRow));
      }
    },
  };
}

/** Name and key of the own access point: shown on demand, gone when it is closed. */
export function accessPointPanel() {
  const open = button("Show name and key");
  open.setAttribute("aria-expanded", "false");
  const content = element("div", { className: "own", hidden: true });
  const root = block(
    "Its own access point",
    element("p", {
      className: "help",
      textContent:
        "Where no known network is in reach the dashcam opens one itself. Keep its name and key for that day.",
    }),
    open,
    content,
  );

  function close() {
    content.replaceChildren();
    content.hidden = true;
    setText(open, "Show name and key");
    open.setAttribute("aria-expanded", "false");
  }

  async function show() {
    const { ssid, key, address } = await api.accessPoint();
    const facts = [
      ["Name", element("dd", { textContent: ssid })],
      ["Key", element("dd", {}, element("code", { textContent: key }), copyButton(key))],
      ["Page", element("dd", { textContent: `http://${address}/` })],
    ];
    content.replaceChildren(
      element("dl", {}, ...facts.flatMap(([label, value]) => [element("dt", { textContent: label }), value])),
      qrPicture(api.ACCESS_POINT_QR, `QR code that joins ${ssid}: point another phone's camera at it`),
    );
    content.hidden = false;
    setText(open, "Hide name and key");
    open.setAttribute("aria-expanded", "true");
  }

  open.addEventListener("click", () => (content.hidden ? whileBusy(open, () => show().catch(complain)) : close()));
  return { root, close };
}
