"""Finds the entries of a clip in the track log: a few kilobytes are read, however much has been driven.

The log may be written while it is read. What cannot be read is passed over; links in place of files and folders are not
followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from dashcam.clips.links import open_ordinary
from dashcam.clips.names import CardFolders
from dashcam.clips.track_log import (
    LONGEST_STEP_NS,
    LogEntry,
    LoggedPlace,
    boot_and_part,
    log_folder,
    read_entries,
)
from dashcam.place import Place

# The header and the first entries of a part.
_HEAD_BYTES = 4096
# So many are looked at to find one whole line.
_PROBE_BYTES = 1024
# From here on it is cheaper to read than to jump.
_NEAR_BYTES = 8192
_CHUNK_BYTES = 64 * 1024
# More than a day at one fix a second; a clip's sidecar may say anything.
_MOST_ENTRIES = 100_000


class TrackLogReader:
    """Reads what lies on the card at the moment of the question; never raises OSError. For one thread."""

    def __init__(self, card: CardFolders) -> None:
        self._folder = log_folder(card)
        # A part's first moment stays what it is.
        self._first_ns: dict[str, int] = {}

    def boots(self) -> set[int]:
        """Those of which there is a log."""
        return {boot for boot, _ in self._parts()}

    def entries(self, boot: int, from_ns: int, until_ns: int) -> Iterator[LogEntry]:
        """The entries from one moment of a boot to another, both included, in their order; read while they are used."""
        found = (
            entry for path in self._parts_of(boot, from_ns, until_ns) for entry in _entries_in(path, from_ns, until_ns)
        )
        return islice(found, _MOST_ENTRIES)

    def reaches(self, boot: int, monotonic_ns: int) -> bool:
        """Whether there is an entry of this moment or a later one."""
        for _, name in sorted(((key, name) for key, name in self._parts().items() if key[0] == boot), reverse=True):
            last_ns = _last_moment_ns(self._folder / name)
            if last_ns is not None:
                return last_ns >= monotonic_ns
        return False

    def _parts(self) -> dict[tuple[int, int], str]:
        """Names by boot and part."""
        if self._folder.is_symlink():
            return {}
        try:
            with os.scandir(self._folder) as listed:
                names = [entry.name for entry in listed]
        except OSError:
            return {}
        return {key: name for name in names if (key := boot_and_part(name)) is not None}

    def _parts_of(self, boot: int, from_ns: int, until_ns: int) -> list[Path]:
        """The parts that may have entries of that time, oldest first."""
        parts = self._parts()
        self._first_ns = {name: self._first_ns[name] for name in parts.values() if name in self._first_ns}
        names = [name for (of, _), name in sorted(parts.items()) if of == boot]
        begun = [(first_ns, name) for name in names if (first_ns := self._first_of(name)) is not None]
        last_before = max((at for at, (first_ns, _) in enumerate(begun) if first_ns <= from_ns), default=0)
        return [self._folder / name for first_ns, name in begun[last_before:] if first_ns <= until_ns]

    def _first_of(self, name: str) -> int | None:
        known = self._first_ns.get(name)
        if known is not None:
            return known
        first = None
        with _opened(self._folder / name) as file, suppress(OSError):
            first = next(read_entries(file.read(_HEAD_BYTES)), None) if file else None
        if first is None:
            return None
        self._first_ns[name] = first.monotonic_ns
        return first.monotonic_ns


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO | None]:
    """The file, or None where there is none that can be read: a link, a pipe, one that has just been deleted."""
    try:
        file = open_ordinary(path)
    except OSError:
        yield None
        return
    with file:
        yield file


def _entries_in(path: Path, from_ns: int, until_ns: int) -> Iterator[LogEntry]:
    with _opened(path) as file, suppress(OSError):
        if file is None:
            return
        for entry in _entries_from(file, _place_before(file, from_ns)):
            if entry.monotonic_ns > until_ns:
                return
            if entry.monotonic_ns >= from_ns:
                yield entry


def _place_before(file: BinaryIO, monotonic_ns: int) -> int:
    """A place in the file that has all entries from a moment on behind it, found by halving."""
    low, high = 0, os.fstat(file.fileno()).st_size
    while high - low > _NEAR_BYTES:
        middle = (low + high) // 2
        file.seek(middle)
        _, _, lines = file.read(_PROBE_BYTES).partition(b"\n")
        found = next(read_entries(lines), None)
        # What cannot be read counts as later: then only more is read than needed.
        if found is not None and found.monotonic_ns < monotonic_ns:
            low = middle
        else:
            high = middle
    return low


def _entries_from(file: BinaryIO, place: int) -> Iterator[LogEntry]:
    """From the first line that begins behind a place on; a line's begin that is cut off is not its own."""
    file.seek(place)
    rest = b""
    while chunk := file.read(_CHUNK_BYTES):
        lines, newline, rest = (rest + chunk).rpartition(b"\n")
        yield from read_entries(lines + newline)
        if len(rest) > _CHUNK_BYTES:
            rest = b""  # no line of ours
    yield from read_entries(rest)


def _last_moment_ns(path: Path) -> int | None:
    with _opened(path) as file, suppress(OSError):
        if file is None:
            return None
        file.seek(max(os.fstat(file.fileno()).st_size - _HEAD_BYTES, 0))
        found = list(read_entries(file.read(_HEAD_BYTES)))
        return found[-1].monotonic_ns if found else None
    return None


def place_in_log(log: TrackLogReader, boot: int, monotonic_ns: int) -> Place | None:
    """Where the car was at a moment: at the fix that is nearest to it, if one is near."""
    found = [
        entry
        for entry in log.entries(boot, monotonic_ns - LONGEST_STEP_NS, monotonic_ns + LONGEST_STEP_NS)
        if isinstance(entry, LoggedPlace)
    ]
    nearest = min(found, key=lambda entry: abs(entry.monotonic_ns - monotonic_ns), default=None)
    return None if nearest is None else nearest.place
