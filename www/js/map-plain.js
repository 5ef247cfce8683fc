// A map without Leaflet and without pictures of the world: lines on a grid with a scale, to be dragged and zoomed.

import { element } from "./dom.js";
import { carSign, markSign } from "./map-signs.js";
import { distanceWords, METRES_PER_MILE } from "./map-words.js";

const METRES_PER_DEGREE = 111_195;
const LINE_PIXELS = 5;
const CASE_PIXELS = 9;
const BOUNDARY_PIXELS = 4;
const START_PIXELS_PER_METRE = 0.4;
const MOST_PIXELS_PER_METRE = 5;
const LEAST_PIXELS_PER_METRE = 1e-5;
const GRID_PIXELS = 60;
// The buttons at the right.
const ZOOM_PIXELS = 44;
// A finger that moves further drags.
const STILL_PIXELS = 8;
const LEAST_STEP_PIXELS = 3;

/** 1, 2 or 5 times a power of ten, at least `least`. */
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
}

/**
 * A map in `box`. `onTouch({lat, lon})` hears touches, `onDrag()` that the person has moved it. Lines have names;
 * those of a later name lie above.
 */
export class PlainMap {
  constructor(box, { unit, onTouch, onDrag, describe }) {
    this._box = box;
    this._unit = unit;
    this._onTouch = onTouch;
    this._onDrag = onDrag;
    this._lines = new Map();
    this._signs = new Map();
    this._middle = { lat: 0, lon: 0 };
    this._pixelsPerMetre = LEAST_PIXELS_PER_METRE;
    this._isDue = false;
    this._canvas = element("canvas", { className: "plain-map" });
    this._canvas.setAttribute("role", "img");
    this._canvas.setAttribute("aria-label", describe);
    this._over = element("div", { className: "plain-signs" });
    box.append(this._canvas, this._over, this._zoomButtons());
    this._hear();
  }

  get metresPerPixel() {
    return 1 / this._pixelsPerMetre;
  }

  /**
   * `lines`: lists of `[lat, lon]`. `isCase`: broad, below the others; `isDot`: only where each begins.
   * `farthest`: the most metres a pixel from which it is seen.
   */
  setLines(name, line) {
    this._lines.set(name, line);
    this._soon();
  }

  clear(prefix) {
    for (const name of [...this._lines.keys()].filter((one) => one.startsWith(prefix))) {
      this._lines.delete(name);
    }
    this._soon();
  }

  setMarks(marks) {
    for (const mark of this._over.querySelectorAll(".photo-mark")) {
      this._signs.delete(mark);
      mark.remove();
    }
    for (const { lat, lon, label, sign, onTouch } of marks) {
      const mark = element("button", { type: "button", className: "photo-mark", title: label }, markSign(sign));
      mark.dataset.sign = sign;
      mark.setAttribute("aria-label", label);
      mark.addEventListener("click", onTouch);
      this._place(mark, { lat, lon });
    }
  }

  setCar(place) {
    this._car ??= element("div", { className: "car-mark" }, carSign());
    if (!place) {
      this._signs.delete(this._car);
      this._car.remove();
      return;
    }
    this._car.classList.toggle("is-stale", Boolean(place.isStale));
    this._car.classList.toggle("has-course", place.course !== null);
    this._car.firstChild.style.transform = `rotate(${place.course ?? 0}deg)`;
    this._place(this._car, place);
  }

  /** Shows all of a rectangle; `pixelsBelow` of the map are covered. */
  fit([[south, west], [north, east]], pixelsBelow = 0) {
    this._middle = { lat: (south + north) / 2, lon: (west + east) / 2 };
    const { width, height } = this._size();
    const across = Math.max(1, (east - west) * METRES_PER_DEGREE * this._turn());
    const up = Math.max(1, (north - south) * METRES_PER_DEGREE);
    const free = Math.max(height - 60 - pixelsBelow, 20);
    this._zoomTo(Math.min((width - 60 - ZOOM_PIXELS) / across, free / up, 1));
    this._middle = this._placeOf((width + ZOOM_PIXELS) / 2, (height + pixelsBelow) / 2);
  }

