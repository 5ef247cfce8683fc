// The large buttons: save, photo, start and stop.

import * as api from "./api.js";
import { askPerson, complain, tell } from "./dialogs.js";
import { find, setText, whileBusy } from "./dom.js";
import { count } from "./words.js";

async function takePhoto() {
  await api.photo();
  tell("Photo taken.");
}

async function stop() {
  const isSure = await askPerson({
    title: "Stop recording?",
    text: "Nothing is recorded until it is started again.",
    yes: "Stop recording",
    no: "Go on recording",
    isDangerous: true,
  });
  if (!isSure) {
    return;
  }
  const { clip_ids: ids } = await api.stopRecording();
  if (ids.length) {
    await keepOrDelete(ids);
  }
}

async function keepOrDelete(ids) {
  const isUnwanted = await askPerson({
    title: "Keep or delete?",
    text: `${count(ids.length, "clip")} since recording was started by hand.`,
    yes: "Delete",
    no: "Keep",
    isDangerous: true,
  });
  if (!isUnwanted) {
    return;
  }
  const { remove } = await import("./api-more.js");
  const { failed } = await remove(ids);
  const complaints = Object.values(failed);
  if (complaints.length) {
    throw new Error(`${count(complaints.length, "clip")} could not be deleted: ${complaints[0]}`);
  }
  tell(`${count(ids.length, "clip")} deleted.`);
}

/** The buttons; all are off while nobody is there to obey them. `saver` cares for the largest. */
export function controlsPanel(root, saver) {
  const photoButton = find(root, ".photo");
  const toggle = find(root, ".toggle");
  let isWanted = true;

  function connect(button, work) {
    button.addEventListener("click", () => whileBusy(button, () => work().catch(complain)));
  }

  saver.connect(find(root, ".save"));
  connect(photoButton, takePhoto);
  connect(toggle, () => (isWanted ? stop() : api.startRecording()));
  return {
    setState(state) {
      const isReachable = Boolean(state?.connected);
      // Without a camera or a card it still wants to record; only a person stops that.
      isWanted = state?.state !== "stopped" && state?.state !== "off";
      photoButton.disabled = !(isReachable && state.recorder.camera);
      toggle.disabled = !isReachable;
      toggle.classList.toggle("start", !isWanted);
      setText(find(toggle, "span"), isWanted ? "Stop" : "Start recording");
      find(toggle, "use").setAttribute("href", isWanted ? "#icon-stop" : "#icon-record");
    },
  };
}
