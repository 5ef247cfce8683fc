// Ready-made profiles: what each would change, and that nothing is changed before it is saved.

import { element, setText } from "./dom.js";
import { givenWhere, isGiven, shown, shownChange } from "./settings-words.js";
import { count } from "./words.js";

function differences(profile, model) {
  return Object.entries(profile.changes)
    .map(([name, wanted]) => ({ setting: model.get(name), wanted }))
    .filter(({ setting }) => setting)
    .map(({ setting, wanted }) => ({ setting, wanted: wanted ?? setting.default }))
    .filter(({ setting, wanted }) => setting.value !== wanted);
}

function changeItem({ setting, wanted }) {
  const [before, after] = shownChange(setting, setting.value, wanted);
  const item = element("li", {}, element("span", { className: "what", textContent: setting.label }));
  if (isGiven(setting)) {
    item.append(element("span", { textContent: `stays ${shown(setting, setting.value)}: ${givenWhere(setting)}` }));
    return item;
  }
  const arrow = element("span", { className: "arrow", textContent: "→" });
  arrow.setAttribute("aria-label", "becomes");
  arrow.setAttribute("role", "img");
  item.append(element("span", {}, `${before} `, arrow, " ", element("strong", { textContent: after })));
  return item;
}

function standing(changes, model) {
  const possible = changes.filter(({ setting }) => !isGiven(setting));
  if (possible.length === 0) {
    return { words: "In force already", isUsable: false };
  }
  if (possible.every(({ setting, wanted }) => model.valueOf(setting.name) === wanted)) {
    return { words: "In the form, not saved yet", isUsable: false };
  }
  return { words: `Changes ${count(possible.length, "setting")}`, isUsable: true };
}

function card(profile, model, onUse) {
  const changes = differences(profile, model);
  const { words, isUsable } = standing(changes, model);
  const use = element("button", { type: "button", className: "use", textContent: "Use", disabled: !isUsable });
  use.setAttribute("aria-label", `Use the profile ${profile.label}`);
  use.addEventListener("click", () => onUse(differences(profile, model)));
  return element(
    "li",
    { className: "profile" },
    element("h4", { textContent: profile.label }),
    element("p", { className: "help", textContent: profile.help }),
    element("ul", { className: "changes" }, ...changes.map(changeItem)),
    element("div", { className: "choose" }, element("p", { textContent: words }), use),
  );
}

/** The cards; `onUse(differences)` puts one into the form. */
export function profilesPanel(model, onUse) {
  const names = element("p");
  const list = element("ul", { className: "profiles" });
  const summary = element("summary", {}, element("h3", { textContent: "Ready-made profiles" }), names);
  const hint = element("p", {
    className: "help",
    textContent:
      "Use puts a profile's values into the form, to be looked at and saved. Everything else stays as it is.",
  });
  const root = element("details", { className: "section" }, summary, hint, list);
  let key = "";
  return {
    root,
    show() {
      const { profiles } = model.answer;
      root.hidden = profiles.length === 0;
      setText(names, profiles.map(({ label }) => label).join(", "));
      const now = JSON.stringify(
        profiles.map((profile) => [profile, differences(profile, model), standing(differences(profile, model), model)]),
      );
      if (now !== key) {
        key = now;
        list.replaceChildren(...profiles.map((profile) => card(profile, model, onUse)));
      }
    },
  };
}
