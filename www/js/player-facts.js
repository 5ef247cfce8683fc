// What is known about a clip, in words.

import { element } from "./dom.js";
import { clock, dayName, size, timeOf } from "./words.js";

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
  saved: "carried on from the last run, roughly right",
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

/** How far it drove, as far as there was GPS. */
function driveOf({ track }) {
  if (!track) {
    return "";
  }
  const gap = track.gap_seconds >= 1 ? `, ${clock(track.gap_seconds)} without GPS` : "";
  return track.points ? `${Math.round(track.distance_m)} m${gap}` : "no GPS";
}

/** `{source, note}`: where the time is from, and what else is noted; of copied files the note says both. */
function notesOf(clip) {
  const noted = / ?The time is from ([^.]+)\./.exec(clip.note ?? "");
  const source = noted ? noted[1] : (CLOCKS[clip.clock_source] ?? clip.clock_source);
  const note = (clip.note ?? "").replace(noted?.[0] ?? "", "").replace(`Was called ${clip.name}.`, "");
  return { source, note: note.trim() };
}

function factsOf(clip) {
  if (clip.kind === "growing") {
    return [
      ["Now", "What is on the card so far is played, and what comes meanwhile."],
      ["File", clip.name],
    ];
  }
  const isVideo = clip.kind !== "photo";
  const { source, note } = notesOf(clip);
  return [
    ["Taken", `${dayName(clip.day)}, ${timeOf(clip)}`],
    ["Length", isVideo ? clock(clip.duration_seconds) : ""],
    ["Size", [size(clip.bytes), clip.width ? `${clip.width} × ${clip.height}` : ""].filter(Boolean).join(" · ")],
    ["Locked", clip.is_locked ? (CAUSES[clip.lock_cause] ?? clip.lock_cause) : isVideo ? "no" : ""],
    ["Frames", isVideo ? framesOf(clip) : ""],
    ["Place", clip.place ? `${clip.place.latitude.toFixed(5)}, ${clip.place.longitude.toFixed(5)}` : ""],
    ["Driven", driveOf(clip)],
    ["Camera", clip.camera],
    ["Time from", source],
    ["File", [clip.name, INTEGRITY[clip.integrity] ?? clip.integrity].join(", ")],
    ["Note", note],
  ];
}

/** Writes the facts into a description list; leaves it alone when nothing is new. */
export function writeFacts(list, clip) {
  const facts = factsOf(clip).filter(([, words]) => words);
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