  centre({ lat, lon }) {
    this._middle = { lat, lon };
    const isFar = this._pixelsPerMetre <= LEAST_PIXELS_PER_METRE;
    this._zoomTo(isFar ? START_PIXELS_PER_METRE : this._pixelsPerMetre);
  }

  keepInSight(place) {
    const [x, y] = this._pixelOf(place.lat, place.lon);
    const { width, height } = this._size();
    if (x < width * 0.15 || x > width * 0.85 || y < height * 0.15 || y > height * 0.85) {
      this.centre(place);
    }
  }

  resize() {
    this._known = null;
    this._soon();
  }

  redraw() {
    this._soon();
  }

  hide() {}

  /** Known from the last look: asking the page for each point would take longer than drawing them. */
  _size() {
    this._known ??= { width: this._box.clientWidth, height: this._box.clientHeight };
    return this._known;
  }

  _turn() {
    return Math.cos((this._middle.lat * Math.PI) / 180);
  }

  _pixelOf(lat, lon) {
    const { width, height } = this._size();
    const scale = METRES_PER_DEGREE * this._pixelsPerMetre;
    return [width / 2 + (lon - this._middle.lon) * scale * this._turn(), height / 2 - (lat - this._middle.lat) * scale];
  }

  _placeOf(x, y) {
    const { width, height } = this._size();
    const scale = METRES_PER_DEGREE * this._pixelsPerMetre;
    return {
      lat: this._middle.lat - (y - height / 2) / scale,
      lon: this._middle.lon + (x - width / 2) / scale / this._turn(),
    };
  }

  _zoomTo(pixelsPerMetre) {
    this._pixelsPerMetre = Math.min(MOST_PIXELS_PER_METRE, Math.max(LEAST_PIXELS_PER_METRE, pixelsPerMetre));
    this._soon();
  }

  /** Zooms about a pixel that stays where it is. */
  _zoomAt(factor, x, y) {
    const before = this._placeOf(x, y);
    this._zoomTo(this._pixelsPerMetre * factor);
    const after = this._placeOf(x, y);
    this._middle = {
      lat: this._middle.lat + before.lat - after.lat,
      lon: this._middle.lon + before.lon - after.lon,
    };
  }

  _zoomButtons() {
    const make = (sign, words, factor) => {
      const button = element("button", { type: "button", textContent: sign, ariaLabel: words, title: words });
      button.addEventListener("click", () => {
        const { width, height } = this._size();
        this._zoomAt(factor, width / 2, height / 2);
      });
      return button;
    };
    return element("div", { className: "plain-zoom" }, make("+", "Zoom in", 2), make("−", "Zoom out", 0.5));
  }

