// This phone's clock and time zone: brought to a dashcam that knows them no better, the zone only if the driver agrees.

import * as api from "./api.js";
import { askPerson, complain, tell } from "./dialogs.js";
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

async function askAboutZone(zone) {
  const name = zone.replaceAll("_", " ");
  if (remembered(DECLINED, "") === zone || document.querySelector("dialog[open]")) {
    return;
  }
  const agrees = await askPerson({
    title: "Use this phone's time zone?",
    text: `It is ${name}, and the dashcam's is another: names of clips and the time on pictures would differ from this phone's clock.`,
    yes: "Use it",
    no: "Not now",
  });
  if (!agrees) {
    remember(DECLINED, zone);
    return;
  }
  await api.changeSettings({ "clock.zone": zone });
  tell(`The dashcam's time zone is ${name} now. It can be changed in the settings.`);
}

/** Needs no place on the page. */
export function phoneTimePanel() {
  let isOffering = false;
  let offeredAt = Number.NEGATIVE_INFINITY;

  async function bring() {
    isOffering = true;
    try {
      const { zone_offer: zone } = await offer();
      offeredAt = performance.now();
      if (zone !== null) {
        await askAboutZone(zone).catch(complain);
      }
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
