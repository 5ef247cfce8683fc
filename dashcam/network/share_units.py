"""The units of systemd that shares are made of: started and stopped by it, which asks polkit whether we may."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from dashcam.errors import NetworkError
from dashcam.system.appliance import APPLY_UNIT, FTP_UNIT, SMB_UNIT
from dashcam.system.bus import SYSTEM_BUS, Bus, BusMissing, BusObject, BusRefusal, open_bus

_SYSTEMD = BusObject("org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager")
_UNITS = (APPLY_UNIT, SMB_UNIT, FTP_UNIT)
# systemd answers at once: it only takes the job on.
_ASK_SECONDS = 5.0

AT_REST = ("inactive", "failed")
FAILING = "failing"
"""It has ended by a mistake and waits for its next start; systemd says `activating` of that, too."""
Verb = Literal["StartUnit", "StopUnit", "RestartUnit"]

_NOT_INSTALLED = "Only an installed dashcam has shares: run scripts/install."
_FORBIDDEN = "The system does not let the dashcam start its shares: run scripts/install again, which allows it."


class SharesRefused(NetworkError):
    """Shares cannot be had, or a password cannot be set; the message says why, and the cure."""


class ShareUnits:
    """Asks systemd on the bus at `address`, on a connection of its own for every question. For any thread."""

    def __init__(self, address: str = SYSTEM_BUS) -> None:
        self._address = address

    def states(self) -> dict[str, str]:
        """The ActiveState of each of the units that is installed, or FAILING. Raises SharesRefused."""
        with _refusals(), open_bus(_ASK_SECONDS, self._address) as bus:
            return _states(bus)

    def do(self, verb: Verb, unit: str) -> None:
        """Has a unit started, stopped or started anew; it is under way then. Raises SharesRefused."""
        assert unit in _UNITS
        with _refusals(), open_bus(_ASK_SECONDS, self._address) as bus:
            bus.call(_SYSTEMD, verb, "ss", (unit, "replace"))


def _states(bus: Bus) -> dict[str, str]:
    [units] = bus.call(_SYSTEMD, "ListUnitsByNames", "as", (list(_UNITS),))
    return {
        name: FAILING if sub_state.startswith("auto-restart") else state
        for name, _, load_state, state, sub_state, *_ in units
        if load_state == "loaded"
    }


@contextmanager
def _refusals() -> Iterator[None]:
    """What the bus says, in words for the driver."""
    try:
        yield
    except BusMissing as error:
        raise SharesRefused(_NOT_INSTALLED) from error
    except BusRefusal as error:
        if error.is_absence or error.name.endswith("NoSuchUnit"):
            raise SharesRefused(_NOT_INSTALLED) from error
        raise SharesRefused(_FORBIDDEN if error.is_forbidden else f"systemd does not do it: {error}") from error
