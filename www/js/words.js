// Times, days and sizes as people say them.

const LOCALE = "en-GB";
const LONG_DAY = new Intl.DateTimeFormat(LOCALE, {
  weekday: "long",
  day: "numeric",
  month: "long",
  year: "numeric",
});

const SHORT_DAY = new Intl.DateTimeFormat(LOCALE, { weekday: "short", day: "numeric", month: "short" });

/** `1:05` or `1:02:03`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** The same for screen readers: `1 minute 5 seconds`. */
export function spokenDuration(seconds) {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const parts = [minutes ? count(minutes, "minute") : "", whole % 60 || !minutes ? count(whole % 60, "second") : ""];
  return parts.filter(Boolean).join(" ");
}

/** `1 clip`, `2 clips`. */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `15:45:00` in the dashcam's zone, or what is known instead. */
export function timeOf(clip) {
  return clip.local_time ? clip.local_time.slice(11, 19) : clip.name;
}

function dateOf(day) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date);
}

/** Whether a text names a day folder. */
export const isDay = (day) =>
  day === "undated" || (/^\d{4}-\d\d-\d\d$/.test(day) && dateOf(day).getDate() === Number(day.slice(8)));

/** A day folder's name for people: `Today`, `Friday 20 November 2026`. */
export function dayName(day, today = new Date()) {
  if (day === "undated") {
    return "Date not certain";
  }
  const date = dateOf(day);
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (date.toDateString() === today.toDateString()) {
    return "Today";
  }
  return date.toDateString() === yesterday.toDateString() ? "Yesterday" : LONG_DAY.format(date);
}

/** Where there is little room: `Today`, `Wed 18 Nov`, `No date`. */
export function shortDayName(day) {
  if (day === "undated") {
    return "No date";
  }
  const name = dayName(day);
  return /\d/.test(name) ? SHORT_DAY.format(dateOf(day)) : name;
}

/** `61 MB`. */
export function size(bytes) {
  let amount = bytes;
  for (const unit of ["B", "kB", "MB", "GB"]) {
    if (amount < 1000) {
      return `${amount < 10 && unit !== "B" ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
    }
    amount /= 1000;
  }
  return `${amount.toFixed(1)} TB`;
}

/** A text that begins with a large letter and ends with a full stop; what is empty stays so. */
export function sentence(text) {
  const trimmed = text.trim();
  if (!trimmed) {
    return "";
  }
  return `${trimmed[0].toUpperCase()}${trimmed.slice(1)}${/[.!?…]$/.test(trimmed) ? "" : "."}`;
}

/** How long something lasts, roughly: `40 seconds`, `12 minutes`, `5.5 hours`, `3 days`. */
export function roughly(seconds) {
  if (seconds < 90) {
    return count(Math.round(seconds), "second");
  }
  if (seconds < 5400) {
    return count(Math.round(seconds / 60), "minute");
  }
  const hours = seconds / 3600;
  if (hours < 48) {
    return hours < 10 ? `${hours.toFixed(1).replace(/\.0$/, "")} hours` : `${Math.round(hours)} hours`;
  }
  return count(Math.round(hours / 24), "day");
}
