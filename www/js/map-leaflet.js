// A map drawn by Leaflet: pictures of the world where they can be had, a plain grid where not.

import { element, loadStyles } from "./dom.js";
import { carSign, markSign } from "./map-signs.js";

const START_ZOOM = 16;
const MOST_ZOOM = 19;
const WORLD_ZOOM = 2;
// Round what is to be seen whole.
const FIT_PIXELS = 16;
// The buttons at the right.
const ZOOM_PIXELS = 52;
const LINE_PIXELS = 5;
const CASE_PIXELS = 9;
const BOUNDARY_PIXELS = 8;
// A dot is a line of no length that any browser draws.
const DOT_DEGREES = 1e-7;
const TILES_AGAIN_MILLISECONDS = 60_000;
const TILE_PIXELS = 256;

let loading = null;

/** Leaflet itself, brought once; null when it cannot be had. What could not be had is asked for again the next time. */
export function loadLeaflet() {
  loading ??= Promise.all([
    loadStyles("/leaflet/leaflet.css"),
    new Promise((resolve, reject) => {
      document.head.append(element("script", { src: "/leaflet/leaflet.js", onload: resolve, onerror: reject }));
    }),
  ]).then(
    () => globalThis.L ?? null,
    () => {
      loading = null;
      return null;
    },
  );
  return loading;
}

function makeGrid(L) {
  const Grid = L.GridLayer.extend({ createTile: () => element("div", { className: "grid-tile" }) });
  return new Grid({ maxZoom: MOST_ZOOM, className: "grid", pane: "tilePane", zIndex: 0 });
}

/** What the owners of the pictures wish to stand there: as text, whatever it holds. */
function ownersWords({ attribution, attribution_link: href }) {
  return href
    ? element("a", { href, target: "_blank", rel: "noreferrer", textContent: attribution }).outerHTML
    : element("span", { textContent: attribution }).outerHTML;
}

function makeTiles(L, facts) {
  const Tiles = L.TileLayer.extend({
    createTile(coords, done) {
      // Their owners want to know which page shows them; our pages tell nobody else.
      const tile = element("img", { alt: "", referrerPolicy: "origin" });
      tile.setAttribute("role", "presentation");
      tile.onload = () => done(null, tile);
      tile.onerror = () => done(new Error("no picture"), tile);
      tile.src = this.getTileUrl(coords);
      return tile;
    },
  });
  return new Tiles(facts.tiles, { maxZoom: MOST_ZOOM, attribution: ownersWords(facts) });
}

/** The pictures of the map; asks for a single one now and then before it trusts that there are more. */
class Tiles {
  constructor(L, map, facts) {
    this._address = facts.tiles;
    this._layer = facts.tiles ? makeTiles(L, facts) : null;
    this._map = map;
    this._timer = 0;
    this._loaded = 0;
    this._layer?.on("tileload", () => {
      this._loaded += 1;
    });
    this._layer?.on("tileerror", () => this._fail());
    globalThis.addEventListener("online", () => this.look(true));
  }

  /** Looks whether there are pictures, unless they are shown, or it was tried just now. */
  look(isNews = false) {
    if (!this._layer || this._map.hasLayer(this._layer) || (this._timer && !isNews)) {
      return;
    }
    this._again();
    if (!this._map.getContainer().isConnected || !this._map.getSize().x || this._map.getZoom() <= WORLD_ZOOM) {
      // Nothing is shown yet: then the next look is the first one.
      this.stop();
      return;
    }
    const zoom = Math.min(Math.round(this._map.getZoom()), MOST_ZOOM);
    const place = this._map.project(this._map.getCenter(), zoom).divideBy(TILE_PIXELS).floor();
    const probe = new Image();
    probe.referrerPolicy = "origin";
    probe.onload = () => {
      this.stop();
      this._loaded = 0;
      this._map.addLayer(this._layer);
    };
    probe.src = globalThis.L.Util.template(this._address, { s: "a", r: "", x: place.x, y: place.y, z: zoom });
  }

  stop() {
    clearTimeout(this._timer);
    this._timer = 0;
  }

  /** One that is missing is a hole; before any has come, there is no internet. */
  _fail() {
    if (!this._loaded) {
      this._map.removeLayer(this._layer);
      this._again();
    }
    this._loaded = 0;
  }

  _again() {
    clearTimeout(this._timer);
    this._timer = setTimeout(() => {
      this._timer = 0;
      this.look();
    }, TILES_AGAIN_MILLISECONDS);
  }
}

const dotAt = ([[lat, lon]]) => [
  [lat, lon],
  [lat + DOT_DEGREES, lon],
];

