// The facts of the status page about place, time and the running trip.

import { agoWords, distanceWords, durationWords, speedWords } from "./map-words.js";
import { heightWords, motionWords, positionWords } from "./place-words.js";
import { fact } from "./status-facts.js";
import { count, roughly, sentence } from "./words.js";

const RECEIVERS = {
  serial: "a GPS receiver",
  gpsd: "a GPS receiver, through gpsd",
  replay: "a recorded drive that is played again: not the real place",
  simulated: "a simulated drive: not the real place",
};
const SOURCES = {
  none: "nothing yet",
  saved: "an estimate: remembered from the last drive, it may be behind",
  system: "the machine's own clock",
  phone: "a phone",
  ntp: "the internet",
  gps: "GPS",
};
// The status is made once a second, and takes its way.
const CLOCK_TOLERANCE_SECONDS = 3;
// Before that there is no speed worth a mean.
const LEAST_MOVING_SECONDS = 5;

function stateWords({ status, words, place, satellites_in_view: inView }) {
  // Whoever has more to say, such as a receiver that simulates, is heard.
  if (status !== "fix" || !place?.satellites || !/^fix from \d+ satellites$/.test(words)) {
    return sentence(words).replace(/\.$/, "");
  }
  const seen = inView === null ? "" : `, ${inView} in view`;
  return `Fix from ${count(place.satellites, "satellite")}${seen}`;
}

function placeFacts({ status, place, age_seconds: age }, unit) {
  if (!place) {
    return [];
  }
  const where = (label) => fact(label, positionWords(place.latitude, place.longitude), false, "#map/now");
  if (status !== "fix") {
    return [where("Last position"), ...(age === null ? [] : [fact("That was", agoWords(age))])];
  }
  return [
    where("Position"),
    fact("Speed", motionWords(place, unit)),
    fact("Height", heightWords(place.altitude_m, unit)),
  ].filter(({ text }) => text);
}

/** Lines about the GPS receiver. */
export function gpsFacts({ recorder, speed_unit: unit }) {
  if (!recorder) {
    return [];
  }
  const { gps } = recorder;
  if (gps.kind === "none") {
    return [fact("Receiver", "none"), fact("State", stateWords(gps))];
  }
  const isMissing = !gps.is_connected;
  return [
    fact("Receiver", `${RECEIVERS[gps.kind]}${gps.is_fallback ? "; no receiver was found" : ""}`),
    fact("State", stateWords(gps), isMissing || gps.status === "stale"),
    ...(gps.device && gps.is_connected && gps.kind !== "simulated" ? [fact("Device", gps.device)] : []),
    ...placeFacts(gps, unit),
  ];
}

/** Lines about the running trip. */
export function tripFacts({ recorder, speed_unit: unit }) {
  const trip = recorder?.trip;
  if (!trip) {
    return [];
  }
  const hasMoved = trip.moving_seconds >= LEAST_MOVING_SECONDS;
  return [
    fact("Began", `${durationWords(trip.seconds)} ago`),
    fact("Distance", distanceWords(trip.distance_m, unit)),
    fact("Moving", durationWords(trip.moving_seconds)),
    ...(hasMoved
      ? [fact("Mean speed", `${speedWords(trip.distance_m / trip.moving_seconds, unit)} without stops`)]
      : []),
    fact("Top speed", speedWords(trip.top_speed_mps, unit)),
  ];
}

function localTime(utc, zone) {
  const style = { dateStyle: "medium", timeStyle: "medium" };
  try {
    return new Intl.DateTimeFormat("en-GB", { ...style, timeZone: zone }).format(utc);
  } catch {
    return `${new Intl.DateTimeFormat("en-GB", { ...style, timeZone: "UTC" }).format(utc)} UTC`;
  }
}

function differenceWords(seconds) {
  if (Math.abs(seconds) < CLOCK_TOLERANCE_SECONDS) {
    return "the same as this phone's";
  }
  return `${roughly(Math.abs(seconds))} ${seconds > 0 ? "ahead of" : "behind"} this phone`;
}

const ROUND_ERRORS = new Map([
  [1, "a second"],
  [60, "a minute"],
]);

function errorWords(seconds) {
  if (seconds === null) {
    return "";
  }
  const whole = Math.max(1, Math.ceil(seconds));
  return `, right within ${ROUND_ERRORS.get(whole) ?? roughly(whole)}`;
}

/** Lines about the clock. */
export function clockFacts({ recorder, heardAt }) {
  if (!recorder) {
    return [];
  }
  const { utc, source, zone, words, error_seconds: error } = recorder.clock;
  const isEstimate = source === "none" || source === "saved";
  const facts = [];
  if (utc !== null) {
    const seconds = (Date.parse(utc) - heardAt) / 1000;
    const about = isEstimate ? "about " : "";
    facts.push(
      fact("Time", `${about}${localTime(Date.parse(utc), zone)}`),
      fact("Compared", differenceWords(seconds), Math.abs(seconds) >= CLOCK_TOLERANCE_SECONDS),
    );
  }
  facts.push(fact("Known from", `${SOURCES[source] ?? source}${errorWords(error)}`, isEstimate));
  if (isEstimate && words) {
    facts.push(fact("What helps", words));
  }
  if (zone) {
    facts.push(fact("Time zone", zone));
  }
  return facts;
}
