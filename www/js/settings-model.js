// What the settings page knows: the dashcam's answer, and what the person has changed but not saved. Nothing is shown here.

import { isGiven } from "./settings-words.js";

/** The settings of one page. An edit of null means: back to what holds without the page. */
export class SettingsModel {
  #settings = new Map();
  #edits = new Map();
  #errors = new Map();

  constructor() {
    this.answer = null;
    this.pending = [];
    /** Why a setting is without effect just now, by its full name. */
    this.hindrances = {};
    /** As the recorder tells it; null while it has none. */
    this.camera = null;
  }

  /** What the recorder tells of its camera; true when another setting is without effect now. */
  takeCamera(camera) {
    this.camera = camera ?? this.camera;
    const hindrance = camera?.stamp_hindrance ?? "";
    const isNews = hindrance !== (this.hindrances["stamp.video"] ?? "");
    if (isNews) {
      this.hindrances = { "stamp.video": hindrance };
    }
    return isNews;
  }

  /** Takes an answer of the dashcam: untouched values become its own, touched ones stay. */
  take(answer) {
    this.answer = answer;
    const all = answer.sections.flatMap((section) => section.settings);
    this.#settings = new Map(all.map((setting) => [setting.name, setting]));
    for (const [name, { value }] of this.#edits) {
      const setting = this.get(name);
      const isSo = setting && (value === null ? setting.saved === null : value === setting.value);
      if (!setting || isGiven(setting) || isSo) {
        this.#edits.delete(name);
      }
    }
    this.takePending(answer.pending);
  }

  /** Full names of what is saved and waits. */
  takePending(names) {
    this.pending = names.filter((name) => this.#settings.has(name));
  }

  /** A setting by its full name; undefined when there is none. */
  get(name) {
    return this.#settings.get(name);
  }

  /** What stands in the form. */
  valueOf(name) {
    const edit = this.#edits.get(name);
    const setting = this.get(name);
    if (!edit) {
      return setting.value;
    }
    return edit.value ?? setting.default;
  }

  /** Changes a value in the form; nothing is saved by it. */
  edit(name, value) {
    const setting = this.get(name);
    this.#errors.delete(name);
    if (isGiven(setting)) {
      return;
    }
    if (value === setting.value) {
      this.#edits.delete(name);
    } else {
      const before = this.#edits.get(name)?.before ?? setting.value;
      this.#edits.set(name, { value: value === setting.default ? null : value, before });
    }
    if (this.#edits.size === 0) {
      this.#errors.clear();
    }
  }

  /** Back to the default in the form. */
  editBack(name) {
    this.edit(name, this.get(name).default);
  }

  /** How a setting stands: `{setting, value, isEdited, isPending, isChangedElsewhere, error, hindrance}`. */
  view(name) {
    const setting = this.get(name);
    const edit = this.#edits.get(name);
    return {
      setting,
      value: this.valueOf(name),
      isEdited: edit !== undefined,
      isPending: this.pending.includes(name),
      /** Somebody else has saved another value since this one was touched. */
      isChangedElsewhere: edit !== undefined && edit.before !== setting.value,
      error: this.#errors.get(name) ?? "",
      hindrance: this.hindrances[name] ?? "",
    };
  }

  /** The settings that are touched. */
  get edited() {
    return [...this.#settings.values()].filter(({ name }) => this.#edits.has(name));
  }

  /** The settings that are saved and wait. */
  get waiting() {
    return this.pending.map((name) => this.get(name));
  }

  /** The settings that were refused, in the order of the form. */
  get refused() {
    return [...this.#settings.values()].filter(({ name }) => this.#errors.has(name));
  }

  /** What is sent to be saved. */
  get changes() {
    return Object.fromEntries(this.edited.map(({ name }) => [name, this.#edits.get(name).value]));
  }

  /** Forgets what was changed here. */
  discard() {
    this.#edits.clear();
    this.#errors.clear();
  }

  /** Forgets the edits that are saved now, and keeps what was typed meanwhile. */
  forget(changes) {
    this.#errors.clear();
    for (const [name, value] of Object.entries(changes)) {
      if (this.#edits.get(name)?.value === value) {
        this.#edits.delete(name);
      }
    }
  }

  /** What the dashcam said of single settings. */
  refuse(fields) {
    this.#errors = new Map(Object.entries(fields));
  }
}
