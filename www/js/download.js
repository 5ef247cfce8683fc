// Clips onto the phone or the computer.

import * as api from "./api-more.js";
import { tell } from "./dialogs.js";
import { element } from "./dom.js";
import { count, size } from "./words.js";

const MOST_IN_ONE_ZIP = 500;

/** Lets the browser store what is at an address under a name; an empty name leaves it to the dashcam. */
export function storeFrom(address, name = "") {
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Downloads where the clips were, as one file. Throws in words when none of them knows. */
export function downloadTracks(clips) {
  const found = clips.filter((clip) => clip.track?.points);
  if (!found.length) {
    throw new Error("None of these clips has a track: there was no GPS.");
  }
  if (found.length > MOST_IN_ONE_ZIP) {
    throw new Error(`At most ${MOST_IN_ONE_ZIP} can be downloaded at once; choose fewer.`);
  }
  storeFrom(api.tracksAddress(found.map((clip) => clip.id)));
}

/** Downloads one clip as it is, several as one zip. Throws in words when they are too many. */
export function download(clips) {
  if (clips.length > MOST_IN_ONE_ZIP) {
    throw new Error(`At most ${MOST_IN_ONE_ZIP} can be downloaded at once; choose fewer.`);
  }
  const [first] = clips;
  if (clips.length === 1) {
    storeFrom(api.downloadAddress(first), first.name);
    return;
  }
  const bytes = clips.reduce((sum, clip) => sum + clip.bytes, 0);
  storeFrom(api.zipAddress(clips.map((clip) => clip.id)));
  tell(`Downloading ${count(clips.length, "item")} as one zip, ${size(bytes)}.`);
}
