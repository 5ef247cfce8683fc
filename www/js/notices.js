// What the driver should know: the stand-in camera, warnings of recorder and keeper, and who may use the page.

import { element, setText } from "./dom.js";
import { count, sentence } from "./words.js";

function noticesOf(state) {
  const camera = state.recorder?.camera;
  // What the camera says of itself stands under its own notice.
  const details = camera?.is_fallback ? camera.notes : [];
  const notices = state.warnings
    .filter((text) => !details.includes(text))
    .map((text) => ({ text, className: "warning" }));
  if (camera?.is_fallback) {
    notices.unshift({
      text: "No camera found: showing the synthetic drive. Connect a camera and restart the dashcam.",
      className: "warning",
      details,
    });
  }
  if (state.is_building) {
    notices.push({ text: "The list of clips is being built from the card.", className: "" });
  }
  return notices;
}

function item({ text, className, details = [] }) {
  const made = element("li", { className }, element("p", { textContent: sentence(text) }));
  if (details.length) {
    const why = details.map((detail) => element("p", { textContent: sentence(detail) }));
    made.append(element("details", {}, element("summary", { textContent: "Why" }), ...why));
  }
  return made;
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
      const key = JSON.stringify(notices);
      if (key !== shown) {
        shown = key;
        list.replaceChildren(...notices.map(item));
      }
    },
  };
}

/** A mark at the name of the status page: how many warnings there are. */
export function badgePanel(nav) {
  const badge = nav.querySelector(".badge");
  return {
    setState(state) {
      const warnings = state === null ? 0 : noticesOf(state).filter(({ className }) => className === "warning").length;
      badge.hidden = warnings === 0;
      setText(badge, String(warnings));
      badge.setAttribute("aria-label", count(warnings, "warning"));
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
