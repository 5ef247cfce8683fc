// The page of the settings. What there is to set comes from the dashcam; here it is shown, changed, saved and applied.

import * as api from "./api-more.js";
import { askPerson, complain, tell } from "./dialogs.js";
import { button, element, setText } from "./dom.js";
import { saveBar } from "./settings-bar.js";
import { SettingsModel } from "./settings-model.js";
import { networkPlaces } from "./settings-network.js";
import { profilesPanel } from "./settings-profiles.js";
import { resolutionsPanel, takesResolutions } from "./settings-resolutions.js";
import { sectionList } from "./settings-sections.js";
import { isGiven, labels } from "./settings-words.js";
import { count } from "./words.js";

// Somebody else's changes are seen this soon; nothing is asked while the page is not looked at.
const AGAIN_MILLISECONDS = 15_000;

function mistakesPanel() {
  const list = element("ul");
  const root = element(
    "section",
    { className: "mistakes", hidden: true },
    element("h3", { textContent: "Not understood in the settings" }),
    list,
    element("p", {
      textContent:
        "Each of these is ignored, and what held before it is in force. Put it right in the file or option that is named.",
    }),
  );
  let key = "";
  return {
    root,
    show(mistakes) {
      root.hidden = mistakes.length === 0;
      if (key !== JSON.stringify(mistakes)) {
        key = JSON.stringify(mistakes);
        list.replaceChildren(...mistakes.map((text) => element("li", { textContent: text })));
      }
    },
  };
}

/** What has come into force by saving, and what will, in words. */
function appliedWords({ applied, later: absent }, model) {
  const named = (names) => names.map((name) => model.get(name)).filter(Boolean);
  const done = named(applied);
  const later = done.filter(({ applies }) => applies === "next_clip");
  const now = done.filter(({ applies }) => applies !== "next_clip");
  const parts = [
    now.length ? `In force now: ${labels(now)}.` : "",
    later.length ? `From the next clip: ${labels(later)}.` : "",
    absent?.length ? `Once the dashcam's programs answer again: ${labels(named(absent))}.` : "",
  ];
  return parts.filter(Boolean).join(" ");
}

/** Saves; where recordings are deleted for it, only when the person agrees. Null when they do not. */
async function saveOrAsk(changes) {
  try {
    return await api.changeSettings(changes);
  } catch (error) {
    if (error.code !== "would_delete") {
      throw error;
    }
    const isAgreed = await askPerson({
      title: "Delete recordings now?",
      text: error.message,
      yes: "Save and delete",
      no: "Back to the form",
      isDangerous: true,
    });
    return isAgreed ? api.changeSettings(changes, true) : null;
  }
}

/** Zones are drawn more easily than written; what was drawn is saved. */
function zonesButton(model, { onSaved }) {
  async function draw() {
    const { drawZones } = await import("./zone-editor.js");
    const text = await drawZones({ text: model.valueOf("motion.zones"), camera: model.camera });
    if (text !== null) {
      model.edit("motion.zones", text);
      await onSaved();
    }
  }
  return button("Draw on the picture", { className: "draw-zones", onClick: () => draw().catch(complain) });
}

/** The form with all its parts; `show()` puts everything up to date with the model. */
function form(model, { onSave, onApply, onSaved }) {
  const mistakes = mistakesPanel();
  const place = element("div", { className: "form" });
  let resolutions = null;

  function changed() {
    bar.forgive();
    show();
  }

  function edit(values) {
    for (const [name, value] of Object.entries(values)) {
      model.edit(name, value);
    }
    changed();
  }

  function lookAtChanges() {
    sections.showOnly(model.edited.map(({ name }) => name));
  }

  const profiles = profilesPanel(model, (differences) => {
    edit(Object.fromEntries(differences.map(({ setting, wanted }) => [setting.name, wanted])));
    lookAtChanges();
  });
  const network = networkPlaces(model, () => sections.refilter());
  const sections = sectionList(place, model, {
    first: profiles.root,
    isThere: network.isThere,
    extras(section) {
      if (!takesResolutions(section)) {
        return network.placeOf(section);
      }
      resolutions = resolutionsPanel(model, section, edit);
      return resolutions.root;
    },
    toolOf: ({ name, origin }) =>
      name === "motion.zones" && !isGiven({ origin }) ? zonesButton(model, { onSaved }) : null,
    onInput: (name, value) => edit({ [name]: value }),
    onBack(name) {
      model.editBack(name);
      changed();
    },
  });
  const bar = saveBar(model, {
    onSave,
    onApply,
    onShow: lookAtChanges,
    onDiscard() {
      const [first] = model.edited;
      model.discard();
      sections.showAll();
      show();
      sections.focusNear(first?.name);
      tell("Discarded: everything is as it was.");
    },
  });
  const root = element("form", { noValidate: true }, mistakes.root, place, bar.root);
  root.addEventListener("submit", (event) => event.preventDefault());
  // Enter ends a field and offers to save; it does not save by itself.
  root.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".setting input[type=text]")) {
      event.preventDefault();
      bar.focusSave();
    }
  });

  function show() {
    mistakes.show(model.answer.mistakes);
    profiles.show();
    sections.show();
    resolutions?.show();
    bar.show();
  }

  return { root, show, sections, bar, network };
}