/** The same as PlainMap; see there. */
export class LeafletMap {
  constructor(L, box, { facts, unit, onTouch, onDrag, describe }) {
    this._L = L;
    this._lines = new Map();
    this._farthest = new Map();
    this._marks = [];
    this._car = null;
    this._map = L.map(box, { preferCanvas: true, zoomControl: false, maxZoom: MOST_ZOOM, worldCopyJump: true });
    this._map.attributionControl.setPrefix(false);
    this._map.setView([20, 0], WORLD_ZOOM, { animate: false });
    L.control.zoom({ position: "topright" }).addTo(this._map);
    L.control.scale({ position: "bottomleft", metric: unit !== "mph", imperial: unit === "mph" }).addTo(this._map);
    makeGrid(L).addTo(this._map);
    this._renderer = L.canvas({ padding: 0.3 });
    this._tiles = new Tiles(L, this._map, facts);
    this._map.on("click", ({ latlng }) => onTouch({ lat: latlng.lat, lon: latlng.lng }));
    this._map.on("dragstart", onDrag);
    this._map.on("zoomend", () => this._hideFar());
    box.setAttribute("role", "application");
    box.setAttribute("aria-label", describe);
  }

  get metresPerPixel() {
    const middle = this._map.getSize().divideBy(2);
    const [here, beside] = [middle, middle.add([100, 0])].map((point) => this._map.containerPointToLatLng(point));
    return this._map.distance(here, beside) / 100;
  }

  setLines(name, { lines, colour, isCase = false, isDot = false, farthest = Number.POSITIVE_INFINITY }) {
    const drawn = isDot ? lines.map(dotAt) : lines;
    const style = { color: colour, opacity: 1 };
    const known = this._lines.get(name);
    if (known) {
      // Without the weight: Leaflet cannot change that of a line without points.
      known.setStyle(style);
      known.setLatLngs(drawn);
    } else {
      const weight = isDot ? BOUNDARY_PIXELS : isCase ? CASE_PIXELS : LINE_PIXELS;
      const fixed = { weight, renderer: this._renderer, interactive: false, smoothFactor: isDot ? 0 : 1.5 };
      this._lines.set(name, this._L.polyline(drawn, { ...style, ...fixed }).addTo(this._map));
    }
    this._farthest.set(name, farthest);
    this._hideFar();
  }

  /** What is only to be seen from near. */
  _hideFar() {
    for (const [name, farthest] of this._farthest) {
      if (Number.isFinite(farthest)) {
        this._lines.get(name)?.setStyle({ opacity: this.metresPerPixel <= farthest ? 1 : 0 });
      }
    }
  }

  clear(prefix) {
    for (const [name, layer] of this._lines) {
      if (name.startsWith(prefix)) {
        layer.remove();
        this._lines.delete(name);
        this._farthest.delete(name);
      }
    }
  }

  setMarks(marks) {
    for (const mark of this._marks) {
      mark.remove();
    }
    this._marks = marks.map(({ lat, lon, label, sign, onTouch }) => {
      const icon = this._L.divIcon({ className: "photo-mark", html: markSign(sign), iconSize: [48, 48] });
      const mark = this._L.marker([lat, lon], { icon, alt: label, title: label, keyboard: true }).addTo(this._map);
      const button = mark.getElement();
      button.dataset.sign = sign;
      button.setAttribute("role", "button");
      button.setAttribute("aria-label", label);
      mark.on("click", onTouch);
      mark.on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && onTouch());
      return mark;
    });
  }

  setCar(place) {
    if (!place) {
      this._car?.remove();
      this._car = null;
      return;
    }
    if (!this._car) {
      const icon = this._L.divIcon({ className: "car-mark", html: carSign(), iconSize: [44, 44] });
      const options = { icon, interactive: false, keyboard: false, zIndexOffset: 1000 };
      this._car = this._L.marker([place.lat, place.lon], options).addTo(this._map);
    }
    this._car.setLatLng([place.lat, place.lon]);
    const sign = this._car.getElement();
    sign.classList.toggle("is-stale", place.isStale);
    sign.classList.toggle("has-course", place.course !== null);
    sign.firstChild.style.transform = `rotate(${place.course ?? 0}deg)`;
  }

  fit(bounds, pixelsBelow = 0) {
    this._map.fitBounds(bounds, {
      paddingTopLeft: [FIT_PIXELS, FIT_PIXELS],
      paddingBottomRight: [FIT_PIXELS + ZOOM_PIXELS, FIT_PIXELS + pixelsBelow],
      maxZoom: START_ZOOM + 1,
      animate: false,
    });
    this._tiles.look();
  }

  /** Brings a place to the middle; near enough to drive by where nothing was shown yet. */
  centre({ lat, lon }) {
    const zoom = this._map.getZoom() <= WORLD_ZOOM ? START_ZOOM : this._map.getZoom();
    this._map.setView([lat, lon], zoom, { animate: false });
    this._tiles.look();
  }

  /** Brings a place into sight when it is not. */
  keepInSight(place) {
    if (!this._map.getBounds().pad(-0.15).contains([place.lat, place.lon])) {
      this.centre(place);
    }
  }

  resize() {
    this._map.invalidateSize({ animate: false });
    this._tiles.look();
  }

  /** Called when the page's colours are others: only lines have colours of their own here. */
  redraw() {}

  hide() {
    this._tiles.stop();
  }
}
