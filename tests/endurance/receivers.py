"""Receivers for a recorder that is killed or loses power: one that is there, none, and one that comes and goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from tests.gps.made import second

Receiver = Literal["off", "present", "absent", "coming and going"]
RECEIVERS: tuple[Receiver, ...] = ("present", "absent", "coming and going")

_BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
# Silent for longer than a fix is good for, and often enough for all of them together.
_GOOD_SECONDS, _SILENT_SECONDS, _ROUNDS = 2, 6, 30


def settings_of(receiver: Receiver, folder: Path) -> dict[str, str]:
    """The recorder's settings; what a receiver needs is put into `folder`."""
    match receiver:
        case "off":
            return {"gps.kind": "none"}
        case "present":
            return {"gps.kind": "simulated"}
        case "absent":
            return {"gps.kind": "serial", "gps.device": str(folder / "no-port")}
        case "coming and going":
            return {"gps.kind": "replay", "gps.source": str(_fickle_drive(folder / "fickle.nmea"))}


def _fickle_drive(path: Path) -> Path:
    """A drive with a fix for two seconds, then six of silence, and so on."""
    turn_seconds = _GOOD_SECONDS + _SILENT_SECONDS
    with open(path, "wb") as file:
        for number in range(_ROUNDS * turn_seconds):
            if number % turn_seconds < _GOOD_SECONDS:
                file.write(second(_BEGAN + timedelta(seconds=number), east=13.4 + number * 0.00015))
    return path