/** Makes the page in its root. */
export function settingsPage(root) {
  const model = new SettingsModel();
  const loading = element("p", { className: "loading", textContent: "Loading" });
  const again = element("button", { type: "button", textContent: "Try again", hidden: true });
  const parts = form(model, { onSave: save, onApply: apply, onSaved: refresh });
  let isShown = false;
  let timer = 0;
  let isAsked = false;
  let wanted = "";
  let pendingOfStatus = "";
  // An answer that was asked for before something was saved is out of date.
  let turn = 0;

  root.replaceChildren(element("h2", { textContent: "Settings" }), loading, again, parts.root);
  parts.root.hidden = true;

  function take(answer) {
    model.take(answer);
    parts.root.hidden = false;
    loading.hidden = true;
    again.hidden = true;
    parts.show();
    if (wanted) {
      parts.sections.open(wanted);
      wanted = "";
    }
  }

  async function refresh() {
    if (parts.bar.isBusy()) {
      return;
    }
    const mine = turn;
    try {
      const answer = await api.settings();
      if (mine === turn) {
        take(answer);
      }
    } catch (error) {
      // What is shown already stays; the bar at the top tells that the connection is lost.
      setText(loading, error.message);
      again.hidden = model.answer !== null;
    }
  }

  function keepFresh() {
    clearInterval(timer);
    if (isShown && !document.hidden) {
      timer = setInterval(refresh, AGAIN_MILLISECONDS);
      refresh();
    }
  }

  async function save() {
    turn += 1;
    const { changes } = model;
    try {
      const answer = await saveOrAsk(changes);
      if (!answer) {
        return;
      }
      model.forget(changes);
      parts.sections.showAll();
      take(answer);
      parts.bar.tellSaved(appliedWords(answer, model));
      keepFocus(Object.keys(changes)[0]);
    } catch (error) {
      if (error.code !== "bad_settings") {
        throw error;
      }
      model.refuse(error.fields);
      parts.show();
      const [first] = model.refused;
      if (!first) {
        throw error;
      }
      parts.sections.open(first.name);
    }
  }

  /** The pressed button is gone. */
  function keepFocus(name) {
    if (model.waiting.length) {
      parts.bar.focusApply();
    } else {
      parts.sections.focusNear(name);
    }
  }

  async function apply() {
    turn += 1;
    const before = model.waiting;
    const { pending, address } = await api.applySettings();
    if (address && new URL(address).origin !== location.origin) {
      // It answers there already.
      location.assign(`${address}/${location.hash}`);
      return;
    }
    take({ ...(await api.settings()), pending });
    if (pending.length === 0) {
      tell(`Done. In force now: ${labels(before)}.`);
    }
    keepFocus(before[0]?.name);
  }

  async function askBeforeLeaving() {
    isAsked = true;
    const goesBack = await askPerson({
      title: `${count(model.edited.length, "change")}, not saved`,
      text: "Changes stay in the form until this page is closed, but are not in force before they are saved.",
      yes: "Back to save",
      no: "Later",
    });
    if (goesBack) {
      location.hash = "#settings";
    }
  }

  again.addEventListener("click", refresh);
  document.addEventListener("visibilitychange", keepFresh);
  addEventListener("beforeunload", (event) => {
    if (model.edited.length) {
      event.preventDefault();
    }
  });
  return {
    setState(state) {
      parts.network.setState(state);
      if (model.takeCamera(state?.recorder?.camera ?? null) && model.answer) {
        parts.show();
      }
      const pending = state && JSON.stringify(state.pending_settings ?? []);
      if (pending !== pendingOfStatus) {
        pendingOfStatus = pending;
        if (isShown && model.answer && pending !== JSON.stringify(model.pending)) {
          refresh();
        }
      }
    },
    /** `rest` of `#settings/camera` or `#settings/camera.fps` is opened. */
    show(rest = "") {
      isShown = true;
      wanted = rest;
      if (!model.edited.length) {
        isAsked = false;
      }
      keepFresh();
      parts.network.show(true);
    },
    hide() {
      isShown = false;
      parts.network.show(false);
      clearInterval(timer);
      if (model.edited.length && !isAsked) {
        askBeforeLeaving();
      }
    },
  };
}
