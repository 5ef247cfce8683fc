// Asks for what a network needs: its key, and where it is not in the list its name; saves it.

import * as api from "./api-more.js";
import { button, element, whileBusy } from "./dom.js";
import { keyField, textField } from "./network-fields.js";
import { doubtOfKey, doubtOfName, nameOf } from "./network-words.js";

function check(words, isChecked) {
  const input = element("input", { type: "checkbox", checked: isChecked });
  return { input, root: element("label", { className: "switch" }, input, element("span", { textContent: words })) };
}

/** The name, typed: with a way to the apostrophe that iPhones write and no keyboard shows. */
function nameParts() {
  const name = textField("Its name", { doubt: doubtOfName });
  const curve = button("Write ’ instead of '", {
    className: "curve",
    onClick() {
      name.input.value = name.value.replaceAll("'", "’");
      curve.hidden = true;
      name.input.focus();
    },
  });
  const help = element("p", { className: "help", textContent: "iPhones have a curved one in their name." });
  const offer = element("div", { className: "offer", hidden: true }, help, curve);
  name.input.addEventListener("input", () => {
    curve.hidden = false;
    offer.hidden = !name.value.includes("'");
  });
  const hidden = check("It hides its name: it is never in the list", false);
  return { name, hidden, roots: [name.root, offer, hidden.root] };
}

function fixedParts() {
  const address = textField("Address with its length, such as 192.168.1.50/24");
  const gateway = textField("Router, such as 192.168.1.1 (may be empty)");
  const root = element(
    "details",
    { className: "fixed" },
    element("summary", { textContent: "Fixed address (seldom needed)" }),
    address.root,
    gateway.root,
  );
  return { root, address, gateway };
}

/**
 * Asks and saves. `network`: of the list, or null where its name is typed. `others`: whether some are known already.
 * Resolves to `{id, isTry}`; null when nobody wants it.
 */
export function askNetwork({ network, others }) {
  const typed = network ? null : nameParts();
  const isOpen = network?.security === "open";
  const needsKey = Boolean(network) && !isOpen;
  const key = keyField(needsKey ? "Its key (password)" : "Its key (empty: it has none)", {
    doubt: (text) => (text || needsKey ? doubtOfKey(text) : ""),
  });
  const first = check("Prefer it to the other networks", true);
  const fixed = fixedParts();
  const trouble = element("p", { className: "refusal" });
  trouble.setAttribute("role", "alert");
  const title = element("h2", { id: "network-form-title" });
  title.append(
    network ? "Join " : "Add by its name",
    ...(network ? [element("bdi", { textContent: nameOf(network) })] : []),
  );
  const cancel = button("Cancel", { className: "no", onClick: () => dialog.close() });
  const save = element("button", { type: "submit", className: "yes", textContent: "Save" });
  const saveAndTry = button("Save and try now", { className: "yes primary" });
  const form = element(
    "form",
    { noValidate: true },
    title,
    ...(typed?.roots ?? []),
    isOpen
      ? element("p", { className: "help", textContent: "It has no key: whoever is near can listen in." })
      : key.root,
    ...(others ? [first.root] : []),
    fixed.root,
    trouble,
    element("div", { className: "actions" }, cancel, save, saveAndTry),
  );
  const dialog = element("dialog", { className: "question network-form" }, form);
  dialog.setAttribute("aria-labelledby", title.id);

  function body() {
    const named = network
      ? { ssid_hex: network.ssid_hex }
      : { ssid: typed.name.value, is_hidden: typed.hidden.input.checked };
    return {
      ...named,
      key: isOpen ? "" : key.value,
      address: fixed.address.value.trim(),
      gateway: fixed.gateway.value.trim(),
      is_first: !others || first.input.checked,
    };
  }

  return new Promise((resolve) => {
    let answer = null;

    async function send(isTry) {
      trouble.textContent = "";
      if ((typed && !typed.name.isFine()) || !(isOpen || key.isFine())) {
        return;
      }
      try {
        answer = { id: await api.addNetwork(body()), isTry };
        dialog.close();
      } catch (error) {
        trouble.textContent = error.message;
      }
    }

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      whileBusy(save, () => send(false));
    });
    saveAndTry.addEventListener("click", () => whileBusy(saveAndTry, () => send(true)));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
    document.body.append(dialog);
    dialog.showModal();
    (typed ? typed.name : isOpen ? { input: saveAndTry } : key).input.focus();
  });
}
