// How clips look in their list: the tiles of the gallery, and how much room one takes.

import { tile, tileKey } from "./tile.js";
import { count, size } from "./words.js";

const CAPTION_PIXELS = 34;
const NARROW_PIXELS = 480;

function countWords({ loops, events, photos, bytes }) {
  const clips = loops + events;
  const parts = [
    clips ? count(clips, "clip") : "",
    events ? `${events} kept` : "",
    photos ? count(photos, "photo") : "",
    size(bytes),
  ];
  return parts.filter(Boolean).join(" · ");
}

/**
 * `tile(clip)` makes an item, `key(clip)` is another when it has to be made anew; `columns(width, gap)` are beside each
 * other in so many pixels, and `cell(width)` is how high a tile of a width is; `counts(day)` says
 * what a day holds.
 */
export const GALLERY_LOOK = {
  tile,
  key: tileKey,
  counts: countWords,
  columns(width, gap) {
    const least = width < NARROW_PIXELS ? 104 : 150;
    return Math.max(2, Math.floor((width + gap) / (least + gap)));
  },
  cell: (width) => Math.round((width * 9) / 16) + CAPTION_PIXELS,
};
