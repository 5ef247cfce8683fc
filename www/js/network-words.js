// What is said of Wi-Fi and the shares: states, names, strengths, and what is wrong with what was typed.

import { count } from "./words.js";

export const MOST_SSID_BYTES = 32;
const LEAST_KEY_BYTES = 8;
const MOST_KEY_BYTES = 63;
const STRONG_PERCENT = 67;
const FAIR_PERCENT = 40;
const BARS = 4;

const bytesOf = (text) => new TextEncoder().encode(text).length;

/** What the dashcam does with the radio just now: `{title, isGood, isTrouble}`. */
export function wifiTitle({ state, ssid, stations }) {
  const words = {
    off: "Wi-Fi is left alone",
    no_radio: "There is no Wi-Fi radio",
    starting: "Wi-Fi is starting",
    joining: `Joining ${ssid}`,
    joined: `On ${ssid}`,
    opening: "Opening its own access point",
    access_point: `On its own access point, ${ssid}: ${stations ? `${count(stations, "device")} on it` : "nobody is on it"}`,
    looking: "Looking for known networks",
    failed: "Wi-Fi does not work",
  };
  return { title: words[state] ?? state, isTrouble: state === "failed" || state === "no_radio" };
}

/** `strong (88 %)`. */
export function strength(percent) {
  const word = percent >= STRONG_PERCENT ? "strong" : percent >= FAIR_PERCENT ? "fair" : "weak";
  return `${word} (${percent} %)`;
}

/** 1 to 4. */
export const barsOf = (percent) => Math.min(BARS, Math.max(1, Math.ceil((percent * BARS) / 100)));

/** A name as people can read it, also one that is nothing but spaces. */
export function nameOf({ ssid, ssid_hex: hex }) {
  return ssid.trim() ? ssid : `a name of spaces or signs (${hex})`;
}

/** Why a network in reach cannot be joined; empty for those that can. */
export function hindranceOf({ security }) {
  const words = {
    wep: "its encryption (WEP) is broken: the dashcam does not join it",
    enterprise: "it wants a user's name: the dashcam cannot join it",
  };
  return words[security] ?? "";
}

/** `strong (88 %), with a key, 5 GHz, saved`. */
export function factsOfSeen(network) {
  return [
    strength(network.signal_percent),
    hindranceOf(network) || (network.security === "open" ? "open, without a key" : "with a key"),
    network.is_5_ghz ? "5 GHz" : "",
    network.network_id ? "saved already" : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** `hidden, fixed address 192.168.1.50/24`. */
export function factsOfSaved(network) {
  return [
    network.is_hidden ? "hides its name" : "",
    network.has_key ? "" : "without a key",
    network.address ? `fixed address ${network.address}` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** What is wrong with a key; empty for one that can be. */
export function doubtOfKey(key) {
  const length = bytesOf(key);
  if (length < LEAST_KEY_BYTES) {
    return "A key has at least 8 characters.";
  }
  return length <= MOST_KEY_BYTES || /^[0-9A-Fa-f]{64}$/.test(key)
    ? ""
    : "A key has at most 63 characters, or 64 digits 0 to 9 and A to F.";
}

/** What is wrong with a name that was typed; empty for one that can be. */
export function doubtOfName(name) {
  if (!name) {
    return "Write the network's name, with every capital letter and sign.";
  }
  return bytesOf(name) > MOST_SSID_BYTES ? "This is longer than a network's name can be." : "";
}

/** What is wrong with the password of the shares; empty for one that can be. */
export function doubtOfPassword(password) {
  if ([...password].length < LEAST_KEY_BYTES) {
    return "A password here has at least 8 characters.";
  }
  if ([...password].length > MOST_KEY_BYTES) {
    return "A password here has at most 63 characters.";
  }
  return password.trim() === password ? "" : "No space at the beginning or end, please.";
}

/** How old a list is that was not made just now. */
export function ageOfList({ age_seconds: age, words, networks }) {
  if (age === null) {
    return words || "Nothing was looked for yet.";
  }
  const old = age >= 60 ? `Seen ${count(Math.round(age / 60), "minute")} ago.` : "";
  return [networks.length ? "" : "Nothing is in reach.", old, words].filter(Boolean).join(" ");
}

/** Where an address of a share is typed. */
export function whereToType(address) {
  if (address.startsWith("\\\\")) {
    return "Windows: in Explorer's address line";
  }
  return address.startsWith("smb:") ? "macOS (Go, Connect to Server) and phones" : "FTP programs";
}

/** What a share lacks, or that it runs: `{words, isTrouble}`. */
export function shareWords({ is_wanted: isWanted, is_running: isRunning, has_password: hasPassword, words }) {
  if (!isWanted) {
    return { words: "Switched off.", isTrouble: false };
  }
  if (!hasPassword) {
    return { words: "Waits for a password: set one here, then it starts.", isTrouble: true };
  }
  return { words: words || (isRunning ? "Runs." : "It is starting."), isTrouble: Boolean(words) && !isRunning };
}
