// The page that tells how everything stands.

import { element } from "./dom.js";

/** Makes the page in its root. */
export function statusPage(root) {
  root.replaceChildren(element("h2", { textContent: "Status" }));
  return { setState() {} };
}
