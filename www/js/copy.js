// Copies a text for pasting elsewhere.

import { tell } from "./dialogs.js";
import { button, element } from "./dom.js";

/** Pages without TLS may not use the clipboard; the old way works everywhere. */
function copyTheOldWay(text) {
  const place = element("textarea", { value: text, readOnly: true, className: "spoken" });
  const before = document.activeElement;
  document.body.append(place);
  place.select();
  const isDone = document.execCommand("copy");
  place.remove();
  before?.focus({ preventScroll: true });
  return isDone;
}

async function copy(text) {
  if (!navigator.clipboard) {
    return copyTheOldWay(text);
  }
  return navigator.clipboard.writeText(text).then(
    () => true,
    () => copyTheOldWay(text),
  );
}

/** A button that copies `text`. */
export function copyButton(text) {
  const made = button("Copy", {
    className: "copy",
    onClick: async () =>
      tell((await copy(text)) ? `Copied: ${text}` : "This browser copies nothing: mark the text and copy it."),
  });
  made.setAttribute("aria-label", `Copy ${text}`);
  return made;
}
