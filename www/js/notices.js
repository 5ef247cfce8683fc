// What the driver should know: the stand-in camera, warnings of recorder and keeper, and who may use the page.

import { element, setText } from "./dom.js";

function noticesOf(state) {
  const notices = state.warnings.map((text) => ({ text, className: "warning" }));
  if (state.recorder?.camera?.is_fallback) {
    notices.unshift({
      text: "No camera found: showing the synthetic drive. Connect a camera and restart the dashcam.",
      className: "warning",
    });
  }
  if (state.is_building) {
    notices.push({ text: "The list of clips is being built from the card.", className: "" });
  }
  return notices;
}

/** The list of notices; a lost connection leaves the last ones standing, the bar at the top says the rest. */
export function noticesPanel(root) {
  const list = root.querySelector("ul");
  let shown = "";
  return {
    setState(state) {
      if (state === null) {
        return;
      }
      const notices = noticesOf(state);
      const key = notices.map((notice) => notice.text).join("\n");
      if (key !== shown) {
        shown = key;
        list.replaceChildren(...notices.map(({ text, className }) => element("li", { textContent: text, className })));
      }
    },
  };
}

/** The foot of the page. */
export function aboutPanel(root) {
  const access = element("p");
  const version = element("p");
  root.append(access, version);
  return {
    setState(state) {
      if (state === null) {
        return;
      }
      setText(
        access,
        state.accounts === "off"
          ? "No login: everyone in this network can watch, save and delete. Logins come with a later version."
          : "",
      );
      const camera = state.recorder?.camera;
      setText(version, [camera?.description, `dashcam ${state.version}`].filter(Boolean).join(" · "));
    },
  };
}
