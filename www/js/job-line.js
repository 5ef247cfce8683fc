// How something goes that the dashcam does at its leisure: words, a bar, how long it takes yet, and a way to stop it.

import { button, element, setText } from "./dom.js";
import { roughly, sentence } from "./words.js";

const STILL = ["waiting", "running"];

/** Whether a job is still to be waited for. */
export const isUnderWay = (job) => STILL.includes(job.state);

/** `12 of 60 clips, about 2 minutes left.` */
function jobWords(job) {
  const left = job.state === "running" && job.seconds_left !== null ? `, about ${roughly(job.seconds_left)} left` : "";
  return sentence(`${job.words}${left}`);
}

/** The line; `onStop(id)` when the person does not want it any more. */
export function jobLine({ onStop }) {
  let id = "";
  const words = element("p");
  const bar = element("progress", { max: 1, ariaLabel: "How far it is" });
  const stop = button("Stop", { className: "stop-job", onClick: () => onStop(id) });
  words.setAttribute("role", "status");
  const root = element("div", { className: "job" }, words, bar, stop);
  return {
    root,
    set(job) {
      id = job.id;
      root.dataset.state = job.state;
      setText(words, jobWords(job));
      const isWaiting = isUnderWay(job);
      bar.hidden = !isWaiting;
      stop.hidden = !isWaiting;
      bar.value = job.share;
    },
  };
}
