// Puts the page together: every panel gets every state.

import { followState } from "./api.js";
import { controlsPanel } from "./controls.js";
import { find, loadStyles } from "./dom.js";
import { livePanel } from "./live.js";
import { aboutPanel, badgePanel, noticesPanel } from "./notices.js";
import { phoneTimePanel } from "./phone-time.js";
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

/** A page that is not there at the start: `prepare` brings what it needs, `load` makes it. */
function laterPage(name, styles, modules, make) {
  const prepare = async () => (await Promise.all([modules(), ...styles.map(loadStyles)]))[0];
  return { root: part(`view-${name}`), prepare, load: async (root) => make(await prepare(), root) };
}

const CLIPS_STYLES = ["/gallery.css", "/gallery-bars.css", "/player.css", "/player-screens.css"];
const pages = {
  live: { root: part("view-live"), load: async () => cockpitPage() },
  clips: laterPage(
    "clips",
    CLIPS_STYLES,
    () => import("./gallery.js"),
    (module, root) => module.galleryPage(root),
  ),
  map: laterPage(
    "map",
    ["/map.css", "/map-signs.css"],
    () => import("./map.js"),
    (module, root) => module.mapPage(root),
  ),
  settings: laterPage(
    "settings",
    ["/settings.css"],
    () => import("./settings.js"),
    (module, root) => module.settingsPage(root),
  ),
  status: laterPage(
    "status",
    ["/status.css"],
    () => import("./status.js"),
    (module, root) => module.statusPage(root),
  ),
};
const views = viewsPanel(part("views"), pages);
const panels = [
  recording,
  views,
  badgePanel(part("views")),
  themePanel(part("theme")),
  soundPanel(part("sound")),
  aboutPanel(part("about")),
  phoneTimePanel(part("notices")),
];

followState((state) => {
  for (const panel of panels) {
    panel.setState(state);
  }
}, views.setClips);
