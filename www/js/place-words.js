// A place and the movement there, in words.

import { speedWords } from "./map-words.js";

const WINDS = ["north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"];
const FEET_PER_METRE = 3.28084;
// Of a car that stands, a receiver says any course.
const STANDING_MPS = 1;

/** `53.35122, -6.26031`: a metre exact, and what every map's search field takes. */
export const positionWords = (latitude, longitude) => `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;

const towards = (degrees) => `to the ${WINDS[Math.round((((degrees % 360) + 360) % 360) / 45) % WINDS.length]}`;

/** `50 km/h to the west`; empty while the speed is not known. */
export function motionWords({ speed_mps: speed, course_degrees: course }, unit) {
  if (speed === null) {
    return "";
  }
  return [speedWords(speed, unit), course !== null && speed >= STANDING_MPS ? towards(course) : ""]
    .filter(Boolean)
    .join(" ");
}

/** `12 m above the sea`, or the same in feet; empty while that is not known. */
export function heightWords(metres, unit) {
  if (metres === null) {
    return "";
  }
  const height = unit === "mph" ? `${Math.round(metres * FEET_PER_METRE)} ft` : `${Math.round(metres)} m`;
  return `${height} above the sea`;
}
