// Single frames of a video: which one is shown, one further, one back, and a picture of it.

// A frame may come a little late; where frames were lost, the next is several places away.
const LATE = 0.4;
const MOST_LOST_FRAMES = 12;
const DRAW_MILLISECONDS = 400;
// What a browser said of a frame longer ago than this was of another place.
const FRESH_SECONDS = 1;
const JPEG_QUALITY = 0.92;

/** Follows which frame a video shows, exactly where the browser tells; calls `onFrame()` for every one. */
export class FrameClock {
  constructor(video, onFrame = () => {}) {
    this._video = video;
    this._onFrame = onFrame;
    this._time = null;
    this._waiting = [];
    video.addEventListener("emptied", () => {
      this._time = null;
    });
    if (this.isExact) {
      this._follow();
    }
  }

  get isExact() {
    return "requestVideoFrameCallback" in this._video;
  }

  /** When the shown frame begins, in seconds of the clip; without the browser's word the place of playback. */
  get time() {
    const { currentTime } = this._video;
    const isFresh = this._time !== null && Math.abs(currentTime - this._time) < FRESH_SECONDS;
    return isFresh ? this._time : currentTime;
  }

  /** Shows the frame of a moment; resolves once it is drawn. */
  async seek(seconds) {
    const seeked = new Promise((resolve) => {
      this._video.addEventListener("seeked", resolve, { once: true });
    });
    this._video.currentTime = seconds;
    await seeked;
    if (this.isExact) {
      // A browser that is seen by nobody draws nothing.
      await Promise.race([this._next(), new Promise((resolve) => setTimeout(resolve, DRAW_MILLISECONDS))]);
    }
  }

  /** Shows the next frame (`by` 1) or the one before (-1) of a clip whose frames last `frameSeconds`. */
  async step(by, frameSeconds) {
    const before = this.time;
    if (by < 0) {
      await this.seek(Math.max(0, this.isExact ? before - frameSeconds * LATE : before - frameSeconds));
      return;
    }
    for (let lost = 0; lost <= MOST_LOST_FRAMES && this.time <= before; lost += 1) {
      const wanted = before + (1 + lost + (this.isExact ? LATE : 0)) * frameSeconds;
      if (wanted > this._video.duration) {
        return;
      }
      await this.seek(wanted);
    }
  }

  _follow() {
    this._video.requestVideoFrameCallback((_now, { mediaTime }) => {
      this._time = mediaTime;
      for (const resolve of this._waiting.splice(0)) {
        resolve();
      }
      this._onFrame();
      this._follow();
    });
  }

  _next() {
    return new Promise((resolve) => this._waiting.push(resolve));
  }
}

/** The shown frame as a JPEG with every pixel that it has. */
export async function pictureOf(video, name) {
  const canvas = Object.assign(document.createElement("canvas"), {
    width: video.videoWidth,
    height: video.videoHeight,
  });
  canvas.getContext("2d").drawImage(video, 0, 0);
  const content = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", JPEG_QUALITY));
  if (!content) {
    throw new Error("This browser could not make a picture of the frame. Wait until the clip is shown, and try again.");
  }
  return new File([content], name, { type: "image/jpeg" });
}

/** `dcp_20261120_154512_480.jpg`: when a frame was taken, or what is known instead. */
export function pictureName(clip, seconds) {
  const milliseconds = Math.round(seconds * 1000);
  if (!clip.local_time) {
    return `${clip.name.replace(/\.\w+$/, "")}_${milliseconds}ms.jpg`;
  }
  // Counted in UTC, so that the phone's own time zone plays no part.
  const taken = new Date(Date.parse(`${clip.local_time.slice(0, 19)}Z`) + milliseconds).toISOString();
  const [day, time] = taken.slice(0, 23).split("T");
  return `dcp_${day.replaceAll("-", "")}_${time.replaceAll(":", "").replace(".", "_")}.jpg`;
}
