// This phone's clock and time zone: brought to a dashcam that knows them no better, the zone only if the driver agrees.

import * as api from "./api.js";
import { complain, tell } from "./dialogs.js";
import { button, element, whileBusy } from "./dom.js";
import { remember, remembered } from "./remembered.js";

// Sources that a phone may be better than.
const NO_BETTER = ["none", "saved", "phone"];
// A dashcam's quartz drifts; whether this phone's time is the better by now, the dashcam decides.
const AGAIN_MILLISECONDS = 15 * 60_000;
// One that has forgotten the time, because it was started anew, is told soon.
const SOON_MILLISECONDS = 20_000;
const DECLINED = "zone-declined";

function zoneOfPhone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

/** Offers the time twice: only the first request tells how long one takes, and the time is known the better for it. */
async function offer() {
  const zone = zoneOfPhone();
  const asked = performance.now();
  const first = await api.tellTime(zone);
  return first.clock.source === "phone" ? await api.tellTime(zone, performance.now() - asked) : first;
}

/** The question about the zone: one of the page's notices, which waits and covers nothing. */
class ZoneQuestion {
  constructor(notices) {
    this._list = element("ul", { className: "zone-question" });
    this._zone = "";
    notices.append(this._list);
  }

  /** Asks, unless this phone has said no; null: there is nothing to ask any more. */
  set(zone) {
    const wanted = remembered(DECLINED, "") === zone ? "" : (zone ?? "");
    if (wanted !== this._zone) {
      this._zone = wanted;
      this._list.replaceChildren(...(wanted ? [this._item(wanted)] : []));
    }
  }

  _item(zone) {
    const name = zone.replaceAll("_", " ");
    const text = `This phone's time zone is ${name}, the dashcam's is another: names of clips and the time on pictures would differ from this phone's clock.`;
    const yes = button(`Use ${name}`, { className: "yes", onClick: () => whileBusy(yes, () => this._use(zone, name)) });
    const no = button("Not now", { className: "no", onClick: () => this._decline(zone) });
    return element("li", {}, element("p", { textContent: text }), element("div", { className: "actions" }, yes, no));
  }

  async _use(zone, name) {
    try {
      await api.changeSettings({ "clock.zone": zone });
    } catch (error) {
      complain(error);
      return;
    }
    this.set(null);
    tell(`The dashcam's time zone is ${name} now. It can be changed in the settings.`);
  }

  _decline(zone) {
    remember(DECLINED, zone);
    this.set(null);
  }
}

/** Its place is among the notices. */
export function phoneTimePanel(notices) {
  const question = new ZoneQuestion(notices);
  let isOffering = false;
  let offeredAt = Number.NEGATIVE_INFINITY;

  async function bring() {
    isOffering = true;
    try {
      const { zone_offer: zone } = await offer();
      offeredAt = performance.now();
      question.set(zone);
    } catch {
      // Nobody has asked for it: the next state that comes is the next occasion.
      offeredAt = performance.now();
    } finally {
      isOffering = false;
    }
  }

  return {
    setState(state) {
      const clock = state?.recorder?.clock;
      if (!clock || isOffering || !(NO_BETTER.includes(clock.source) || clock.zone === "")) {
        return;
      }
      const pause = clock.source === "none" || clock.source === "saved" ? SOON_MILLISECONDS : AGAIN_MILLISECONDS;
      if (performance.now() - offeredAt >= pause) {
        bring();
      }
    },
  };
}
