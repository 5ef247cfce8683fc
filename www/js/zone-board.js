// The picture on which zones are drawn: with a finger, or by the keys.

import { part } from "./svg.js";
import {
  contains,
  LEAST_CORNERS,
  MOST_CORNERS,
  middles,
  moved,
  nearest,
  rectangle,
  withCorner,
  withMore,
  withoutCorner,
} from "./zones.js";

// Wider than what is seen: a fingertip covers it.
const CORNER_PIXELS = 30;
const MIDDLE_PIXELS = 22;
// A finger that only touches moves a little, too.
const STILL_PIXELS = 5;
// What a touch without a pull draws.
const TOUCH_SIZE = 0.3;
const STEP = 0.01;
const LONG_STEP = 0.05;
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SPOKEN = { watch: "to watch", ignore: "to ignore" };

const percent = (share) => `${Math.round(100 * share)} %`;

function patterns() {
  const dots = part("pattern", { id: "zone-watch", width: 12, height: 12, patternUnits: "userSpaceOnUse" });
  dots.append(part("circle", { cx: 3, cy: 3, r: 1.5 }));
  const lines = part("pattern", { id: "zone-ignore", width: 12, height: 12, patternUnits: "userSpaceOnUse" });
  lines.append(part("path", { d: "M-3 3L3 -3M0 12L12 0M9 15L15 9" }));
  return part("defs", {}, dots, lines);
}

/** The drawing in `root`, over the element `picture`; `onChange()` after every change, also of what is chosen. */
export class ZoneBoard {
  #zones = [];
  #undo = [];
  #chosen = null;
  #pull = null;

  constructor(root, picture, onChange) {
    this.root = root;
    this.picture = picture;
    this.onChange = onChange;
    /** The kind of zone that the next pull draws; empty: none. */
    this.tool = "";
    this.layer = part("svg", { class: "zone-layer", role: "group", "aria-label": "Zones" });
    root.append(this.layer);
    root.addEventListener("pointerdown", (event) => this.#down(event));
    root.addEventListener("pointermove", (event) => this.#move(event));
    root.addEventListener("pointerup", () => this.#up());
    root.addEventListener("pointercancel", () => this.#cancel());
    this.layer.addEventListener("focusin", (event) => this.#focused(event.target));
    this.layer.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.draw()).observe(picture);
  }

  get zones() {
    return this.#zones;
  }

  /** `{zone, corner}` by their numbers, the corner null for the whole zone; null when nothing is chosen. */
  get chosen() {
    return this.#chosen;
  }

  get canUndo() {
    return this.#undo.length > 0;
  }

  get canTakeCorner() {
    return this.#chosen?.corner != null && this.#zones[this.#chosen.zone].corners.length > LEAST_CORNERS;
  }

  begin(zones) {
    this.#zones = zones;
    this.#undo = [];
    this.#choose(null);
  }

  undo() {
    this.#zones = this.#undo.pop() ?? this.#zones;
    this.#choose(null);
  }

  /** One more zone, in the middle. */
  add(kind) {
    this.#take([...this.#zones, rectangle(kind, [0.3, 0.3], [0.7, 0.7])], { zone: this.#zones.length, corner: null });
    this.#focus();
  }

  takeZone() {
    if (this.#chosen) {
      this.#take(this.#zones.toSpliced(this.#chosen.zone, 1), null);
    }
  }

  takeCorner() {
    if (this.canTakeCorner) {
      const { zone, corner } = this.#chosen;
      this.#change(zone, withoutCorner(this.#zones[zone], corner), { zone, corner: null });
    }
  }

  draw() {
    const hadFocus = this.layer.contains(document.activeElement);
    this.layer.replaceChildren(patterns(), ...this.#zones.map((zone, number) => this.#drawn(zone, number)));
    if (hadFocus) {
      this.#focus();
    }
  }

  #pixels([x, y]) {
    return [x * this.picture.clientWidth, y * this.picture.clientHeight];
  }

  #drawn(zone, number) {
    const isChosen = this.#chosen?.zone === number;
    const points = zone.corners.map((corner) => this.#pixels(corner));
    const words = `Zone ${number + 1}, ${SPOKEN[zone.kind]}`;
    const shape = part("polygon", { points: points.join(" "), tabindex: 0, role: "button", "aria-label": words });
    shape.dataset.zone = number;
    shape.setAttribute("aria-pressed", String(isChosen));
    const group = part("g", { class: `zone ${zone.kind}${isChosen ? " is-chosen" : ""}` }, shape);
    if (isChosen) {
      const between = zone.corners.length < MOST_CORNERS ? middles(zone) : [];
      group.append(
        ...between.map((place) => this.#dot(place, { r: 5, class: "middle" })),
        ...zone.corners.map((place, corner) => this.#corner(place, number, corner, words)),
      );
    }
    const [x, y] = points.reduce(([sumX, sumY], [left, top]) => [sumX + left, sumY + top], [0, 0]);
    group.append(part("text", { x: x / points.length, y: y / points.length }, `${number + 1} ${zone.kind}`));
    return group;
  }

  #dot(place, attributes) {
    const [cx, cy] = this.#pixels(place);
    return part("circle", { cx, cy, ...attributes });
  }

  #corner(place, zone, corner, words) {
    const where = `${percent(place[0])} from the left, ${percent(place[1])} from the top`;
    const dot = this.#dot(place, { r: 9, class: "corner", tabindex: 0, role: "button" });
    dot.setAttribute("aria-label", `${words}: corner ${corner + 1}, ${where}`);
    dot.classList.toggle("is-chosen", this.#chosen.corner === corner);
    dot.dataset.zone = zone;
    dot.dataset.corner = corner;
    return dot;
  }

  #elementOf(zone, corner) {
    const which = corner === "" ? ":not([data-corner])" : `[data-corner="${corner}"]`;
    return this.layer.querySelector(`[data-zone="${zone}"]${which}`);
  }

  #focus() {
    if (this.#chosen) {
      this.#elementOf(this.#chosen.zone, this.#chosen.corner ?? "")?.focus({ preventScroll: true });
    }
  }

  #choose(chosen) {
    this.#chosen = chosen;
    this.draw();
    this.onChange();
  }

  /** Other zones; what was before can be had back. */
  #take(zones, chosen) {
    this.#undo.push(this.#zones);
    this.#zones = zones;
    this.#choose(chosen);
  }

  #change(number, zone, chosen = this.#chosen) {
    this.#take(this.#zones.with(number, zone), chosen);
  }

