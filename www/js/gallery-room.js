// Where on the screen the gallery is: what bars cover, how many tiles lie side by side, how high a row is.

import { find } from "./dom.js";

const GAP_PIXELS = 8;
// A row of the list is there this many screens before it is seen.
const MARGIN_SCREENS = 0.75;

/** Pixels that the page's own bars cover at the top and at the bottom of the screen. */
function coveredBy(bars) {
  const covered = { top: 0, bottom: 0 };
  for (const bar of bars) {
    const { position } = getComputedStyle(bar);
    const { top, height } = bar.getBoundingClientRect();
    if ((position === "sticky" || position === "fixed") && height > 0 && height < innerHeight / 2) {
      const side = position === "fixed" && top > innerHeight / 2 ? "bottom" : "top";
      covered[side] += height;
    }
  }
  return covered;
}

/** Measures for the list in `root`, whose tiles have a `look`; calls `onResize()` when they have become others. */
export class Room {
  constructor(root, look, onResize) {
    this._root = root;
    this._look = look;
    this._bars = [".top", "#views"].map((selector) => find(document, selector));
    this.top = 0;
    this.columns = 1;
    this.rowHeight = 1;
    const observer = new ResizeObserver(() => this.measure() && onResize());
    for (const watched of [root, ...this._bars]) {
      observer.observe(watched);
    }
  }

  get margin() {
    return innerHeight * MARGIN_SCREENS;
  }

  /** True when something is another than before. */
  measure() {
    const width = this._root.clientWidth;
    if (!width) {
      return false;
    }
    const before = JSON.stringify([this.top, this.columns, this.rowHeight]);
    const covered = coveredBy(this._bars);
    this.top = Math.floor(covered.top);
    this.columns = this._look.columns(width, GAP_PIXELS);
    const cell = this._look.cell((width - GAP_PIXELS * (this.columns - 1)) / this.columns);
    this.rowHeight = cell + GAP_PIXELS;
    const { style } = this._root;
    style.setProperty("--columns", this.columns);
    style.setProperty("--cell", `${cell}px`);
    style.setProperty("--grid-gap", `${GAP_PIXELS}px`);
    document.documentElement.style.setProperty("--covered-top", `${this.top}px`);
    document.documentElement.style.setProperty("--covered-bottom", `${Math.ceil(covered.bottom)}px`);
    return before !== JSON.stringify([this.top, this.columns, this.rowHeight]);
  }
}
