"""The parts of the track log on the card; all of it in the bookkeeper's thread."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dashcam.clips.links import refuse_link, unlink_if_ours
from dashcam.clips.track_log import LogHeader, boot_and_part, encode_line, log_folder, log_name
from dashcam.files import make_folders, sync_folder
from dashcam.settings import bytes_of

if TYPE_CHECKING:
    from dashcam.recorder.card import Card
    from dashcam.recorder.numbering import Numbering

log = logging.getLogger(__name__)

PART_BYTES = 1_000_000
# Of a quota, so that a new part does not cost most of what there is.
_LARGEST_PART_SHARE = 4
_LEAST_PART_BYTES = 64_000
# Many short trips leave many small parts, and each new part looks at all of them.
MOST_PARTS = 1_000
_GONE = "the card is gone"


class Source(NamedTuple):
    """Where fixes come from; each part of the log has one."""

    receiver: str
    is_real: bool


class Line(NamedTuple):
    """One whole line of the log, and where its fix came from."""

    source: Source
    content: bytes


@dataclass(slots=True)
class _Part:
    """The part that grows."""

    path: Path
    boot: int
    source: Source
    bytes: int
    """All of them whole lines."""
    largest_bytes: int
    device: int
    """The file system: a card that was changed has another one."""
    is_synced: bool = False


class TrackParts:
    """Appends to the part that grows, begins new ones, deletes the oldest. No file stays open: a card may be pulled."""

    def __init__(self, card: Card, numbering: Numbering, quota: Callable[[], str]) -> None:
        """`quota`: the setting gps.log_quota, asked for anew each time."""
        self._card = card
        self._numbering = numbering
        self._quota = quota
        self._part: _Part | None = None
        self._number = 0
        self._quota_kept = ""

    def write(self, waiting: list[Line]) -> None:
        """Takes from `waiting` what is written. Raises OSError; before the boot number is known nothing is written."""
        if not self._numbering.is_settled:
            return
        if not self._card.is_present:
            if waiting:
                raise FileNotFoundError(errno.ENOENT, _GONE)
            return
        while waiting:
            part = self._part_for(waiting[0].source)
            lines = _that_fit(waiting, part)
            self._append(part, b"".join(line.content for line in lines))
            del waiting[: len(lines)]
        if self._part is not None and self._quota() != self._quota_kept:
            self._keep_quota(self._part.path.parent)

    def sync(self) -> None:
        """Makes what was written durable. Raises OSError."""
        part = self._part
        if part is None or part.is_synced:
            return
        # Also when that fails: what comes next is tried again, what a broken card has lost is not.
        part.is_synced = True
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(part.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)

    def _part_for(self, source: Source) -> _Part:
        part = self._part
        if (
            part is None
            or (part.boot, part.source) != (self._numbering.boot, source)
            or part.bytes >= part.largest_bytes
            or not _is_there(part)
        ):
            self.sync()
            part = self._part = self._new_part(source)
        return part

    def _new_part(self, source: Source) -> _Part:
        boot = self._numbering.boot
        folder = log_folder(self._card.folders)
        make_folders(folder)
        refuse_link(folder / log_name(boot, 1))
        largest_bytes = max(_LEAST_PART_BYTES, min(PART_BYTES, self._quota_bytes() // _LARGEST_PART_SHARE))
        self._part = None
        self._keep_quota(folder, largest_bytes, needed_parts=1)
        header = encode_line(LogHeader(boot=boot, receiver=source.receiver, is_real=source.is_real))
        path = self._create(folder, boot, header)
        sync_folder(folder)
        log.info("the track log is %s, of %s", path.name, source.receiver)
        return _Part(path, boot, source, len(header), largest_bytes, path.stat().st_dev)

    def _create(self, folder: Path, boot: int, header: bytes) -> Path:
        """Another's part is never continued: a card that was changed may have one of this name."""
        while True:
            path = folder / log_name(boot, self._number + 1)
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
            except FileExistsError:
                self._number += 1
                continue
            try:
                _write_whole(descriptor, header)
            except OSError:
                # Else a full card would get an empty part at every turn.
                with contextlib.suppress(OSError):
                    path.unlink()
                raise
            finally:
                os.close(descriptor)
            self._number += 1
            return path

    def _append(self, part: _Part, content: bytes) -> None:
        refuse_link(part.path)
        descriptor = os.open(part.path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            # What a full card has left of a line goes.
            os.ftruncate(descriptor, part.bytes)
            os.lseek(descriptor, part.bytes, os.SEEK_SET)
            _write_whole(descriptor, content)
        finally:
            os.close(descriptor)
        part.bytes += len(content)
        part.is_synced = False

    def _quota_bytes(self) -> int:
        total_bytes = self._card.space().total_bytes
        if not total_bytes:
            raise FileNotFoundError(errno.ENOENT, _GONE)
        return bytes_of(self._quota(), total_bytes)

    def _keep_quota(self, folder: Path, needed_bytes: int = 0, needed_parts: int = 0) -> None:
        """Deletes the oldest parts beyond the quota and beyond the most, never the one that grows."""
        quota_bytes, self._quota_kept = self._quota_bytes(), self._quota()
        parts = _parts_in(folder)
        too_much, too_many = sum(parts.values()) + needed_bytes - quota_bytes, len(parts) + needed_parts - MOST_PARTS
        for name, size in parts.items():
            if too_much <= 0 and too_many <= 0:
                return
            if self._part is None or name != self._part.path.name:
                unlink_if_ours(folder / name)
                log.info("the track log has its quota: %s was deleted", name)
                too_much -= size
                too_many -= 1


def _that_fit(waiting: list[Line], part: _Part) -> list[Line]:
    """The first ones, as many as there is room for, and one at least."""
    size = part.bytes
    for count, line in enumerate(waiting):
        if line.source != part.source or (count and size >= part.largest_bytes):
            return waiting[:count]
        size += len(line.content)
    return list(waiting)


def _parts_in(folder: Path) -> dict[str, int]:
    """Their sizes by name, the oldest first."""
    with os.scandir(folder) as entries:
        found = {
            number: (entry.name, entry.stat(follow_symlinks=False).st_size)
            for entry in entries
            if (number := boot_and_part(entry.name)) is not None and entry.is_file(follow_symlinks=False)
        }
    return dict(found[number] for number in sorted(found))


def _is_there(part: _Part) -> bool:
    try:
        facts = part.path.lstat()
    except FileNotFoundError:
        return False
    return facts.st_dev == part.device and facts.st_size >= part.bytes


def _write_whole(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
