// The four pages of the one page: which is shown stands in the address, and what a page needs comes when it is first seen.

import { complain } from "./dialogs.js";

const START = "live";

/**
 * `pages`: by name a root and `load`, which resolves to a panel (`setState(state)`, and if it wishes `show()` and
 * `hide()`). Every panel that has been loaded gets every state.
 */
export function viewsPanel(nav, pages) {
  const panels = new Map();
  let current = "";
  let lastState;

  async function panelOf(name) {
    if (!panels.has(name)) {
      panels.set(name, pages[name].load(pages[name].root));
    }
    return await panels.get(name);
  }

  async function show() {
    const asked = location.hash.slice(1).split("/")[0];
    const name = Object.hasOwn(pages, asked) ? asked : START;
    const before = current;
    current = name;
    for (const [other, { root }] of Object.entries(pages)) {
      root.hidden = other !== name;
    }
    for (const link of nav.querySelectorAll("a")) {
      if (link.hash === `#${name}`) {
        link.setAttribute("aria-current", "page");
      } else {
        link.removeAttribute("aria-current");
      }
    }
    if (before && before !== name) {
      (await panelOf(before)).hide?.();
    }
    try {
      const panel = await panelOf(name);
      if (lastState !== undefined) {
        panel.setState(lastState);
      }
      if (current === name) {
        panel.show?.();
      }
    } catch {
      panels.delete(name);
      complain(new Error("This page could not be loaded. Is the dashcam still reachable? Then try again."));
    }
  }

  addEventListener("hashchange", show);
  show();
  return {
    async setState(state) {
      lastState = state;
      for (const loading of panels.values()) {
        const panel = await loading.catch(() => null);
        panel?.setState(state);
      }
    },
  };
}
