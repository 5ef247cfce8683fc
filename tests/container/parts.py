"""What is laid over the tree before a container starts: settings, the film, and what tells of the start."""

from __future__ import annotations

import shutil
from pathlib import Path

from dashcam.system.appliance import RECORDER_UNIT, RUNTIME_FOLDER, SYSTEM_SETTINGS

WATCHDOG_SECONDS = 10
"""Instead of a minute: so long a test waits for it."""
FIRST_CLIP = RUNTIME_FOLDER / "recorder" / "at-ready.mp4"
"""What was on the card at the moment of READY."""

_FILM = Path("/usr/share/dashcam-test/film.mp4")
# systemd runs it as the recorder's user once READY has come, before anything that is ordered after it.
_DROP_IN = f"""\
[Service]
WatchdogSec={WATCHDOG_SECONDS}
ExecStartPost=/bin/sh -c 'cp /data/DCIM/VIDEO/*/*.mp4 {FIRST_CLIP} || true'
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


def appliance_files(folder: Path, *, film: Path | None) -> Path:
    """Those of a machine that shows `film` to its recorder, or has no camera."""
    _write(folder, SYSTEM_SETTINGS, _NO_CAMERA if film is None else _REPLAY)
    _write(folder, Path("/etc/systemd/system") / f"{RECORDER_UNIT}.d" / "test.conf", _DROP_IN)
    if film is not None:
        place = folder / _FILM.relative_to("/")
        place.parent.mkdir(parents=True)
        shutil.copy(film, place)
    return folder


def _write(folder: Path, name: Path, text: str) -> None:
    place = folder / name.relative_to("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
