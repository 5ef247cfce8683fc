// The only place that talks to the dashcam: every address, every JSON, every failure in words.

/** What went wrong, in words that say what to do. */
export class ApiError extends Error {
  constructor(code, message, fields = {}) {
    super(message);
    this.code = code;
    /** What is wrong with single settings, by their full names. */
    this.fields = fields;
  }
}

const ANSWER_MILLISECONDS = 20_000;
// Moving or deleting many clips on a slow card.
const LONG_ANSWER_MILLISECONDS = 70_000;
const MOST_IDS = 500;
// Of the longest ids, each of them locked, that is as much as the dashcam takes in one request.
const MOST_DELETED_IDS = 300;
// Browsers let requests of 64 KiB together outlive their page, and refuse what is more.
const MOST_KEEPALIVE_BYTES = 60_000;
// The dashcam gives a sign of life every three seconds.
const SILENCE_MILLISECONDS = 9_000;
const AGAIN_MILLISECONDS = 3_000;

const UNREACHABLE =
  "The dashcam cannot be reached. Is this phone still in the dashcam's Wi-Fi, and has the dashcam power?";

async function call(method, path, { body, milliseconds = ANSWER_MILLISECONDS, keepalive = false } = {}) {
  const request = { method, signal: AbortSignal.timeout(milliseconds), cache: "no-store", keepalive };
  if (body !== undefined) {
    request.body = JSON.stringify(body);
    request.headers = { "Content-Type": "application/json" };
  }
  let response;
  let answer;
  try {
    response = await fetch(path, request);
    answer = await response.json();
  } catch {
    throw new ApiError("unreachable", UNREACHABLE);
  }
  if (!response.ok) {
    throw new ApiError(answer.error.code, answer.error.message, answer.error.fields);
  }
  return answer;
}

