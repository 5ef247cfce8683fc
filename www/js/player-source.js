// Which clip is next to which, with the one that is being recorded at the end.

import * as api from "./api-more.js";

const FIRST_CLIPS = 20;

/** The older and the newer clip within the gallery's filter; what is about to be deleted is passed over. */
export async function neighboursOf(clip, { clips, growing }) {
  const { filter } = clips;
  if (clip.kind === "growing") {
    const page = await api.clips({ ...filter, limit: FIRST_CLIPS });
    return { older: page.clips.find((one) => !clips.isHidden(one.id) && one.id !== clip.id) ?? null, newer: null };
  }
  const found = await api.neighbours(clip.id, filter);
  const [older, newer] = await Promise.all([
    firstShown(found.older, "older", clips),
    firstShown(found.newer, "newer", clips),
  ]);
  const isWithin = !filter.locked && (filter.kind ?? "loop") === "loop";
  return { older, newer: newer ?? (isWithin && growing?.id !== clip.id ? growing : null) };
}

/** The clip of an id among the newest of the list; null while it is not there. Asking by its id would be a failure then. */
export async function listedClip(id) {
  const page = await api.clips({ limit: FIRST_CLIPS });
  return page.clips.find((clip) => clip.id === id) ?? null;
}

async function firstShown(start, side, clips, isWanted = () => true) {
  let found = start;
  while (found && (clips.isHidden(found.id) || !isWanted(found))) {
    found = (await api.neighbours(found.id, clips.filter))[side];
  }
  return found ?? null;
}

/** What playback goes on with after a clip whose newer neighbour is `newer`: photos do not play. */
export async function playsAfter(newer, { clips, growing }) {
  if (newer?.kind !== "photo") {
    return newer;
  }
  return (await firstShown(newer, "newer", clips, (clip) => clip.kind !== "photo")) ?? growing;
}
