// Questions and messages: what the page asks, and what it has to say for a moment.

import { element, find, setText } from "./dom.js";
import { sentence } from "./words.js";

const MESSAGE_MILLISECONDS = 6_000;
const COMPLAINT_MILLISECONDS = 15_000;

/** Resolves to true when the person says yes; Escape and everything else is a no. */
export function askPerson({ title, text = "", yes, no, isDangerous = false }) {
  const dialog = find(document, "#question");
  setText(find(dialog, "h2"), title);
  setText(find(dialog, "p"), text);
  const yesButton = find(dialog, ".yes");
  const noButton = find(dialog, ".no");
  setText(yesButton, yes);
  setText(noButton, no);
  yesButton.classList.toggle("danger", isDangerous);
  yesButton.classList.toggle("primary", !isDangerous);
  return new Promise((resolve) => {
    let answer = false;
    yesButton.onclick = () => {
      answer = true;
      dialog.close();
    };
    noButton.onclick = () => dialog.close();
    dialog.onclose = () => resolve(answer);
    dialog.showModal();
    noButton.focus();
  });
}

function show(text, className, milliseconds) {
  const area = find(document, "#messages");
  // What lies outside an open dialog cannot be read while it is open.
  const place = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;
  if (area.parentElement !== place) {
    place.append(area);
  }
  const close = element("button", { type: "button", textContent: "OK" });
  const message = element("div", { className: `message ${className}` }, element("p", { textContent: text }), close);
  close.addEventListener("click", () => message.remove());
  setTimeout(() => message.remove(), milliseconds);
  area.replaceChildren(message);
}

/** Says that something went well. */
export function tell(text) {
  show(text, "", MESSAGE_MILLISECONDS);
}

/** Says what went wrong and what to do; returns undefined for use in `catch`. */
export function complain(error) {
  show(sentence(error.message), "complaint", COMPLAINT_MILLISECONDS);
}
