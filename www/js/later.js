// A panel whose module comes when it is first needed: the start page stands without it.

/** `load()` resolves to a panel with `setState(state)` and perhaps `show(isShown)`; it is called once `isNeeded(state)`. */
export function laterPanel(load, isNeeded = (state) => Boolean(state)) {
  let isAsked = false;
  let panel = null;
  let state;
  let isShown = false;

  function tell() {
    panel?.setState(state);
    panel?.show?.(isShown);
  }

  async function ask() {
    isAsked = true;
    try {
      panel = await load();
      tell();
    } catch {
      // What did not come does not come again in this document; the page does without.
    }
  }

  return {
    setState(newState) {
      state = newState;
      if (!isAsked && isNeeded(state)) {
        ask();
      }
      tell();
    },
    show(newShown) {
      isShown = newShown;
      tell();
    },
  };
}
