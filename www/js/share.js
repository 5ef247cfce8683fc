// The phone's own sheet for sending a file on. Browsers have it only on pages that came over a safe connection.

import { askPerson, tell } from "./dialogs.js";
import { count, size } from "./words.js";

// The files are held in the phone's memory.
const MOST_BYTES = 400_000_000;

const typeOf = (clip) => (clip.kind === "photo" ? "image/jpeg" : "video/mp4");

/** Whether this browser can share files such as a dashcam has. */
export function canShareFiles() {
  const sample = new File([""], "clip.mp4", { type: "video/mp4" });
  return Boolean(navigator.canShare?.({ files: [sample] }));
}

/** Opens the phone's sheet with these files. A person who changes their mind is no failure. */
export async function shareFiles(files) {
  try {
    await navigator.share({ files });
  } catch (error) {
    if (error.name !== "AbortError") {
      throw new Error("These files could not be shared. Download them instead.");
    }
  }
}

async function fileOf(clip) {
  const response = await fetch(clip.media);
  if (!response.ok) {
    throw new Error(`${clip.name} could not be fetched. Is it still on the card? Try again.`);
  }
  return new File([await response.blob()], clip.name, { type: typeOf(clip) });
}

/** Fetches the clips and opens the phone's sheet. */
export async function shareClips(clips) {
  const bytes = clips.reduce((sum, clip) => sum + clip.bytes, 0);
  if (bytes > MOST_BYTES) {
    throw new Error(`${size(bytes)} are too much to share; choose fewer, or download them.`);
  }
  tell(`Fetching ${size(bytes)} to share.`);
  const files = [];
  for (const clip of clips) {
    files.push(await fileOf(clip));
  }
  // A browser opens the sheet only shortly after a touch; fetching took longer than that.
  const isReady =
    navigator.userActivation?.isActive ||
    (await askPerson({
      title: "Ready to share",
      text: `${count(files.length, "file")}, ${size(bytes)}.`,
      yes: "Share",
      no: "Cancel",
    }));
  if (isReady) {
    await shareFiles(files);
  }
}
