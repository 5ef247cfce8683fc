"""Sets the machine's clock by systemd-timedated, and lets the time services rest for that moment.

What timedated checks (src/timedate/timedated.c, `method_set_time`): before it asks polkit whether we may, it asks
systemd for the ActiveState of each unit that is listed in ntp-units.d, and refuses SetTime with
AutomaticTimeSyncEnabled while one of them is neither `inactive` nor `failed`. Whether it is enabled is not looked at.
So the time service has to be stopped, and there are two ways:

- SetNTP(false), SetTime, SetNTP(true). SetNTP disables and enables the unit files, on disk: a power cut in between
  leaves the machine without network time for good. It also starts the first service that is installed, not the one
  that ran, and makes SetTime be refused while its own job is under way.
- StopUnit, SetTime, StartUnit of systemd itself. Nothing is written to disk: after a power cut the machine starts its
  services as always. This is the one. For our own death in between there is a note (`dashcam.network.resting`).

systemd-timesyncd remembers the time while it runs and as it ends (the date of /var/lib/systemd/timesync/clock), and as
it starts it sets a clock that reads earlier forward to that: it would undo a step back at once. So after a step back it
rests for as long as the step was wide; then the clock has passed what it remembers.

What polkit must allow to the user of this program: org.freedesktop.timedate1.set-time, and for each of TIME_SERVICES
org.freedesktop.systemd1.manage-units with its name as `unit` and `start` or `stop` as `verb`.

https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.timedate1.html
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import ClassVar

from dashcam.clock import NANOSECONDS, Anchor
from dashcam.errors import AlreadyRunning, DashcamError
from dashcam.network.resting import Rest, RestNote
from dashcam.system.bus import SYSTEM_BUS, Bus, BusMissing, BusObject, BusRefusal, open_bus

log = logging.getLogger(__name__)

TIMESYNCD = "systemd-timesyncd.service"
TIME_SERVICES = (
    TIMESYNCD,
    "chrony.service",
    "chronyd.service",
    "ntpsec.service",
    "ntp.service",
    "ntpd.service",
    "openntpd.service",
)
"""Those that can be stopped for a moment and go on afterwards as if nothing had been."""

_TIMEDATE = BusObject("org.freedesktop.timedate1", "/org/freedesktop/timedate1", "org.freedesktop.timedate1")
_SYSTEMD = BusObject("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")
# A question to services that answer at once, once they are started; a small board takes a second for that.
_ASK_SECONDS = 5.0
# For all of stopping, setting and what systemd needs to end a service. Shorter than any watchdog.
_SET_SECONDS = 12.0
_STOPPED_SECONDS = 8.0
_LOOK_SECONDS = 0.05
# timesyncd remembers the time as it ends, a moment after the clock was compared.
_MARGIN_NS = NANOSECONDS
_AGAIN_NS = 30 * NANOSECONDS
_AT_REST = ("inactive", "failed")

_NO_TIMEDATED = (
    "This machine's clock cannot be set from here: it has no systemd-timedated. The recording has the right time all "
    "the same."
)
_MAY_NOT_SET = (
    "The system does not let the dashcam set the clock: its user needs a polkit rule for "
    "org.freedesktop.timedate1.set-time."
)
_MAY_NOT_STOP = (
    "Network time is on without having found the time, and the system does not let the dashcam stop {unit} for a "
    "moment: its user needs a polkit rule for org.freedesktop.systemd1.manage-units with this unit."
)
_UNKNOWN_SERVICE = (
    "Network time is on without having found the time, by a service that the dashcam does not know: stop it, or let it "
    "reach the internet."
)
_NOT_NOTED = "{unit} is not stopped for setting the clock, because that cannot be noted in the runtime folder: {error}"
_STAYS = "{unit} does not stop, so the clock cannot be set; restart the machine."


class TimeRefused(DashcamError):
    """The machine's clock cannot be set, or we may not do it; the message says why, and the cure."""

    code: ClassVar[str] = "time_refused"


