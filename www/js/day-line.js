// A day as data: which clip and which event is at a moment. Seconds are since midnight, by the dashcam's clock.

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;
// A day of which less was recorded is shown as far as it goes.
const SHORT_DAY_SECONDS = 6 * HOUR_SECONDS;

const endOf = (clip) => clip.start_seconds + clip.duration_seconds;

/** `23:04`, or with seconds `23:04:05`; over midnight it goes on with the next day's. */
export function momentWords(seconds, hasSeconds = false) {
  const whole = ((Math.floor(seconds) % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
  const parts = [Math.floor(whole / HOUR_SECONDS), Math.floor(whole / 60) % 60, whole % 60];
  return (hasSeconds ? parts : parts.slice(0, 2)).map((part) => String(part).padStart(2, "0")).join(":");
}

// Clips that follow each other without a gap are one span.
const JOINED_SECONDS = 0.5;

/** `[from, to]` of clips, put together where they touch. */
function spansOf(clips) {
  const spans = [];
  for (const clip of clips) {
    const last = spans.at(-1);
    if (last && clip.start_seconds <= last[1] + JOINED_SECONDS) {
      last[1] = Math.max(last[1], endOf(clip));
    } else {
      spans.push([clip.start_seconds, endOf(clip)]);
    }
  }
  return spans;
}

/** What is asked of a day's line as the dashcam tells it. */
export class DayLine {
  constructor({ clips, events, gaps, speeds, timeless = 0 }) {
    /** So many clips are not on it: their time is not known. */
    this.timeless = timeless;
    this.clips = clips;
    this.events = events;
    this.gaps = gaps;
    this.speeds = speeds;
    this.end = Math.max(DAY_SECONDS, ...clips.map(endOf));
    this.topSpeed = Math.max(0, ...speeds.map(([, speed]) => speed));
    this.driveSpans = spansOf(clips.filter((clip) => !clip.is_event));
    this.eventSpans = spansOf(clips.filter((clip) => clip.is_event));
    /** `[from, to, score]` of all clips. */
    this.motion = clips.flatMap(({ start_seconds: start, windows }) =>
      windows.map(([from, to, score]) => [start + from, start + to, score]),
    );
  }

  get isEmpty() {
    return this.clips.length === 0;
  }

  /** What is worth to be seen first: `{from, to}`, all of the day unless little of it was recorded. */
  extent() {
    if (this.isEmpty) {
      return { from: 0, to: this.end };
    }
    const first = this.clips[0].start_seconds;
    const last = Math.max(...this.clips.map(endOf));
    if (last - first > SHORT_DAY_SECONDS) {
      return { from: 0, to: this.end };
    }
    // A few minutes are seen in their hour, at least in a part of it.
    const step = last - first < HOUR_SECONDS / 2 ? HOUR_SECONDS / 4 : HOUR_SECONDS;
    const from = Math.max(0, Math.floor(first / step) * step);
    return { from, to: Math.max(from + step, Math.ceil(last / step) * step) };
  }

  /** The clip that shows a moment, `{clip, seconds}`: of the drive rather than of an event; null where there is none. */
  clipAt(moment, slack = 0) {
    const isThere = (clip) => clip.start_seconds <= moment && moment < endOf(clip);
    const found = this.clips.findLast((clip) => isThere(clip) && !clip.is_event) ?? this.clips.findLast(isThere);
    if (found) {
      return { clip: found, seconds: moment - found.start_seconds };
    }
    const near = this._nearest(moment);
    if (!near || near.distance > slack) {
      return null;
    }
    const { clip } = near;
    return { clip, seconds: moment < clip.start_seconds ? 0 : Math.max(0, clip.duration_seconds - 1) };
  }

  /** Events with a mark between two moments. */
  eventsBetween(from, to) {
    return this.events.filter((event) => event.at_seconds >= from && event.at_seconds <= to);
  }

  /** The next event from a moment on, `by` 1, or the one before it, -1. */
  nextEvent(moment, by) {
    return by > 0
      ? this.events.find((event) => event.at_seconds > moment + 0.5)
      : this.events.findLast((event) => event.at_seconds < moment - 0.5);
  }

  scoreAt(moment) {
    return Math.max(
      0,
      ...this.motion.filter(([from, to]) => from <= moment && moment <= to).map(([, , score]) => score),
    );
  }

  /** Null where the car's speed is not known. */
  speedAt(moment) {
    const place = this.speeds.findLastIndex(([seconds]) => seconds <= moment);
    const step = this.speeds.length > 1 ? 60 : 0;
    return place >= 0 && moment - this.speeds[place][0] <= step ? this.speeds[place][1] : null;
  }

  _nearest(moment) {
    let best = null;
    for (const clip of this.clips) {
      const distance = Math.max(clip.start_seconds - moment, moment - endOf(clip));
      if (!best || distance < best.distance) {
        best = { clip, distance };
      }
    }
    return best;
  }
}

/** Events whose marks would touch each other, together: `[{x, events}]`, by where `xOf(event)` puts them. */
export function groupsOf(events, xOf, least) {
  const groups = [];
  for (const event of events) {
    const x = xOf(event);
    const last = groups.at(-1);
    if (last && x - last.x < least) {
      last.events.push(event);
    } else {
      groups.push({ x, events: [event] });
    }
  }
  return groups;
}
