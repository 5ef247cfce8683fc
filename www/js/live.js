// The live picture, and in its place the reason when there is none.

import { find, setText } from "./dom.js";
import { laterPanel } from "./later.js";
import { fullScreen } from "./live-full.js";
import { LiveStream } from "./live-stream.js";
import { troublePanel } from "./recording.js";
import { remember, remembered } from "./remembered.js";
import { Zoom } from "./zoom.js";

const AGAIN_MILLISECONDS = 3_000;
const AGE_EVERY_MILLISECONDS = 1_000;
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

function ageWords(seconds) {
  if (seconds < 0.1) {
    return "< 0.1 s";
  }
  return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

/** The age of the shown picture, told at most once a second. */
function agePanel(root) {
  let last = null;
  return {
    drawn(seconds) {
      last = seconds === null ? null : { seconds, at: performance.now() };
    },
    show(isShown) {
      root.hidden = !isShown || last === null;
      if (!root.hidden) {
        const waited = (performance.now() - last.at) / 1000;
        // The last picture grows older while no other comes.
        const seconds = last.seconds + (waited > 1 ? waited : 0);
        root.classList.toggle("is-old", seconds > STALE_SECONDS);
        setText(find(root, "span"), `${ageWords(seconds)} old`);
      }
    },
  };
}

/** The live view; it is fetched only while there is something to see and somebody to see it. */
export function livePanel(root) {
  const picture = find(root, "canvas");
  const words = find(root, ".veil p");
  const previewButton = find(root, ".preview");
  const fullButton = find(root, ".full");
  const resetButton = find(root, ".reset");
  const trouble = troublePanel(find(root, ".trouble"));
  const age = agePanel(find(root, ".age"));
  // The line about speed and GPS: where there is no receiver it is not even loaded.
  const place = laterPanel(
    async () => new (await import("./live-place.js")).LivePlace(find(root, ".frame")),
    (given) => (given?.recorder?.gps?.kind ?? "none") !== "none",
  );
  const brush = picture.getContext("2d", { alpha: false });
  let state;
  let stream = null;
  let again = 0;
  let failure = "";
  let isShown = false;
  let isWished = remembered("preview", "on") === "on";

  function draw(bitmap, ageOf) {
    if (picture.width !== bitmap.width || picture.height !== bitmap.height) {
      picture.width = bitmap.width;
      picture.height = bitmap.height;
    }
    brush.drawImage(bitmap, 0, 0);
    age.drawn(ageOf());
    failure = "";
    if (!root.classList.contains("has-picture")) {
      root.classList.add("has-picture");
      age.show(true);
    }
  }

  function open() {
    stream = new LiveStream({
      onPicture: draw,
      onEnd(error) {
        close();
        failure = error.message;
        setText(words, failure);
        again = setTimeout(() => {
          again = 0;
          update();
        }, AGAIN_MILLISECONDS);
      },
    });
  }

  function close() {
    clearTimeout(again);
    again = 0;
    stream?.close();
    stream = null;
    root.classList.remove("has-picture");
    age.drawn(null);
    age.show(false);
  }

  function wordsForNone() {
    if (!isWished) {
      return "The live view is off on this phone, which saves its data. The dashcam does not need it to record.";
    }
    if (state === undefined) {
      return "Waiting for the dashcam";
    }
    return reasonForNone(state) || failure || "Waiting for the live picture";
  }

  function update() {
    const hasReason = state === undefined || reasonForNone(state) !== "";
    const isWanted = isWished && !hasReason && isShown && !document.hidden;
    if (!isWanted) {
      close();
    } else if (!stream && !again) {
      open();
    }
    setText(words, wordsForNone());
    setText(find(previewButton, "span"), isWished ? "View off" : "View on");
    find(previewButton, "use").setAttribute("href", isWished ? "#icon-live-off" : "#icon-live");
    fullButton.disabled = !isWished;
  }

  const zoom = new Zoom(find(root, ".frame"), picture, ({ scale }) => {
    resetButton.hidden = scale === 1;
    setText(find(resetButton, "span"), `${scale.toFixed(1)}×`);
  });
  resetButton.addEventListener("click", () => {
    zoom.reset();
    picture.focus({ preventScroll: true });
  });
  const full = fullScreen(root, (isFull) => {
    setText(find(fullButton, "span"), isFull ? "Leave" : "Full screen");
    fullButton.setAttribute("aria-label", isFull ? "Leave full screen" : "Full screen");
    find(fullButton, "use").setAttribute("href", isFull ? "#icon-unfull" : "#icon-full");
    zoom.reset();
  });
  fullButton.addEventListener("click", full.toggle);
  previewButton.addEventListener("click", () => {
    isWished = !isWished;
    remember("preview", isWished ? "on" : "off");
    zoom.reset();
    update();
  });
  document.addEventListener("visibilitychange", update);
  setInterval(() => age.show(root.classList.contains("has-picture")), AGE_EVERY_MILLISECONDS);

  return {
    setState(newState) {
      state = newState;
      trouble.setState(state);
      place.setState(state);
      const camera = state?.recorder?.camera;
      if (camera) {
        root.style.setProperty("--shape", `${camera.width} / ${camera.height}`);
      }
      update();
    },
    show() {
      isShown = true;
      place.show(true);
      update();
    },
    hide() {
      isShown = false;
      place.show(false);
      full.leave();
      update();
    },
  };
}