function query(parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

/** Sends ids in portions; `{done, failed}` of all together. */
async function handle(path, ids) {
  const all = { done: [], failed: {} };
  for (let start = 0; start < ids.length; start += MOST_IDS) {
    const body = { ids: ids.slice(start, start + MOST_IDS) };
    const part = await call("POST", path, { body, milliseconds: LONG_ANSWER_MILLISECONDS });
    all.done.push(...part.done);
    Object.assign(all.failed, part.failed);
  }
  return all;
}

function deletions(ids, locked) {
  const known = new Set(locked);
  const starts = [...Array(Math.ceil(ids.length / MOST_DELETED_IDS)).keys()].map((part) => part * MOST_DELETED_IDS);
  return starts.map((start) => {
    const part = ids.slice(start, start + MOST_DELETED_IDS);
    return { ids: part, locked: part.filter((id) => known.has(id)) };
  });
}

async function removePart(body, { keepalive = false } = {}) {
  try {
    return await call("POST", "/api/clips/delete", { body, keepalive, milliseconds: LONG_ANSWER_MILLISECONDS });
  } catch (error) {
    return { done: [], failed: Object.fromEntries(body.ids.map((id) => [id, error.message])), locked: [] };
  }
}

function joined(answers) {
  return {
    done: answers.flatMap((answer) => answer.done),
    failed: Object.assign({}, ...answers.map((answer) => answer.failed)),
    locked: answers.flatMap((answer) => answer.locked ?? []),
  };
}

/** Days with counts; `filter`: `{kind, locked, from, to}`, all optional. */
export const days = async (filter = {}) => (await call("GET", `/api/days${query(filter)}`)).days;
/** `{clips, next}`; `next` is the `before` of the following page, null at the end. */
export const clips = (parameters) => call("GET", `/api/clips${query(parameters)}`);
export const clip = (id) => call("GET", `/api/clips/${id}`);
/** `{older, newer}` of a clip within a filter, null at the ends. */
export const neighbours = (id, filter = {}) => call("GET", `/api/clips/${id}/neighbours${query(filter)}`);
/** With `heardAt`: when that was, by the phone's clock; who comes to it later can tell how old it is. */
export async function status(milliseconds = ANSWER_MILLISECONDS) {
  return { ...(await call("GET", "/api/status", { milliseconds })), heardAt: Date.now() };
}
/** How maps are drawn: `{tiles, attribution, attribution_link, speed_unit, leaflet}`. */
export const mapFacts = () => call("GET", "/api/map");
/** `{clips, photos, trips}` of a day. */
export const dayMap = (day) => call("GET", `/api/days/${day}/map`);
/** Where the car is now: `{gps, trip}`. */
export const place = () => call("GET", "/api/place");
/** The line of the running trip: `{points, trip}`. */
export const trip = () => call("GET", "/api/trip");
/** A clip's line as GeoJSON: a feature for each part without a gap. */
export const track = (id) => call("GET", `/api/clips/${id}/track.geojson`);
export const tracksAddress = (ids) => `/api/tracks.gpx?ids=${ids.join(",")}`;
export const storage = () => call("GET", "/api/storage");
export const settings = () => call("GET", "/api/settings");
/**
 * `changes`: values by full name, null for the default. Throws an ApiError with `fields`, and nothing is saved then;
 * so with the code `would_delete` where recordings would be deleted for it, unless `mayDelete`.
 */
export const changeSettings = (changes, mayDelete = false) => {
  const body = mayDelete ? { changes, may_delete: true } : { changes };
  return call("PATCH", "/api/settings", { body, milliseconds: LONG_ANSWER_MILLISECONDS });
};
/** Brings what waits into force: the camera is opened anew, or the page's server moves to `address`. */
export const applySettings = () => call("POST", "/api/settings/apply", { milliseconds: LONG_ANSWER_MILLISECONDS });
export const logPrograms = async () => (await call("GET", "/api/logs")).programs;
/** `{lines, next}`; `parameters`: `{level, text, after, limit}`, all optional. */
export const log = (program, parameters = {}) => call("GET", `/api/logs/${program}${query(parameters)}`);
export const power = () => call("GET", "/api/power");
export const powerOff = () => call("POST", "/api/power/off", { milliseconds: LONG_ANSWER_MILLISECONDS });
export const restartMachine = () => call("POST", "/api/power/restart", { milliseconds: LONG_ANSWER_MILLISECONDS });
export const zipAddress = (ids) => `/api/clips.zip?ids=${ids.join(",")}`;
export const lock = (ids) => handle("/api/clips/lock", ids);
export const unlock = (ids) => handle("/api/clips/unlock", ids);
/**
 * Deletes; of what is locked only what the person knew to be: the ids in `locked`. Throws nothing: `{done, failed, locked}`
 * of all portions, where `locked` are those of `failed` that are locked and were not known to be.
 */
export async function remove(ids, locked = []) {
  const answers = [];
  for (const body of deletions(ids, locked)) {
    answers.push(await removePart(body));
  }
  return joined(answers);
}
/** The same when the page is being left: the requests outlive it, as many as a browser allows, and none waits. */
export async function removeOnLeaving(ids, locked = []) {
  let left = MOST_KEEPALIVE_BYTES;
  const parts = deletions(ids, locked).map((body) => {
    left -= JSON.stringify(body).length;
    return removePart(body, { keepalive: left >= 0 });
  });
  return joined(await Promise.all(parts));
}
export const photo = () => call("POST", "/api/photo");
/** Brings this phone's time: `{is_taken, words, clock, zone_offer}`. `roundTrip`: milliseconds that an earlier call took. */
export const tellTime = (zone, roundTrip = null) =>
  call("POST", "/api/time", { body: { utc_ms: Date.now(), zone, round_trip_ms: roundTrip } });
export const save = () => call("POST", "/api/save");
export const startRecording = () => call("POST", "/api/recording/start");
export const stopRecording = () => call("POST", "/api/recording/stop");
/** The live pictures, as /stream.mjpg has them, in an answer whose body never ends. Throws an ApiError with the dashcam's words. */
export async function openLive(signal) {
  let response;
  try {
    response = await fetch("/api/live", { signal, cache: "no-store" });
  } catch {
    throw new ApiError("unreachable", UNREACHABLE);
  }
  if (!response.ok) {
    const { error } = await response.json();
    throw new ApiError(error.code, error.message);
  }
  return response;
}

/** How long a short question and its answer take; null when there is none. */
export async function roundTripMilliseconds() {
  const asked = performance.now();
  try {
    await fetch("/icon.svg", { method: "HEAD", signal: AbortSignal.timeout(AGAIN_MILLISECONDS), cache: "no-store" });
  } catch {
    return null;
  }
  return performance.now() - asked;
}

export const downloadAddress = (clip) => `${clip.media}?download=1`;

/**
 * Calls `onState` with the dashcam's status whenever there is news, and with null once nothing is heard any more;
 * `onClips` with `{generation, newest}` when the list of clips has changed.
 * While the page is hidden nothing is asked: it costs the phone's data and one of the dashcam's places.
 */
export function followState(onState, onClips = () => {}) {
  let source = null;
  let silence = 0;
  let again = 0;

  function hear() {
    clearTimeout(silence);
    silence = setTimeout(lose, SILENCE_MILLISECONDS);
  }

  function follow(event, onNews) {
    source.addEventListener(event, ({ data }) => {
      hear();
      onNews(JSON.parse(data));
    });
  }

  function close() {
    source?.close();
    source = null;
    clearTimeout(silence);
    clearTimeout(again);
  }

  function open() {
    close();
    source = new EventSource("/api/events");
    follow("status", (state) => onState({ ...state, heardAt: Date.now() }));
    follow("clips", onClips);
    follow("alive", () => {});
    source.addEventListener("error", lose);
    silence = setTimeout(lose, SILENCE_MILLISECONDS);
  }

  /** The events have ended: perhaps too many pages listen, perhaps the dashcam is gone. One question tells. */
  async function lose() {
    close();
    again = setTimeout(open, AGAIN_MILLISECONDS);
    try {
      onState(await status(AGAIN_MILLISECONDS - 500));
    } catch {
      onState(null);
    }
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  if (!document.hidden) {
    open();
  }
}
