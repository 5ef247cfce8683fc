// The places for Wi-Fi and the shares among the settings: filled when the page is first seen, asked for while it is.

import { element, loadStyles } from "./dom.js";
import { laterPanel } from "./later.js";

const SECTIONS = ["network", "shares"];

/** `onThere()` is called when it is known whether there is anything to set, or that has changed. */
export function networkPlaces(model, onThere) {
  const places = Object.fromEntries(
    SECTIONS.map((name) => [name, element("div", { className: "network-place", textContent: "Asking the dashcam" })]),
  );
  let isThere = true;
  const panel = laterPanel(async () => {
    const [module] = await Promise.all([import("./network.js"), loadStyles("/network.css")]);
    return module.networkPanels({
      wifi: places.network,
      shares: places.shares,
      isTlsNeeded: () => model.get("shares.ftp_tls")?.value === "required",
      onThere(isThereNow) {
        if (isThere !== isThereNow) {
          isThere = isThereNow;
          onThere();
        }
      },
    });
  });
  return {
    /** What stands above the fields of a section; null for most. */
    placeOf: ({ name }) => places[name] ?? null,
    /** False for settings that would do nothing on this machine. */
    isThere: (name) => isThere || !SECTIONS.includes(name.split(".")[0]),
    setState: panel.setState,
    show: panel.show,
  };
}
