// The list of a day's trips: what each was, and a button to play the chosen one.

import { button, element } from "./dom.js";
import { distanceWords, durationWords, minuteOf, speedWords } from "./map-words.js";

/** The list; `onShow(trip)` hears which one is chosen, `onPlay(trip)` which one is to be played. */
export class TripList {
  constructor({ onShow, onPlay }) {
    this._onShow = onShow;
    this._onPlay = onPlay;
    this._unit = "km/h";
    this._title = element("h3", { textContent: "Trips" });
    this._list = element("ul", { className: "trips" });
    this.parts = { title: this._title, list: this._list };
  }

  /** Who reads the list, or has chosen a trip, is left in peace while the newest one grows. */
  set(trips, unit) {
    this._title.hidden = !trips.length;
    const key = JSON.stringify([trips, unit]);
    if (key === this._key) {
      return;
    }
    this._key = key;
    this._unit = unit;
    const focused = this._list.contains(document.activeElement) && document.activeElement.dataset.trip;
    const chosen = this._list.querySelector("[aria-pressed=true]")?.dataset.trip;
    this._list.replaceChildren(...trips.map((trip) => element("li", {}, this._buttonOf(trip))));
    for (const made of this._list.querySelectorAll("button")) {
      if (made.dataset.trip === chosen) {
        this._choose(
          trips.find(({ begins }) => begins.id === chosen),
          made,
        );
      }
      if (made.dataset.trip === focused) {
        made.focus();
      }
    }
  }

  _buttonOf(trip) {
    const unit = this._unit;
    const when = trip.local_start
      ? `${minuteOf(trip.local_start)} – ${minuteOf(trip.local_end)}`
      : `${durationWords(trip.duration_seconds)}, time not known`;
    const length = `${distanceWords(trip.distance_m, unit)} · ${durationWords(trip.duration_seconds)}`;
    const speeds = `top ${speedWords(trip.top_speed_mps, unit)} · mean ${speedWords(trip.mean_speed_mps, unit)}`;
    const made = element(
      "button",
      { type: "button", className: "trip" },
      element("strong", { textContent: when }),
      element("span", { textContent: length }),
      element("span", { textContent: speeds }),
    );
    made.dataset.trip = trip.begins.id;
    made.addEventListener("click", () => {
      this._choose(trip, made);
      this._onShow(trip);
    });
    return made;
  }

  /** Who cannot touch the line comes to the video this way. */
  _choose(trip, made) {
    for (const other of this._list.querySelectorAll(".trip")) {
      other.ariaPressed = String(other === made);
    }
    const onClick = () => this._onPlay(trip);
    this._play?.remove();
    this._play = button("Play this trip", { icon: "play", className: "play-trip primary", onClick });
    made.after(this._play);
  }
}