class Timedate:
    """timedated and systemd on the bus at `address`. For one thread; `stop` cuts its waiting short."""

    def __init__(
        self,
        note: RestNote,
        stop: threading.Event,
        *,
        address: str = SYSTEM_BUS,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._note = note
        self._stop = stop
        self._address = address
        self._monotonic_ns = monotonic_ns

    def look(self) -> None:
        """Whether there is a timedated at all. Raises TimeRefused."""
        try:
            with open_bus(_ASK_SECONDS, self._address) as bus:
                _is_network_time_on(bus)
        except (BusMissing, BusRefusal) as error:
            raise _refused(error) from error

    def set(self, anchor: Anchor, ahead_ns: int) -> None:
        """Sets the clock, which reads `ahead_ns` more than it should, by `anchor`. Raises TimeRefused.

        Whatever happens, what was stopped for it is started again, at once or by a later `wake`.
        """
        is_laid = is_set = False
        try:
            with open_bus(_SET_SECONDS, self._address) as bus:
                if _is_network_time_on(bus):
                    is_laid = True
                    self._lay_down(bus)
                usec_utc = (
                    anchor.utc_ns_at(self._monotonic_ns()) // 1000
                )  # at the last moment: it is to the microsecond
                bus.call(_TIMEDATE, "SetTime", "xbb", (usec_utc, False, False))
                is_set = True
            self._rest_until_passed(ahead_ns)
        except (BusMissing, BusRefusal) as error:
            raise _refused(error) from error
        finally:
            # What has rested for longer has its reason.
            self.wake(is_forced=is_laid and not is_set)

    def resting(self) -> Rest | None:
        """What was stopped by us, now or in an earlier life, and is to be started again."""
        return self._note.read()

    def wake(self, *, is_forced: bool = False) -> None:
        """Starts again what was stopped and is due. Never raises: what cannot be done now is tried at a later call."""
        rest = self._note.read()
        if rest is None or (not is_forced and self._monotonic_ns() < rest.due_monotonic_ns):
            return
        try:
            with open_bus(_ASK_SECONDS, self._address) as bus:
                for unit in _known(rest.units):
                    _start(bus, unit)
        except (BusMissing, BusRefusal) as error:
            log.warning("%s cannot be started again yet: %s", " and ".join(rest.units), error)
            try:
                self._note_rest(rest.units, self._monotonic_ns() + _AGAIN_NS)
            except TimeRefused as refusal:
                log.warning("%s", refusal)
            return
        self._note.forget()

    def _rest_until_passed(self, ahead_ns: int) -> None:
        """After a step back by `ahead_ns` what rests does so until the clock has passed what timesyncd remembers."""
        rest, now_ns = self._note.read(), self._monotonic_ns()
        if rest is not None and TIMESYNCD in rest.units:
            left_ns = max(0, rest.due_monotonic_ns - now_ns) + ahead_ns
            self._note_rest(rest.units, now_ns + left_ns + _MARGIN_NS if left_ns > 0 else 0)

    def _note_rest(self, units: tuple[str, ...], due_monotonic_ns: int) -> None:
        try:
            self._note.write(units, due_monotonic_ns)
        except (OSError, AlreadyRunning) as error:
            raise TimeRefused(_NOT_NOTED.format(unit=" and ".join(units), error=error)) from error

    def _lay_down(self, bus: Bus) -> None:
        """Stops the services that keep the time, and waits until timedated knows it."""
        units = _known(unit for unit, state in _states(bus, TIME_SERVICES).items() if state not in _AT_REST)
        if not units:
            raise TimeRefused(_UNKNOWN_SERVICE)
        self._note_rest(units, 0)
        for unit in units:
            try:
                bus.call(_SYSTEMD, "StopUnit", "ss", (unit, "replace"))
            except BusRefusal as error:
                if error.is_forbidden:
                    raise TimeRefused(_MAY_NOT_STOP.format(unit=unit)) from error
                raise
            log.info("%s rests while the clock is set", unit)
        ends_at_ns = self._monotonic_ns() + round(_STOPPED_SECONDS * NANOSECONDS)
        while _is_network_time_on(bus):
            if self._monotonic_ns() >= ends_at_ns:
                raise TimeRefused(_STAYS.format(unit=" and ".join(units)))
            if self._stop.wait(_LOOK_SECONDS):
                raise TimeRefused("The program ends; the clock is set at its next start.")


def _is_network_time_on(bus: Bus) -> bool:
    """As timedated sees it: one of the services it knows is active."""
    return bool(bus.property_of(_TIMEDATE, "NTP"))


def _states(bus: Bus, names: Iterable[str]) -> dict[str, str]:
    """The ActiveState of those that are installed, by the names that they have themselves."""
    [units] = bus.call(_SYSTEMD, "ListUnitsByNames", "as", (list(names),))
    return {name: state for name, _, load_state, state, *_ in units if load_state == "loaded"}


def _start(bus: Bus, unit: str) -> None:
    """Whatever its state: it may just be about to stop. Who may not stop it may not start it, and need not."""
    try:
        bus.call(_SYSTEMD, "StartUnit", "ss", (unit, "replace"))
    except BusRefusal as error:
        if not (error.is_forbidden and _states(bus, (unit,)).get(unit) == "active"):
            raise
    log.info("%s goes on", unit)


def _known(units: Iterable[str]) -> tuple[str, ...]:
    """Each once; nothing else is ever stopped or started, whoever names it."""
    return tuple(dict.fromkeys(unit for unit in units if unit in TIME_SERVICES))


def _refused(error: BusMissing | BusRefusal) -> TimeRefused:
    if isinstance(error, BusMissing) or error.is_absence:
        log.debug("timedated cannot be asked: %s", error)
        return TimeRefused(_NO_TIMEDATED)
    if error.is_forbidden:
        return TimeRefused(_MAY_NOT_SET)
    return TimeRefused(f"The system does not set the clock just now; it is tried again. (It says: {error})")
