// The page of the clips: the gallery and the player that it opens.

import { clipsPanel } from "./clips.js";
import { find } from "./dom.js";
import { playerPanel } from "./player.js";
import { troublePanel } from "./recording.js";

/** Makes the page in its root. */
export function galleryPage(root) {
  const panels = [
    troublePanel(find(document, "#player .trouble")),
    clipsPanel(root, playerPanel(find(document, "#player"))),
  ];
  return {
    setState(state) {
      for (const panel of panels) {
        panel.setState(state);
      }
    },
  };
}
