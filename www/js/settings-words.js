// What the settings page says: values, limits, and what a change will do. No setting is known here, only kinds.

import { count } from "./words.js";

const NUMBERS = new Set(["int", "float"]);
const BIT_UNITS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s"];

// The dashcam refuses these from the page: whoever may drive may not run programs on the machine.
const ONLY_ON_MACHINE = new Set(["events.command"]);

/** True for what lies above what the page saves: given on the command line, or in the file on the boot partition. */
export function isGiven({ origin }) {
  return origin === "command" || origin === "boot";
}

/** Where it is given, in a few words. */
export function givenWhere({ origin }) {
  return origin === "boot" ? "given on the boot partition" : "given with --set";
}

/** True for what can be looked at only: given elsewhere, set on the machine alone, or without a choice. */
export function isFixed({ name, origin, type, choices }) {
  return isGiven({ origin }) || ONLY_ON_MACHINE.has(name) || (type === "choice" && choices.length < 2);
}

/** Where else a setting is changed, for one that cannot be from here; empty for all others. */
export function elsewhere({ name, origin }) {
  if (origin === "command") {
    return "Given with --set when the dashcam was started: it can be changed here once the dashcam is started without that.";
  }
  if (origin === "boot") {
    return `Given on the boot partition of the card: it can be changed here once the line ${name} is taken out of dashcam.toml there, from below [override], and the dashcam is started anew.`;
  }
  const [section, key] = name.split(".");
  const file = `in /etc/dashcam/dashcam.toml, under [${section}], as ${key} = "…"`;
  return ONLY_ON_MACHINE.has(name)
    ? `For safety it is set only on the machine itself: with --set ${name}=… or ${file}`
    : "";
}

/** What a person typed, as the dashcam should get it: a number where it reads as one, else the text itself. */
export function entered(setting, text) {
  if (!NUMBERS.has(setting.type)) {
    return text;
  }
  const plain = text.trim().replace(/^(-?\d+),(\d+)$/, "$1.$2");
  const number = Number(plain);
  return plain !== "" && Number.isFinite(number) ? number : text;
}

function bitRate(value) {
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), BIT_UNITS.length - 1);
  return `${Number((value / 1000 ** power).toPrecision(3))} ${BIT_UNITS[power]}`;
}

/** What 0 stands for where the help begins with it: `0: the camera's own choice`. */
function meaningOfZero(setting) {
  return /^0: ([^,;.]+)/.exec(setting.help)?.[1] ?? "";
}

/** A value for reading: `on`, `30 frames/s`, `8 Mbit/s`, `2 GB`, `the camera's own choice`. */
export function shown(setting, value) {
  if (value === 0 && meaningOfZero(setting)) {
    return meaningOfZero(setting);
  }
  if (typeof value === "boolean") {
    return value ? "on" : "off";
  }
  if (value === "") {
    return "empty";
  }
  if (typeof value !== "number" || !setting.unit) {
    return String(value);
  }
  return setting.unit === BIT_UNITS[0] ? bitRate(value) : `${value} ${setting.unit}`;
}

/** The same where the unit stands beside it. */
function bare(setting, value) {
  return setting.unit === BIT_UNITS[0] && value ? bitRate(value) : String(value);
}

/** From what to what: `25 → 15 frames/s`, in two parts. */
export function shownChange(setting, before, after) {
  const isUnitSaid = typeof before === "number" && typeof after === "number" && before && after;
  return [isUnitSaid ? bare(setting, before) : shown(setting, before), shown(setting, after)];
}

/** A long number in short, for beside its field; empty where that says no more. */
export function reading(setting, value) {
  return setting.unit === BIT_UNITS[0] && typeof value === "number" && value >= 1000 ? `= ${bitRate(value)}` : "";
}

/** What may be written, or nothing to say. */
export function limits(setting) {
  const { type, low, high, longest } = setting;
  if (type === "quantity") {
    return "An amount such as 500 MB or 2 GiB, or a share such as 20 %";
  }
  if (!NUMBERS.has(type)) {
    return type === "text" && longest ? `At most ${count(longest, "character")}` : "";
  }
  if (low !== null && high !== null && !setting.low_is_excluded) {
    return `${bare(setting, low)} to ${bare(setting, high)}`;
  }
  const least = low === null ? "" : `${setting.low_is_excluded ? "more than" : "at least"} ${bare(setting, low)}`;
  const most = high === null ? "" : `at most ${bare(setting, high)}`;
  return [least, most].filter(Boolean).join(", ");
}

/** A word in time, before the dashcam is asked; only the dashcam refuses. */
export function doubt(setting, value) {
  if (setting.type === "quantity" && /^\s*\d+([.,]\d+)?\s*$/.test(value)) {
    return `Which unit? Write ${value.trim()} % or ${value.trim()} GB.`;
  }
  if (!NUMBERS.has(setting.type)) {
    return "";
  }
  if (typeof value !== "number" || (setting.type === "int" && !Number.isInteger(value))) {
    return setting.type === "int" ? "This should be a whole number." : "This should be a number.";
  }
  const isTooLow = setting.low !== null && (value < setting.low || (setting.low_is_excluded && value === setting.low));
  const isTooHigh = setting.high !== null && value > setting.high;
  return isTooLow || isTooHigh ? `Outside the limits: ${limits(setting)}.` : "";
}

/** How a change comes into force, said beside the setting; the usual way needs no words. */
export const EFFECTS = {
  next_clip: "applies from the next clip",
  camera: "a change opens the camera anew",
  page: "a change restarts this page",
};

const COSTS = {
  camera: "the camera is opened anew, about 2 seconds are not recorded",
  page: "this page is served anew and may move to another address",
};

function counted(settings, applies) {
  return settings.filter((setting) => applies.includes(setting.applies)).length;
}

/** What saving these settings will do. */
export function consequences(settings) {
  const kinds = [
    [counted(settings, ["at_once"]), "at once"],
    [counted(settings, ["next_clip"]), "from the next clip"],
    [counted(settings, Object.keys(COSTS)), `after Apply now: ${costs(settings)}`],
  ].filter(([number]) => number);
  const words = kinds.length === 1 ? kinds[0][1] : kinds.map(([number, text]) => `${number} ${text}`).join(", ");
  return `Once saved, in force ${words}.`;
}

/** What it costs to bring waiting settings into force. */
export function costs(settings) {
  const words = Object.entries(COSTS).filter(([applies]) => counted(settings, [applies]));
  return words.map(([, text]) => text).join("; ");
}

/** `Frame rate, Port and 3 more`. */
export function labels(settings, most = 3) {
  const named = settings.slice(0, most).map(({ label }) => label);
  const rest = settings.length - named.length;
  return rest > 0 ? `${named.join(", ")} and ${rest} more` : named.join(", ");
}

/** The hours that fit on the card. */
export function hours(amount) {
  const rounded = amount < 10 ? Math.round(amount * 10) / 10 : Math.round(amount);
  return count(rounded, "hour");
}
