// The four pages of the one page: which is shown stands in the address, and what a page needs comes when it is first seen.

import { complain } from "./dialogs.js";

const START = "live";

/**
 * `pages`: by name a root and `load`, which resolves to a panel: `setState(state)`, and if it wishes `setClips(news)`,
 * `show(rest)` and `hide()`. `rest` is what the address says after the page's name (`help` of `#status/help`); `show`
 * is called again when only that has changed. Every panel that has been loaded gets every state.
 */
export function viewsPanel(nav, pages) {
  const panels = new Map();
  const scrolled = new Map();
  let current = "";
  let lastState;

  async function panelOf(name) {
    if (!panels.has(name)) {
      panels.set(name, pages[name].load(pages[name].root));
    }
    return await panels.get(name);
  }

  /** Calls `work` with every page that is there. */
  async function withLoaded(work) {
    for (const loading of panels.values()) {
      const panel = await loading.catch(() => null);
      if (panel) {
        work(panel);
      }
    }
  }

  function mark(name) {
    document.body.dataset.view = name;
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
  }

  function turnTo(name) {
    const before = current;
    if (before === name) {
      return;
    }
    scrolled.set(before, scrollY);
    current = name;
    mark(name);
    scrollTo(0, scrolled.get(name) ?? 0);
    panels.get(before)?.then(
      (panel) => panel.hide?.(),
      () => {}, // it never came
    );
    if (before) {
      // Whoever hears the page instead of seeing it is told where he is.
      pages[name].root.focus({ preventScroll: true });
    }
  }

  async function show() {
    const [asked, ...rest] = location.hash.slice(1).split("/");
    const name = Object.hasOwn(pages, asked) ? asked : START;
    turnTo(name);
    try {
      const panel = await panelOf(name);
      if (lastState !== undefined) {
        panel.setState(lastState);
      }
      if (current === name) {
        panel.show?.(rest.join("/"));
      }
    } catch (error) {
      console.error(error);
      panels.delete(name);
      complain(new Error("This page could not be loaded. Is the dashcam still reachable? Then touch its name again."));
    }
  }

  nav.addEventListener("click", (event) => {
    // A touch on the page that is shown tries again what could not be loaded, and leads back to its start.
    const link = event.target.closest("a");
    if (link?.hash === location.hash) {
      show();
    }
  });
  addEventListener("hashchange", show);
  show();
  return {
    setState(state) {
      lastState = state;
      return withLoaded((panel) => panel.setState(state));
    },
    setClips(news) {
      return withLoaded((panel) => panel.setClips?.(news));
    },
  };
}
