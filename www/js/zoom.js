// Zooms the live picture by fingers, wheel or keys, and only it: the page around stays as it is.

export const WHOLE = { scale: 1, x: 0, y: 0 };
const MOST = 6;
const DOUBLE_TAP_SCALE = 2.5;
const DOUBLE_TAP_MILLISECONDS = 350;
const DOUBLE_TAP_PIXELS = 30;
const TAP_PIXELS = 10;
const WHEEL_STEP = 0.002;
const KEY_STEP = 1.4;
const KEY_MOVE_PIXELS = 60;
const MOVES = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

function clamp(number, low, high) {
  return Math.min(Math.max(number, low), high);
}

/** A view moved so that the frame (`width` by `height`) stays filled. x and y move the centre, in pixels. */
export function fitted({ scale, x, y }, { width, height }) {
  const bounded = clamp(scale, 1, MOST);
  const right = (width * (bounded - 1)) / 2;
  const down = (height * (bounded - 1)) / 2;
  return { scale: bounded, x: clamp(x, -right, right), y: clamp(y, -down, down) };
}

/** The view `factor` times as large, with what is under the point (from the frame's centre) staying there. */
export function zoomedAt(view, factor, point, frame) {
  const scale = clamp(view.scale * factor, 1, MOST);
  const real = scale / view.scale;
  return fitted({ scale, x: point.x - (point.x - view.x) * real, y: point.y - (point.y - view.y) * real }, frame);
}

/** The middle between two fingers, and how far they are apart. */
function pairOf([first, second]) {
  return {
    x: (first.x + second.x) / 2,
    y: (first.y + second.y) / 2,
    apart: Math.hypot(first.x - second.x, first.y - second.y),
  };
}

/** Lets `picture` be zoomed within `frame`; `onChange(view)` tells each change. */
export class Zoom {
  #view = WHOLE;
  #fingers = new Map();
  #began = null;
  #lastTap = { at: Number.NEGATIVE_INFINITY, x: 0, y: 0 };

  constructor(frame, picture, onChange) {
    this.frame = frame;
    this.picture = picture;
    this.onChange = onChange;
    frame.addEventListener("pointerdown", (event) => this.#down(event));
    frame.addEventListener("pointermove", (event) => this.#move(event));
    frame.addEventListener("pointerup", (event) => this.#up(event));
    frame.addEventListener("pointercancel", (event) => this.#fingers.delete(event.pointerId));
    frame.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    picture.addEventListener("keydown", (event) => this.#key(event));
    // Safari would zoom the page by its own gesture.
    frame.addEventListener("gesturestart", (event) => event.preventDefault());
    this.reset();
  }

  reset() {
    this.#show(WHOLE);
  }

  #show(view) {
    this.#view = view;
    const isWhole = view.scale === 1;
    this.picture.style.transform = isWhole ? "" : `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
    // One finger scrolls the page as long as there is nothing to move; two are always ours.
    this.frame.style.touchAction = isWhole ? "pan-y" : "none";
    this.onChange(view);
  }

  #size() {
    return { width: this.frame.clientWidth, height: this.frame.clientHeight };
  }

  #point(event) {
    const box = this.frame.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  }

  #down(event) {
    if (event.target.closest("button, a")) {
      return;
    }
    this.#fingers.set(event.pointerId, this.#point(event));
    this.#began = this.#point(event);
    if (this.#view.scale > 1 || this.#fingers.size > 1) {
      this.frame.setPointerCapture(event.pointerId);
    }
  }

  #move(event) {
    if (!this.#fingers.has(event.pointerId)) {
      return;
    }
    const before = [...this.#fingers.values()];
    this.#fingers.set(event.pointerId, this.#point(event));
    const now = [...this.#fingers.values()];
    if (now.length === 1) {
      this.#drag(before[0], now[0]);
    } else if (now.length === 2) {
      const [old, pair] = [pairOf(before), pairOf(now)];
      const moved = { ...this.#view, x: this.#view.x + pair.x - old.x, y: this.#view.y + pair.y - old.y };
      this.#show(zoomedAt(moved, pair.apart / Math.max(old.apart, 1), pair, this.#size()));
    }
  }

  #drag(from, to) {
    if (this.#view.scale > 1) {
      const moved = { ...this.#view, x: this.#view.x + to.x - from.x, y: this.#view.y + to.y - from.y };
      this.#show(fitted(moved, this.#size()));
    }
  }

  #up(event) {
    const wasAlone = this.#fingers.size === 1;
    if (!this.#fingers.delete(event.pointerId) || !wasAlone || !this.#began) {
      return;
    }
    const point = this.#point(event);
    const isTap = Math.hypot(point.x - this.#began.x, point.y - this.#began.y) < TAP_PIXELS;
    const isNear = Math.hypot(point.x - this.#lastTap.x, point.y - this.#lastTap.y) < DOUBLE_TAP_PIXELS;
    const isSecond = isTap && isNear && event.timeStamp - this.#lastTap.at < DOUBLE_TAP_MILLISECONDS;
    if (isSecond) {
      this.#show(this.#view.scale > 1 ? WHOLE : zoomedAt(WHOLE, DOUBLE_TAP_SCALE, point, this.#size()));
    }
    this.#lastTap =
      isTap && !isSecond ? { at: event.timeStamp, ...point } : { at: Number.NEGATIVE_INFINITY, x: 0, y: 0 };
  }

  #wheel(event) {
    const view = zoomedAt(this.#view, Math.exp(-event.deltaY * WHEEL_STEP), this.#point(event), this.#size());
    if (view.scale !== this.#view.scale) {
      // At its ends the wheel scrolls the page as ever.
      event.preventDefault();
      this.#show(view);
    }
  }

  #key(event) {
    const centre = { x: 0, y: 0 };
    const move = MOVES[event.key];
    if (event.key === "+" || event.key === "=") {
      this.#show(zoomedAt(this.#view, KEY_STEP, centre, this.#size()));
    } else if (event.key === "-") {
      this.#show(zoomedAt(this.#view, 1 / KEY_STEP, centre, this.#size()));
    } else if (event.key === "0") {
      this.reset();
    } else if (move && this.#view.scale > 1) {
      const [x, y] = move.map((steps) => steps * KEY_MOVE_PIXELS);
      this.#show(fitted({ ...this.#view, x: this.#view.x + x, y: this.#view.y + y }, this.#size()));
    } else {
      return;
    }
    event.preventDefault();
  }
}
