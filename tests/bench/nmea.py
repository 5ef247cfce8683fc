"""What a sentence of a GPS receiver costs, from bytes to a fix that was judged, beside pynmea2 alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from statistics import median

import pynmea2

from dashcam.gps.assembler import SentenceAssembler
from tests.bench.measuring import Bench
from tests.bench.table import Row
from tests.gps.made import drive, sentence

_SECONDS, _QUICK_SECONDS = 3600, 60
_REPEATS = 5
_BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
# What most receivers send beside the place.
_SKY = b"".join(
    sentence(f"GPGSV,3,{number},12,02,08,151,31,03,06,037,,06,28,114,38,12,58,258,26") for number in (1, 2, 3)
) + sentence("GPGSA,A,3,02,06,12,14,15,17,19,24,,,,,1.9,1.1,1.6")


def measure(bench: Bench) -> list[Row]:
    """An hour of a receiver, a second at a time."""
    seconds = _QUICK_SECONDS if bench.is_quick else _SECONDS
    blocks = [block + _SKY for block in drive(_BEGAN, seconds)]
    lines = [line for block in blocks for line in block.decode().splitlines()]

    def ours() -> None:
        assembler = SentenceAssembler(date(2026, 11, 1))
        fixes = [fix for number, block in enumerate(blocks) for fix in assembler.feed(block, number * 10**9)]
        assert len(fixes) + len(assembler.flush()) == seconds

    def theirs() -> None:
        for line in lines:
            message = pynmea2.parse(line)
            # It reads a value only when it is asked for.
            for field in message.fields:
                getattr(message, field[1])

    own, peer = _microseconds(ours, len(lines)), _microseconds(theirs, len(lines))
    bench.say(f"{len(lines)} sentences: {own:.1f} us each, pynmea2 {peer:.1f} us")
    return [
        Row(
            "microseconds per NMEA sentence, from bytes to judged fixes",
            f"{own:.1f} us",
            f"pynmea2's values: {peer:.1f} us",
            own / peer,
        )
    ]


def _microseconds(action: Callable[[], None], count: int) -> float:
    """CPU time by the number of sentences, the median of several times."""
    times = []
    for _ in range(_REPEATS):
        began = time.process_time()
        action()
        times.append(time.process_time() - began)
    return 1e6 * median(times) / count
