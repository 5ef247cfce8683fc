// Zones of the picture as the setting writes them, and the geometry of drawing them. Nothing is shown here.

const KINDS = ["watch", "ignore"];
export const MOST_ZONES = 16;
export const MOST_CORNERS = 32;
export const LEAST_CORNERS = 3;

const clamp = (share) => Math.min(Math.max(share, 0), 1);
const text = (share) => String(Number(share.toFixed(3)));
const inside = ([x, y]) => x >= 0 && x <= 1 && y >= 0 && y <= 1;

/** `[{kind, corners: [[x, y], ...]}]`, shares of width and height; what cannot be understood is left out. */
export function parseZones(written) {
  return written
    .split(";")
    .map((zone) => zone.trim().split(/\s+/))
    .map(([kind, ...corners]) => ({ kind, corners: corners.map((corner) => corner.split(",").map(Number)) }))
    .filter(({ kind, corners }) => KINDS.includes(kind) && corners.length >= LEAST_CORNERS && corners.every(inside));
}

/** The same in the words of the setting, in thousandths of the picture. */
export function zonesText(zones) {
  return zones
    .map(({ kind, corners }) => [kind, ...corners.map(([x, y]) => `${text(x)},${text(y)}`)].join(" "))
    .join("; ");
}

/** A rectangle between two points, at least `least` wide and high, as far as the picture goes. */
export function rectangle(kind, [x1, y1], [x2, y2], least = 0.05) {
  const [left, right] = spread(x1, x2, least);
  const [top, bottom] = spread(y1, y2, least);
  return {
    kind,
    corners: [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
    ],
  };
}

function spread(first, second, least) {
  const low = clamp(Math.min(first, second));
  const high = clamp(Math.max(first, second));
  const missing = Math.max(0, least - (high - low)) / 2;
  const start = Math.min(Math.max(low - missing, 0), 1 - Math.max(least, high - low));
  return [start, Math.max(high + missing, start + least)].map(clamp);
}

/** The zone moved as far as the picture goes. */
export function moved(zone, [x, y]) {
  const within = (values, by) => Math.min(Math.max(by, -Math.min(...values)), 1 - Math.max(...values));
  const right = within(
    zone.corners.map(([left]) => left),
    x,
  );
  const down = within(
    zone.corners.map(([, top]) => top),
    y,
  );
  return { ...zone, corners: zone.corners.map(([left, top]) => [clamp(left + right), clamp(top + down)]) };
}

/** The zone with one corner moved, as far as the picture goes. */
export function withCorner(zone, number, [x, y]) {
  return { ...zone, corners: zone.corners.with(number, [clamp(x), clamp(y)]) };
}

/** The zone with one more corner, behind another in the row. */
export function withMore(zone, number) {
  return { ...zone, corners: zone.corners.toSpliced(number + 1, 0, middles(zone)[number]) };
}

export function withoutCorner(zone, number) {
  return { ...zone, corners: zone.corners.toSpliced(number, 1) };
}

/** The points between each corner and the next. */
export function middles({ corners }) {
  return corners.map(([x, y], number) => {
    const [nextX, nextY] = corners[(number + 1) % corners.length];
    return [(x + nextX) / 2, (y + nextY) / 2];
  });
}

/** Whether the point lies in the zone; as the detector counts it, by how often a line from it crosses the edge. */
export function contains({ corners }, [x, y]) {
  let isInside = false;
  corners.forEach(([x1, y1], number) => {
    const [x2, y2] = corners[(number + 1) % corners.length];
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) {
      isInside = !isInside;
    }
  });
  return isInside;
}

/** The number of the point nearest to `place` within `reach`, or -1; all in pixels. */
export function nearest(points, [x, y], reach) {
  const far = points.map(([left, top]) => Math.hypot(left - x, top - y));
  const least = Math.min(...far);
  return least <= reach ? far.indexOf(least) : -1;
}