  _hear() {
    const fingers = new Map();
    let moved = 0;
    const at = (event) => {
      const { left, top } = this._canvas.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };
    this._canvas.addEventListener("pointerdown", (event) => {
      moved = fingers.size ? STILL_PIXELS : 0;
      fingers.set(event.pointerId, at(event));
      this._canvas.setPointerCapture(event.pointerId);
    });
    this._canvas.addEventListener("pointermove", (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) {
        return;
      }
      const now = at(event);
      moved += Math.hypot(now[0] - before[0], now[1] - before[1]);
      if (moved >= STILL_PIXELS) {
        this._move(fingers, event.pointerId, before, now);
        fingers.set(event.pointerId, now);
      }
    });
    for (const name of ["pointerup", "pointercancel"]) {
      this._canvas.addEventListener(name, (event) => {
        if (fingers.delete(event.pointerId) && name === "pointerup" && moved < STILL_PIXELS) {
          this._onTouch(this._placeOf(...at(event)));
        }
      });
    }
    this._canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        this._zoomAt(1.0015 ** -event.deltaY, ...at(event));
      },
      { passive: false },
    );
  }

  _move(fingers, id, before, now) {
    this._onDrag();
    const other = [...fingers].find(([one]) => one !== id)?.[1];
    if (other) {
      const spread = (point) => Math.max(20, Math.hypot(point[0] - other[0], point[1] - other[1]));
      this._zoomAt(spread(now) / spread(before), ...other);
      return;
    }
    const [from, to] = [this._placeOf(...before), this._placeOf(...now)];
    this._middle = { lat: this._middle.lat + from.lat - to.lat, lon: this._middle.lon + from.lon - to.lon };
    this._soon();
  }

  _place(sign, place) {
    this._signs.set(sign, place);
    this._over.append(sign);
    this._soon();
  }

  _soon() {
    if (!this._isDue) {
      this._isDue = true;
      requestAnimationFrame(() => {
        this._isDue = false;
        this._draw();
      });
    }
  }

  _draw() {
    const { width, height } = this._size();
    const ratio = globalThis.devicePixelRatio || 1;
    Object.assign(this._canvas, { width: width * ratio, height: height * ratio });
    const context = this._canvas.getContext("2d");
    context.scale(ratio, ratio);
    const style = getComputedStyle(this._box);
    this._drawGrid(context, style, width, height);
    context.lineJoin = "round";
    context.lineCap = "round";
    for (const line of this._lines.values()) {
      if (!(this.metresPerPixel > line.farthest)) {
        this._drawLines(context, line);
      }
    }
    for (const [sign, { lat, lon }] of this._signs) {
      const [x, y] = this._pixelOf(lat, lon);
      sign.style.left = `${x}px`;
      sign.style.top = `${y}px`;
    }
  }

  _drawLines(context, { lines, colour, isCase, isDot }) {
    context.strokeStyle = colour;
    context.fillStyle = colour;
    context.lineWidth = isCase ? CASE_PIXELS : LINE_PIXELS;
    context.beginPath();
    for (const line of lines) {
      const [x, y] = this._pixelOf(...line[0]);
      context.moveTo(x, y);
      if (isDot) {
        context.arc(x, y, BOUNDARY_PIXELS, 0, 2 * Math.PI);
        continue;
      }
      this._drawLine(context, line, [x, y]);
    }
    context[isDot ? "fill" : "stroke"]();
  }

  /** Points that nobody could tell apart are left out. */
  _drawLine(context, line, start) {
    let drawn = start;
    for (let index = 1; index < line.length; index += 1) {
      const [x, y] = this._pixelOf(...line[index]);
      const isLast = index === line.length - 1;
      if (isLast || Math.abs(x - drawn[0]) + Math.abs(y - drawn[1]) > LEAST_STEP_PIXELS) {
        context.lineTo(x, y);
        drawn = [x, y];
      }
    }
  }

  _drawGrid(context, style, width, height) {
    const whole = this._unit === "mph" ? METRES_PER_MILE : 1;
    const step = niceStep(GRID_PIXELS / this._pixelsPerMetre / whole) * whole;
    const pixels = step * this._pixelsPerMetre;
    context.strokeStyle = style.getPropertyValue("--line");
    context.lineWidth = 1;
    context.beginPath();
    const [left, top] = this._pixelOf(0, 0).map((pixel) => ((pixel % pixels) + pixels) % pixels);
    for (let x = left; x < width; x += pixels) {
      context.moveTo(Math.round(x) + 0.5, 0);
      context.lineTo(Math.round(x) + 0.5, height);
    }
    for (let y = top; y < height; y += pixels) {
      context.moveTo(0, Math.round(y) + 0.5);
      context.lineTo(width, Math.round(y) + 0.5);
    }
    context.stroke();
    context.fillStyle = style.getPropertyValue("--text");
    context.font = "600 13px system-ui, sans-serif";
    context.fillRect(12, height - 14, pixels, 3);
    context.fillText(distanceWords(step, this._unit), 12, height - 20);
  }
}
