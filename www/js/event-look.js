// How events look in their list: a picture of the strongest moment, why it was kept, when, where and how long.

import { isEstimated, tileTime } from "./clip-time.js";
import { element } from "./dom.js";
import { causeOf, measureWords } from "./event-words.js";
import { glyph } from "./gallery-icons.js";
import { positionWords } from "./place-words.js";
import { thumbnail } from "./tile.js";
import { count, size, spokenDuration } from "./words.js";

const CELL_PIXELS = 108;
const LEAST_PIXELS = 330;

function causeLine({ event, is_locked: isLocked }) {
  const { sign, word } = causeOf(event ?? { cause: "hand" });
  const line = element("span", { className: "cause" }, glyph(sign), element("strong", { textContent: word }));
  line.dataset.cause = event?.cause ?? "hand";
  // One word for one thing: a press on Save says so by its cause, unless it was unlocked since.
  const isSaid = event?.cause === "button";
  if (isLocked && !isSaid) {
    line.append(element("span", { className: "is-saved" }, glyph("lock"), element("span", { textContent: "saved" })));
  } else if (isSaid && !isLocked) {
    line.append(element("span", { className: "is-unlocked", textContent: "unlocked" }));
  }
  return line;
}

function eventTile(clip) {
  const time = element("span", { className: "time", textContent: tileTime(clip) });
  time.classList.toggle("is-vague", isEstimated(clip) || !clip.local_time);
  const words = element(
    "span",
    { className: "event-words" },
    causeLine(clip),
    time,
    element("span", { className: "measures", textContent: measureWords(clip) }),
  );
  if (clip.place) {
    const { latitude, longitude } = clip.place;
    words.append(element("span", { className: "place", textContent: positionWords(latitude, longitude) }));
  }
  const tick = element("span", { className: "tick" }, glyph("tick"));
  const picture = element("span", { className: "picture", ariaHidden: "true" }, thumbnail(clip), tick);
  const spoken = element("span", { className: "spoken", textContent: `, ${spokenDuration(clip.duration_seconds)}` });
  const button = element(
    "button",
    { type: "button", className: "tile event", draggable: false },
    picture,
    words,
    spoken,
  );
  button.dataset.id = clip.id;
  const item = element("li", {}, button);
  if (clip.event?.loop_id) {
    const label = "Show in the drive";
    const drive = element(
      "button",
      { type: "button", className: "to-drive", title: label, ariaLabel: label },
      glyph("drive"),
    );
    drive.dataset.action = "drive";
    item.append(drive);
  }
  return item;
}

/** As gallery-look.js has it for clips. */
export const EVENT_LOOK = {
  tile: eventTile,
  key: (clip) =>
    JSON.stringify([
      clip.id,
      clip.thumb,
      clip.is_locked,
      clip.duration_seconds,
      tileTime(clip),
      clip.event,
      clip.place,
    ]),
  counts: ({ events, bytes }) => `${count(events, "event")} · ${size(bytes)}`,
  columns: (width, gap) => Math.max(1, Math.floor((width + gap) / (LEAST_PIXELS + gap))),
  cell: () => CELL_PIXELS,
};
