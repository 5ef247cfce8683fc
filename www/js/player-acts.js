// What can be done with the clip that is shown: keep, download, share, delete, a picture of it, a part of it.

import * as api from "./api-more.js";
import { complain, tell } from "./dialogs.js";
import { loadStyles, whileBusy } from "./dom.js";
import { download, storeFrom } from "./download.js";
import { pictureName, pictureOf } from "./frames.js";
import { canShareFiles, shareClips, shareFiles } from "./share.js";
import { askToDelete } from "./undo.js";

const PICTURE_MILLISECONDS = 60_000;

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    complain(error);
  }
}

async function takePicture(parts, player) {
  const { video, frames } = parts.stage;
  if (!video?.videoWidth) {
    throw new Error("There is no picture yet. Wait until the clip is shown, and try again.");
  }
  const file = await pictureOf(video, pictureName(player.clip, frames.time));
  const address = URL.createObjectURL(file);
  storeFrom(address, file.name);
  setTimeout(() => URL.revokeObjectURL(address), PICTURE_MILLISECONDS);
  const words = "Picture downloaded to this phone.";
  if (canShareFiles()) {
    parts.offer(words, "Share", () => attempt(() => shareFiles([file])));
  } else {
    tell(words);
  }
}

async function toggleLock(player) {
  const { id, is_locked: isLocked } = player.clip;
  const { failed } = await (isLocked ? api.unlock([id]) : api.lock([id]));
  if (failed[id]) {
    throw new Error(failed[id]);
  }
  player.clips.refresh();
  await player.learn();
}

async function remove(player) {
  const { clip } = player;
  // What is known of the clip may have become newer meanwhile; it is the same clip all the same.
  if (!(await askToDelete([clip])) || player.clip?.id !== clip.id) {
    return;
  }
  const { older, newer } = player.neighbours;
  const next = older ?? (newer?.kind === "growing" ? null : newer);
  player.deletions.add([clip], () => player.clip && player.show(clip));
  if (next) {
    player.show(next, { isPlaying: false });
  } else {
    player.close();
  }
}

/** The same moment in the drive, which was recorded beside the event. */
async function showInDrive(player) {
  const { id } = player.clip;
  const place = await api.loopPlace(id);
  const clip = await api.clip(place.id);
  if (player.clip?.id === id) {
    player.showAt(clip, place.seconds, true);
  }
}

/** Connects the buttons of a player; its parts come from player-dialog.js. Hears state and clip from then on. */
export function connectActs(parts, player) {
  const { buttons } = parts;
  let state;
  let cutting = null;

  const connect = (button, work) =>
    button.addEventListener("click", () => whileBusy(button, () => attempt(() => work(player))));
  connect(buttons.lock, toggleLock);
  connect(buttons.download, () => download([player.clip]));
  connect(buttons.share, () => shareClips([player.clip]));
  connect(buttons.delete, remove);
  connect(buttons.drive, showInDrive);
  connect(buttons.picture, () => takePicture(parts, player));
  connect(buttons.cut, () => cut());
  buttons.map.addEventListener("click", () => {
    location.hash = `#map/${player.clip.day}/${player.clip.id}/${parts.stage.video.currentTime.toFixed(1)}`;
  });

  /** The way to cut comes when it is first wanted; `mark` is `start` or `end`, to be set where the video is. */
  async function cut(mark = "") {
    if (!cutting) {
      const [{ Cutting }] = await Promise.all([import("./player-cut.js"), loadStyles("/player-cut.css")]);
      cutting ??= new Cutting(parts, player);
      cutting.setState(state);
    }
    if (player.clip) {
      cutting.begin(mark);
    }
  }

  parts.dialog.addEventListener("keydown", (event) => {
    const mark = { i: "start", o: "end" }[event.key.toLowerCase()];
    const isPlain = !(event.ctrlKey || event.altKey || event.metaKey);
    if (mark && isPlain && !buttons.cut.hidden && !event.target.closest("select, input:not([type=range])")) {
      event.preventDefault();
      attempt(() => cut(mark));
    }
  });

  return {
    setState(news) {
      state = news;
      cutting?.setState(news);
    },
    /** Another clip is shown, or more is known of it. */
    setClip(clip) {
      cutting?.setClip(clip);
    },
    stop() {
      cutting?.end();
    },
  };
}
