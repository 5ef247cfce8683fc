// The page of the map: where the car is now, and the drives of a day.

import * as api from "./api-more.js";
import { element, find, loadStyles, setText } from "./dom.js";
import { DayPanel } from "./map-day.js";
import { LeafletMap, loadLeaflet } from "./map-leaflet.js";
import { LivePanel } from "./map-live.js";
import { PlainMap } from "./map-plain.js";
import { legendWords } from "./map-words.js";
import { remember, remembered } from "./remembered.js";

const NOW = "now";
const DESCRIBED = "Map. The list of trips says the same in words.";
const MODE = "map-mode";
const PLAIN_FACTS = { tiles: "", attribution: "", attribution_link: "", speed_unit: "km/h", leaflet: null };

/** Why the map is a plain one. */
function plainWords(facts) {
  return facts.leaflet === null && facts !== PLAIN_FACTS
    ? "A plain map: libjs-leaflet is not installed."
    : "A plain map: Leaflet did not come. It is asked for again when you come back to this page.";
}

/** Makes the page in its root. */
export async function mapPage(root) {
  await loadStyles("/map.css");
  return new MapPage(root);
}

class MapPage {
  constructor(root) {
    this._root = root;
    this._map = null;
    this._facts = PLAIN_FACTS;
    this._isShown = false;
    // The day that was chosen last: to it the page comes back.
    this._lastDay = "";
    this._generation = null;
    this._colours = { speeds: [], edge: "", mark: "" };
    const shared = { map: () => this._map, colours: this._colours };
    this._live = new LivePanel(shared);
    this._day = new DayPanel({ ...shared, onDay: (day) => this._go(day) });
    this._build();
    new ResizeObserver(() => this._map?.resize()).observe(this._box);
    new MutationObserver(() => this._redraw()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  /** What has changed while the connection was lost is told by the state alone. */
  setState(state) {
    if (state) {
      this.setClips(state);
    }
  }

  /** The list of clips has changed. */
  setClips({ generation }) {
    // Also the first: a day may have been read just before it.
    if (generation !== this._generation) {
      this._generation = generation;
      this._day.hearClips();
    }
  }

  /** `rest`: `now`, or a day, and behind it a clip and the second from which it is played. */
  async show(rest = "") {
    this._isShown = true;
    const [asked, clipId = "", seconds = "0"] = rest.split("/");
    const mode = asked || remembered(MODE, NOW);
    const isNow = mode === NOW;
    remember(MODE, isNow ? NOW : "day");
    this._mark(isNow);
    this._asked = rest;
    await this._prepare();
    // The person may have gone on meanwhile.
    if (!this._isShown || this._asked !== rest) {
      return;
    }
    this._map.resize();
    if (isNow) {
      this._day.hide();
      this._live.show(this._facts.speed_unit);
    } else {
      this._live.hide();
      // `day` is always the newest one, so that who goes back comes to where he was.
      const day = asked === "day" ? "" : asked || this._lastDay;
      await this._day.show(this._facts.speed_unit, day, clipId, Number(seconds) || 0);
    }
  }

  hide() {
    this._isShown = false;
    this._live.hide();
    this._day.hide();
    this._map?.hide();
  }

  _go(day) {
    this._lastDay = day;
    this._links.day.hash = `#map/${day}`;
    location.hash = `#map/${day}`;
  }

  _build() {
    const link = (words, where) => element("a", { className: "button", href: `#map/${where}`, textContent: words });
    this._links = { now: link("Now", NOW), day: link("Day", "day") };
    const modes = element("nav", { className: "map-modes" }, this._links.now, this._links.day);
    modes.setAttribute("aria-label", "Map");
    this._box = element("div", { className: "map-box" });
    this._legend = element("ul", { className: "legend" });
    this._legend.setAttribute("aria-label", "Colours of speed");
    this._words = element("p", { className: "map-words", hidden: true });
    const stage = element("div", { className: "map-stage" }, this._box, this._live.button, this._day.button);
    this._root.append(
      element("div", { className: "map-bar" }, modes, this._live.root, this._day.bar),
      element(
        "div",
        { className: "map-body" },
        element("div", { className: "map-main" }, stage, this._words, this._legend),
        this._day.root,
      ),
    );
    find(this._root, "h2").classList.add("spoken");
  }

  _mark(isNow) {
    this._root.classList.toggle("is-now", isNow);
    for (const [name, link] of Object.entries(this._links)) {
      if ((name === NOW) === isNow) {
        link.setAttribute("aria-current", "true");
      } else {
        link.removeAttribute("aria-current");
      }
    }
  }

  /** Makes the map once it is known how; a changed setting makes it anew. */
  async _prepare() {
    const facts = await api.mapFacts().catch(() => this._facts);
    const L = facts.leaflet ? await loadLeaflet() : null;
    // What could not be had may be there the next time.
    const key = JSON.stringify([facts, Boolean(L)]);
    if (this._map && key === this._key) {
      return;
    }
    this._facts = facts;
    this._key = key;
    this._takeColours();
    const box = element("div", { className: "map-canvas" });
    this._box.replaceChildren(box);
    const given = {
      facts,
      unit: facts.speed_unit,
      describe: DESCRIBED,
      onTouch: (place) => this._day.touch(place),
      onDrag: () => {
        this._live.hearDrag();
        this._day.hearDrag();
      },
    };
    this._map = L ? new LeafletMap(L, box, given) : new PlainMap(box, given);
    this._words.hidden = Boolean(L);
    setText(this._words, plainWords(facts));
    this._writeLegend();
    this._live.redraw();
    this._day.redraw({ isNew: true });
  }

  _takeColours() {
    const style = getComputedStyle(this._root);
    const colour = (name) => style.getPropertyValue(`--map-${name}`).trim();
    Object.assign(this._colours, {
      speeds: [0, 1, 2, 3, 4].map((number) => colour(`speed-${number}`)),
      edge: colour("edge"),
      mark: colour("mark"),
    });
  }

  _redraw() {
    if (this._map) {
      this._takeColours();
      this._map.redraw();
      this._live.redraw();
      this._day.redraw();
    }
  }

  _writeLegend() {
    const unit = this._facts.speed_unit;
    const words = legendWords(unit);
    this._legend.replaceChildren(
      ...words.map((text, index) =>
        element(
          "li",
          {},
          element("span", { className: `swatch speed-${index}`, ariaHidden: "true" }),
          index === words.length - 1 ? `${text} ${unit}` : text,
        ),
      ),
    );
  }
}
