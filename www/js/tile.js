// One tile of the gallery: a picture that leads to its clip.

import { isEstimated, tileTime } from "./clip-time.js";
import { element } from "./dom.js";
import { glyph } from "./gallery-icons.js";
import { clock, spokenDuration } from "./words.js";

/** What the marks on the picture say, for screen readers. */
function spokenMarks(clip) {
  const what = clip.kind === "photo" ? "photo" : `clip, ${spokenDuration(clip.duration_seconds)}`;
  return `, ${what}${clip.is_locked ? ", locked" : ""}${isEstimated(clip) ? ", time estimated" : ""}`;
}

function noPicture(words) {
  return element("span", { className: "no-picture", textContent: words });
}

/** Its picture, or words instead. */
export function thumbnail(clip) {
  if (!clip.thumb) {
    return noPicture("no picture yet");
  }
  const picture = element("img", { className: "thumb", decoding: "async", alt: "", width: 320, height: 180 });
  picture.addEventListener("error", () => picture.replaceWith(noPicture("no picture")));
  picture.src = clip.thumb;
  return picture;
}

function marksOf(clip) {
  const marks = element("span", { className: "marks" });
  if (clip.is_locked) {
    marks.append(glyph("lock"));
  }
  marks.append(clip.kind === "photo" ? glyph("camera") : clock(clip.duration_seconds));
  return marks;
}

/** What a tile shows; a tile is made anew only when this has changed. */
export function tileKey(clip) {
  return JSON.stringify([
    clip.id,
    clip.thumb,
    clip.is_locked,
    clip.duration_seconds,
    tileTime(clip),
    isEstimated(clip),
  ]);
}

/** The tile of a clip; touches are heard by the list that it is in. */
export function tile(clip) {
  const tick = element("span", { className: "tick" }, glyph("tick"));
  const picture = element("span", { className: "picture", ariaHidden: "true" }, thumbnail(clip), marksOf(clip), tick);
  const time = element("span", { className: "time", textContent: tileTime(clip) });
  time.classList.toggle("is-vague", isEstimated(clip) || !clip.local_time);
  const spoken = element("span", { className: "spoken", textContent: spokenMarks(clip) });
  const button = element("button", { type: "button", className: "tile", draggable: false }, picture, time, spoken);
  button.dataset.id = clip.id;
  return element("li", {}, button);
}

/** The place of a clip that is not known yet; it has a tile's size. */
export function placeholder() {
  return element("li", { className: "unknown", ariaHidden: "true" });
}
