// Switches the dashcam off or starts it anew, and says when the power may be taken away.

import * as api from "./api.js";
import { askPerson, complain, tell } from "./dialogs.js";
import { button, element, setText, whileBusy } from "./dom.js";

const TICK_MILLISECONDS = 250;
// When the connection ends before the dashcam has said how long it takes.
const UNTOLD_SECONDS = 30;

/**
 * `{title, text}` for a farewell: what goes on, and what to do meanwhile. `secondsLeft`: null while the clip is being
 * closed. `isGone`: it answers no more.
 */
export function farewell({ kind, secondsLeft, isGone }) {
  if (secondsLeft === null) {
    const title = kind === "restart" ? "Restarting" : "Switching off";
    return { title, text: "The clip is being closed and everything written down. Leave the power on." };
  }
  if (kind === "restart") {
    return {
      title: "Restarting",
      text: isGone
        ? "The connection has ended, as it should. The page comes back by itself in a minute or so."
        : "The clip is closed. The connection ends in a moment.",
    };
  }
  if (secondsLeft > 0) {
    const gone = isGone ? "The connection has ended, as it should. " : "";
    return { title: "Switching off", text: `${gone}Leave the power on for ${Math.ceil(secondsLeft)} s more.` };
  }
  return isGone
    ? { title: "Safe to unplug", text: "The dashcam is off. The power may be taken away now." }
    : {
        title: "Still switching off",
        text: "The dashcam still answers. Leave the power on until the connection ends.",
      };
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
  let timer = 0;

  function update() {
    const secondsLeft = going.endsAt === null ? null : (going.endsAt - performance.now()) / 1000;
    const isOver = secondsLeft !== null && secondsLeft <= 0;
    const words = farewell({ ...going, secondsLeft });
    dialog.classList.toggle("is-safe", going.kind === "off" && going.isGone && isOver);
    setText(title, words.title);
    setText(text, words.text);
  }

  function end() {
    clearInterval(timer);
    going = null;
    dialog.close();
  }

  return {
    /** From here on until it is back or `end`; `order` resolves to the seconds that it takes. */
    async begin(kind, order) {
      going = { kind, endsAt: null, isGone: false };
      dialog.showModal();
      update();
      timer = setInterval(update, TICK_MILLISECONDS);
      try {
        going.endsAt = performance.now() + (await order) * 1000;
      } catch (error) {
        if (error.code !== "unreachable") {
          end();
          throw error;
        }
        going.endsAt = performance.now() + UNTOLD_SECONDS * 1000;
      }
      update();
    },
    setState(state) {
      if (going === null) {
        return;
      }
      if (state !== null && going.isGone) {
        end();
        tell("The dashcam is back.");
        return;
      }
      going.isGone = state === null;
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
