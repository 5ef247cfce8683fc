// Fingers and pointer on a strip: a tap, a drag that moves it, two fingers or Ctrl and the wheel that zoom.

// A finger that moves further drags.
const STILL_PIXELS = 8;
const WHEEL_ZOOM = 1.0015;

/**
 * `view()`: `{from, to}` as it is seen now; `onView(from, to)` when that is to be another, `onTap({x, y})`, and
 * `onHover(x)` where a pointer without a button is, null when it has left.
 */
export function stripTouch(target, { view, onView, onTap, onHover }) {
  /** Fingers by their ids: where they are. */
  const fingers = new Map();
  let grip = null;

  const placeOf = (event) => {
    const { left, top } = target.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };

  /** From here on what is below the fingers stays below them. */
  function hold() {
    const { from, to } = view();
    const perPixel = (to - from) / Math.max(1, target.clientWidth);
    const moments = [...fingers.values()].map(({ x }) => from + x * perPixel);
    grip = { moments, perPixel, length: to - from };
  }

  function drag() {
    const [one, other] = [...fingers.values()];
    const [moment, otherMoment] = grip.moments;
    const width = Math.max(1, target.clientWidth);
    let { perPixel } = grip;
    if (other && Math.abs(other.x - one.x) > 1) {
      perPixel = Math.abs((otherMoment - moment) / (other.x - one.x)) || perPixel;
    }
    const from = moment - one.x * perPixel;
    onView(from, from + width * perPixel);
  }

  target.addEventListener("pointerdown", (event) => {
    target.setPointerCapture(event.pointerId);
    const place = placeOf(event);
    fingers.set(event.pointerId, { ...place, start: place, isStill: fingers.size === 0 });
    if (fingers.size > 1) {
      for (const finger of fingers.values()) {
        finger.isStill = false;
      }
    }
    hold();
  });
  target.addEventListener("pointermove", (event) => {
    const finger = fingers.get(event.pointerId);
    const place = placeOf(event);
    if (!finger) {
      onHover(event.pointerType === "mouse" ? place.x : null);
      return;
    }
    finger.isStill &&= Math.abs(place.x - finger.start.x) <= STILL_PIXELS;
    Object.assign(finger, place);
    if (!finger.isStill) {
      drag();
    }
  });
  target.addEventListener("pointerup", (event) => {
    const finger = fingers.get(event.pointerId);
    fingers.delete(event.pointerId);
    hold();
    if (finger?.isStill) {
      onTap(placeOf(event));
    }
  });
  target.addEventListener("pointercancel", (event) => {
    fingers.delete(event.pointerId);
    hold();
  });
  target.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && !fingers.size && onHover(null));
  target.addEventListener(
    "wheel",
    (event) => {
      const { from, to } = view();
      const perPixel = (to - from) / Math.max(1, target.clientWidth);
      if (event.ctrlKey) {
        event.preventDefault();
        const moment = from + placeOf(event).x * perPixel;
        const by = WHEEL_ZOOM ** -event.deltaY;
        onView(moment - (moment - from) / by, moment + (to - moment) / by);
      } else if (event.deltaX) {
        event.preventDefault();
        onView(from + event.deltaX * perPixel, to + event.deltaX * perPixel);
      }
    },
    { passive: false },
  );
}
