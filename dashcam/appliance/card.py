"""The card: its partitions, the room at its end, what is where. Works on devices and on files with an image alike."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dashcam.appliance.machine import Machine
from dashcam.errors import DashcamError
from dashcam.system.patient_tool import run_patiently
from dashcam.system.tool import ToolFailed

Tool = Callable[[Sequence[str]], str]
LABEL = "DCIM"
ALIGNMENT_BYTES = 8 * 1024 * 1024
"""Of partitions, so that none begins amid what the card erases at once; as Raspberry Pi OS does it."""
LEAST_BYTES = 1024**3
"""Less room is not worth a partition of its own."""
_SECTOR_BYTES = 512
_MOST_PRIMARIES = 4
_LOOK_BYTES = 1024 * 1024


class CardRefused(DashcamError):
    """The card is left as it is; the message says why and what would help."""


@dataclass(frozen=True)
class Area:
    """A piece of a device or of a file."""

    path: str
    offset: int
    size: int


@dataclass(frozen=True)
class Content:
    """What is in an area."""

    kind: str = ""
    """A file system such as ext4, or what else was recognised; empty: nothing."""
    uuid: str = ""
    label: str = ""
    has_bytes: bool = False
    """Nothing was recognised, but it is not empty either."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be lost there."""
        return not self.kind and not self.has_bytes

    def words(self) -> str:
        """For a person."""
        name = f" called {self.label}" if self.label else ""
        return f"{self.kind}{name}" if self.kind else "something unknown" if self.has_bytes else "nothing"


def content_of(area: Area, tool: Tool = run_patiently) -> Content:
    """Looks with blkid, and at the bytes themselves: what no tool knows may be somebody's data all the same."""
    words = [
        "blkid",
        "--probe",
        "--output",
        "export",
        "--offset",
        str(area.offset),
        "--size",
        str(area.size),
        area.path,
    ]
    try:
        said = tool(words)
    except ToolFailed:
        # It found nothing (2), or two things at once (8), which is something.
        return Content(has_bytes=_has_bytes(area))
    facts = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    kind = facts.get("TYPE") or (f"a {facts['PTTYPE']} partition table" if "PTTYPE" in facts else "")
    return Content(kind, facts.get("UUID", ""), facts.get("LABEL", ""), has_bytes=not kind and _has_bytes(area))


def _has_bytes(area: Area) -> bool:
    """Whether there is anything at the start, at the end or at 16 places between."""
    step = max(area.size // 16, 1)
    starts = {0, max(area.size - _LOOK_BYTES, 0), *range(0, area.size, step)}
    with open(area.path, "rb") as device:
        for start in sorted(starts):
            device.seek(area.offset + start)
            if any(device.read(min(_LOOK_BYTES, area.size - start))):
                return True
    return False


def room_at_end(disk: str, tool: Tool = run_patiently) -> Area:
    """The room behind the last partition, aligned. Raises CardRefused when there is none worth it, or it is no use."""
    try:
        table = json.loads(tool(["sfdisk", "--json", disk]))["partitiontable"]
    except (ToolFailed, ValueError, KeyError) as error:
        raise CardRefused(f"{disk} has no partition table that can be read: {error}") from error
    sector = int(table.get("sectorsize", _SECTOR_BYTES))
    partitions = table.get("partitions", [])
    if table.get("label") == "dos":
        if any(partition["type"].lower() in ("5", "f", "85") for partition in partitions):
            raise CardRefused(f"{disk} has an extended partition: make the partition yourself and name it")
        if len(partitions) >= _MOST_PRIMARIES:
            raise CardRefused(f"{disk} has four partitions already, and there can be no more: name one of them")
    end = max((int(partition["start"]) + int(partition["size"]) for partition in partitions), default=0) * sector
    last = (int(table["lastlba"]) + 1) * sector if "lastlba" in table else size_of(disk)
    start = -(-max(end, ALIGNMENT_BYTES) // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    size = (last - start) // ALIGNMENT_BYTES * ALIGNMENT_BYTES
    if size < LEAST_BYTES:
        raise CardRefused(
            f"{disk} has no room behind its last partition ({max(size, 0) // 2**20} MB): clips go to a folder of the "
            "system's own partition then. Leave out --data-partition, or make room on a computer first"
        )
    return Area(disk, start, size)


def size_of(path: str) -> int:
    """Of a device or a file, in bytes."""
    with open(path, "rb") as device:
        return device.seek(0, os.SEEK_END)


def append_partition(room: Area) -> int:
    """Makes a partition of the room; gives its number. The others are not touched, and the table is written last.

    On a disk in use the kernel has to be told of it: see `tell_kernel`.
    """
    line = f"start={room.offset // _SECTOR_BYTES}, size={room.size // _SECTOR_BYTES}, type=L\n"
    run_patiently(
        ["sfdisk", "--append", "--no-reread", "--no-tell-kernel", "--wipe", "never", room.path], line.encode()
    )
    table = json.loads(run_patiently(["sfdisk", "--json", room.path]))["partitiontable"]
    # A file or device of any name: the number is the place in the list, as sfdisk appends after the last.
    node = table["partitions"][-1]["node"].removeprefix(room.path)
    return int(node.removeprefix("p"))


def tell_kernel(disk: str, number: int, tool: Tool = run_patiently) -> str:
    """Has a new partition of a disk in use appear; gives its device."""
    tool(["partx", "--add", "--nr", str(number), disk])
    tool(["udevadm", "settle", "--timeout=20"])
    return f"{disk}p{number}" if disk[-1].isdigit() else f"{disk}{number}"


def make_file_system(area: Area, tool: Tool = run_patiently, seed: Path | None = None) -> str:
    """Formats an area with ext4 for large files; gives its UUID. `seed`: a folder whose content is put into it.

    Tables are filled in later by the kernel, so that it takes seconds on a big card; nothing is kept for root.
    """
    options = "lazy_itable_init=1,lazy_journal_init=1,nodiscard" + (f",offset={area.offset}" if area.offset else "")
    words = ["mkfs.ext4", "-q", "-F", "-m", "0", "-T", "largefile", "-L", LABEL, "-E", options]
    words += [*(["-d", str(seed)] if seed else []), area.path, f"{area.size // 1024}k"]
    tool(words)
    return content_of(area, tool).uuid


def root_disk(machine: Machine) -> str:
    """The disk that the running system is on. Raises CardRefused."""
    try:
        source = machine.tool(["findmnt", "--noheadings", "--output", "SOURCE", "/"]).strip()
        parent = machine.tool(["lsblk", "--noheadings", "--output", "PKNAME", source]).split()
    except ToolFailed as error:
        raise CardRefused(f"it cannot be told which disk the system is on: {error}") from error
    if len(parent) != 1:
        raise CardRefused(f"the system ({source}) is not on a plain partition: name the partition for the clips")
    return f"/dev/{parent[0]}"
