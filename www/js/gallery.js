// The page of the clips: filters, what is recorded now, and the list with all that is done in it.

import { ClipBrowser } from "./clip-browser.js";
import { element, find, loadStyles, setText } from "./dom.js";
import { filterBar } from "./gallery-filter.js";
import { GALLERY_LOOK } from "./gallery-look.js";
import { nowRow } from "./gallery-now.js";

/** Makes the page in its root; `saver` cares for its button that saves. */
export async function galleryPage(root, saver) {
  await Promise.all(["/gallery-bars.css", "/player.css", "/player-screens.css"].map(loadStyles));
  return new Gallery(root, saver);
}

class Gallery {
  constructor(root, saver) {
    this._root = root;
    this._saver = saver;
    const listRoot = find(root, ".days");
    this._browser = new ClipBrowser(root, listRoot, {
      address: "#clips",
      look: GALLERY_LOOK,
      onChange: () => this._update(),
      onTrouble: (text) => this._explain(text),
      onTitle: () => this._filter.askDay(),
    });
    this._build(listRoot);
  }

  setState(state) {
    this._browser.setState(state);
    if (this._now.setState(state)) {
      this._browser.list.update();
    }
  }

  setClips(news) {
    this._browser.setClips(news);
  }

  /** `rest`: the clip that the address names, and from which second; empty for the list alone. */
  show(rest) {
    this._browser.show(rest);
  }

  hide() {
    this._browser.hide();
  }

  _build(listRoot) {
    const { clips, list, player, selection } = this._browser;
    this._empty = find(this._root, ".empty");
    find(this._root, "h2").classList.add("spoken");
    const top = element("div", { className: "gallery-top" });
    this._root.insertBefore(top, this._empty);
    this._filter = filterBar(top, {
      clips,
      onFilter: (filter) => clips.setFilter(filter),
      onDay: (name) => list.goTo(name),
      onSelect: () => selection.start(),
    });
    this._now = nowRow(top, (clip) => player.open(clip), this._saver);
    this._all = element("button", {
      type: "button",
      className: "show-all",
      hidden: true,
      textContent: "Show all clips",
    });
    this._all.addEventListener("click", () => this._filter.reset());
    this._root.insertBefore(this._all, listRoot);
  }

  _update() {
    const { days, isLoaded, filter } = this._browser.clips;
    const isFiltered = Boolean(filter.kind || filter.locked);
    this._empty.hidden = days.length > 0;
    this._all.hidden = !isLoaded || days.length > 0 || !isFiltered;
    if (isLoaded) {
      const none = "No clips yet: the first appears when the one being recorded is closed.";
      setText(this._empty, isFiltered ? "There is nothing of this kind." : none);
    } else {
      setText(this._empty, "Loading");
    }
    this._filter.update();
  }

  _explain(text) {
    if (!this._browser.clips.isLoaded) {
      setText(this._empty, text);
    }
  }
}
