// Speeds, distances and times of a drive, as people say them.

import { clock, roughly } from "./words.js";

const PER_MPS = { "km/h": 3.6, mph: 3600 / 1609.344 };
export const METRES_PER_MILE = 1609.344;
const FEET_PER_METRE = 3.28084;
// Speeds at which a line changes its colour, slow to fast.
const LIMITS = { "km/h": [10, 30, 60, 100], mph: [5, 20, 40, 60] };

/** `48`, without the unit; a dash while it is not known. */
export function speedNumber(speed, unit) {
  return speed === null || speed === undefined ? "–" : String(Math.round(speed * PER_MPS[unit]));
}

/** `48 km/h`. */
export const speedWords = (speed, unit) => `${speedNumber(speed, unit)} ${unit}`;

/** `850 m`, `12.3 km`, or the same in feet and miles. */
export function distanceWords(metres, unit) {
  if (unit === "mph") {
    const miles = metres / METRES_PER_MILE;
    return miles < 0.2
      ? `${Math.round((metres * FEET_PER_METRE) / 10) * 10} ft`
      : `${miles.toFixed(miles < 100 ? 1 : 0)} mi`;
  }
  const kilometres = metres / 1000;
  return metres < 1000 ? `${Math.round(metres)} m` : `${kilometres.toFixed(kilometres < 100 ? 1 : 0)} km`;
}

/** `45 s`, `12 min`, `1 h 05 min`. */
export function durationWords(seconds) {
  if (seconds < 60) {
    return `${Math.round(seconds)} s`;
  }
  const minutes = Math.round(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours ? `${hours} h ${String(minutes % 60).padStart(2, "0")} min` : `${minutes} min`;
}

/** `1:05`, for a second within a clip. */
export const secondWords = clock;

/** `40 seconds ago`. */
export const agoWords = (seconds) => `${roughly(Math.max(0, seconds))} ago`;

/** `15:45` of a local time without offset; empty while that is not known. */
export const minuteOf = (local) => (local ? local.slice(11, 16) : "");

/** The speeds, in metres a second, at which a line changes its colour. */
export const speedLimits = (unit) => LIMITS[unit].map((limit) => limit / PER_MPS[unit]);

/** What each colour means: `0–10`, `10–30`, ..., `100+`. */
export function legendWords(unit) {
  const limits = LIMITS[unit];
  const between = limits.slice(1).map((limit, place) => `${limits[place]}–${limit}`);
  return [`0–${limits[0]}`, ...between, `${limits.at(-1)}+`];
}
