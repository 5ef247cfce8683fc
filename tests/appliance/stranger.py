"""Runs `dashcam` as a user who owns nothing here, where there is no network and nothing of systemd.

`unshare --mount --net python -m tests.appliance.stranger record ...`, as root: what is mounted is seen by it alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import CHECKOUT

# `nobody` of every Linux.
STRANGER = 65534


def main() -> None:
    """Becomes the stranger and then `dashcam`."""
    _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    open_way_to(Path(sys.prefix), Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), CHECKOUT)
    os.setgroups([])
    os.setgid(STRANGER)
    os.setuid(STRANGER)
    os.chdir(CHECKOUT)
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}
    os.execve(sys.executable, [sys.executable, "-m", "dashcam", *sys.argv[1:]], environment)


def open_way_to(*folders: Path) -> None:
    """Makes folders reachable that lie below a closed one, such as root's home: that one is covered up."""
    for closed in {found for folder in folders if (found := _closed_above(folder)) is not None}:
        inside = [folder for folder in folders if folder.is_relative_to(closed)]
        kept = [Path(tempfile.mkdtemp(prefix="dashcam-stranger-")) for _ in inside]
        for folder, place in zip(inside, kept, strict=True):
            _mount("--bind", str(folder), str(place))
        _mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(closed))
        for folder, place in zip(inside, kept, strict=True):
            folder.mkdir(parents=True, exist_ok=True)
            _mount("--bind", str(place), str(folder))
            subprocess.run(["umount", "--lazy", str(place)], check=True)
            place.rmdir()


def _closed_above(folder: Path) -> Path | None:
    """The highest folder on the way that strangers may not enter."""
    way = [folder, *folder.parents][::-1]
    return next((step for step in way if not step.stat().st_mode & 0o001), None)


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    main()
