// The bar at the foot of the form: how much is changed, what saving will do, and what waits.

import { tell } from "./dialogs.js";
import { element, setText, whileBusy } from "./dom.js";
import { consequences, costs, labels } from "./settings-words.js";
import { count } from "./words.js";

/** `onSave`, `onApply` return promises; `onShow` shows only what was changed. */
export function saveBar(model, { onSave, onDiscard, onApply, onShow }) {
  const title = element("p", { className: "title" });
  const text = element("p", { className: "text" });
  const words = element("div", { className: "words" }, title, text);
  const spoken = element("p", { className: "spoken" });
  spoken.setAttribute("role", "status");
  const button = (className, textContent) => element("button", { type: "button", className, textContent });
  const look = button("look", "Show them");
  const discard = button("discard", "Discard");
  const save = button("save primary", "Save");
  const apply = button("apply primary", "Apply now");
  const actions = element("div", { className: "actions" }, look, discard, save, apply);
  const bar = element("div", { className: "save-bar", hidden: true }, words, actions);
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "Changes");
  let trouble = "";
  let work = "";
  let news = "";

  function wordsNow() {
    const { edited, waiting, refused } = model;
    if (work) {
      return [work, text.textContent];
    }
    if (refused.length) {
      return ["Not saved", `${labels(refused)}: see what is wrong there.`];
    }
    if (trouble) {
      return [trouble, ""];
    }
    if (edited.length) {
      return [`${count(edited.length, "change")}, not saved`, consequences(edited)];
    }
    return waiting.length
      ? [`Saved, but waiting: ${labels(waiting)}`, `${news} Apply now: ${costs(waiting)}.`.trim()]
      : ["", ""];
  }

  function show() {
    const { edited, waiting } = model;
    news = edited.length ? "" : news;
    const [heading, more] = wordsNow();
    setText(title, heading);
    setText(text, more);
    bar.classList.toggle("trouble", Boolean(trouble || model.refused.length));
    const isEditing = edited.length > 0;
    for (const one of [look, discard, save]) {
      one.hidden = !isEditing;
    }
    apply.hidden = isEditing || waiting.length === 0;
    bar.hidden = !(isEditing || waiting.length || work || trouble);
    setText(spoken, bar.hidden ? "" : `${heading}. ${more}`);
  }

  async function run(pressed, saying, what) {
    await whileBusy(pressed, async () => {
      trouble = "";
      work = saying;
      show();
      try {
        await what();
      } catch (error) {
        trouble = error.message;
      } finally {
        work = "";
        show();
      }
    });
  }

  save.addEventListener("click", () => run(save, "Saving", onSave));
  apply.addEventListener("click", () => run(apply, "Applying: this takes a few seconds", onApply));
  discard.addEventListener("click", () => {
    trouble = "";
    onDiscard();
  });
  look.addEventListener("click", onShow);
  return {
    root: element("div", { className: "bar-place" }, bar, spoken),
    show,
    focusSave: () => save.focus(),
    focusApply: () => apply.focus(),
    /** What has just come into force, beside what waits; without anything that waits it is a message. */
    tellSaved(text) {
      if (model.waiting.length) {
        news = text;
        show();
      } else {
        tell(`Saved. ${text}`.trim());
      }
    },
    isBusy: () => Boolean(work),
    /** What went wrong is no longer so once something else is tried. */
    forgive() {
      trouble = "";
    },
  };
}
