// “Why is it not recording?”: starts from what one sees; what the dashcam says now is open already.

import { element } from "./dom.js";
import { HELP } from "./help-words.js";

/** One case: what one sees, what it means, what cures it. */
export function caseOf({ see, means, cures }) {
  const badge = element("span", { className: "now", textContent: "now", hidden: true });
  const summary = element("summary", {}, element("span", { textContent: see }), badge);
  const list = element("ul", { className: "cures" }, ...cures.map((cure) => element("li", { textContent: cure })));
  return element("details", { className: "case" }, summary, element("p", { textContent: means }), list);
}

/** The help in its root. */
export function helpPanel(root) {
  const made = [];
  for (const { title, cases } of HELP) {
    const items = cases.map((one) => {
      const item = caseOf(one);
      made.push({ item, states: one.states });
      return item;
    });
    root.append(element("section", { className: "card" }, element("h3", { textContent: title }), ...items));
  }
  let last;
  return {
    setState(state) {
      const now = state === null ? "lost" : state.state;
      if (now === last) {
        return;
      }
      last = now;
      for (const { item, states } of made) {
        const isNow = states.includes(now);
        item.querySelector(".now").hidden = !isNow;
        // Only opened, never closed: somebody may be reading.
        item.open ||= isNow && now !== "starting";
      }
    },
  };
}
