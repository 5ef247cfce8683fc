// Lines of clips as data: put together, parted by speed, searched and followed. Nothing is drawn here.

const METRES_PER_DEGREE = 111_195;
// Without a place for longer than this, two points are no line; the dashcam says the same.
const LONGEST_STEP_SECONDS = 5;
// Names of clips have whole seconds.
const NAME_SECONDS = 1;

/** Metres north and east of `from` to `to`; both `{lat, lon}`. */
function offset(from, to) {
  const east = ((to.lon - from.lon + 540) % 360) - 180;
  const turn = Math.cos((((from.lat + to.lat) / 2) * Math.PI) / 180);
  return [(to.lat - from.lat) * METRES_PER_DEGREE, east * METRES_PER_DEGREE * turn];
}

export const metresBetween = (from, to) => Math.hypot(...offset(from, to));

/** Degrees from north, clockwise. */
function courseBetween(from, to) {
  const [north, east] = offset(from, to);
  return (Math.atan2(east, north) * 180) / Math.PI;
}

const startOf = (clip) => (clip.local_time ? Date.parse(`${clip.local_time}Z`) / 1000 : null);

/** Whether `next` goes on where `clip` ends. */
function follows(clip, next) {
  const [start, after] = [startOf(clip), startOf(next)];
  if (start === null || after === null) {
    const [boot, number] = clip.id.split("-").map(Number);
    const [nextBoot, nextNumber] = next.id.split("-").map(Number);
    return boot === nextBoot && nextNumber === number + 1;
  }
  return Math.abs(after - start - clip.duration_seconds) <= LONGEST_STEP_SECONDS + NAME_SECONDS;
}

/** The points of a line as the dashcam tells it. */
export function pointsOf(line, clip = null) {
  return line.map(([seconds, lat, lon, speed, begins], index) => ({
    clip,
    seconds,
    lat,
    lon,
    speed,
    isJoined: index > 0 && !begins,
  }));
}

/** Clips without those of events which the drive itself shows, too: their lines would lie over its own. */
export function withoutDoubles(clips) {
  const timed = (clip) => ({ clip, from: startOf(clip), to: (startOf(clip) ?? 0) + clip.duration_seconds });
  const drive = clips.filter((clip) => !clip.event).map(timed);
  const isShown = ({ from, to }) =>
    drive.some((one) => from !== null && one.from !== null && one.from <= to && from <= one.to);
  return clips.filter((clip) => !clip.event || !isShown(timed(clip)));
}

/** All points of some clips, oldest first; `isJoined`: there is a line from the point before. */
export function trackOf(clips) {
  const points = [];
  for (const clip of clips) {
    const [first, ...others] = pointsOf(clip.line, clip);
    if (!first) {
      continue;
    }
    const last = points.at(-1);
    const isNear =
      last &&
      last.clip.duration_seconds - last.seconds <= LONGEST_STEP_SECONDS &&
      first.seconds <= LONGEST_STEP_SECONDS &&
      follows(last.clip, clip);
    points.push({ ...first, isJoined: Boolean(isNear) });
    for (const point of others) {
      points.push(point);
    }
  }
  return points;
}

function speedAt(point, before) {
  if (point.speed !== null && before.speed !== null) {
    return (point.speed + before.speed) / 2;
  }
  const seconds = point.seconds - before.seconds;
  return (point.speed ?? before.speed) || (seconds > 0 ? metresBetween(before, point) / seconds : 0);
}

/** Lines by class of speed: `[class][line] = [[lat, lon], ...]`; there is one class more than limits. */
export function bySpeed(points, limits) {
  const classes = Array.from({ length: limits.length + 1 }, () => []);
  let line = null;
  let current = -1;
  for (const [index, point] of points.entries()) {
    if (!point.isJoined) {
      current = -1;
      continue;
    }
    const before = points[index - 1];
    const speed = speedAt(point, before);
    const found = limits.filter((limit) => speed >= limit).length;
    if (found !== current) {
      current = found;
      line = [[before.lat, before.lon]];
      classes[found].push(line);
    }
    line.push([point.lat, point.lon]);
  }
  return classes;
}

/** Lines whatever their speed, for what lies below the coloured ones. */
export function wholeLines(points) {
  const lines = [];
  for (const point of points) {
    if (!point.isJoined) {
      lines.push([]);
    }
    lines.at(-1).push([point.lat, point.lon]);
  }
  return lines;
}

/** Metres of all lines together. */
export const lengthOf = (points) =>
  points.reduce((sum, point, index) => sum + (point.isJoined ? metresBetween(points[index - 1], point) : 0), 0);

/** Where each clip begins. */
export const beginsOf = (points) => points.filter((point, index) => point.clip !== points[index - 1]?.clip);

/** `[[south, west], [north, east]]`; null without points. */
export function boundsOf(points) {
  if (!points.length) {
    return null;
  }
  const bounds = [
    [90, 180],
    [-90, -180],
  ];
  for (const { lat, lon } of points) {
    bounds[0] = [Math.min(bounds[0][0], lat), Math.min(bounds[0][1], lon)];
    bounds[1] = [Math.max(bounds[1][0], lat), Math.max(bounds[1][1], lon)];
  }
  return bounds;
}

/** How far along from `from` to `to` a place is nearest, 0 to 1, and how far away that is. */
function nearestBetween(from, to, place) {
  const [north, east] = offset(from, to);
  const [up, right] = offset(from, place);
  const length = north * north + east * east;
  const share = length ? Math.min(1, Math.max(0, (up * north + right * east) / length)) : 0;
  return { share, metres: Math.hypot(up - share * north, right - share * east) };
}

/** The clip and second nearest to a place, `{clip, seconds}`; null when nothing is within `metres`. */
export function nearest(points, place, metres) {
  let best = null;
  let least = metres;
  for (const [index, point] of points.entries()) {
    const before = point.isJoined ? points[index - 1] : point;
    const found = nearestBetween(before, point, place);
    if (found.metres <= least) {
      least = found.metres;
      // Between two clips the line belongs to neither; the later one begins there.
      const seconds = before.clip === point.clip ? before.seconds + found.share * (point.seconds - before.seconds) : 0;
      best = { clip: point.clip, seconds };
    }
  }
  return best;
}

/** Where the car was at a second of a clip: `{lat, lon, speed, course}`; null in a gap. */
export function placeAt(points, seconds) {
  const after = points.findIndex((point) => point.seconds >= seconds);
  const next = points[after < 0 ? points.length - 1 : after];
  const before = points[after < 0 ? points.length - 1 : after - 1];
  if (!next) {
    return null;
  }
  if (after > 0 && next.isJoined && before.clip === next.clip) {
    const share = (seconds - before.seconds) / (next.seconds - before.seconds || 1);
    const between = (one, other) => one + share * (other - one);
    return {
      lat: between(before.lat, next.lat),
      lon: between(before.lon, next.lon),
      speed: before.speed === null || next.speed === null ? null : between(before.speed, next.speed),
      course: courseBetween(before, next),
    };
  }
  const near = [before, next].find((point) => point && Math.abs(point.seconds - seconds) <= LONGEST_STEP_SECONDS);
  return near ? { lat: near.lat, lon: near.lon, speed: near.speed, course: null } : null;
}
