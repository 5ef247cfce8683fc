// The facts of Wi-Fi on the status page.

import { strength, wifiTitle } from "./network-words.js";
import { fact } from "./status-facts.js";

/** Lines about Wi-Fi; none on machines that look after it themselves. */
export function networkFacts({ network }) {
  if (!network || network.wifi.state === "off") {
    return [];
  }
  const { wifi, page_addresses: addresses } = network;
  const { title, isTrouble } = wifiTitle(wifi);
  const facts = [fact("Wi-Fi", title, isTrouble, "#settings/network")];
  if (wifi.words) {
    facts.push(fact("Why", wifi.words));
  }
  if (wifi.state === "joined" && wifi.signal_percent !== null) {
    facts.push(fact("Signal", strength(wifi.signal_percent)));
  }
  if (addresses.length) {
    facts.push(fact("This page", addresses.join(" or ")));
  }
  return facts;
}
