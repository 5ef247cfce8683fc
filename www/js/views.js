// The pages of the one page: which is shown stands in the address, and what a page needs comes when it is first seen.

import * as api from "./api.js";
import { complain } from "./dialogs.js";
import { remember, remembered } from "./remembered.js";

const START = "live";
const ANSWER_MILLISECONDS = 2_500;
// Long enough that a page which can never be had is not asked for in a circle.
const LOAD_ANEW_AGAIN_MILLISECONDS = 60_000;
const MOST_BUSY_MILLISECONDS = 5_000;

const idle = () =>
  new Promise((resolve) =>
    // Safari has no such callback.
    globalThis.requestIdleCallback
      ? requestIdleCallback(resolve, { timeout: MOST_BUSY_MILLISECONDS })
      : setTimeout(resolve, 1_000),
  );

/** Brings what all pages need, one after the other: a page first touched in a gap of the connection opens all the same. */
async function prepareAll(pages) {
  for (const { prepare } of Object.values(pages)) {
    await idle();
    // What does not come now is asked for when it is touched.
    await prepare?.().catch(() => {});
  }
}

/**
 * Browsers remember a module that failed to come as long as the document lives: only a new document can have it. False
 * when that cannot be had either, or was tried just now.
 */
async function loadAnew() {
  if (Math.abs(Date.now() - Number(remembered("loaded anew", "0"))) < LOAD_ANEW_AGAIN_MILLISECONDS) {
    return false;
  }
  try {
    await api.status(ANSWER_MILLISECONDS);
  } catch {
    return false;
  }
  remember("loaded anew", String(Date.now()));
  location.reload();
  return true;
}

/**
 * `pages`: by name a root, `prepare`, which may bring files beforehand, and `load`, which resolves to a panel: `setState(state)`, and if it wishes `setClips(news)`,
 * `show(rest)` and `hide()`. `rest` is what the address says after the page's name (`help` of `#status/help`); `show`
 * is called again when only that has changed. Every panel that has been loaded gets every state.
 */
export function viewsPanel(nav, pages) {
  const panels = new Map();
  const scrolled = new Map();
  let current = "";
  let lastState;
  let isPreparing = false;
  let missing = "";

  async function panelOf(name) {
    if (!panels.has(name)) {
      panels.set(name, pages[name].load(pages[name].root));
    }
    return await panels.get(name);
  }

  /** Calls `work` with every page that is there, or once it is; one that does not come holds up no other. */
  function withLoaded(work) {
    return Promise.allSettled([...panels.values()].map(async (loading) => work(await loading)));
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
    missing = "";
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
      await lack(name);
    }
  }

  async function lack(name) {
    const isLost = lastState === null;
    if ((isLost || !(await loadAnew())) && current === name) {
      missing = name;
      complain(new Error("This page could not be loaded. It opens by itself when the dashcam can be reached again."));
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
      if (state !== null && !isPreparing) {
        isPreparing = true;
        prepareAll(pages);
      }
      lastState = state;
      if (state !== null && missing && missing === current) {
        show();
      }
      return withLoaded((panel) => panel.setState(state));
    },
    setClips(news) {
      return withLoaded((panel) => panel.setClips?.(news));
    },
  };
}
