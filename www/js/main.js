// Puts the page together: every panel gets every state.

import { followState } from "./api.js";
import { controlsPanel } from "./controls.js";
import { find, loadStyles } from "./dom.js";
import { laterPanel } from "./later.js";
import { livePanel } from "./live.js";
import { aboutPanel, badgePanel, noticesPanel } from "./notices.js";
import { recordingPanel } from "./recording.js";
import { Saver } from "./save.js";
import { soundPanel } from "./sound.js";
import { themePanel } from "./theme.js";
import { viewsPanel } from "./views.js";

const part = (id) => find(document, `#${id}`);
const recording = recordingPanel(part("recording"));
const sound = soundPanel(part("sound"));
const saver = new Saver({ sound, onKept: recording.keep });

async function announcements() {
  const [module] = await Promise.all([import("./announcements.js"), loadStyles("/announcements.css")]);
  return module.announcementsPanel(part("notices"));
}

function cockpitPage() {
  const live = livePanel(part("live"));
  const place = part("now");
  saver.addPlace(place);
  const now = laterPanel(async () => new (await import("./live-now.js")).LiveNow(place, part("live")));
  const panels = [live, now, controlsPanel(part("controls"), saver), noticesPanel(part("notices"))];
  panels.push(laterPanel(announcements, (state) => state?.keeper?.announcements.length > 0));
  return {
    setState(state) {
      for (const panel of panels) {
        panel.setState(state);
      }
    },
    show() {
      live.show();
      now.show(true);
    },
    hide() {
      live.hide();
      now.show(false);
    },
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
    (module, root) => module.galleryPage(root, saver),
  ),
  events: laterPage(
    "events",
    [...CLIPS_STYLES, "/events.css", "/announcements.css"],
    () => import("./events.js"),
    (module, root) => module.eventsPage(root),
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
  sound,
  saver,
  aboutPanel(part("about")),
  laterPanel(async () => (await import("./phone-time.js")).phoneTimePanel(part("notices"))),
];

followState((state) => {
  for (const panel of panels) {
    panel.setState(state);
  }
}, views.setClips);
