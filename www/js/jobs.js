// What the dashcam does at its leisure for people: a quiet bar below the lists, until it is done and seen.

import * as api from "./api-more.js";
import { complain } from "./dialogs.js";
import { button, element } from "./dom.js";
import { isUnderWay, jobLine } from "./job-line.js";

const MOST_SHOWN = 3;

/** The bar; `onShow(id)` when the clip that a job has made is wanted. */
export function jobsBar({ onShow }) {
  const root = element("section", { className: "jobs", hidden: true, ariaLabel: "Work of the dashcam" });
  /** Lines by the ids of their jobs. */
  const lines = new Map();
  /** Jobs that have ended before anybody looked, or that were put away. */
  const past = new Set();
  let isFirst = true;

  /** What is being saved has a line of its own at the button, where there is one. */
  const isToldAbove = (id) =>
    [...root.parentElement.querySelectorAll(".save-line")].some(({ dataset }) => dataset.job === id);

  function lineOf(job) {
    const line = jobLine({ onStop: (id) => api.stopJob(id).catch(complain) });
    const show = button("Show", { className: "show-made", onClick: () => onShow(line.made) });
    const close = button("OK", {
      onClick: () => {
        past.add(job.id);
        lines.delete(job.id);
        line.root.remove();
        root.hidden = lines.size === 0;
      },
    });
    line.root.append(show, close);
    line.buttons = { show, close };
    return line;
  }

  function write(job) {
    const line = lines.get(job.id) ?? lineOf(job);
    lines.set(job.id, line);
    line.set(job);
    line.made = job.result_ids.at(-1);
    // Of a search that has found motion in several clips none is the one to be shown.
    line.buttons.show.hidden = isUnderWay(job) || job.result_ids.length !== 1;
    line.buttons.close.hidden = isUnderWay(job);
    if (line.root.parentElement !== root) {
      root.append(line.root);
    }
  }

  return {
    root,
    setState(state) {
      const jobs = state?.keeper?.jobs;
      if (!jobs) {
        return;
      }
      if (isFirst) {
        isFirst = false;
        for (const job of jobs.filter((one) => !isUnderWay(one))) {
          past.add(job.id);
        }
      }
      const shown = jobs.filter(({ id }) => !past.has(id) && !isToldAbove(id)).slice(-MOST_SHOWN);
      const ids = new Set(shown.map(({ id }) => id));
      for (const [id, line] of lines) {
        if (!ids.has(id)) {
          lines.delete(id);
          line.root.remove();
        }
      }
      shown.forEach(write);
      root.hidden = shown.length === 0;
    },
  };
}
