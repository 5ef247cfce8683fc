"""What is laid over the tree before a container starts: settings, the film, and what holds or tells of the start."""

from __future__ import annotations

import shutil
from pathlib import Path

from dashcam.system.appliance import (
    KEEPER_UNIT,
    NETWORK_UNIT,
    RECORDER_UNIT,
    RUNTIME_FOLDER,
    SYSTEM_SETTINGS,
    WEB_UNIT,
)

PROGRAM_UNITS = (RECORDER_UNIT, KEEPER_UNIT, WEB_UNIT, NETWORK_UNIT)
NETWORK_MANAGER = "NetworkManager.service"
FILM_RATE = 25
WATCHDOG_SECONDS = 15
"""Instead of a minute: so long a test waits for it."""
FIRST_CLIP = RUNTIME_FOLDER / "recorder" / "at-ready.mp4"
"""What was on the card at the moment of READY."""
RELEASE = Path("/run/released-by-test")
"""Once it is there, what was held goes on with its start."""

_FILM = Path("/usr/share/dashcam-test/film.mp4")
# systemd runs the copying as the recorder's user once READY has come, before anything that is ordered after it.
_RECORDER = f"""\
[Service]
WatchdogSec={WATCHDOG_SECONDS}
ExecStartPost=-/bin/sh -c 'cp /data/DCIM/VIDEO/*/*.mp4 {FIRST_CLIP}'
"""
_HELD = f"""\
[Service]
TimeoutStartSec=600
ExecStartPre=/bin/sh -c 'until [ -e {RELEASE} ]; do sleep 0.1; done'
"""
_REPLAY = f"""\
[camera]
kind = "replay"
source = "{_FILM}"

[recording]
segment_seconds = 4
"""
_NO_CAMERA = """\
[camera]
kind = "usb"
source = "/dev/video7"
"""


def appliance_files(folder: Path, *, film: Path | None, held: str = "") -> Path:
    """Of a machine that shows `film` to its recorder, or has no camera; the unit `held` does not start for now."""
    _write(folder, SYSTEM_SETTINGS, _NO_CAMERA if film is None else _REPLAY)
    _write(folder, _drop_in(RECORDER_UNIT, "test"), _RECORDER)
    if held:
        _write(folder, _drop_in(held, "held"), _HELD)
    if film is not None:
        place = folder / _FILM.relative_to("/")
        place.parent.mkdir(parents=True)
        shutil.copy(film, place)
    return folder


def _drop_in(unit: str, name: str) -> Path:
    return Path("/etc/systemd/system", f"{unit}.d", f"{name}.conf")


def _write(folder: Path, name: Path, text: str) -> None:
    place = folder / name.relative_to("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
