// Asks how the network stands, for all parts of the page that show it, while one of them is looked at.

import * as api from "./api-more.js";

const AGAIN_MILLISECONDS = 4_000;
// The network program sees what it has done itself a moment later.
const SOON_MILLISECONDS = 300;
const MOST_TURNS = 10;

/**
 * `onNews(answer)` gets every answer; without one the last stands, and the bar at the top tells of a lost connection. After
 * the first it is asked only while `isLookedAt()`.
 */
export function networkWatch(onNews, isLookedAt) {
  let timer = 0;
  let isShown = false;
  // Whoever asked before something was changed is answered too late.
  let round = 0;

  function wait() {
    clearTimeout(timer);
    timer = setTimeout(() => (isLookedAt() ? ask() : wait()), AGAIN_MILLISECONDS);
  }

  async function ask() {
    clearTimeout(timer);
    round += 1;
    const mine = round;
    let answer = null;
    try {
      answer = await api.network();
      if (mine === round) {
        onNews(answer);
      }
    } catch {
      // The bar at the top says so.
    }
    if (mine === round && isShown && !document.hidden) {
      wait();
    }
    return answer;
  }

  /** Asks until `isSeen(answer)`, for some seconds at most: after something was changed. */
  async function askUntil(isSeen) {
    for (let turn = 0; turn < MOST_TURNS; turn += 1) {
      const answer = await ask();
      if (!answer || isSeen(answer)) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, SOON_MILLISECONDS));
    }
  }

  document.addEventListener("visibilitychange", () => isShown && !document.hidden && ask());
  return {
    ask,
    askUntil,
    show(newShown) {
      if (isShown !== newShown) {
        isShown = newShown;
        clearTimeout(timer);
        if (isShown) {
          ask();
        }
      }
    },
  };
}
