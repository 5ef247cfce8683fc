// What the start page asks the dashcam; with api-more.js the only place that talks to it: every address, every JSON,
// every failure in words.

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
export const LONG_ANSWER_MILLISECONDS = 70_000;
// The dashcam gives a sign of life every three seconds.
const SILENCE_MILLISECONDS = 9_000;
const AGAIN_MILLISECONDS = 3_000;

const UNREACHABLE =
  "The dashcam cannot be reached. Is this phone still in the dashcam's Wi-Fi, and has the dashcam power?";

/** One question to the dashcam, and its answer. Throws an ApiError with its words. */
export async function call(method, path, { body, milliseconds = ANSWER_MILLISECONDS, keepalive = false } = {}) {
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

/** With `heardAt`: when that was, by the phone's clock; who comes to it later can tell how old it is. */
export async function status(milliseconds = ANSWER_MILLISECONDS) {
  return { ...(await call("GET", "/api/status", { milliseconds })), heardAt: Date.now() };
}
/** Where the car is now: `{gps, trip}`. */
export const place = () => call("GET", "/api/place");
/**
 * `changes`: values by full name, null for the default. Throws an ApiError with `fields`, and nothing is saved then;
 * so with the code `would_delete` where recordings would be deleted for it, unless `mayDelete`.
 */
export const changeSettings = (changes, mayDelete = false) => {
  const body = mayDelete ? { changes, may_delete: true } : { changes };
  return call("PATCH", "/api/settings", { body, milliseconds: LONG_ANSWER_MILLISECONDS });
};
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
