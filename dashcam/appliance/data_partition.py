"""Where the clips get a partition of their own: nothing that holds anything is formatted unless it was said twice."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dashcam.appliance.card import (
    LEAST_BYTES,
    Area,
    CardRefused,
    Content,
    append_partition,
    content_of,
    make_file_system,
    room_at_end,
    root_disk,
    size_of,
    tell_kernel,
)
from dashcam.appliance.change import Change, Memory
from dashcam.appliance.edits import EditBlock
from dashcam.appliance.files import missing_folders, remove_made
from dashcam.appliance.machine import Machine
from dashcam.system.appliance import CARD_GROUP, DATA_FOLDER, RECORDER_USER
from dashcam.system.tool import ToolFailed

FREE = "free"
"""What `--data-partition` and `--erase` call the room at the end of the card."""
FSTAB = "/etc/fstab"
_SAFE = "noatime,nodev,nosuid,noexec"
# A card that is missing or broken must keep neither the system nor the page from starting.
_PATIENT = "nofail,x-systemd.device-timeout=5s"
_OPTIONS = {
    "ext4": f"{_SAFE},lazytime,errors=remount-ro,{_PATIENT}",
    "exfat": f"{_SAFE},uid={RECORDER_USER},gid={CARD_GROUP},fmask=0133,dmask=0002,{_PATIENT}",
}


@dataclass(frozen=True)
class DataPartition:
    """A partition with a file system for the clips."""

    uuid: str
    kind: str


def must_format(name: str, content: Content, size: int, mounted_at: str, erase: str) -> bool:
    """Whether a partition has to be formatted, or can be used as it is. Raises CardRefused with the cure.

    `name` is what `--data-partition` said; only the same said by `--erase` allows to lose what is there.
    """
    if erase and erase != name:
        raise CardRefused(f"--erase {erase} is not what --data-partition names ({name}): nothing was touched")
    if mounted_at and mounted_at != str(DATA_FOLDER):
        raise CardRefused(f"{name} is in use ({mounted_at}): nothing was touched")
    if size < LEAST_BYTES:
        raise CardRefused(f"{name} has {size // 2**20} MB, and clips need at least {LEAST_BYTES // 2**20} MB")
    if erase and mounted_at:
        raise CardRefused(f"{name} holds the clips now: unmount it first (sudo umount {mounted_at})")
    if erase or content.is_empty:
        return True
    if content.kind in _OPTIONS and name != FREE:
        return False
    raise CardRefused(
        f"{name} holds {content.words()}: nothing was touched. If all of that may be lost, say so a second time: "
        f"--data-partition {name} --erase {name}"
    )


def prepare(machine: Machine, name: str, erase: str, say: Callable[[str], None], *, is_trial: bool) -> DataPartition:
    """Finds or makes the partition that the clips go to. Raises CardRefused, having changed nothing."""
    if not machine.is_live:
        raise CardRefused("--data-partition is for the machine that runs: leave it out with --root")
    if name == FREE:
        return prepare_room(machine, room_at_end(root_disk(machine), machine.tool), erase, say, is_trial=is_trial)
    if not Path(name).exists() or not stat.S_ISBLK(Path(name).stat().st_mode):
        raise CardRefused(f"{name} is no partition; `lsblk` shows those that there are")
    area = Area(name, 0, size_of(name))
    content = content_of(area, machine.tool)
    if not must_format(name, content, area.size, mounted_at(machine, name), erase):
        say(f"clips go to {name} ({content.words()}), which stays as it is")
        return DataPartition(content.uuid, content.kind)
    say(f"format {name} with ext4 for the clips")
    return DataPartition("" if is_trial else make_file_system(area, machine.tool), "ext4")


def prepare_room(
    machine: Machine, room: Area, erase: str, say: Callable[[str], None], *, is_trial: bool
) -> DataPartition:
    """Makes a partition of the room at the end of a disk, and formats it."""
    must_format(FREE, content_of(room, machine.tool), room.size, "", erase)
    say(f"make a partition of the {room.size // 2**20} MB at the end of {room.path}, and format it with ext4")
    if is_trial:
        return DataPartition("", "ext4")
    number = append_partition(room)
    if stat.S_ISBLK(Path(room.path).stat().st_mode):
        room = Area(tell_kernel(room.path, number, machine.tool), 0, room.size)
    return DataPartition(make_file_system(room, machine.tool), "ext4")


def mounted_at(machine: Machine, device: str) -> str:
    """Where a device is mounted, or what else keeps it in use; empty when nothing does."""
    words = ["lsblk", "--noheadings", "--raw", "--paths", "--output", "NAME,MOUNTPOINT", device]
    rows = [line.split(" ", 1) for line in machine.tool(words).splitlines()]
    if len(rows) > 1:
        return "it has parts: " + ", ".join(row[0] for row in rows[1:])
    return rows[0][1].strip() if rows and len(rows[0]) > 1 else ""


def fstab_line(partition: DataPartition) -> str:
    """Its line of /etc/fstab."""
    check = 2 if partition.kind == "ext4" else 0
    return f"UUID={partition.uuid} {DATA_FOLDER} {partition.kind} {_OPTIONS[partition.kind]} 0 {check}"


def changes_for(partition: DataPartition) -> list[Change]:
    """What mounts it now and at every start."""
    return [
        EditBlock(path=FSTAB, name="data", lines=(fstab_line(partition),), why="clips on a partition of their own"),
        MountFolder(path=str(DATA_FOLDER)),
    ]


@dataclass(frozen=True, kw_only=True)
class MountFolder:
    """What fstab says about a folder, done at once."""

    path: str

    @property
    def key(self) -> str:
        """The folder."""
        return f"mount {self.path}"

    def words(self) -> str:
        """What is mounted."""
        return f"mount {self.path}"

    def is_done(self, machine: Machine) -> bool:
        """Whether it is mounted; of another machine's tree it never is."""
        return not machine.is_live or machine.path(self.path).is_mount()

    def remember(self, machine: Machine) -> Memory:
        """Whether there was such a folder."""
        return {"made": missing_folders(machine, self.path)}

    def apply(self, machine: Machine) -> None:
        """Mounts it."""
        machine.path(self.path).mkdir(parents=True, exist_ok=True)
        machine.tool(["systemctl", "daemon-reload"])
        machine.tool(["mount", self.path])

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Unmounts it; if somebody still uses it, the next start does."""
        if machine.path(self.path).is_mount():
            try:
                machine.tool(["umount", self.path])
            except ToolFailed:
                return
        remove_made(machine, memory)
