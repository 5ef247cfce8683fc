"""Drives the network mode: looks at the radio, tells the mode what it sees, and does what that orders.

Three kinds of threads: one steps the mode and waits for nothing else; one looks at the radio, once a second; and each
order has one of its own while it lasts, so that one that hangs holds up nobody.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from dashcam.network.base import NetworkTrouble, OwnAccessPoint, RadioState, SeenAccessPoint, Wifi
from dashcam.network.mode import guests_on, step
from dashcam.network.mode_state import Action, Answered, Event, Heard, Known, Looked, Mode, Order, Scan, Tick, Told
from dashcam.network.own_access_point import OwnAccessPoints
from dashcam.settings.schema import NetworkSettings
from dashcam.worker import Worker

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
# Somebody else may have made or removed a profile.
_PROFILES_SECONDS = 15.0
# On a network nothing has to be heard; the page shows what was heard last.
_IDLE_SEEN_SECONDS = 10.0
_STOP_SECONDS = 3.0
_NET_FOLDER = Path("/sys/class/net")
Reached = Literal["joined", "access_point"]


def hears_its_network(interface: str, folder: Path = _NET_FOLDER) -> bool:
    """The kernel's word, which comes at once; True where it has none."""
    try:
        return (folder / interface / "carrier").read_text().strip() != "0"
    except OSError:
        return True


