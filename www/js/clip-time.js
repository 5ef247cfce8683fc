// When a clip was taken, as far as it is known: exactly, about, or not at all.

import { dayName, shortDayName, timeOf } from "./words.js";

const MINUTE_MILLISECONDS = 60_000;
// What the dashcam calls a clip before it knows the time.
const NAME_WITHOUT_TIME = /^boot\d+_\d+/;

/** Milliseconds of the time on the wall as if it were UTC; of an estimate by this phone's zone. Null: not known. */
function wallOf(clip) {
  if (clip.local_time) {
    return Date.parse(`${clip.local_time.slice(0, 19)}Z`);
  }
  if (!clip.started_utc) {
    return null;
  }
  const start = new Date(clip.started_utc);
  return start.getTime() - start.getTimezoneOffset() * MINUTE_MILLISECONDS;
}

/** Whether its time is only about right; of a copied file its note says where the time is from. */
export function isEstimated(clip) {
  const isOwn = clip.integrity !== "adopted";
  return isOwn && wallOf(clip) !== null && (clip.clock_source === "saved" || !clip.local_time);
}

/** The time on the wall at a second of the clip: `15:45:07`, `about 15:45`; empty when it is not known. */
export function wallTime(clip, seconds) {
  const start = wallOf(clip);
  if (start === null) {
    return "";
  }
  const wall = new Date(start + seconds * 1000).toISOString();
  return isEstimated(clip) ? `about ${wall.slice(11, 16)}` : wall.slice(11, 19);
}

const dayOf = (clip) => new Date(wallOf(clip)).toISOString().slice(0, 10);

function taken(clip, nameOfDay) {
  if (isEstimated(clip)) {
    return `${nameOfDay(dayOf(clip))}, ${wallTime(clip, 0)}`;
  }
  if (!clip.local_time && NAME_WITHOUT_TIME.test(clip.name)) {
    return "Time not known";
  }
  return `${nameOfDay(clip.day)}, ${timeOf(clip)}`;
}

/** `Friday 20 November 2026, 15:45:00`, `Today, about 15:45`, `Time not known`. */
export const takenAt = (clip) => taken(clip, dayName);

/** The same where there is little room: `Fri 20 Nov, 15:45:00`. */
export const takenShort = (clip) => taken(clip, shortDayName);

const SHORT_DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** For a tile below the name of its day: `15:45:00`, `about 15:45`, `20 Nov ~15:45`, `time not known`. */
export function tileTime(clip) {
  if (!isEstimated(clip)) {
    return !clip.local_time && NAME_WITHOUT_TIME.test(clip.name) ? "time not known" : timeOf(clip);
  }
  const day = dayOf(clip);
  const isPlain = day === clip.day || dayName(day) === "Today";
  return isPlain ? wallTime(clip, 0) : `${SHORT_DATE.format(wallOf(clip))} ~${wallTime(clip, 0).slice(-5)}`;
}
