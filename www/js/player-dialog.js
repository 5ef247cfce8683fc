// How the player looks: its dialog with stage, controls, actions and facts.

import { element, find, setText } from "./dom.js";
import { setGlyph } from "./gallery-icons.js";
import { Controls, signButton } from "./player-controls.js";
import { MomentLine } from "./player-moment.js";
import { Stage } from "./player-stage.js";
import { remember, remembered } from "./remembered.js";

const IDLE_MILLISECONDS = 3_000;
const SKIP_SECONDS = 5;
const GOES_ON = "player-goes-on";

/** A choice that the browser remembers, where it may. */
function goesOnChoice() {
  // Screen readers say by themselves whether it is pressed.
  const words = element("strong", { ariaHidden: "true" });
  const button = element("button", { type: "button", className: "goes-on" }, words, element("span", {}, "Play on"));
  button.title = "Go on with the next clip when one ends";
  let isOn = remembered(GOES_ON, "yes") === "yes";
  function show() {
    button.ariaPressed = String(isOn);
    setText(words, isOn ? "On" : "Off");
  }
  button.addEventListener("click", () => {
    isOn = !isOn;
    show();
    remember(GOES_ON, isOn ? "yes" : "no");
  });
  show();
  return { button, isOn: () => isOn };
}

/** A button for the whole screen; hidden where the browser has nothing of the kind. */
function largeButton(box, stage) {
  const button = signButton("large", "large", "Full screen", "Full screen");
  const ofVideo = (video) => video?.webkitEnterFullscreen;
  button.hidden = !(box.requestFullscreen || ofVideo(stage.video));
  button.addEventListener("click", async () => {
    if (document.fullscreenElement) {
      await document.exitFullscreen();
    } else if (box.requestFullscreen) {
      await box.requestFullscreen().catch(() => {});
      await screen.orientation?.lock?.("landscape").catch(() => {});
    } else {
      ofVideo(stage.video)?.call(stage.video);
    }
  });
  document.addEventListener("fullscreenchange", () => {
    const isFull = document.fullscreenElement !== null;
    setGlyph(button, isFull ? "small" : "large");
    setText(find(button, "span"), isFull ? "Leave" : "Full screen");
    button.ariaLabel = isFull ? "Leave full screen" : "Full screen";
    button.title = button.ariaLabel;
  });
  return button;
}

/** While nobody touches anything, what lies over the picture goes away. */
function watchIdleness(dialog, box, isPlaying) {
  let timer = 0;
  function wake() {
    dialog.classList.remove("is-idle");
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (isPlaying() && !box.querySelector(".deck :focus-visible")) {
        dialog.classList.add("is-idle");
      }
    }, IDLE_MILLISECONDS);
  }
  for (const event of ["pointermove", "pointerup", "keydown"]) {
    dialog.addEventListener(event, wake);
  }
  return wake;
}

function hearKeys(dialog, { controls, onStep, stage }) {
  const work = {
    " ": () => controls.toggle(),
    ArrowLeft: () => controls.skip(-SKIP_SECONDS),
    ArrowRight: () => controls.skip(SKIP_SECONDS),
    ",": () => controls.step(-1),
    ".": () => controls.step(1),
    "[": () => onStep("older"),
    "]": () => onStep("newer"),
  };
  dialog.addEventListener("keydown", (event) => {
    const { target, key } = event;
    const isTaken = key === " " ? target.closest("button, select") : target.closest("select, input");
    const isArrow = key.startsWith("Arrow");
    if (
      event.ctrlKey ||
      event.altKey ||
      event.metaKey ||
      !Object.hasOwn(work, key) ||
      (isTaken && (isArrow || key === " "))
    ) {
      return;
    }
    if (stage.video || key === "[" || key === "]") {
      event.preventDefault();
      work[key]();
    }
  });
}

/** A line over the stage with one thing to do, for some seconds. */
function offerLine(root) {
  let timer = 0;
  return (text, label, work) => {
    const button = element("button", { type: "button", textContent: label });
    const line = element("div", { className: "offer" }, element("p", { textContent: text }), button);
    const hide = () => {
      clearTimeout(timer);
      root.replaceChildren();
    };
    button.addEventListener("click", () => {
      hide();
      work();
    });
    root.replaceChildren(line);
    clearTimeout(timer);
    timer = setTimeout(hide, 10_000);
  };
}

