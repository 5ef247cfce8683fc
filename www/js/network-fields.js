// Fields for what is typed about networks: a text with a remark below it, and a key that can be shown.

import { button, element, setText, whileBusy } from "./dom.js";

let fields = 0;

/** A labelled text; `doubt(text)` says what is wrong with it. Nobody is corrected in the middle of a word. */
export function textField(label, { doubt = () => "", help = "", type = "text" } = {}) {
  fields += 1;
  const id = `typed-${fields}`;
  const input = element("input", {
    type,
    id,
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: false,
    enterKeyHint: "done",
  });
  const remark = element("p", { className: "remark", id: `${id}-remark` });
  remark.setAttribute("role", "status");
  input.setAttribute("aria-describedby", remark.id);
  const line = element("div", { className: "line-of-field" }, input);
  const root = element(
    "div",
    { className: "typed-field" },
    element("label", { htmlFor: id, textContent: label }),
    ...(help ? [element("p", { className: "help", textContent: help })] : []),
    line,
    remark,
  );

  function say(words) {
    setText(remark, words);
    input.setAttribute("aria-invalid", String(words !== ""));
  }

  input.addEventListener("input", () => say(""));
  input.addEventListener("change", () => say(input.value ? doubt(input.value) : ""));
  return {
    root,
    input,
    line,
    get value() {
      return input.value;
    },
    say,
    /** Says what is wrong and goes there; true when nothing is. */
    isFine() {
      const words = doubt(input.value);
      say(words);
      if (words) {
        input.focus();
      }
      return words === "";
    },
    clear() {
      input.value = "";
      say("");
    },
  };
}

/** A key, hidden until it is to be shown. */
export function keyField(label, { doubt, help = "" }) {
  const field = textField(label, { doubt, help, type: "password" });
  const eye = button("Show", {
    className: "show-key",
    onClick: () => {
      const isShown = field.input.type === "password";
      field.input.type = isShown ? "text" : "password";
      eye.setAttribute("aria-pressed", String(isShown));
    },
  });
  eye.setAttribute("aria-label", "Show what is typed");
  eye.setAttribute("aria-pressed", "false");
  field.line.append(eye);
  return field;
}

/** `send` by the button or by Enter; what goes wrong is said below the field. */
export function sendBy(field, save, send) {
  const press = () => whileBusy(save, () => send().catch((error) => field.say(error.message)));
  save.addEventListener("click", press);
  field.input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      press();
    }
  });
}