class WifiDuty:
    """Looks after the radio that `open_radio` gives for the settings. Any thread may call; `start` makes the others."""

    def __init__(
        self,
        state: Path,
        open_radio: Callable[[NetworkSettings], Wifi],
        *,
        reload_driver: Callable[[], None] = lambda: None,
        reached: Callable[[Reached], None] = lambda _reached: None,
        monotonic: Callable[[], float] = time.monotonic,
        look_seconds: float = _LOOK_SECONDS,
    ) -> None:
        """`reload_driver`: the last step for a dead radio; `reached`: told once each, from the stepping thread.

        `look_seconds`: of this machine, from one look at the radio to the next.
        """
        self._open_radio = open_radio
        self._reload_driver = reload_driver
        self._reached = reached
        self._monotonic = monotonic
        self._look_seconds = look_seconds
        self._own_access_points = OwnAccessPoints(state)
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._stepping = Worker("wifi", self._step_on)
        self._looking = Worker("wifi-looks", self._look_on)
        self._look_now = threading.Event()
        self._guard = threading.Lock()  # of what follows
        self._settings = NetworkSettings()
        self._radio: Wifi | None = None
        self._own: OwnAccessPoint | None = None
        self._scan: Scan | None = None
        self._seen: tuple[SeenAccessPoint, ...] = ()
        self._seen_at: float | None = None
        # Of the stepping thread; others read the whole of it.
        self._mode = Mode()
        self._has_reached: set[Reached] = set()
        # Of the looking thread.
        self._profiles_at = self._seen_next_at = float("-inf")

    def start(self) -> None:
        """Begins to look and to step."""
        self._stepping.start()
        self._looking.start()

    def close(self) -> None:
        """Leaves the radio as it is: who is on the access point stays, and the next start finds it so."""
        self._stepping.stopping.set()
        self._looking.stopping.set()
        self._look_now.set()
        self._events.put(Tick())
        self._stepping.stop(_STOP_SECONDS)
        self._looking.stop(_STOP_SECONDS)

    def take(self, settings: NetworkSettings) -> None:
        """The settings from now on."""
        own, blindness = self._own_access_points.of(settings) if settings.wifi else None, ""
        with self._guard:
            if self._radio is not None and settings.interface != self._settings.interface:
                self._radio = None
            if settings.wifi and self._radio is None:
                self._radio, blindness = self._opened(settings)
            self._settings, self._own = settings, own
        self._events.put(Told(settings.wifi, own.ssid if own is not None else b""))
        if blindness:  # after the settings, which make all forget what was seen before
            self._events.put(Looked(self.now + self._look_seconds, RadioState(), blindness=blindness))
        self.look_soon()

    def _opened(self, settings: NetworkSettings) -> tuple[Wifi | None, str]:
        """The radio, or why there is none."""
        try:
            return self._open_radio(settings), ""
        except ImportError as error:
            words = f"Wi-Fi cannot be looked after: the library {error.name} is missing; install the dashcam anew."
            log.warning("%s", words)
            return None, words

    def tell(self, event: Event) -> None:
        """What happened elsewhere."""
        self._events.put(event)

    def look_soon(self) -> None:
        """The radio and its profiles are looked at now rather than within a second."""
        with self._guard:
            self._profiles_at = float("-inf")
        self._look_now.set()

    @property
    def mode(self) -> Mode:
        """As it is now."""
        return self._mode

    @property
    def radio(self) -> Wifi | None:
        """None while Wi-Fi is left alone."""
        with self._guard:
            return self._radio if self._settings.wifi else None

    def own_access_point(self, settings: NetworkSettings | None = None) -> OwnAccessPoint:
        """Whether or not it is open. `settings`: those in force if None."""
        with self._guard:
            settings = settings or self._settings
        return self._own_access_points.of(settings)

    @property
    def now(self) -> float:
        """On the clock of the mode."""
        return self._monotonic()

    @property
    def last_seen(self) -> tuple[tuple[SeenAccessPoint, ...], float | None]:
        """What was heard when it could hear last, and when that was."""
        with self._guard:
            return self._seen, self._seen_at

    def note_seen(self, seen: tuple[SeenAccessPoint, ...]) -> None:
        """What is heard now."""
        if seen:
            with self._guard:
                self._seen, self._seen_at = seen, self.now - min(each.age_seconds for each in seen)

    # ---- the stepping thread

    def _step_on(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                event = self._events.get(timeout=self._look_seconds)
            except queue.Empty:
                event = Tick()
            if not stop.is_set():
                self._step(event)

    def _step(self, event: Event) -> None:
        before = self._mode
        self._mode, actions = step(before, event, self.now)
        if self._mode.phase != before.phase:
            log.info("Wi-Fi: %s. %s", self._mode.phase.replace("_", " "), self._mode.words)
            phase = self._mode.phase
            if phase in ("joined", "access_point") and phase not in self._has_reached:
                reached: Reached = "joined" if phase == "joined" else "access_point"
                self._has_reached.add(reached)
                self._reached(reached)
        for action in actions:
            self._act(action)

    def _act(self, action: Action) -> None:
        if isinstance(action, Scan):
            with self._guard:
                self._scan = action
            self._look_now.set()
            return
        Worker(f"wifi-{action.kind}", lambda _stop: self._carry_out(action)).start()

    # ---- the thread of an order

    def _carry_out(self, order: Order) -> None:
        with self._guard:
            radio, own = self._radio, self._own
        answer = Answered(order.epoch)
        if radio is None or own is None:
            answer = Answered(order.epoch, "no_radio", "Wi-Fi is left alone")
        else:
            try:
                if not self._do(order, radio, own):
                    answer = Answered(order.epoch, "occupied")
            except NetworkTrouble as trouble:
                log.warning("Wi-Fi: %s: %s", order.kind, trouble)
                answer = Answered(order.epoch, trouble.kind, str(trouble))
            except Exception as error:
                log.exception("Wi-Fi: %s ends by a mistake", order.kind)
                answer = Answered(order.epoch, "unknown", f"an error of the program itself: {error!r}")
        self._events.put(answer)
        self._look_now.set()

    def _do(self, order: Order, radio: Wifi, own: OwnAccessPoint) -> bool:
        """False when somebody is on the access point that was to be left."""
        match order.kind:
            case "join":
                radio.activate(order.uuid, order.limit_seconds)
            case "open":
                radio.activate_access_point(own, order.limit_seconds)
            case "leave":
                if order.spares_guests and is_occupied(radio.look()):
                    return False
                radio.deactivate(order.limit_seconds)
            case "cycle":
                radio.cycle_radio()
            case "reload":
                self._reload_driver()
        return True

    # ---- the looking thread

    def _look_on(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self._look_now.clear()
            with self._guard:
                radio = self._radio if self._settings.wifi else None
                scan, self._scan = self._scan, None
            if radio is not None:
                try:
                    self._look(radio, scan)
                except Exception as error:
                    log.exception("the radio cannot be looked at")
                    self._events.put(Looked(self.now, RadioState(), blindness=f"An error of the program: {error!r}"))
            self._look_now.wait(self._look_seconds if radio is not None else None)

    def _look(self, radio: Wifi, scan: Scan | None) -> None:
        at = self.now
        try:
            if scan is not None:
                _scan(radio, scan.hidden)
            state = radio.look()
            heard = self._listen(radio)
            self._read_profiles(radio)
        except NetworkTrouble as trouble:
            self._events.put(Looked(at, RadioState(), blindness=f"Wi-Fi cannot be looked after: {trouble}"))
            return
        is_linked = not state.is_joined or hears_its_network(state.interface)
        self._events.put(Looked(at, state, heard, is_linked))

    def _listen(self, radio: Wifi) -> dict[bytes, Heard]:
        """Nothing while it is an access point, which is deaf, and seldom while it is on a network."""
        phase, now = self._mode.phase, self.now
        if phase == "access_point" or (phase == "joined" and now < self._seen_next_at):
            return {}
        self._seen_next_at = now + _IDLE_SEEN_SECONDS
        seen, now = radio.seen(), self.now
        self.note_seen(seen)
        heard: dict[bytes, Heard] = {}
        for each in seen:
            found = Heard(now - each.age_seconds, each.signal_percent)
            if each.ssid not in heard or heard[each.ssid].at < found.at:
                heard[each.ssid] = found
        return heard

    def _read_profiles(self, radio: Wifi) -> None:
        with self._guard:
            if self.now < self._profiles_at and self._mode.known is not None:
                return
            self._profiles_at = self.now + _PROFILES_SECONDS
        self._events.put(Known(radio.profiles()))


def is_occupied(state: RadioState) -> bool:
    """Somebody is on the access point, or nobody can tell."""
    guests = guests_on(state)
    return state.is_open and (guests is None or guests > 0)


def _scan(radio: Wifi, hidden: tuple[bytes, ...]) -> None:
    """What does not work is asked for again, and `look` tells what is wrong."""
    try:
        radio.scan(hidden)
    except NetworkTrouble as trouble:
        log.debug("Wi-Fi: no scan: %s", trouble)
