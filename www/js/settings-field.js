// One setting in the form: label, control, help, limits, default, and what is to be said of it just now.

import { element, setText } from "./dom.js";
import { controlFor } from "./settings-controls.js";
import { doubt, EFFECTS, elsewhere, isGiven, limits, shown } from "./settings-words.js";

const FROM_SYSTEM = "now as this machine's file has it";

function sentences(...parts) {
  return parts
    .filter(Boolean)
    .map((part) => `${part[0].toUpperCase()}${part.slice(1)}${/[.!?]$/.test(part) ? "" : "."}`)
    .join(" ");
}

function remarkOf({ setting, value, error, isChangedElsewhere, hindrance }, isAsking) {
  if (error) {
    return sentences(error);
  }
  if (isChangedElsewhere) {
    return `Changed elsewhere meanwhile to ${shown(setting, setting.value)}. Yours is kept, but not saved.`;
  }
  return (isAsking && doubt(setting, value)) || (hindrance && sentences(`Without effect now: ${hindrance}`));
}

function markOf({ isEdited, isPending }) {
  if (isEdited) {
    return "changed, not saved";
  }
  return isPending ? "saved, waits" : "";
}

function helpOf(setting) {
  const words = elsewhere(setting);
  return words
    ? sentences(setting.help, words)
    : sentences(setting.help, limits(setting), EFFECTS[setting.applies] ?? "");
}

function factsOf(setting) {
  const own = `Default: ${shown(setting, setting.default)}`;
  return setting.origin === "system" ? `${own} · ${FROM_SYSTEM}` : own;
}

function idsOf(name) {
  const id = `setting-${name.replaceAll(".", "-")}`;
  return { control: id, label: `${id}-label`, help: `${id}-help`, remark: `${id}-remark` };
}

/**
 * A field; `show(view)` puts it up to date, `onInput(value)` and `onBack()` tell what the person did. `tool`: another way
 * to enter the value, or null.
 */
export function settingField(setting, { onInput, onBack, tool = null }) {
  const ids = idsOf(setting.name);
  let view = null;
  // Nobody is corrected in the middle of a word.
  let isAsking = false;

  const control = controlFor(setting, ids, (value) => {
    isAsking = false;
    onInput(value);
  });
  const isLabelable = control.root.querySelector("input[id], output") || control.root.id;
  const label = element(isLabelable ? "label" : "span", { id: ids.label, textContent: setting.label });
  if (isLabelable) {
    label.htmlFor = ids.control;
  }
  const mark = element("span", { className: "standing" });
  const back = element("button", { type: "button", className: "back", textContent: "Back to default" });
  const facts = element("p", { className: "facts" });
  const remark = element("p", { className: "remark", id: ids.remark });
  const help = element("p", { className: "help", id: ids.help, textContent: helpOf(setting) });
  const root = element(
    "div",
    { className: "setting" },
    element("div", { className: "about" }, label, mark, help),
    element(
      "div",
      { className: "entry" },
      control.root,
      ...(tool ? [tool] : []),
      remark,
      element("div", { className: "origin" }, facts, back),
    ),
  );
  root.dataset.name = setting.name;

  function say() {
    const words = remarkOf(view, isAsking);
    root.classList.toggle("refused", Boolean(view.error));
    setText(remark, words);
    for (const input of control.root.parentElement.querySelectorAll("input, select")) {
      input.setAttribute("aria-invalid", String(Boolean(view.error)));
    }
  }

  back.addEventListener("click", () => {
    isAsking = false;
    onBack();
    control.focus();
  });
  root.addEventListener("focusout", () => {
    isAsking = true;
    say();
  });
  return {
    name: setting.name,
    root,
    focus() {
      control.focus();
      root.scrollIntoView({ block: "start" });
    },
    show(now) {
      view = now;
      control.write(now.value);
      root.classList.toggle("edited", now.isEdited);
      setText(mark, markOf(now));
      setText(facts, factsOf(now.setting));
      const canGoBack = !isGiven(now.setting) && now.value !== now.setting.default;
      back.classList.toggle("is-idle", !canGoBack);
      back.setAttribute(
        "aria-label",
        `Back to default: ${now.setting.label}, ${shown(now.setting, now.setting.default)}`,
      );
      say();
    },
  };
}
