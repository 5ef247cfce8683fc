"""Track logs as the recorder leaves them, of made-up drives and of the recorded ones."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dashcam.clips.names import CardFolders
from dashcam.clips.track_log import LogEntry, LogHeader, encode_line, log_folder, log_name, logged
from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix
from dashcam.gps.recording import fixes_of
from dashcam.place import Place
from dashcam.recorder.track_log import GapWatch

# Of a clip of the made ones.
STARTED_MONOTONIC_NS = 100 * NANOSECONDS


def place_of(fix: Fix) -> Place:
    """Where a good fix was."""
    assert fix.is_good
    return Place(**{name: getattr(fix, name) for name in Place.__struct_fields__})


def recorded(path: Path, start_ns: int = STARTED_MONOTONIC_NS) -> list[LogEntry]:
    """The log of a recorded drive that began at this moment, with its gaps, as the recorder writes it."""
    watch, entries = GapWatch(), list[LogEntry | None]()
    for fix in fixes_of(path):
        moment_ns = start_ns + fix.received_monotonic_ns
        if fix.is_good:
            entries += [watch.take_good(moment_ns), logged(place_of(fix), moment_ns)]
        else:
            entries.append(watch.take_bad(moment_ns, fix.verdict))
    return [entry for entry in entries if entry is not None]


def driven(seconds: Iterable[float], *, start_ns: int = STARTED_MONOTONIC_NS, mps: float = 10.0) -> list[LogEntry]:
    """Eastwards along the equator, with a fix at each of these seconds since the start."""
    return [
        logged(
            Place(
                latitude=0.0,
                longitude=at * mps / 111_194.93,
                altitude_m=5.0,
                speed_mps=mps,
                course_degrees=90.0,
                hdop=0.9,
                satellites=8,
            ),
            start_ns + round(at * NANOSECONDS),
        )
        for at in seconds
    ]


def put_log(data: Path, entries: Iterable[LogEntry], *, boot: int = 42, part: int = 1) -> Path:
    """Puts a part of a boot's log on the card."""
    path = log_folder(CardFolders(data)) / log_name(boot, part)
    path.parent.mkdir(parents=True, exist_ok=True)
    header = LogHeader(boot=boot, receiver="a test", is_real=False)
    path.write_bytes(b"".join(map(encode_line, (header, *entries))))
    return path
