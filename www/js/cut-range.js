// Which part of the drive is to be cut out: clips that continue each other, with a start and an end. Only data.

import { rateOf } from "./player-facts.js";

// Between the end of a clip and the start of the next lies a frame; names and clocks are no more exact than this.
const MOST_BETWEEN_SECONDS = 2;

const bootAndNumber = (clip) => /^(\d+)-(k?)(\d+)$/.exec(clip.id).slice(1);

/** Whether `next` goes on where `clip` ends. */
function follows(clip, next) {
  if (clip.event || next.event) {
    return false;
  }
  if (clip.started_utc && next.started_utc) {
    const [start, after] = [clip, next].map((one) => Date.parse(one.started_utc) / 1000);
    return Math.abs(after - start - clip.duration_seconds) <= MOST_BETWEEN_SECONDS;
  }
  const [[boot, maker, number], [nextBoot, nextMaker, nextNumber]] = [clip, next].map(bootAndNumber);
  return boot === nextBoot && maker === nextMaker && Number(nextNumber) === Number(number) + 1;
}

/** How long a frame of a clip lasts. */
export const frameSeconds = (clip) => 1 / (rateOf(clip) ?? 30);

/** The start of a clip's last frame. */
const lastFrameOf = (clip) => Math.max(0, clip.duration_seconds - frameSeconds(clip));

/**
 * The range. `start` and `end` are `{place, seconds}`: in the clip at that place, the start of the first and of the
 * last frame that belong to it.
 */
export class CutRange {
  constructor(clip) {
    this.clips = [clip];
    this.at = 0;
    this.start = { place: 0, seconds: 0 };
    this.end = { place: 0, seconds: lastFrameOf(clip) };
  }

  /** The clip that is looked at. */
  get clip() {
    return this.clips[this.at];
  }

  get first() {
    return this.clips[this.start.place];
  }

  get last() {
    return this.clips[this.end.place];
  }

  get isWithinOne() {
    return this.start.place === this.end.place;
  }

  /** From the beginning of the first frame to the end of the last; not above 0 where the end is before the start. */
  get seconds() {
    const between = this.clips.slice(this.start.place, this.end.place);
    const whole = between.reduce((sum, clip) => sum + clip.duration_seconds, 0);
    return this.end.place < this.start.place
      ? -1
      : whole + this.end.seconds + frameSeconds(this.last) - this.start.seconds;
  }

  get frames() {
    return Math.round(this.seconds / frameSeconds(this.first));
  }

  /** Another clip is looked at, or more is known of one; false when it does not continue the others. */
  look(clip) {
    const known = this.clips.findIndex(({ id }) => id === clip.id);
    if (known >= 0) {
      this.clips[known] = clip;
      this.at = known;
      return true;
    }
    if (follows(this.clips.at(-1), clip)) {
      this.clips.push(clip);
      this.at = this.clips.length - 1;
      return true;
    }
    if (follows(clip, this.clips[0])) {
      this.clips.unshift(clip);
      this.at = 0;
      this.start.place += 1;
      this.end.place += 1;
      return true;
    }
    return false;
  }

  /** Sets the `start` or `end` at a second of the clip that is looked at; the other one gives way. */
  set(which, seconds) {
    const least = Math.max(0, Math.min(seconds, lastFrameOf(this.clip)));
    this[which] = { place: this.at, seconds: least };
    if (this.seconds <= 0) {
      const other = which === "start" ? "end" : "start";
      this[other] = { place: this.at, seconds: which === "start" ? lastFrameOf(this.clip) : 0 };
    }
  }

  /** The range goes on to the far end of the clip that is looked at. */
  reach(side) {
    this.set(side === "newer" ? "end" : "start", side === "newer" ? lastFrameOf(this.clip) : 0);
  }

  /** Shares of the clip that is looked at, 0 to 1; null where the range begins before it, or ends after it. */
  shares() {
    const length = this.clip.duration_seconds || 1;
    const share = ({ place, seconds }) => (place === this.at ? Math.min(1, seconds / length) : null);
    const isOutside = this.at < this.start.place || this.at > this.end.place;
    const end =
      this.end.place === this.at ? { ...this.end, seconds: this.end.seconds + frameSeconds(this.clip) } : this.end;
    return { start: share(this.start), end: share(end), isOutside };
  }

  /** What the dashcam is asked for. */
  request() {
    return {
      from_id: this.first.id,
      from_seconds: this.start.seconds,
      to_id: this.last.id,
      // The last picture that begins before this: the middle of a frame is safely within it.
      to_seconds: this.end.seconds + frameSeconds(this.last) / 2,
    };
  }
}
