// The page of the settings.

import { element } from "./dom.js";

/** Makes the page in its root. */
export function settingsPage(root) {
  root.replaceChildren(element("h2", { textContent: "Settings" }));
  return { setState() {} };
}
