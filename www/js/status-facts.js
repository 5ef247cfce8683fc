// The facts of the status page: what stands in each line, and whether it should worry anybody.

import { clock, count, roughly, sentence, size } from "./words.js";
import { eventName, isCalm, lookOf } from "./words-of-state.js";

const KEEPER_STATES = {
  starting: "starting",
  scanning: "looking through the card",
  working: "at work",
  idle: "nothing to do",
  no_card: "waits for a card",
};
const MOTION_STATES = {
  learning: "learning what is always there",
  still: "nothing moves",
  moving: "something moves",
};
const STALE_SECONDS = 3;
const WARM_CELSIUS = 75;
const HOT_CELSIUS = 80;

/** A line: its label, what stands there, and whether it should worry anybody; with an `href` it leads there. */
export const fact = (label, text, isBad = false, href = "") => ({ label, text, isBad, href });
const percent = (part, whole) => (whole ? `${Math.round((100 * part) / whole)} %` : "0 %");
const plain = (number) => number.toLocaleString("en-GB");

const orNone = (number) => (number ? plain(number) : "none");

/** Lines about the mode, and what is noticed and held for events. */
function modeFacts({ mode, motion, ring, event, events }) {
  const held = `${Math.floor(Math.min(ring.seconds, ring.asked_seconds))} of ${Math.round(ring.asked_seconds)} s before it, ${size(ring.bytes)}`;
  return [
    fact("Mode", mode.wanted === mode.mode ? mode.mode : `${mode.mode} (chosen: ${mode.wanted})`),
    fact("Why", sentence(mode.words) || "–"),
    fact(
      "Motion",
      motion.state === "off" ? `not looked for: ${motion.words}` : motion.words || MOTION_STATES[motion.state],
    ),
    fact("Held for an event", ring.words ? `${held}: ${ring.words}` : held, Boolean(ring.words)),
    fact("Events since the start", orNone(events) + (event ? `; now: ${eventName(event).toLowerCase()}` : "")),
  ];
}

/** Lines about the recording itself. */
export function recordingFacts(state) {
  const { recorder } = state;
  const shown = lookOf(state);
  const headline = fact("Now", shown.words, !isCalm(shown.look));
  if (!recorder) {
    return [headline];
  }
  const { queue, newest_packet_age_seconds: age, bytes_per_second: rate } = recorder;
  const facts = [headline, ...modeFacts(recorder)];
  if (recorder.open_clip) {
    facts.push(fact("This clip", `${clock(recorder.open_clip.seconds)}, ${size(recorder.open_clip.bytes)}`));
  }
  if (age !== null) {
    facts.push(
      fact("Newest picture", age < 1 ? "less than a second old" : `${age.toFixed(1)} s old`, age > STALE_SECONDS),
    );
  }
  facts.push(
    fact(
      "Dropped frames",
      `${orNone(queue.dropped_frames)} of ${plain(recorder.frames_received)}`,
      queue.dropped_frames > 0,
    ),
    fact(
      "Waiting for the card",
      `${percent(queue.used_bytes, queue.limit_bytes)} of the room for it, at most ${percent(queue.high_water_bytes, queue.limit_bytes)}`,
      queue.used_bytes > queue.limit_bytes / 2,
    ),
    fact(
      "Slow writes",
      `${orNone(queue.slow_writes)}; the longest write took ${queue.longest_stall_seconds.toFixed(1)} s`,
      queue.slow_writes > 0,
    ),
  );
  if (rate) {
    facts.push(fact("Amount", `${((rate * 8) / 1e6).toFixed(1)} Mbit/s, ${size(rate * 60)} a minute`));
  }
  facts.push(
    fact("Recorder runs for", roughly(recorder.uptime_seconds)),
    fact("Watching live", `${state.live.viewers} of at most ${state.live.max_viewers}`),
  );
  return facts;
}

/** Lines about the camera. */
export function cameraFacts({ recorder }) {
  const camera = recorder?.camera;
  if (!camera) {
    return [fact("Camera", recorder ? "none" : "not known", true)];
  }
  return [
    fact("Camera", `${camera.description} (${camera.name})`, camera.is_fallback),
    fact("Picture", `${camera.width} × ${camera.height}, ${Math.round(camera.fps * 100) / 100} pictures a second`),
    fact("Encoder", camera.encoder),
    ...camera.notes.map((note) => fact("Note", sentence(note))),
  ];
}

function powerFact(machine) {
  if (machine.is_under_voltage) {
    return fact("Voltage", "too low now: use another cable or supply", true);
  }
  if (machine.was_under_voltage) {
    return fact("Voltage", "was too low since the start: use another cable or supply", true);
  }
  return machine.is_under_voltage === null ? null : fact("Voltage", "fine");
}

function heatFact({ temperature_celsius: celsius }) {
  if (celsius === null) {
    return null;
  }
  const advice = celsius >= HOT_CELSIUS ? ": it slows itself down; give it shade and air" : "";
  return fact("Temperature", `${Math.round(celsius)} °C${advice}`, celsius >= WARM_CELSIUS);
}

/** Lines about the machine; what it does not tell is left out. */
export function machineFacts(state) {
  const { machine } = state;
  const versions = fact("Dashcam", `version ${state.version}`);
  if (!machine) {
    return [versions];
  }
  const { is_throttled: isThrottled } = machine;
  return [
    fact("Machine", machine.model),
    heatFact(machine),
    powerFact(machine),
    isThrottled === null
      ? null
      : fact("Speed", isThrottled ? "held back, by heat or low voltage" : "full", isThrottled),
    fact("Switched on for", roughly(machine.uptime_seconds)),
    fact("Memory", `${size(machine.memory_free_bytes)} of ${size(machine.memory_total_bytes)} free`),
    fact("Load", String(machine.load)),
    versions,
    fact("System", `${machine.system}, Python ${machine.python}`),
  ].filter((one) => one !== null);
}

/** Lines about the program that looks after the clips. */
export function keeperFacts({ keeper }) {
  if (!keeper) {
    return [fact("Keeper", "does not answer: old clips are not deleted just now", true)];
  }
  return [
    fact("Keeper", KEEPER_STATES[keeper.state] ?? keeper.state),
    fact("In its list", count(keeper.catalogued, "clip")),
    fact("Still to do", count(keeper.waiting_jobs, "job")),
    fact("Repaired", count(keeper.repaired, "clip")),
    fact(
      "Beyond repair",
      keeper.broken ? `${count(keeper.broken, "clip")}, in the folder BROKEN` : "none",
      keeper.broken > 0,
    ),
    fact("Made room by deleting", count(keeper.deleted_by_quota, "old clip")),
  ];
}
