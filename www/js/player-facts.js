// What is known about a clip, in words.

import { takenAt } from "./clip-time.js";
import { element } from "./dom.js";
import { causeOf } from "./event-words.js";
import { distanceWords, durationWords, speedWords } from "./map-words.js";
import { heightWords, motionWords, positionWords } from "./place-words.js";
import { clock, count, size } from "./words.js";

const CAUSES = {
  button: "saved by button",
  api: "saved by a program",
  hand: "locked by hand",
  motion: "motion was seen",
  impact: "an impact was felt",
};
const INTEGRITY = {
  closed: "whole",
  repaired: "was cut off, and repaired",
  adopted: "copied onto the card",
};
const CLOCKS = {
  none: "no clock yet; the time is not known",
  saved: "estimated, from the clock the dashcam remembered",
  system: "the dashcam's own clock",
  phone: "a phone",
  ntp: "the internet",
  gps: "GPS",
};

/** Frames a second, as they came; null when it cannot be said. */
export function rateOf(clip) {
  return clip.frames > 1 && clip.duration_seconds > 0 ? clip.frames / clip.duration_seconds : null;
}

function framesOf(clip) {
  const rate = rateOf(clip);
  const lost = clip.dropped_frames ? `${clip.dropped_frames} lost to a slow card` : "none lost";
  return rate ? `${clip.frames}, ${rate.toFixed(1)} a second, ${lost}` : "";
}

/** How it moved where it was taken, how high that is, and how many satellites said so. */
function motionOf({ place }, unit) {
  if (!place) {
    return "";
  }
  const satellites = place.satellites ? count(place.satellites, "satellite") : "";
  return [motionWords(place, unit), heightWords(place.altitude_m, unit), satellites].filter(Boolean).join(" · ");
}

/** How far and how fast it drove; without GPS there is nothing to say. */
function driveOf({ track }, unit) {
  if (!track?.points) {
    return "";
  }
  const { distance_m: metres, moving_seconds: moving, top_speed_mps: top } = track;
  const parts = [
    distanceWords(metres, unit),
    moving >= 1 ? `mean ${speedWords(metres / moving, unit)}` : "",
    top === null ? "" : `top ${speedWords(top, unit)}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** Why it was made, and what is to be known of that. */
function eventOf({ event }) {
  if (!event) {
    return "";
  }
  const parts = [
    causeOf(event).means,
    event.score ? `score ${Math.round(event.score)}` : "",
    event.triggers > 1 ? `triggered ${count(event.triggers, "time")}` : "",
    event.part > 1 ? `part ${event.part}` : "",
    event.found_later ? "found afterwards" : "",
    event.words,
  ];
  return parts.filter(Boolean).join(" · ");
}

/** How often and how long something moved, where somebody has looked. */
function movedOf({ motion }) {
  if (!motion) {
    return "";
  }
  const seconds = motion.windows.reduce((sum, [from, to]) => sum + to - from, 0);
  return motion.windows.length ? `${count(motion.windows.length, "time")}, ${durationWords(seconds)}` : "nothing moved";
}

function gapsOf({ track }) {
  return track?.points && track.gap_seconds >= 1 ? `no GPS for ${durationWords(track.gap_seconds)}` : "";
}

/** `{source, note}`: where the time is from, and what else is noted; of copied files the note says both. */
function notesOf(clip) {
  const noted = / ?The time is from ([^.]+)\./.exec(clip.note ?? "");
  const source = noted ? noted[1] : (CLOCKS[clip.clock_source] ?? clip.clock_source);
  const note = (clip.note ?? "").replace(noted?.[0] ?? "", "").replace(`Was called ${clip.name}.`, "");
  return { source, note: note.trim() };
}

function factsOf(clip, unit) {
  if (clip.kind === "growing") {
    return [
      ["Now", "What is on the card so far is played, and what comes meanwhile."],
      ["File", clip.name],
    ];
  }
  const isVideo = clip.kind !== "photo";
  const { source, note } = notesOf(clip);
  return [
    ["Taken", takenAt(clip)],
    ["Length", isVideo ? clock(clip.duration_seconds) : ""],
    ["Size", [size(clip.bytes), clip.width ? `${clip.width} × ${clip.height}` : ""].filter(Boolean).join(" · ")],
    ["Locked", clip.is_locked ? (CAUSES[clip.lock_cause] ?? clip.lock_cause) : isVideo ? "no" : ""],
    ["Event", eventOf(clip)],
    ["Motion", movedOf(clip)],
    ["Frames", isVideo ? framesOf(clip) : ""],
    ["Place", clip.place ? positionWords(clip.place.latitude, clip.place.longitude) : ""],
    [isVideo ? "At its start" : "There", motionOf(clip, unit)],
    ["Driven", driveOf(clip, unit)],
    ["Gaps", gapsOf(clip)],
    ["Camera", clip.camera],
    ["Time from", source],
    ["File", [clip.name, INTEGRITY[clip.integrity] ?? clip.integrity].join(", ")],
    ["Note", note],
  ];
}

/** Writes the facts into a description list; leaves it alone when nothing is new. */
export function writeFacts(list, clip, unit) {
  const facts = factsOf(clip, unit).filter(([, words]) => words);
  const key = JSON.stringify(facts);
  if (list.dataset.key !== key) {
    list.dataset.key = key;
    list.replaceChildren(
      ...facts.map(([name, words]) =>
        element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: words })),
      ),
    );
  }
}
