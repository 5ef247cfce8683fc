"""Who may read the boot partition: FAT knows no owners, all of it is whose the mount options say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from dashcam.appliance.change import Memory
from dashcam.appliance.files import replace_text, text_of
from dashcam.appliance.machine import Machine

FSTAB = "/etc/fstab"
# Read and search; of files, read.
_MASKS = {"umask": 0o050, "dmask": 0o050, "fmask": 0o040}


def options_of(table: str, place: str) -> str | None:
    """The options with which fstab mounts a FAT file system at `place`; None when it mounts none there."""
    found = _line_of(table, place)
    return found["options"] if found else None


def with_options(table: str, place: str, options: str) -> str:
    """The same table, byte by byte, but for the options of that one line."""
    found = _line_of(table, place)
    return table[: found.start("options")] + options + table[found.end("options") :] if found else table


def open_to_group(options: str, group: str) -> str:
    """Options that let a group read, as little changed as possible; the same when everybody may anyway."""
    words = options.split(",")
    masks = {name: int(value, 8) for name, value in map(_split, words) if name in _MASKS and re.match("[0-7]+$", value)}
    group_reads = any(word == f"gid={group}" for word in words)
    wanted = 0o050 if group_reads else 0o005
    if not any(mask & (wanted if name != "fmask" else wanted & 0o044) for name, mask in masks.items()):
        return options
    opened = [f"{name}={mask & ~_MASKS[name]:04o}" for name, mask in masks.items()]
    return ",".join([*(word for word in words if _split(word)[0] not in {"gid", *masks}), f"gid={group}", *opened])


def _split(word: str) -> tuple[str, str]:
    name, _, value = word.partition("=")
    return name, value


def _line_of(table: str, place: str) -> re.Match[str] | None:
    line = rf"^[ \t]*[^#\s]\S*[ \t]+{re.escape(place)}/?[ \t]+(?:vfat|msdos|auto)[ \t]+(?P<options>\S+)"
    return re.search(line, table, re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class OpenToGroup:
    """Lets a group read a FAT file system that root alone may look into."""

    place: str
    group: str

    @property
    def key(self) -> str:
        """The line of fstab."""
        return f"{FSTAB} options of {self.place}"

    def words(self) -> str:
        """Who may read what, and from when on."""
        return f"let the group {self.group} read {self.place}, from the next start on: in {FSTAB}"

    def is_done(self, machine: Machine) -> bool:
        """Whether it may, by what stands in fstab."""
        options = options_of(text_of(machine.path(FSTAB)) or "", self.place)
        return options is None or open_to_group(options, self.group) == options

    def remember(self, machine: Machine) -> Memory:
        """The options as they were."""
        return {"before": options_of(text_of(machine.path(FSTAB)) or "", self.place)}

    def apply(self, machine: Machine) -> None:
        """Changes them. The kernel takes them when it mounts, not later."""
        self._put(machine, lambda options: open_to_group(options, self.group))

    def undo(self, machine: Machine, memory: Memory) -> None:
        """The same options again; of ones that were edited since, only the group goes, which will be no more."""
        before = memory["before"] or ""

        def back(options: str) -> str:
            if options == open_to_group(before, self.group):
                return before
            return ",".join(word for word in options.split(",") if word != f"gid={self.group}") or "defaults"

        self._put(machine, back)

    def _put(self, machine: Machine, change: Callable[[str], str]) -> None:
        path = machine.path(FSTAB)
        table = text_of(path) or ""
        options = options_of(table, self.place)
        if options is not None and change(options) != options:
            replace_text(path, with_options(table, self.place, change(options)))
