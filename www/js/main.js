// Puts the page together: every panel gets every state.

import { followState } from "./api.js";
import { controlsPanel } from "./controls.js";
import { find } from "./dom.js";
import { livePanel } from "./live.js";
import { aboutPanel, noticesPanel } from "./notices.js";
import { recordingPanel } from "./recording.js";
import { viewsPanel } from "./views.js";

const part = (id) => find(document, `#${id}`);

function cockpitPanel() {
  const panels = [livePanel(part("live")), controlsPanel(part("controls")), noticesPanel(part("notices"))];
  return {
    setState(state) {
      for (const panel of panels) {
        panel.setState(state);
      }
    },
  };
}

const pages = {
  live: { root: part("view-live"), load: async () => cockpitPanel() },
  clips: { root: part("view-clips"), load: async (root) => (await import("./gallery.js")).galleryPage(root) },
  settings: { root: part("view-settings"), load: async (root) => (await import("./settings.js")).settingsPage(root) },
  status: { root: part("view-status"), load: async (root) => (await import("./status.js")).statusPage(root) },
};
const panels = [recordingPanel(part("recording")), viewsPanel(part("views"), pages), aboutPanel(part("about"))];

followState((state) => {
  for (const panel of panels) {
    panel.setState(state);
  }
});
