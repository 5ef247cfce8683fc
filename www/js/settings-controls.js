// The controls of the settings by their kind: each has `root`, `write(value)` and `focus()`, and calls `onInput(value)`.

import { element, setText } from "./dom.js";
import { entered, isFixed, reading, shown } from "./settings-words.js";

// A few short choices lie side by side; more are a list.
const MOST_SEGMENTS = 4;
const MOST_SEGMENT_LETTERS = 20;

function describe(target, ids) {
  target.setAttribute("aria-describedby", `${ids.help} ${ids.remark}`);
}

function switchControl(setting, ids, onInput) {
  const input = element("input", { type: "checkbox", id: ids.control });
  input.setAttribute("role", "switch");
  describe(input, ids);
  const words = element("span");
  words.setAttribute("aria-hidden", "true");
  const say = () => {
    words.textContent = shown(setting, input.checked);
  };
  input.addEventListener("change", () => {
    say();
    onInput(input.checked);
  });
  return {
    root: element("label", { className: "switch" }, input, words),
    write(value) {
      input.checked = value;
      say();
    },
    focus: () => input.focus(),
  };
}

function segmentsControl(setting, ids, onInput) {
  const root = element("div", { className: "segments" });
  root.setAttribute("role", "radiogroup");
  root.setAttribute("aria-labelledby", ids.label);
  describe(root, ids);
  const inputs = setting.choices.map((choice) => {
    const input = element("input", { type: "radio", name: ids.control, value: choice });
    input.addEventListener("change", () => onInput(choice));
    root.append(element("label", {}, input, element("span", { textContent: shown(setting, choice) })));
    return input;
  });
  const write = (value) => {
    for (const [number, input] of inputs.entries()) {
      input.checked = setting.choices[number] === value;
    }
  };
  return { root, write, focus: () => (inputs.find((input) => input.checked) ?? inputs[0]).focus() };
}

function selectControl(setting, ids, onInput) {
  const select = element("select", { id: ids.control });
  describe(select, ids);
  select.append(
    ...setting.choices.map((choice, number) => new Option(shown(setting, choice), String(number), false, false)),
  );
  select.addEventListener("change", () => onInput(setting.choices[Number(select.value)]));
  const write = (value) => {
    select.value = String(setting.choices.indexOf(value));
  };
  return { root: select, write, focus: () => select.focus() };
}

function textControl(setting, ids, onInput) {
  const isNumber = setting.type === "int" || setting.type === "float";
  const input = element("input", {
    type: "text",
    id: ids.control,
    inputMode: isNumber ? (setting.type === "int" ? "numeric" : "decimal") : "text",
    className: isNumber || setting.type === "quantity" ? "short" : "",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: false,
    enterKeyHint: "done",
  });
  describe(input, ids);
  input.addEventListener("input", () => onInput(entered(setting, input.value)));
  const root = element("span", { className: "typed" }, input);
  if (setting.suggestions.length) {
    const list = element("datalist", { id: `${ids.control}-there` });
    list.append(...setting.suggestions.map((suggestion) => new Option(suggestion)));
    input.setAttribute("list", list.id);
    root.append(list);
  }
  const unit = element("span", { className: "unit" });
  if (isNumber && setting.unit) {
    root.append(unit);
  }
  const write = (value) => {
    setText(unit, `${setting.unit} ${reading(setting, value)}`.trim());
    // What is being typed is left alone: `25.` is on its way to `25.5`.
    if (entered(setting, input.value) !== value) {
      input.value = String(value);
    }
  };
  return { root, write, focus: () => input.focus() };
}

function plainControl(setting, ids) {
  const output = element("output", { className: "plain", id: ids.control, tabIndex: -1 });
  return {
    root: output,
    write(value) {
      setText(output, shown(setting, value));
    },
    focus: () => output.focus(),
  };
}

function choiceControl(setting, ids, onInput) {
  const letters = setting.choices.map((choice) => shown(setting, choice)).join("").length;
  const isShort = setting.choices.length <= MOST_SEGMENTS && letters <= MOST_SEGMENT_LETTERS;
  return (isShort ? segmentsControl : selectControl)(setting, ids, onInput);
}

/** The control that suits a setting; `ids`: of its `control`, `label`, `help` and `remark`. */
export function controlFor(setting, ids, onInput) {
  if (isFixed(setting)) {
    return plainControl(setting, ids);
  }
  const make = { bool: switchControl, choice: choiceControl }[setting.type] ?? textControl;
  return make(setting, ids, onInput);
}
