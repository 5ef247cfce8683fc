"""A root folder in which the units lie as they are installed, for systemd's own tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.boot.units import UnitFile, read_unit, unit_files
from tests.conftest import skip_unless_in_ci

SYSTEM_UNITS = Path("/lib/systemd/system")
# What our units start, which here need only be there.
_PROGRAMS = (
    "/opt/dashcam/venv/bin/python",
    "/usr/sbin/smbd",
    "/usr/sbin/vsftpd",
    "/usr/bin/systemd-tmpfiles",
    "/bin/kill",
)


def need(*commands: str) -> None:
    """Skips the test without them."""
    for command in commands:
        if shutil.which(command, path=f"{os.environ['PATH']}:/usr/sbin:/lib/systemd") is None:
            skip_unless_in_ci(f"needs {command}")


class Root:
    """The folder, and the units in it, which may be spoiled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.units = folder / "etc" / "systemd" / "system"
        self.units.mkdir(parents=True)
        for program in _PROGRAMS:
            path = folder / program.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("#!/bin/sh\n")
            path.chmod(0o755)
        for path in unit_files():
            shutil.copy(path, self.units)
            self._enable(read_unit(path))

    def add_system_units(self) -> None:
        """Those of this machine's systemd."""
        shutil.copytree(SYSTEM_UNITS, self.folder / "lib" / "systemd" / "system", symlinks=True)

    def spoil(self, unit: str, line: str, section: str = "Unit") -> None:
        """Adds a line to a unit."""
        path = self.units / unit
        path.write_text(path.read_text().replace(f"[{section}]\n", f"[{section}]\n{line}\n"))

    def enable_foreign(self, unit: str, target: str = "multi-user.target") -> None:
        """As the installation of another package does."""
        wants = self.units / f"{target}.wants"
        wants.mkdir(exist_ok=True)
        (wants / unit).symlink_to(SYSTEM_UNITS / unit)

    def _enable(self, unit: UnitFile) -> None:
        for target in unit.words("Install", "WantedBy"):
            wants = self.units / f"{target}.wants"
            wants.mkdir(exist_ok=True)
            (wants / unit.name).symlink_to(f"../{unit.name}")


@contextmanager
def installed() -> Iterator[Root]:
    """Open to everybody, unlike pytest's own folders; systemd does not try out a start as root."""
    with tempfile.TemporaryDirectory(prefix="dashcam-units-") as folder:
        Path(folder).chmod(0o755)
        yield Root(Path(folder))


def verify(root: Root, *units: str) -> subprocess.CompletedProcess[str]:
    """`systemd-analyze verify`, to which an unknown key is an error."""
    names = units or tuple(path.name for path in unit_files())
    command = ["systemd-analyze", "verify", f"--root={root.folder}", "--recursive-errors=no", "--man=no", *names]
    return subprocess.run(command, cwd=root.units, capture_output=True, text=True, check=False)
