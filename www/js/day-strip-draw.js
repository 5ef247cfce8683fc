// Draws a day's line: events at the top, what moved and how fast the car was below, then what was recorded, and hours.

import { groupsOf, momentWords } from "./day-line.js";
import { causeOf } from "./event-words.js";
import { outlineOf } from "./gallery-icons.js";

export const STRIP_PIXELS = 116;
/** As wide as the mark of an event; those that are nearer to each other become one with a number. */
export const MARK_PIXELS = 22;
const MARKS = { top: 2, bottom: 26 };
const CURVES = { top: 30, bottom: 70 };
const BAND = { top: 72, bottom: 88 };
const LABELS = 106;
const LEAST_BAR_PIXELS = 3;
const LEAST_TOP_MPS = 8;
const STEPS_MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360];
const LEAST_LABEL_PIXELS = 60;
const SIGN_SIZE = 24;

const COLOURS = ["ground", "raised", "line", "text", "quiet", "link", "good", "record", "warning-text"];

/** The colours of now, by name. */
export function coloursOf(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`)]));
}

function drawHours({ context, view, width, colours }) {
  const minutes = (view.to - view.from) / 60;
  const step = STEPS_MINUTES.find((one) => (width * one) / minutes >= LEAST_LABEL_PIXELS) ?? 360;
  context.textAlign = "center";
  context.font = "12px system-ui, sans-serif";
  for (let at = Math.ceil(view.from / 60 / step) * step; at * 60 <= view.to; at += step) {
    const x = view.x(at * 60);
    context.fillStyle = colours.line;
    context.fillRect(Math.round(x), CURVES.top, 1, BAND.bottom - CURVES.top + 4);
    context.fillStyle = colours.quiet;
    const words = at === 24 * 60 ? "24:00" : momentWords(at * 60);
    const half = context.measureText(words).width / 2;
    context.fillText(words, Math.max(half, Math.min(width - half, x)), LABELS);
  }
}

function drawRecorded({ context, view, line, colours }) {
  context.fillStyle = colours.raised;
  context.fillRect(0, BAND.top, view.width, BAND.bottom - BAND.top);
  const height = BAND.bottom - BAND.top;
  for (const isEvent of [false, true]) {
    context.fillStyle = isEvent ? colours.good : colours.link;
    // Over the drive an event is a thin line.
    const top = isEvent ? BAND.bottom - height / 3 : BAND.top;
    for (const [from, to] of isEvent ? line.eventSpans : line.driveSpans) {
      if (to > view.from && from < view.to) {
        const left = Math.max(0, view.x(from));
        context.fillRect(left, top, Math.max(1, Math.min(view.width, view.x(to)) - left), BAND.bottom - top);
      }
    }
  }
}

/** Where nothing was recorded although the dashcam ran: a line of dots in the middle. */
function drawGaps({ context, view, line, colours }) {
  context.strokeStyle = colours["warning-text"];
  context.lineWidth = 2;
  context.setLineDash([2, 4]);
  for (const gap of line.gaps) {
    if (gap.why === "on" && gap.to_seconds > view.from && gap.from_seconds < view.to) {
      const middle = (BAND.top + BAND.bottom) / 2;
      context.beginPath();
      context.moveTo(Math.max(0, view.x(gap.from_seconds)), middle);
      context.lineTo(Math.min(view.width, view.x(gap.to_seconds)), middle);
      context.stroke();
    }
  }
  context.setLineDash([]);
}

/** The highest score in each column of pixels: however many windows there are, no more is drawn than is seen. */
function scoreColumns({ view, line }) {
  const columns = new Float32Array(Math.ceil(view.width));
  for (const [from, to, score] of line.motion) {
    if (to > view.from && from < view.to) {
      const last = Math.min(columns.length - 1, Math.floor(view.x(to)));
      for (let x = Math.max(0, Math.floor(view.x(from))); x <= last; x += 1) {
        columns[x] = Math.max(columns[x], Math.min(score, 100));
      }
    }
  }
  return columns;
}

function drawMotion(all) {
  const { context, colours } = all;
  const height = CURVES.bottom - CURVES.top;
  context.fillStyle = colours.good;
  for (const [x, score] of scoreColumns(all).entries()) {
    if (score > 0) {
      const bar = Math.max(LEAST_BAR_PIXELS, (score / 100) * height);
      context.fillRect(x, CURVES.bottom - bar, 1, bar);
    }
  }
}

/** The points of the speed that can be told from each other: of several in one column of pixels the fastest. */
function speedPoints({ view, line }) {
  const points = [];
  for (const [seconds, speed, begins] of line.speeds) {
    const x = view.x(seconds);
    const last = points.at(-1);
    if (last && !begins && Math.floor(x) === Math.floor(last.x)) {
      last.speed = Math.max(last.speed, speed);
    } else {
      points.push({ x, speed, begins });
    }
  }
  return points;
}

function drawSpeed({ context, view, line, colours }) {
  const top = Math.max(LEAST_TOP_MPS, line.topSpeed);
  const y = (speed) => CURVES.bottom - (speed / top) * (CURVES.bottom - CURVES.top);
  context.strokeStyle = colours.text;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  for (const { x, speed, begins } of speedPoints({ view, line })) {
    context[begins ? "moveTo" : "lineTo"](x, y(speed));
  }
  context.stroke();
}

function drawMark({ context, colours }, { x, events }) {
  const [event] = events;
  const middle = (MARKS.top + MARKS.bottom) / 2;
  const radius = MARK_PIXELS / 2;
  context.fillStyle = colours.line;
  context.fillRect(x - 0.5, MARKS.bottom, 1, BAND.bottom - MARKS.bottom);
  context.beginPath();
  context.arc(x, middle, radius, 0, 2 * Math.PI);
  context.fillStyle = events.some((one) => one.is_locked) ? colours.link : colours.text;
  context.fill();
  context.fillStyle = colours.ground;
  if (events.length > 1) {
    context.textAlign = "center";
    context.font = "bold 12px system-ui, sans-serif";
    context.fillText(events.length > 99 ? "99+" : String(events.length), x, middle + 4);
    return;
  }
  const size = 14;
  context.save();
  context.translate(x - size / 2, middle - size / 2);
  context.scale(size / SIGN_SIZE, size / SIGN_SIZE);
  context.fill(new Path2D(outlineOf(causeOf(event).sign)), "evenodd");
  context.restore();
}

/** The marks that can be told from each other, as they lie in a view. */
export const marksIn = (line, view) =>
  groupsOf(line.eventsBetween(view.from, view.to), (event) => view.x(event.at_seconds), MARK_PIXELS);

/** Draws all of it; `view`: `{from, to, width, x(seconds)}`, `cursor` in seconds, null for none. */
export function drawStrip(context, { view, line, colours, cursor }) {
  const all = { context, view, line, colours, width: view.width };
  context.clearRect(0, 0, view.width, STRIP_PIXELS);
  drawHours(all);
  drawRecorded(all);
  drawGaps(all);
  drawMotion(all);
  drawSpeed(all);
  for (const group of marksIn(line, view)) {
    drawMark(all, group);
  }
  if (cursor !== null) {
    context.fillStyle = colours.record;
    context.fillRect(Math.round(view.x(cursor)) - 1, CURVES.top - 4, 2, BAND.bottom - CURVES.top + 8);
  }
}
