// What the other pages ask the dashcam, beside what the start page does: it comes with the first of them.

import { call, LONG_ANSWER_MILLISECONDS } from "./api.js";

export * from "./api.js";

const MOST_IDS = 500;
// Of the longest ids, each of them locked, that is as much as the dashcam takes in one request.
const MOST_DELETED_IDS = 300;
// Browsers let requests of 64 KiB together outlive their page, and refuse what is more.
const MOST_KEEPALIVE_BYTES = 60_000;

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
/** How maps are drawn: `{tiles, attribution, attribution_link, speed_unit, leaflet}`. */
export const mapFacts = () => call("GET", "/api/map");
/** `{clips, photos, trips}` of a day. */
export const dayMap = (day) => call("GET", `/api/days/${day}/map`);
/** The line of the running trip: `{points, trip}`. */
export const trip = () => call("GET", "/api/trip");
/** A clip's line as GeoJSON: a feature for each part without a gap. */
export const track = (id) => call("GET", `/api/clips/${id}/track.geojson`);
export const tracksAddress = (ids) => `/api/tracks.gpx?ids=${ids.join(",")}`;
export const storage = () => call("GET", "/api/storage");
export const settings = () => call("GET", "/api/settings");
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
export const downloadAddress = (clip) => `${clip.media}?download=1`;

/** A clip's motion with a score for every step, `{id, motion}`; null where nobody has looked. */
export const motionOf = (id) => call("GET", `/api/clips/${id}/motion`);
/** Where the event of a clip is in the drive: `{id, seconds}`. */
export const loopPlace = (id) => call("GET", `/api/clips/${id}/loop`);
/** `{clips, events, gaps, speeds}` of a day, in seconds since midnight. */
export const timeline = (day) => call("GET", `/api/days/${day}/timeline`);
export const counters = (day) => call("GET", `/api/days/${day}/counters`);
/** Asks for a clip of `{from_id, from_seconds, to_id, to_seconds}`; the id of the job, which the status tells of. */
export const cut = async (body) => (await call("POST", "/api/clips/cut", { body })).job;
/** Looks for motion in `{ids, day, cut}`, all optional; the id of the job. */
export const searchMotion = async (body) => (await call("POST", "/api/motion/search", { body })).job;
export const stopJob = (id) => call("POST", `/api/jobs/${id}/stop`);
/** These announcements were before somebody's eyes. */
export const sawAnnouncements = (ids) => call("POST", "/api/announcements/seen", { body: { ids } });

/** The last starts of the machine and what they took: `{boots, figures}`. */
export const boots = () => call("GET", "/api/boots");
/** How Wi-Fi and the shares stand; `is_there` is false on machines without the network program. */
export const network = (milliseconds) => call("GET", "/api/network", { milliseconds });
/** `{networks, age_seconds, words}`: what the radio sees. */
export const scanNetworks = () => call("POST", "/api/network/scan", { milliseconds: LONG_ANSWER_MILLISECONDS });
/** Saves `{ssid or ssid_hex, key, is_hidden, address, gateway, is_first}`; the network's id. */
export const addNetwork = async (body) => (await call("POST", "/api/network/networks", { body })).id;
export const forgetNetwork = (id) => call("DELETE", `/api/network/networks/${id}`);
export const orderNetworks = (ids) => call("POST", "/api/network/order", { body: { ids } });
/** Answered before the radio leaves: `{leaves_in_seconds, back_within_seconds, words}`. */
export const tryNetwork = (id) => call("POST", "/api/network/try", { body: { id } });
/** `{ssid, key, address}` of the dashcam's own access point. */
export const accessPoint = () => call("GET", "/api/network/access-point");
export const setSharePassword = (password) => call("POST", "/api/shares/password", { body: { password } });
export const pageQrAddress = (address) => `/api/network/page-qr${query({ address })}`;
export const ACCESS_POINT_QR = "/api/network/access-point/qr";