  // ---- the finger

  #place(event) {
    const box = this.picture.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  #down(event) {
    if (!event.isPrimary || event.button) {
      return;
    }
    event.preventDefault();
    this.root.setPointerCapture(event.pointerId);
    const at = this.#place(event);
    this.#pull = { at, before: this.#zones, hasMoved: false, ...this.#aim(at) };
    if (!this.tool) {
      this.#choose(this.#pull.chosen);
      this.#focus();
    }
  }

  /** What a finger there takes hold of: a corner of the chosen zone, the middle of its edge, a zone, or nothing. */
  #aim(at) {
    if (this.tool) {
      return { chosen: { zone: this.#zones.length, corner: null } };
    }
    const place = this.#pixels(at);
    const under = this.#zones.findLastIndex((one) => contains(one, at));
    const number = this.#chosen?.zone;
    const zone = this.#zones[number];
    if (zone) {
      // Within another zone that is meant, unless a corner is just there.
      const reach = under >= 0 && under !== number ? 0.5 : 1;
      const corner = nearest(
        zone.corners.map((one) => this.#pixels(one)),
        place,
        CORNER_PIXELS * reach,
      );
      if (corner >= 0) {
        return { chosen: { zone: number, corner } };
      }
      const middle = nearest(
        middles(zone).map((one) => this.#pixels(one)),
        place,
        MIDDLE_PIXELS * reach,
      );
      if (middle >= 0 && zone.corners.length < MOST_CORNERS) {
        return { chosen: { zone: number, corner: null }, isNew: middle };
      }
    }
    return { chosen: under >= 0 ? { zone: under, corner: null } : null };
  }

  #move(event) {
    const pull = this.#pull;
    if (!pull || (!pull.chosen && !this.tool)) {
      return;
    }
    const at = this.#place(event);
    const by = [at[0] - pull.at[0], at[1] - pull.at[1]];
    pull.hasMoved ||= Math.hypot(...this.#pixels(by)) > STILL_PIXELS;
    if (pull.hasMoved) {
      this.#zones = this.#pulled(pull, at, by);
      this.#chosen = pull.isNew === undefined ? pull.chosen : { ...pull.chosen, corner: pull.isNew + 1 };
      this.draw();
    }
  }

  #pulled({ at: from, before, chosen, isNew }, at, by) {
    if (this.tool) {
      return [...before, rectangle(this.tool, from, at)];
    }
    const zone = before[chosen.zone];
    const [whole, corner] = isNew === undefined ? [zone, chosen.corner] : [withMore(zone, isNew), isNew + 1];
    if (corner === null) {
      return before.with(chosen.zone, moved(whole, by));
    }
    const [x, y] = whole.corners[corner];
    return before.with(chosen.zone, withCorner(whole, corner, [x + by[0], y + by[1]]));
  }

  #up() {
    const pull = this.#pull;
    this.#pull = null;
    if (pull?.hasMoved) {
      this.#undo.push(pull.before);
    } else if (pull && this.tool) {
      const [x, y] = pull.at;
      this.#take([...pull.before, rectangle(this.tool, [x, y], [x, y], TOUCH_SIZE)], pull.chosen);
    }
    if (pull) {
      this.tool = "";
      this.draw();
      this.#focus();
      this.onChange();
    }
  }

  #cancel() {
    if (this.#pull) {
      this.#zones = this.#pull.before;
      this.#pull = null;
      this.#choose(null);
    }
  }

  // ---- the keys

  #focused(target) {
    const { zone, corner } = target.dataset;
    const chosen = { zone: Number(zone), corner: corner === undefined ? null : Number(corner) };
    if (
      !this.#pull &&
      zone !== undefined &&
      (this.#chosen?.zone !== chosen.zone || this.#chosen?.corner !== chosen.corner)
    ) {
      this.#choose(chosen);
    }
  }

  #key(event) {
    const number = this.#chosen?.zone;
    const zone = this.#zones[number];
    const move = MOVES[event.key];
    if (!zone) {
      return;
    }
    const { corner } = this.#chosen;
    if (move) {
      const [x, y] = move.map((steps) => steps * (event.shiftKey ? LONG_STEP : STEP));
      const at = zone.corners[corner];
      this.#change(number, at ? withCorner(zone, corner, [at[0] + x, at[1] + y]) : moved(zone, [x, y]));
    } else if (event.key === "+" && corner !== null && zone.corners.length < MOST_CORNERS) {
      this.#change(number, withMore(zone, corner), { zone: number, corner: corner + 1 });
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.canTakeCorner ? this.takeCorner() : this.takeZone();
    } else {
      return;
    }
    event.preventDefault();
    this.#focus();
  }
}
