"""The card: can it be written, how much fits, and is it quick enough."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dashcam.check.finding import Finding
from dashcam.clips.retention import limits_of
from dashcam.errors import SettingsError
from dashcam.files import TEMPORARY_PREFIX, Space, space_of, words_of_trouble
from dashcam.settings import bytes_of, readable
from dashcam.settings.schema import Settings

# As the recorder writes: about a megabyte, then a sync. Enough of them to get past a card's own cache of small writes.
_PIECE_BYTES = 1_000_000
_PIECES = 8
# Below it another program on the card, such as an upload, would show in the recording.
_COMFORTABLE_FACTOR = 3.0
# Clips that the loop needs at least: one that grows and one that may be deleted.
_LEAST_CLIPS = 2
_SHORT_HOURS = 1.0

_DOUBTS = {
    "vfat": "a power cut may cost whole clips on FAT; format it as ext4 or exFAT",
    "tmpfs": "it is memory, and gone when the power is",
    "ramfs": "it is memory, and gone when the power is",
    "nfs": "it is on a network, and gone with it",
    "nfs4": "it is on a network, and gone with it",
    "cifs": "it is on a network, and gone with it",
    "fuse.sshfs": "it is on a network, and gone with it",
}


@dataclass(frozen=True, slots=True)
class Speed:
    """How quick a card is: bytes a second written and synced, and the longest sync."""

    bytes_per_second: float
    worst_sync_seconds: float


def existing_folder(data: Path) -> Path | None:
    """The data folder, or the one it would be made in; None when that is missing, as with a card that is not put in."""
    if data.is_dir():
        return data
    return data.parent if data.parent.is_dir() else None


def check_folder(data: Path) -> Finding:
    """Whether it can be written to, and what kind of file system it is on."""
    folder = existing_folder(data)
    if folder is None:
        return Finding("no", "card", f"{data.parent} is not there; put the card in or choose a folder with --data")
    probe = folder / f"{TEMPORARY_PREFIX}check-{os.getpid()}"
    try:
        probe.write_bytes(b"dashcam")
        probe.unlink()
    except OSError as error:
        return Finding("no", "card", words_of_trouble(error, folder))
    kind = file_system_of(folder)
    made = "" if folder == data else " (it will be made)"
    words = f"{data}{made} can be written to, file system {kind}"
    if kind in _DOUBTS:
        return Finding("warn", "card", f"{words}: {_DOUBTS[kind]}")
    return Finding("ok", "card", words)


def check_room(data: Path, settings: Settings, bits_per_second: int) -> Finding:
    """How long the loop is before it deletes its oldest clip."""
    folder = existing_folder(data)
    if folder is None:
        return Finding("no", "room", "there is no card")
    space = space_of(folder)
    try:
        loop_bytes = _loop_bytes(data, settings, space)
    except SettingsError as error:
        return Finding("warn", "room", str(error))
    hours = loop_bytes * 8 / bits_per_second / 3600
    words = f"{readable(space.free_bytes)} of {readable(space.total_bytes)} are free; the loop holds {_hours(hours)} at"
    words += f" {bits_per_second / 1e6:.1f} Mbit/s"
    if loop_bytes * 8 < _LEAST_CLIPS * bits_per_second * settings.recording.segment_seconds:
        return Finding("no", "room", f"{words}: too little for two clips; make space or use a larger card")
    if hours < _SHORT_HOURS:
        return Finding("warn", "room", f"{words}; a larger card or storage.loop_quota makes it longer")
    return Finding("ok", "room", words)


def check_speed(data: Path, settings: Settings, bits_per_second: int) -> Finding:
    """Writes and syncs a few megabytes and compares with what the camera delivers."""
    folder = existing_folder(data)
    if folder is None:
        return Finding("no", "speed", "there is no card")
    try:
        speed = measure_speed(folder)
        queue_seconds = bytes_of(settings.recording.queue, 0) * 8 / bits_per_second
    except OSError as error:
        return Finding("no", "speed", words_of_trouble(error, folder))
    except SettingsError as error:
        return Finding("warn", "speed", str(error))
    return judge_speed(speed, bits_per_second, queue_seconds)


def judge_speed(speed: Speed, bits_per_second: int, queue_seconds: float) -> Finding:
    """`queue_seconds`: what the memory between camera and card holds."""
    needed = bits_per_second / 8
    words = f"{speed.bytes_per_second / 1e6:.1f} MB/s written and synced, {needed / 1e6:.1f} are needed;"
    words += f" longest sync {speed.worst_sync_seconds * 1000:.0f} ms"
    if speed.bytes_per_second < needed:
        return Finding("no", "speed", f"{words}: too slow; use another card or lower camera.bitrate")
    if speed.worst_sync_seconds > queue_seconds / 2:
        return Finding("warn", "speed", f"{words}: it stands still for long; use another card")
    if speed.bytes_per_second < needed * _COMFORTABLE_FACTOR:
        return Finding("warn", "speed", f"{words}: just enough; another card or a lower camera.bitrate is safer")
    return Finding("ok", "speed", words)


def measure_speed(folder: Path, pieces: int = _PIECES) -> Speed:
    """Writes `pieces` megabytes, each synced, and removes them. Raises OSError."""
    path = folder / f"{TEMPORARY_PREFIX}check-{os.getpid()}"
    piece = os.urandom(_PIECE_BYTES)  # a card may make less of zeros
    syncs = []
    began = time.monotonic()
    try:
        with path.open("wb", buffering=0) as file:
            for _ in range(pieces):
                file.write(piece)
                before = time.monotonic()
                os.fdatasync(file.fileno())
                syncs.append(time.monotonic() - before)
    finally:
        path.unlink(missing_ok=True)
    seconds = max(time.monotonic() - began, 1e-6)
    return Speed(pieces * _PIECE_BYTES / seconds, max(syncs))


def file_system_of(folder: Path, mountinfo: Path = Path("/proc/self/mountinfo")) -> str:
    """`ext4`; `unknown` when the kernel does not tell."""
    resolved = folder.resolve()
    best, kind = -1, "unknown"
    for mount_point, mounted_kind in _mounts(mountinfo):
        depth = len(mount_point.parts)
        # Of two mounts in one place the later one is what is seen.
        if resolved.is_relative_to(mount_point) and depth >= best:
            best, kind = depth, mounted_kind
    return kind


def _mounts(mountinfo: Path) -> Iterator[tuple[Path, str]]:
    """proc(5): ID, parent, device, root, mount point, options, any number of fields, a hyphen, type."""
    try:
        lines = mountinfo.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return
    for line in lines:
        before, _, after = line.partition(" - ")
        fields, kinds = before.split(), after.split()
        if len(fields) > 4 and kinds:
            yield Path(_unescaped(fields[4])), kinds[0]


def _unescaped(text: str) -> str:
    """Blanks stand in mountinfo as octal numbers."""
    for number, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(number, character)
    return text


def _loop_bytes(data: Path, settings: Settings, space: Space) -> int:
    used = sum(entry.stat().st_size for entry in (data / "DCIM").rglob("*") if entry.is_file())
    limits = limits_of(settings.storage, space.free_bytes + used)
    return max(min(limits.quota_bytes["loop"], space.free_bytes + used - limits.free_floor_bytes), 0)


def _hours(hours: float) -> str:
    return f"{hours:.1f} hours" if hours >= 1 else f"{hours * 60:.0f} minutes"
