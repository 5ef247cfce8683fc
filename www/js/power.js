// Switches the dashcam off or starts it anew, and says what is known of it until the power may be taken away.

import * as api from "./api-more.js";
import { askPerson, complain, tell } from "./dialogs.js";
import { button, element, setText, whileBusy } from "./dom.js";

const TICK_MILLISECONDS = 250;
// Answers that do not tell whether the machine goes off: none, one that cannot be read, and a failure inside.
const UNTOLD = [undefined, "unreachable", "error"];
const LIGHT = "Before taking the power away, check that its green light is out; a red one may stay on.";
const TITLES = { off: "Switching off", restart: "Restarting" };

function wordsOfRestart({ isGone, isOver, isRecording }) {
  if (isGone) {
    return "The connection has ended, as it should. The page comes back by itself in a minute or so.";
  }
  if (isOver && isRecording) {
    return "The dashcam is still on, and records. Leave the power on, and try again in a minute.";
  }
  return "The clip is closed. The connection ends in a moment.";
}

function unanswered(kind, isGone) {
  const order = kind === "restart" ? "restart" : "switch off";
  const hope = kind === "restart" ? "restarts" : "is off";
  return isGone
    ? {
        title: `It is not known whether it ${hope}`,
        text: `The dashcam has not answered the order to ${order}. Wait for its light to stop before taking the power away.`,
      }
    : {
        title: "The dashcam is still on",
        text: `It has not answered the order to ${order}, which may not have arrived. Leave the power on, and try again.`,
      };
}

/**
 * `{title, text, isSafe}` for a farewell: what is known, and what to do meanwhile. `phase` is `ordered`, then `told`
 * once the dashcam has said how long it takes, or `unknown` without its word. `isGone`: it answers no more, which is
 * the same for a dashcam that is off and for a phone that has left its Wi-Fi.
 */
export function farewell({ kind, phase, toldAt = "", secondsLeft = 0, isGone, isRecording = false }) {
  const title = TITLES[kind];
  const isOver = secondsLeft <= 0;
  if (phase === "ordered") {
    return { title, text: "The clip is being closed and everything written down. Leave the power on." };
  }
  if (phase === "unknown") {
    return unanswered(kind, isGone);
  }
  if (kind === "restart") {
    return { title, text: wordsOfRestart({ isGone, isOver, isRecording }) };
  }
  if (!isOver) {
    const gone = isGone ? "The connection has ended, as it should. " : "";
    return { title, text: `${gone}Leave the power on for ${Math.ceil(secondsLeft)} s more.` };
  }
  if (isGone) {
    const text = `It was told to switch off at ${toldAt}, and the connection has ended. ${LIGHT}`;
    return { title: "It should be off by now", text, isSafe: true };
  }
  return isRecording
    ? {
        title: "It has not switched off",
        text: "The dashcam is still on, and records. Leave the power on, and try again in a minute.",
      }
    : {
        title: "Still switching off",
        text: "The dashcam still answers. Leave the power on until the connection ends.",
      };
}

function clockNow() {
  return new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** The message over the whole page from the order to the end. */
function farewellDialog() {
  const title = element("h2");
  const text = element("p", { className: "large" });
  const close = button("Close");
  const dialog = element("dialog", { className: "question farewell" }, title, text, close);
  dialog.setAttribute("aria-live", "polite");
  document.body.append(dialog);
  close.addEventListener("click", () => dialog.close());
  let going = null;
  let boot = null;
  let timer = 0;

  const secondsLeft = () => (going.endsAt - performance.now()) / 1000;
  const isOver = () => going.phase !== "ordered" && secondsLeft() <= 0;

  function update() {
    const words = farewell({ ...going, secondsLeft: secondsLeft() });
    dialog.classList.toggle("is-safe", Boolean(words.isSafe));
    setText(title, words.title);
    setText(text, words.text);
    // For the sounds: what was ordered is no alarm, until it does not come.
    document.body.dataset.farewell = isOver() && !going.isGone ? "late" : "going";
  }

  function end() {
    clearInterval(timer);
    going = null;
    delete document.body.dataset.farewell;
    dialog.close();
  }

  /** A connection that was only interrupted is no sign that the machine was off. */
  function isBack(state) {
    if (going.phase === "ordered") {
      return false;
    }
    const isAnew = going.boot !== null && boot !== null && boot !== going.boot;
    return isAnew || (going.phase === "told" && going.isGone && isOver() && state !== null);
  }

  return {
    /** From here on until it is back or refused; `order` resolves to the seconds that it takes. */
    async begin(kind, order) {
      end();
      const mine = { kind, phase: "ordered", endsAt: 0, isGone: false, isRecording: false, boot };
      going = mine;
      dialog.showModal();
      update();
      timer = setInterval(update, TICK_MILLISECONDS);
      let seconds = Number.NaN;
      try {
        seconds = await order;
      } catch (error) {
        if (!UNTOLD.includes(error.code)) {
          if (going === mine) {
            end();
          }
          throw error;
        }
      }
      const isTold = Number.isFinite(seconds);
      mine.phase = isTold ? "told" : "unknown";
      mine.toldAt = clockNow();
      mine.endsAt = performance.now() + (isTold ? seconds * 1000 : 0);
      // Until it is heard again it may be gone.
      mine.isGone ||= !isTold;
      if (going === mine) {
        update();
      }
    },
    setState(state) {
      boot = state?.recorder?.boot ?? boot;
      if (going === null) {
        return;
      }
      if (isBack(state)) {
        end();
        tell("The dashcam is back.");
        return;
      }
      going.isGone = state === null;
      going.isRecording = state?.is_recording ?? false;
      update();
    },
  };
}

const secondsOf = async (answer) => (await answer).unplug_after_seconds;

/** The panel of the power; what the machine cannot do is greyed, with the reason. */
export function powerPanel(root) {
  const words = element("p", { className: "quiet", textContent: "Asking the dashcam" });
  const off = button("Power off", { icon: "power", className: "off" });
  const restart = button("Restart", { icon: "restart", className: "restart" });
  root.append(words, element("div", { className: "actions" }, off, restart));
  const dialog = farewellDialog();
  let can = { can_power_off: false, can_restart: false };
  let isReachable = false;

  function update() {
    off.disabled = !(isReachable && can.can_power_off);
    restart.disabled = !(isReachable && can.can_restart);
  }

  async function ask() {
    try {
      can = await api.power();
      const fine = "The clip is closed first, so that nothing is lost. Then nothing is recorded.";
      setText(words, can.reason || fine);
    } catch (error) {
      setText(words, `The power cannot be switched from here now. ${error.message}`);
    }
    update();
  }

  async function powerOff() {
    const isSure = await askPerson({
      title: "Power off?",
      text: "Nothing is recorded until the power has been taken away and given again.",
      yes: "Power off",
      no: "Leave it on",
      isDangerous: true,
    });
    if (isSure) {
      await dialog.begin("off", secondsOf(api.powerOff()));
    }
  }

  async function restartMachine() {
    const isSure = await askPerson({
      title: "Restart the dashcam?",
      text: "Nothing is recorded for about a minute.",
      yes: "Restart",
      no: "Go on",
      isDangerous: true,
    });
    if (isSure) {
      await dialog.begin("restart", secondsOf(api.restartMachine()));
    }
  }

  off.addEventListener("click", () => whileBusy(off, () => powerOff().catch(complain)));
  restart.addEventListener("click", () => whileBusy(restart, () => restartMachine().catch(complain)));
  update();
  return {
    setState(state) {
      isReachable = state !== null;
      dialog.setState(state);
      update();
    },
    show: ask,
  };
}
