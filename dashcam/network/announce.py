"""The machine's name on the network and what it offers, published by avahi: dashcam.local, _http, _smb, _ftp.

Avahi takes back what a client has published when its connection ends, and forgets all when it is started anew: so the
connection stays, and it is looked after every few seconds. What is asked and answered: the introspection files of
avahi-daemon, org.freedesktop.Avahi.Server.xml and .EntryGroup.xml.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashcam.clock import NANOSECONDS
from dashcam.link.network_messages import ShareStatus
from dashcam.system.appliance import FTP_PORT, PAGE_PORTS, SMB_PORT
from dashcam.system.bus import SYSTEM_BUS, Bus, BusMissing, BusObject, BusRefusal, lasting_bus

log = logging.getLogger(__name__)

_AVAHI = "org.freedesktop.Avahi"
_BUS = BusObject("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
_SERVER = BusObject(_AVAHI, "/", f"{_AVAHI}.Server")
_ANSWER_SECONDS = 5.0
_LOOK_NS = 5 * NANOSECONDS
_SOON_NS = NANOSECONDS // 2
_ABSENT_NS = 15 * NANOSECONDS
# avahi-common/defs.h: AvahiServerState, AvahiEntryGroupState; AVAHI_IF_UNSPEC, AVAHI_PROTO_UNSPEC.
_RUNNING = 2
_REGISTERING, _ESTABLISHED, _COLLISION = 1, 2, 3
_EVERY = -1

_NO_AVAHI = "No name is announced, because avahi-daemon does not run: the page is at its address only."
_TAKEN = "Another device here is called {wanted} already, so this one is {name}.local; choose another name for one."


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that others may find, such as `_http._tcp` at port 80."""

    type: str
    port: int
    text: tuple[str, ...] = ()
    """TXT records such as `path=/`."""


def offers_of(shares: Sequence[ShareStatus]) -> tuple[Offer, ...]:
    """The page, and the shares that run."""
    offers = [Offer("_http._tcp", PAGE_PORTS[0], ("path=/",))]
    ports = {"smb": Offer("_smb._tcp", SMB_PORT), "ftp": Offer("_ftp._tcp", FTP_PORT, ("path=/",))}
    offers += [ports[share.kind] for share in shares if share.is_running]
    return tuple(offers)


@dataclass(frozen=True, slots=True)
class _Published:
    """What is out, by whom and under which name."""

    owner: str
    name: str
    offers: tuple[Offer, ...]
    group: BusObject


class Announcer:
    """Publishes by avahi, and does so again after it was started anew. `turn` is one thread's, the rest any's."""

    def __init__(self, *, bus_address: str = SYSTEM_BUS, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self.host_name = ""
        """As it is announced, without .local; empty while nobody announces it."""
        self.words = ""
        """Why the name is another than wanted, or why there is none; else empty."""
        self._address = bus_address
        self._monotonic_ns = monotonic_ns
        self._bus: Bus | None = None
        self._published: _Published | None = None
        self._named: tuple[str, str, str] | None = None
        self._wanted: tuple[str, tuple[Offer, ...], str] | None = None
        self._due_ns = 0
        self._number = 1  # behind the name of what is offered, where another one offers the same under it

    def turn(self, host_name: str, offers: Sequence[Offer], place: str = "") -> None:
        """Makes true what is wanted; cheap when it is. Never raises.

        `place`: anything that is another one in another network, where a name that was taken may be free.
        """
        wanted = (host_name, tuple(offers), place)
        if wanted == self._wanted and self._monotonic_ns() < self._due_ns:
            return
        self._wanted = wanted
        try:
            is_settled = self._step(*wanted)
            wait_ns = _LOOK_NS if is_settled else _SOON_NS
        except (BusMissing, BusRefusal) as error:
            self._lose(error)
            wait_ns = _ABSENT_NS
        self._due_ns = self._monotonic_ns() + wait_ns

    def close(self) -> None:
        """Takes back what was published. May be called twice."""
        bus, self._bus = self._bus, None
        self._published = self._named = None
        self.host_name = ""
        if bus is not None:
            bus.close()

    def _lose(self, error: BusMissing | BusRefusal) -> None:
        if self.words != _NO_AVAHI:
            log.warning("the name is not announced: %s", error)
        self.close()
        self.words = _NO_AVAHI

    def _step(self, wanted: str, offers: tuple[Offer, ...], place: str) -> bool:
        """True when all is out; raises BusMissing and BusRefusal when there is nobody to ask."""
        bus = self._bus = self._bus or lasting_bus(_ANSWER_SECONDS, self._address)
        # Without starting it: who has switched avahi off wants it so.
        [owner] = bus.call(_BUS, "GetNameOwner", "s", (_AVAHI,))
        asked = (owner, wanted, place)
        if self._named != asked:
            self._set_host_name(bus, wanted)
            self._named = asked
            return False
        [state] = bus.call(_SERVER, "GetState")
        if state != _RUNNING:
            return False
        [name] = bus.call(_SERVER, "GetHostName")
        self._tell(wanted, name)
        if self._is_out(bus, owner, name, offers):
            return True
        self._publish(bus, owner, name, offers)
        return False

    def _set_host_name(self, bus: Bus, wanted: str) -> None:
        try:
            bus.call(_SERVER, "SetHostName", "s", (wanted,))
        except BusRefusal as error:
            if error.is_absence:
                raise
            # It has this name already; or we may not, and what it is called then is told.
            log.debug("the name is left as it is: %s", error)

    def _tell(self, wanted: str, name: str) -> None:
        if name != self.host_name:
            log.info("announced as %s.local", name)
        self.host_name = name
        self.words = "" if name == wanted else _TAKEN.format(wanted=wanted, name=name)

    def _is_out(self, bus: Bus, owner: str, name: str, offers: tuple[Offer, ...]) -> bool:
        out = self._published
        if out is None or (out.owner, out.name, out.offers) != (owner, name, offers):
            return False
        try:
            [state] = bus.call(out.group, "GetState")
        except BusRefusal:
            return False
        if state == _COLLISION:
            self._number += 1
        return state in (_REGISTERING, _ESTABLISHED)

    def _publish(self, bus: Bus, owner: str, name: str, offers: tuple[Offer, ...]) -> None:
        """All in one group, under the name of the machine, which should be no other one's."""
        if self._published is not None and self._published.owner == owner:
            self._forget(bus, self._published.group)
        self._published = None
        [path] = bus.call(_SERVER, "EntryGroupNew")
        group = BusObject(_AVAHI, path, f"{_AVAHI}.EntryGroup")
        label = name if self._number == 1 else f"{name} #{self._number}"
        try:
            for offer in offers:
                text = [line.encode() for line in offer.text]
                record = (_EVERY, _EVERY, 0, label, offer.type, "", "", offer.port, text)
                bus.call(group, "AddService", "iiussssqaay", record)
            bus.call(group, "Commit")
        except BusRefusal as error:
            if not error.name.endswith("CollisionError"):
                raise
            # Another program of this machine offers the same under this name.
            self._number += 1
            self._forget(bus, group)
            return
        self._published = _Published(owner, name, offers, group)

    def _forget(self, bus: Bus, group: BusObject) -> None:
        try:
            bus.call(group, "Free")
        except BusRefusal as error:
            log.debug("a group of records is gone already: %s", error)
