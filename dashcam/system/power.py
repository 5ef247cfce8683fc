"""Switches the machine off or starts it anew, by asking systemd-logind over D-Bus; polkit says whether we may.

The interface: https://www.freedesktop.org/software/systemd/man/latest/org.freedesktop.login1.html
"""

from __future__ import annotations

import logging
from typing import Any, ClassVar, Literal

import msgspec

from dashcam.errors import DashcamError
from dashcam.system.bus import BusMissing, BusObject, BusRefusal, open_bus

log = logging.getLogger(__name__)

PowerAction = Literal["off", "restart"]

_MANAGER = BusObject("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
_METHODS: dict[PowerAction, tuple[str, str]] = {"off": ("CanPowerOff", "PowerOff"), "restart": ("CanReboot", "Reboot")}
# Logind answers at once; a bus that hangs must not hold the page's thread.
_LIMIT_SECONDS = 5.0
_NO_LOGIND = "This machine cannot be switched off from here: it has no systemd-logind. Switch it off by hand."
_NOT_ALLOWED = (
    "The system does not let the dashcam switch it off: its user needs a polkit rule for "
    "org.freedesktop.login1.power-off and org.freedesktop.login1.reboot. Switch it off by hand."
)
_NOT_POSSIBLE = "This machine cannot switch itself off; a container, for one, cannot. Switch it off by hand."
_HELD_UP = "Another program does not let this machine go off just now; try again when it is done."
_REASONS = {"no": _NOT_ALLOWED, "challenge": _NOT_ALLOWED, "na": _NOT_POSSIBLE}


class PowerRefused(DashcamError):
    """The machine cannot be switched off or started anew, or we may not do it; the message says why."""

    code: ClassVar[str] = "power_refused"


class PowerAbility(msgspec.Struct, frozen=True, kw_only=True):
    """What can be asked for. `reason` says in words why something cannot; empty when all can."""

    can_power_off: bool
    can_restart: bool
    reason: str = ""


class Logind:
    """Asks logind, on a connection of its own for every question. Thread-safe.

    The bus is that of DBUS_SYSTEM_BUS_ADDRESS, or the system's at its usual place.
    """

    def ability(self) -> PowerAbility:
        """What this machine lets us do. Never raises."""
        try:
            answers = {action: self._call(can)[0] for action, (can, _) in _METHODS.items()}
        except PowerRefused as error:
            return PowerAbility(can_power_off=False, can_restart=False, reason=str(error))
        refusals = [_REASONS.get(answer, _HELD_UP) for answer in answers.values() if answer != "yes"]
        return PowerAbility(
            can_power_off=answers["off"] == "yes",
            can_restart=answers["restart"] == "yes",
            reason=refusals[0] if refusals else "",
        )

    def do(self, action: PowerAction) -> None:
        """Begins; soon afterwards this process is told to end. Raises PowerRefused when it does not begin."""
        log.info("the machine %s", "is switched off" if action == "off" else "starts anew")
        self._call(_METHODS[action][1], "b", (False,))  # not interactive: nobody sits there to type a password

    def _call(self, method: str, signature: str = "", body: tuple[Any, ...] = ()) -> tuple[Any, ...]:
        try:
            with open_bus(_LIMIT_SECONDS) as bus:
                return bus.call(_MANAGER, method, signature, body)
        except BusMissing as error:
            log.info("logind cannot be asked: %s", error)
            raise PowerRefused(_NO_LOGIND) from error
        except BusRefusal as error:
            raise PowerRefused(_words_of(error)) from error


def _words_of(refusal: BusRefusal) -> str:
    """What a D-Bus error means for a person."""
    if refusal.is_absence:
        return _NO_LOGIND
    if refusal.is_forbidden:
        return _NOT_ALLOWED
    return f"{_HELD_UP} (It says: {refusal})"
