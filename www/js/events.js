// The page of what happened: a day at a glance, and the events with all that is done with them.

import { announcementsPanel } from "./announcements.js";
import { ClipBrowser } from "./clip-browser.js";
import { DayOverview } from "./day-overview.js";
import { element, find, loadStyles, setText } from "./dom.js";
import { EVENT_LOOK } from "./event-look.js";
import { eventNow } from "./event-now.js";
import { causeChips } from "./events-filter.js";

// So long before its trigger an event is played from.
const BEFORE_SECONDS = 2;
const startOf = ({ event }) => Math.max(0, (event?.at_seconds ?? 0) - BEFORE_SECONDS);
const STYLES = ["/gallery-bars.css", "/player.css", "/player-screens.css", "/events.css", "/announcements.css"];

/** Makes the page in its root. */
export async function eventsPage(root) {
  await Promise.all(STYLES.map(loadStyles));
  return new Events(root);
}

class Events {
  constructor(root) {
    this._root = root;
    this._cause = null;
    this._day = null;
    const listRoot = find(root, ".days");
    this._browser = new ClipBrowser(root, listRoot, {
      address: "#events",
      filter: { event: true },
      look: EVENT_LOOK,
      startOf,
      onChange: () => this._update(),
      onTrouble: (text) => this._explain(text),
      onTitle: (day) => this._overview.choose(day),
    });
    this._build(listRoot);
  }

  setState(state) {
    this._browser.setState(state);
    this._overview.setState(state);
    this._announcements.setState(state);
    this._now.setState(state);
    this._update();
  }

  setClips(news) {
    this._browser.setClips(news);
    this._overview.setGeneration(news.generation);
  }

  /** `rest`: the clip that the address names, and from which second; empty for the list alone. */
  show(rest) {
    this._browser.show(rest);
    this._overview.show();
  }

  hide() {
    this._browser.hide();
    this._overview.hide();
  }

  _build(listRoot) {
    const { player, selection } = this._browser;
    this._empty = find(this._root, ".empty");
    find(this._root, "h2").classList.add("spoken");
    this._announcements = announcementsPanel(this._root, this._empty);
    this._overview = new DayOverview({
      onDay: (day) => this._setFilter({ day }),
      onPlay: (clip, seconds) => player.open(clip, seconds),
      startOf,
      onLoad: () => this._update(),
    });
    const chips = causeChips((cause) => this._setFilter({ cause }));
    this._select = element("button", { type: "button", className: "select", textContent: "Select" });
    this._select.addEventListener("click", () => selection.start());
    const row = element("div", { className: "events-filter" }, chips.root, this._select);
    this._now = eventNow((id) => this._isListed(id));
    for (const part of [this._now.root, this._overview.root, row]) {
      this._root.insertBefore(part, this._empty);
    }
    this._root.insertBefore(this._empty, listRoot);
  }

  _setFilter({ cause = this._cause, day = this._day }) {
    const isSame = cause === this._cause && day === this._day;
    this._cause = cause;
    this._day = day;
    if (!isSame) {
      this._browser.clips.setFilter({ event: true, cause, day });
    }
  }

  _isListed(id) {
    const { clips } = this._browser;
    return clips.days.some((day) => clips.shownOf(day).some((clip) => clip.id === id));
  }

  _update() {
    const { days, isLoaded } = this._browser.clips;
    // While the first event of all runs, nobody is told that there is none.
    this._empty.hidden = days.length > 0 || !(this._now.root.hidden || this._cause || this._day);
    this._select.hidden = days.length === 0;
    setText(this._empty, isLoaded ? this._noneWords() : "Loading");
  }

  _noneWords() {
    if (this._cause || this._day) {
      return this._day ? "No such events on this day." : "There are no events of this kind.";
    }
    return "No events yet. One appears here by itself when something moves while the car is guarded, when the car is braked very hard, and when you save what happened.";
  }

  _explain(text) {
    if (!this._browser.clips.isLoaded) {
      setText(this._empty, text);
    }
  }
}
