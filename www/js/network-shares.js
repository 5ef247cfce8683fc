// The network drive and FTP: how they stand, where they are typed, and their password. They are switched by settings.

import * as api from "./api-more.js";
import { copyButton } from "./copy.js";
import { tell } from "./dialogs.js";
import { element, setText } from "./dom.js";
import { keyField, sendBy } from "./network-fields.js";
import { block } from "./network-now.js";
import { doubtOfPassword, shareWords, whereToType } from "./network-words.js";

const NAMES = { smb: "Network drive", ftp: "FTP" };
const FTP_WARNING =
  "Without TLS, FTP sends the password and the clips so that anyone near can read them. Use the network drive where you can, or demand TLS below.";

function addressRow(address) {
  const where = element("span", { className: "quiet", textContent: whereToType(address) });
  return element(
    "li",
    { className: "address" },
    element("span", {}, element("code", { textContent: address }), where),
    copyButton(address),
  );
}

function shareRow(kind) {
  const words = element("span");
  const addresses = element("ul", { className: "addresses" });
  const warning = element("p", { className: "trouble", textContent: FTP_WARNING, hidden: true });
  const title = element("p", {}, element("b", { textContent: `${NAMES[kind]}: ` }), words);
  const root = element("li", { className: "share" }, title, warning, addresses);
  let key = "";
  return {
    root,
    show(share, isTlsNeeded) {
      const now = shareWords(share);
      setText(words, now.words);
      root.classList.toggle("lacks", now.isTrouble);
      warning.hidden = kind !== "ftp" || !share.is_wanted || isTlsNeeded;
      const shown = share.is_wanted ? share.addresses : [];
      if (shown.join(" ") !== key) {
        key = shown.join(" ");
        addresses.replaceChildren(...shown.map(addressRow));
      }
    },
  };
}

/** One password for both, set once; it is kept as what cannot be turned back. */
function passwordForm(refresh) {
  const standing = element("p");
  const open = element("button", { type: "button", className: "set-password" });
  const field = keyField("New password", {
    doubt: doubtOfPassword,
    help: "At least 8 characters. Look at it with “Show”: it is typed once, and cannot be shown later.",
  });
  const save = element("button", { type: "button", className: "primary", textContent: "Save the password" });
  const form = element("div", { className: "again", hidden: true }, field.root, save);
  let isAsking = false;

  async function send() {
    if (!field.isFine()) {
      return;
    }
    await api.setSharePassword(field.value);
    field.clear();
    isAsking = false;
    form.hidden = true;
    await refresh(({ shares }) => shares.every((share) => share.has_password));
    tell("Saved: the password of the network drive and FTP.");
    open.focus();
  }

  sendBy(field, save, send);
  open.addEventListener("click", () => {
    isAsking = !isAsking;
    form.hidden = !isAsking;
    if (isAsking) {
      field.input.focus();
    }
  });
  return {
    root: block("Password", standing, open, form),
    show([share]) {
      const who = `The user's name is ${share.user}.`;
      setText(standing, share.has_password ? `A password is set. ${who}` : `There is no password yet. ${who}`);
      setText(open, share.has_password ? "Change the password" : "Set a password");
    },
  };
}

/** The panel of the shares; `isTlsNeeded()` tells of the setting. */
export function sharesPanel({ refresh, isTlsNeeded }) {
  const rows = { smb: shareRow("smb"), ftp: shareRow("ftp") };
  const list = element("ul", { className: "shares" }, rows.smb.root, rows.ftp.root);
  const password = passwordForm(refresh);
  const root = element("div", {}, block("Now", list), password.root);
  return {
    root,
    show({ shares }) {
      root.hidden = shares.length === 0;
      for (const share of shares) {
        rows[share.kind].show(share, isTlsNeeded());
      }
      if (shares.length) {
        password.show(shares);
      }
    },
  };
}
