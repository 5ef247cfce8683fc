// Puts the page together: every panel gets every state.

import { followState } from "./api.js";
import { clipsPanel } from "./clips.js";
import { controlsPanel } from "./controls.js";
import { find } from "./dom.js";
import { livePanel } from "./live.js";
import { aboutPanel, noticesPanel } from "./notices.js";
import { playerPanel } from "./player.js";
import { recordingPanel, troublePanel } from "./recording.js";

const part = (id) => find(document, `#${id}`);
const player = playerPanel(part("player"));
const panels = [
  recordingPanel(part("recording")),
  troublePanel(find(document, "#player .trouble")),
  livePanel(part("live")),
  controlsPanel(part("controls")),
  noticesPanel(part("notices")),
  clipsPanel(part("clips"), player),
  aboutPanel(part("about")),
];

followState((state) => {
  for (const panel of panels) {
    panel.setState(state);
  }
});
