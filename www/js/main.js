// Puts the page together: every panel gets every state.

import { followState } from "./api.js";
import { controlsPanel } from "./controls.js";
import { find, loadStyles } from "./dom.js";
import { livePanel } from "./live.js";
import { aboutPanel, badgePanel, noticesPanel } from "./notices.js";
import { recordingPanel } from "./recording.js";
import { soundPanel } from "./sound.js";
import { themePanel } from "./theme.js";
import { viewsPanel } from "./views.js";

const part = (id) => find(document, `#${id}`);
const recording = recordingPanel(part("recording"));

function cockpitPage() {
  const live = livePanel(part("live"));
  const controls = controlsPanel(part("controls"), { onKept: recording.keep });
  const panels = [live, controls, noticesPanel(part("notices"))];
  return {
    setState(state) {
      for (const panel of panels) {
        panel.setState(state);
      }
    },
    show: live.show,
    hide: live.hide,
  };
}

const pages = {
  live: { root: part("view-live"), load: async () => cockpitPage() },
  clips: {
    root: part("view-clips"),
    async load(root) {
      await loadStyles("/gallery.css");
      return (await import("./gallery.js")).galleryPage(root);
    },
  },
  settings: {
    root: part("view-settings"),
    async load(root) {
      await loadStyles("/settings.css");
      return (await import("./settings.js")).settingsPage(root);
    },
  },
  status: {
    root: part("view-status"),
    async load(root) {
      await loadStyles("/status.css");
      return (await import("./status.js")).statusPage(root);
    },
  },
};
const views = viewsPanel(part("views"), pages);
const panels = [
  recording,
  views,
  badgePanel(part("views")),
  themePanel(part("theme")),
  soundPanel(part("sound")),
  aboutPanel(part("about")),
];

followState((state) => {
  for (const panel of panels) {
    panel.setState(state);
  }
}, views.setClips);
