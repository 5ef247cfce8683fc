"""A recorded drive, NMEA or GPX, as fixes with the times at which to play them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from dashcam.clock import NANOSECONDS
from dashcam.errors import GpsError
from dashcam.gps.base import Fix

# The pace of most receivers, where a recording does not say.
_USUAL_STEP_NS = NANOSECONDS
# Nobody waits for longer than this because somebody parked, and tracks of several days are often in one file.
LONGEST_PAUSE_SECONDS = 60
_LONGEST_PAUSE_NS = LONGEST_PAUSE_SECONDS * NANOSECONDS
_BLOCK_BYTES = 16_384
# A film that was named by mistake is not read to its end.
_MOST_BYTES_WITHOUT_A_FIX = 4_000_000


def fixes_of(path: Path, reference: date | None = None) -> Iterator[Fix]:
    """The fixes of a recording, in order. Their `received_monotonic_ns` is the time to play them, from 0.

    That is their own time, but for pauses over a minute: `is_shortened` finds those.
    `reference`: a date surely past, for NMEA of a receiver whose week counter rolled over; None: dates as they are.
    Raises GpsError, before the first, when the file cannot be read.
    """
    if _is_gpx(path):
        from dashcam.gps.gpx_track import read_gpx

        fixes = iter(read_gpx(path))
    else:
        fixes = _of_nmea(path, reference)
    return _paced(fixes)


def _is_gpx(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"<gpx" in file.read(_BLOCK_BYTES)
    except OSError as error:
        raise GpsError(f"{path} cannot be read ({error.strerror}); name another file in gps.source") from error


def _of_nmea(path: Path, reference: date | None) -> Iterator[Fix]:
    from dashcam.gps.assembler import SentenceAssembler

    assembler = SentenceAssembler(reference)
    # As if it came over a line: receive times only serve to judge what lasts how long.
    line_ns = 0
    read_bytes = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            for line in block.splitlines(keepends=True):
                line_ns += _USUAL_STEP_NS // 10
                yield from assembler.feed(line, line_ns)
            read_bytes += len(block)
            if read_bytes > _MOST_BYTES_WITHOUT_A_FIX and not assembler.counts.fixes:
                return
    yield from assembler.flush()


def _paced(fixes: Iterator[Fix]) -> Iterator[Fix]:
    """Times to play them at: as far apart as they were, by their own clock where they have one."""
    media_ns = -_USUAL_STEP_NS
    told_ns, told_media_ns = None, 0
    for fix in fixes:
        media_ns += _USUAL_STEP_NS
        if fix.utc_ns is not None:
            if told_ns is not None and fix.utc_ns > told_ns:
                # Moments without a time may have filled the gap already.
                pause_ns = min(fix.utc_ns - told_ns, media_ns - _USUAL_STEP_NS - told_media_ns + _LONGEST_PAUSE_NS)
                media_ns = max(media_ns - _USUAL_STEP_NS, told_media_ns + pause_ns)
            told_ns, told_media_ns = fix.utc_ns, media_ns
        yield msgspec.structs.replace(fix, received_monotonic_ns=media_ns)


def is_shortened(before: Fix, fix: Fix) -> bool:
    """Whether two fixes with a time are played sooner after one another than they were recorded."""
    if before.utc_ns is None or fix.utc_ns is None:
        return False
    return fix.received_monotonic_ns - before.received_monotonic_ns < fix.utc_ns - before.utc_ns
