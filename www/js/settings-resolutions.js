// The sizes of the picture to choose from, with what each costs.

import { element, setText } from "./dom.js";
import { hours, isGiven } from "./settings-words.js";

// What a resolution says by the same words as the settings that it fills. The bit rate stays as it is set: where it is
// left to the dashcam it follows the size.
const FILLED = ["width", "height", "fps"];

function namesIn(section) {
  return FILLED.map((key) => [key, `${section.name}.${key}`]).filter(([, name]) =>
    section.settings.some((setting) => setting.name === name),
  );
}

/** True for the section whose settings a resolution fills. */
export function takesResolutions(section) {
  return namesIn(section).length === FILLED.length;
}

function costsOf(resolution) {
  if (!resolution.is_possible) {
    return "not with this camera";
  }
  const room = resolution.loop_hours === null ? "" : `${hours(resolution.loop_hours)} on this card`;
  return [`${Math.round(resolution.megabytes_per_minute)} MB/min`, room].filter(Boolean).join(", ");
}

/** The choices of one section; `onChoose({full name: value})`. */
export function resolutionsPanel(model, section, onChoose) {
  const names = namesIn(section);
  const chosen = element("p");
  const list = element("fieldset", {});
  const summary = element("summary", {}, element("h4", { textContent: "Size, and what it costs" }), chosen);
  const root = element("details", { className: "resolutions" }, summary, list);
  let key = "";
  let rows = [];

  function isAnyGiven() {
    return names.some(([, name]) => isGiven(model.get(name)));
  }

  function isChosen(resolution) {
    const isTouched = names.some(([, name]) => model.view(name).isEdited);
    return isTouched ? names.every(([word, name]) => model.valueOf(name) === resolution[word]) : resolution.is_current;
  }

  function row(resolution) {
    const input = element("input", {
      type: "radio",
      name: `resolution-${section.name}`,
      disabled: !resolution.is_possible || isAnyGiven(),
    });
    input.addEventListener("change", () => {
      onChoose(Object.fromEntries(names.map(([word, name]) => [name, resolution[word]])));
    });
    const line = element(
      "label",
      { className: resolution.is_possible ? "resolution" : "resolution impossible" },
      input,
      element("span", { className: "size", textContent: resolution.label }),
      element("span", { className: "costs", textContent: costsOf(resolution) }),
    );
    return { input, resolution, line };
  }

  function build(resolutions) {
    rows = resolutions.map(row);
    list.replaceChildren(
      element("legend", { className: "spoken", textContent: "Size of the picture" }),
      element("p", { className: "help", textContent: "A choice fills in the settings below; nothing is saved by it." }),
      ...rows.map(({ line }) => line),
    );
  }

  return {
    root,
    show() {
      const { resolutions } = model.answer;
      const now = JSON.stringify([resolutions, isAnyGiven()]);
      if (now !== key) {
        key = now;
        build(resolutions);
      }
      root.classList.toggle("is-empty", resolutions.length === 0);
      for (const { input, resolution } of rows) {
        input.checked = isChosen(resolution);
      }
      const current = resolutions.find(isChosen);
      setText(chosen, current ? `${current.label}: ${costsOf(current)}` : "Choose one, or see below what is set.");
    },
  };
}