/** Builds the dialog into the page. */
export function buildPlayer({ id, onStep, onTime, onWaiting, onEnded, onTrouble, onToggle }) {
  const title = element("h2", { id: `${id}-title`, textContent: "Clip" });
  const close = signButton("close", "close", "Close");
  const trouble = element("p", { className: "trouble", role: "alert", hidden: true });
  let wake = () => {};
  let controls = null;
  let unit = "km/h";
  const moment = new MomentLine();
  const stage = new Stage({
    onFrame: () => stage.isPlaying || controls.update(),
    onTime,
    onPlaying: () => controls.update(),
    onWaiting: () => {
      controls.update();
      onWaiting();
    },
    onEnded,
    onTrouble,
  });
  controls = new Controls(stage, { moment, onStep, onToggle });
  const goesOn = goesOnChoice();
  const picture = signButton("picture-of-frame", "camera", "Download this picture to this phone", "Picture");
  const cut = signButton("cut", "cut", "Cut a part out", "Cut");
  const drive = signButton("in-drive", "drive", "Show this moment in the drive", "Drive");
  const problemWords = element("p");
  const again = element("button", { type: "button", textContent: "Try again" });
  const problem = element("div", { className: "problem", role: "alert", hidden: true }, problemWords, again);
  const offers = element("div", { className: "offers" });
  offers.setAttribute("role", "status");
  const map = signButton("on-map", "track", "On the map");
  const box = element("div", { className: "box" }, stage.root, moment.root, problem, controls.root);
  controls.root.append(
    element(
      "div",
      { className: "extras" },
      controls.speed,
      goesOn.button,
      picture,
      cut,
      drive,
      largeButton(box, stage),
    ),
  );
  const buttons = {
    close,
    again,
    picture,
    cut,
    drive,
    play: find(controls.root, ".play"),
    lock: signButton("lock", "lock", "Lock", "Lock"),
    download: signButton("download", "download", "Download", "Download"),
    share: signButton("share", "share", "Share", "Share"),
    map,
    delete: signButton("delete", "remove", "Delete", "Delete"),
  };
  const facts = element("dl", { className: "facts" });
  const dialog = element(
    "dialog",
    { id, className: "player" },
    element("header", {}, title, map, close),
    trouble,
    box,
    offers,
    element("div", { className: "acts" }, buttons.lock, buttons.download, buttons.share, buttons.delete),
    facts,
  );
  dialog.setAttribute("aria-labelledby", title.id);
  wake = watchIdleness(dialog, box, () => stage.isPlaying);
  stage.root.addEventListener("click", () => {
    // The first touch brings back what lies over the picture.
    if (stage.video && !dialog.classList.contains("was-idle")) {
      controls.toggle();
    }
    wake();
  });
  stage.root.addEventListener("pointerdown", () => {
    const isHidden = document.fullscreenElement !== null && dialog.classList.contains("is-idle");
    dialog.classList.toggle("was-idle", isHidden);
  });
  hearKeys(dialog, { controls, onStep, stage });
  document.body.append(dialog);
  return {
    dialog,
    stage,
    controls,
    title,
    trouble,
    facts,
    buttons,
    goesOn: goesOn.isOn,
    offer: offerLine(offers),
    /** Says over the stage what is wrong; an empty text takes it away. */
    explain(text, { canRetry = true } = {}) {
      problem.hidden = !text;
      again.hidden = !canRetry;
      setText(problemWords, text);
      controls.update();
    },
    /** While the dashcam cannot be reached (null), what it would have to do cannot be asked for. */
    setState(state) {
      unit = state?.speed_unit ?? unit;
      moment.setUnit(unit);
      for (const button of [buttons.lock, buttons.download, buttons.share, buttons.delete, buttons.drive]) {
        button.disabled = state === null;
      }
    },
    speedUnit: () => unit,
  };
}
