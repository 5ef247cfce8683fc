// The live picture, and in its place the reason when there is none.

import * as api from "./api.js";
import { find, setText } from "./dom.js";

const AGAIN_MILLISECONDS = 3_000;
// A camera gives a picture many times a second.
const STALE_SECONDS = 3;

function reasonForNone(state) {
  if (state === null) {
    return "No live picture: the connection is lost";
  }
  if (!state.connected) {
    return "No live picture: the recorder does not answer";
  }
  const age = state.recorder.newest_packet_age_seconds;
  if (!state.recorder.camera || age === null || age > STALE_SECONDS) {
    return "No picture from the camera";
  }
  return "";
}

/** The live view; it is fetched only while there is something to see and somebody to see it. */
export function livePanel(root) {
  const picture = find(root, "img");
  const veil = find(root, ".veil");
  let state = null;
  let number = 0;
  let again = 0;
  let isFull = false;

  function open() {
    clearTimeout(again);
    number += 1;
    picture.src = api.liveAddress(number);
  }

  function close() {
    clearTimeout(again);
    picture.removeAttribute("src");
    root.classList.remove("has-picture");
  }

  function update() {
    const reason = reasonForNone(state);
    const wished = !reason && !document.hidden;
    if (wished && !picture.hasAttribute("src")) {
      open();
    } else if (!wished && picture.hasAttribute("src")) {
      close();
    }
    // Not every browser tells that an image without end has begun.
    if (picture.naturalWidth > 0) {
      show();
    }
    setText(veil, reason || (isFull ? fullWords() : "Waiting for the live picture"));
  }

  function fullWords() {
    return `No live picture: all ${state.live.max_viewers} places are taken; close the page on another phone`;
  }

  function show() {
    isFull = false;
    root.classList.add("has-picture");
  }

  picture.addEventListener("load", show);
  picture.addEventListener("error", () => {
    isFull = Boolean(state && state.live.viewers >= state.live.max_viewers);
    close();
    again = setTimeout(update, AGAIN_MILLISECONDS);
    setText(veil, isFull ? fullWords() : "The live picture was interrupted; trying again");
  });
  document.addEventListener("visibilitychange", update);
  return {
    setState(newState) {
      state = newState;
      const camera = state?.recorder?.camera;
      if (camera) {
        root.style.setProperty("--shape", `${camera.width} / ${camera.height}`);
      }
      update();
    },
  };
}
