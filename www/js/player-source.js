// Which clip is next to which, with the one that is being recorded at the end.

import * as api from "./api-more.js";

const FIRST_CLIPS = 20;

const isLike = (clip) => (one) => Boolean(one.event) === Boolean(clip.event);

/** Which clips are beside it: a list of events may have led to a clip of the drive, which goes on with the drive. */
function rangeOf(clip, { filter }) {
  const isStranger = (filter.event || filter.cause) && !clip.event;
  return isStranger
    ? { filter: {}, isWanted: (one) => one.kind !== "photo" && isLike(clip)(one) }
    : { filter, isWanted: () => true };
}

/** The older and the newer clip within the gallery's filter; what is about to be deleted is passed over. */
export async function neighboursOf(clip, { clips, growing }) {
  const { filter, isWanted } = rangeOf(clip, clips);
  if (clip.kind === "growing") {
    const page = await api.clips({ ...filter, limit: FIRST_CLIPS });
    return { older: page.clips.find((one) => !clips.isHidden(one.id) && one.id !== clip.id) ?? null, newer: null };
  }
  const found = await api.neighbours(clip.id, filter);
  const [older, newer] = await Promise.all([
    firstShown(found.older, "older", { clips, filter, isWanted }),
    firstShown(found.newer, "newer", { clips, filter, isWanted }),
  ]);
  const isWithin = !filter.locked && !filter.event && !filter.cause && (filter.kind ?? "loop") === "loop";
  return { older, newer: newer ?? (isWithin && growing?.id !== clip.id ? growing : null) };
}

/** The clip of an id among the newest of the list; null while it is not there. Asking by its id would be a failure then. */
export async function listedClip(id) {
  const page = await api.clips({ limit: FIRST_CLIPS });
  return page.clips.find((clip) => clip.id === id) ?? null;
}

async function firstShown(start, side, { clips, filter, isWanted }) {
  let found = start;
  while (found && (clips.isHidden(found.id) || !isWanted(found))) {
    found = (await api.neighbours(found.id, filter))[side];
  }
  return found ?? null;
}

/**
 * What playback goes on with after a clip whose newer neighbour is `newer`: photos do not play, and the drive goes on
 * without the events that were cut out of it.
 */
export async function playsAfter(clip, newer, { clips, growing }) {
  const plays = (one) => one.kind !== "photo" && isLike(clip)(one);
  if (!newer || newer.kind === "growing" || plays(newer)) {
    return newer;
  }
  const { filter, isWanted } = rangeOf(clip, clips);
  const range = { clips, filter, isWanted: (one) => isWanted(one) && plays(one) };
  return (await firstShown(newer, "newer", range)) ?? (clip.event ? null : growing);
}

/** The clip of the drive before or after this one, whatever list it was opened from; null where there is none. */
export async function nextOfDrive(clip, side, clips) {
  const isWanted = (one) => one.kind !== "photo" && !one.event;
  const range = { clips, filter: {}, isWanted };
  return firstShown((await api.neighbours(clip.id, {}))[side], side, range);
}
