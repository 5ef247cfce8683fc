"""The machine that is changed: the running one, or the folder with the files of another."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dashcam.system.appliance import BOOT_FOLDERS
from dashcam.system.patient_tool import run_patiently

BOARD_FILE = Path("/proc/device-tree/model")
"""Names the board on a Raspberry Pi and does not exist on a PC."""
UNIT_FOLDERS = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system", "/etc/init.d")


@dataclass(frozen=True)
class Machine:
    """Where to find its files, and how to run tools for it."""

    root: Path = Path("/")
    """`/`, or the folder that a system lies in."""
    tool: Callable[[Sequence[str]], str] = run_patiently
    """Runs a tool of the machine that we are on. Raises ToolFailed."""
    board_file: Path = BOARD_FILE

    @property
    def is_live(self) -> bool:
        """Whether it is the machine that we are on."""
        return self.root == Path("/")

    def path(self, inside: str | Path) -> Path:
        """Where the file that is called `inside` there lies here."""
        return self.root / str(inside).lstrip("/")

    def inside(self, words: Sequence[str]) -> str:
        """Runs a program of the machine itself."""
        return self.tool(list(words) if self.is_live else ["chroot", str(self.root), *words])

    @cached_property
    def boot_folder(self) -> str:
        """Where it has config.txt, the firmware's file; empty on what is no Raspberry Pi."""
        if self.is_live and not self._board_name().startswith("Raspberry Pi"):
            return ""
        return next((str(folder) for folder in BOOT_FOLDERS if self.path(folder / "config.txt").is_file()), "")

    @property
    def is_raspberry_pi(self) -> bool:
        """Whether it is started by the firmware of a Raspberry Pi."""
        return bool(self.boot_folder)

    def _board_name(self) -> str:
        with suppress(OSError):
            return self.board_file.read_text(errors="replace")
        return ""

    def has_unit(self, unit: str) -> bool:
        """Whether the system comes with this unit, or with an old start script of its name."""
        names = {unit, unit.removesuffix(".service")}
        return any(
            self.path(folder).joinpath(name).exists()
            for folder in UNIT_FOLDERS
            for name in names
            if (folder == "/etc/init.d") == ("." not in name)
        )

    def user_id(self, name: str) -> int:
        """The number of a user there. Raises KeyError."""
        return self._number("/etc/passwd", name)

    def group_id(self, name: str) -> int:
        """The number of a group there. Raises KeyError."""
        return self._number("/etc/group", name)

    def names_in(self, table: str) -> list[str]:
        """The first column of /etc/passwd or /etc/group."""
        return [row[0] for row in self._rows(table)]

    def memberships(self) -> set[tuple[str, str]]:
        """Every user with every further group."""
        rows = [row for row in self._rows("/etc/group") if len(row) > 3]
        return {(user, row[0]) for row in rows for user in row[3].split(",") if user}

    def _number(self, table: str, name: str) -> int:
        if name == "root":
            return 0
        return next(int(row[2]) for row in [*self._rows(table), [name, "", ""]] if row[0] == name)

    def _rows(self, table: str) -> list[list[str]]:
        with suppress(OSError):
            lines = self.path(table).read_text(encoding="utf-8", errors="surrogateescape").splitlines()
            return [line.split(":") for line in lines if line.count(":") >= 2]
        return []

    def own(self, path: Path, owner: str, group: str, mode: int) -> None:
        """Gives a file or folder to somebody of that machine."""
        os.chown(path, self.user_id(owner), self.group_id(group), follow_symlinks=False)
        path.chmod(mode)

    def is_owned(self, path: Path, owner: str, group: str, mode: int) -> bool:
        """Whether it is so already; False for names that the machine does not know (yet)."""
        try:
            facts = path.lstat()
            wanted = (self.user_id(owner), self.group_id(group), mode)
        except (OSError, KeyError, ValueError):
            return False
        return (facts.st_uid, facts.st_gid, facts.st_mode & 0o7777) == wanted
