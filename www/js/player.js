// The player: one clip or photo, large, with what can be done with it.

import * as api from "./api.js";
import { askPerson, complain, tell } from "./dialogs.js";
import { element, find, setText, whileBusy } from "./dom.js";
import { clock, dayName, size, timeOf } from "./words.js";

const CAUSES = {
  button: "saved by button",
  api: "saved",
  hand: "locked by hand",
  motion: "motion",
  impact: "impact",
};
const NOTES = { repaired: "cut off and repaired", adopted: "copied onto the card" };

function factsOf(clip) {
  const facts = [
    clip.kind === "photo" ? "Photo" : clock(clip.duration_seconds),
    clip.width ? `${clip.width} × ${clip.height}` : "",
    size(clip.bytes),
    clip.is_locked ? `locked: ${CAUSES[clip.lock_cause] ?? clip.lock_cause}` : "",
    clip.dropped_frames ? `${clip.dropped_frames} frames lost to a slow card` : "",
    NOTES[clip.integrity] ?? "",
    clip.note,
  ];
  return facts.filter(Boolean).join(" · ");
}

/** What went wrong with the one clip that was asked for. */
function checked({ failed }) {
  const [complaint] = Object.values(failed);
  if (complaint) {
    throw new Error(complaint);
  }
}

/** The dialog; `open(id, gallery)` shows a clip, `refresh()` takes over what the gallery has learnt. */
export function playerPanel(dialog) {
  const stage = find(dialog, ".stage");
  const lockButton = find(dialog, ".lock");
  const download = find(dialog, ".download");
  let gallery = null;
  let clip = null;

  function stageFor(shown) {
    if (shown.kind === "photo") {
      return element("img", { className: "medium", src: shown.media, alt: `Photo of ${timeOf(shown)}` });
    }
    const video = element("video", {
      className: "medium",
      controls: true,
      playsInline: true,
      autoplay: true,
      src: shown.media,
    });
    if (shown.thumb) {
      video.poster = shown.thumb;
    }
    video.addEventListener("error", () => {
      if (video.isConnected && video.error) {
        complain(new Error("This clip cannot be played here. Download it and try another player."));
      }
    });
    return video;
  }

  /** Gives the connection back at once; a forgotten video goes on loading. */
  function clearStage() {
    const video = stage.querySelector("video");
    if (video) {
      video.pause();
      video.removeAttribute("src");
      video.load();
    }
    stage.replaceChildren();
  }

  function describe() {
    setText(find(dialog, "h2"), `${dayName(clip.day)}, ${timeOf(clip)}`);
    setText(find(dialog, ".facts"), factsOf(clip));
    setText(lockButton, clip.is_locked ? "Unlock" : "Lock");
    lockButton.hidden = clip.kind === "photo";
    download.href = api.downloadAddress(clip);
    download.download = clip.name;
  }

  function show(id) {
    clip = gallery.get(id);
    if (!clip) {
      dialog.close();
      return;
    }
    clearStage();
    stage.append(stageFor(clip));
    describe();
  }

  async function step(by) {
    const id = await gallery.neighbour(clip.id, by);
    if (id === undefined) {
      tell(by > 0 ? "There is no older clip." : "There is no newer clip.");
    } else {
      show(id);
    }
  }

  async function toggleLock() {
    checked(await (clip.is_locked ? api.unlock([clip.id]) : api.lock([clip.id])));
    await gallery.refresh();
  }

  async function remove() {
    const isSure = await askPerson({
      title: clip.kind === "photo" ? "Delete this photo?" : "Delete this clip?",
      text: clip.is_locked ? "It is locked, and will be gone for good." : "It will be gone for good.",
      yes: "Delete",
      no: "Keep",
      isDangerous: true,
    });
    if (!isSure) {
      return;
    }
    const { id } = clip;
    const next = (await gallery.neighbour(id, 1)) ?? (await gallery.neighbour(id, -1));
    checked(await api.remove([id]));
    if (next === undefined) {
      dialog.close();
    } else {
      show(next);
    }
    await gallery.refresh();
    tell("Deleted.");
  }

  function connect(selector, work) {
    const button = find(dialog, selector);
    button.addEventListener("click", () => whileBusy(button, () => work().catch(complain)));
  }

  connect(".older", () => step(1));
  connect(".newer", () => step(-1));
  connect(".lock", toggleLock);
  connect(".delete", remove);
  find(dialog, ".close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    clearStage();
    clip = null;
  });

  return {
    open(id, from) {
      gallery = from;
      dialog.showModal();
      show(id);
    },
    /** A clip that is renamed, moved or locked while it plays goes on playing: only the words change. */
    refresh() {
      const known = clip && gallery.get(clip.id);
      if (known) {
        clip = known;
        describe();
      }
    },
  };
}
