// The editor of the zones: which parts of the picture are watched for motion and which are not.

import * as api from "./api-more.js";
import { askPerson, complain, tell } from "./dialogs.js";
import { button, element, loadStyles, setText, whileBusy } from "./dom.js";
import { isGiven } from "./settings-words.js";
import { count } from "./words.js";
import { ZoneBoard } from "./zone-board.js";
import { ZonePicture } from "./zone-picture.js";
import { MOST_ZONES, parseZones, zonesText } from "./zones.js";

const NAME = "motion.zones";
const PULL = {
  watch: "Draw with a finger over what is to be watched.",
  ignore: "Draw with a finger over what is to be ignored.",
};

function settingIn(answer) {
  return answer.sections.flatMap(({ settings }) => settings).find(({ name }) => name === NAME);
}

function words({ tool, chosen, zones }) {
  if (tool) {
    return PULL[tool];
  }
  if (chosen) {
    const kind = zones[chosen.zone].kind === "watch" ? "watched" : "ignored";
    return `Zone ${chosen.zone + 1} is ${kind}. Pull its corners; a small point makes one more.`;
  }
  const watched = zones.filter(({ kind }) => kind === "watch").length;
  if (!zones.length) {
    return "No zones: motion counts everywhere.";
  }
  const ignored = zones.length - watched;
  const rest = ignored ? `, never in ${count(ignored, "zone")} to ignore` : "";
  return `Motion counts ${watched ? `only in ${count(watched, "zone")} to watch` : "everywhere"}${rest}.`;
}

/** The open dialog; `over` resolves to the saved text, or null when nothing was saved. */
class ZoneEditor {
  constructor(text, camera) {
    this.before = zonesText(parseZones(text));
    this.picture = new ZonePicture(camera ?? {});
    const { width = 16, height = 9 } = camera ?? {};
    const room = element(
      "div",
      { className: "zone-room" },
      element("div", { className: "zone-sheet" }, this.picture.canvas),
    );
    room.style.setProperty("--proportion", width / height);
    this.board = new ZoneBoard(room.firstChild, this.picture.canvas, () => this.#show());
    this.status = element("p", { className: "zone-words" });
    this.status.setAttribute("role", "status");
    this.tools = Object.fromEntries(["watch", "ignore"].map((kind) => [kind, this.#tool(kind)]));
    this.undo = button("Undo", { onClick: () => this.board.undo() });
    this.corner = button("Delete corner", { onClick: () => this.board.takeCorner() });
    this.zone = button("Delete zone", { onClick: () => this.board.takeZone() });
    const close = button("Cancel", { onClick: () => this.#leave() });
    this.save = button("Save", {
      className: "primary",
      onClick: () => whileBusy(this.save, () => this.#save().catch(complain)),
    });
    const title = element("h2", { id: "zones-title", textContent: "Where motion counts" });
    const tools = element("div", { className: "zone-tools" }, ...Object.values(this.tools));
    const changes = element("div", { className: "zone-tools" }, this.undo, this.corner, this.zone);
    const ends = element("div", { className: "zone-tools" }, close, this.save);
    const side = element("div", { className: "zone-side" }, title, this.status, tools, changes, ends);
    this.dialog = element("dialog", { className: "zones" }, room, side);
    this.dialog.setAttribute("aria-labelledby", title.id);
    this.over = new Promise((resolve) => {
      this.dialog.addEventListener("close", () => {
        this.picture.close();
        this.dialog.remove();
        resolve(this.saved ?? null);
      });
    });
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#leave();
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.tools.watch.focus();
    this.board.begin(parseZones(text));
  }

  #tool(kind) {
    const made = button(kind === "watch" ? "Watch a zone" : "Ignore a zone", { className: `tool ${kind}` });
    made.addEventListener("click", (event) => {
      // By the keys there is no finger that could draw.
      if (event.detail === 0) {
        this.board.add(kind);
      } else {
        this.board.tool = this.board.tool === kind ? "" : kind;
        this.#show();
      }
    });
    return made;
  }

  #show() {
    const { board } = this;
    for (const [kind, tool] of Object.entries(this.tools)) {
      tool.setAttribute("aria-pressed", String(board.tool === kind));
      tool.disabled = board.zones.length >= MOST_ZONES;
    }
    this.undo.disabled = !board.canUndo;
    this.corner.disabled = !board.canTakeCorner;
    this.zone.disabled = board.chosen === null;
    setText(this.status, words(board));
  }

  async #save() {
    const text = zonesText(this.board.zones);
    await api.changeSettings({ [NAME]: text });
    this.saved = text;
    this.dialog.close();
    tell(this.board.zones.length ? "Zones saved: they count from now on." : "Saved: motion counts everywhere.");
  }

  async #leave() {
    const isSure =
      zonesText(this.board.zones) === this.before ||
      (await askPerson({
        title: "Leave without saving?",
        text: "What was drawn is forgotten.",
        yes: "Leave",
        no: "Back to the zones",
        isDangerous: true,
      }));
    if (isSure) {
      this.dialog.close();
    }
  }
}

/** Lets zones be drawn; resolves to what was saved as the setting has it, or null. `text`: other zones to begin with. */
export async function drawZones({ text, camera } = {}) {
  const [answer] = await Promise.all([api.settings(), loadStyles("/zones.css")]);
  const setting = settingIn(answer);
  if (isGiven(setting)) {
    throw new Error(
      setting.origin === "boot"
        ? "The zones are given on the boot partition, in dashcam.toml; take them out there to draw them here."
        : "The zones were given with --set when the dashcam was started; start it without to draw them here.",
    );
  }
  return new ZoneEditor(text ?? setting.value, camera).over;
}
