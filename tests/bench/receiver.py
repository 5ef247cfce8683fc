"""What a GPS receiver costs the recorder: log, trip and telemetry with it, beside a recorder without."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from dashcam.clips.names import CardFolders
from dashcam.clips.track_log import log_folder
from tests.bench.measuring import Bench, Cost, cost_of
from tests.bench.recording import record_command
from tests.bench.stream import ready_stream
from tests.bench.table import Row
from tests.gps.made import drive
from tests.gps.pty_receiver import PtyReceiver

_SECONDS, _QUICK_SECONDS = 60, 12
_REPEATS = 3
_SETTLED_SECONDS = 6.0
_BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def measure(bench: Bench) -> list[Row]:
    """Both record at the same time, so that both have the same machine; medians of several rounds."""
    seconds, repeats = (_QUICK_SECONDS, 1) if bench.is_quick else (_SECONDS, _REPEATS)
    ready_stream()
    rounds = [_round(bench, bench.folder / str(number), seconds) for number in range(repeats)]
    without, with_gps = (median(costs[number].per_minute() for costs in rounds) for number in (0, 1))
    return [
        Row(
            "CPU of a recorded minute with a GPS receiver of ten fixes a second",
            f"{with_gps:.2f} s",
            f"without: {without:.2f} s",
            with_gps / without,
        )
    ]


def _round(bench: Bench, folder: Path, seconds: int) -> tuple[Cost, Cost]:
    """Without and with. Raises AssertionError when nothing of the drive has come to the card."""
    port = folder / "ttyUSB0"
    cards = folder / "without", folder / "with"
    for card in cards:
        card.mkdir(parents=True)
    settings = ("gps.kind=none",), ("gps.kind=serial", f"gps.device={port}")
    with ExitStack() as stack:
        stack.enter_context(PtyReceiver(port, drive(_BEGAN, 3600), baud=9600))
        pool = stack.enter_context(ThreadPoolExecutor(2))
        running = [
            pool.submit(cost_of, record_command(card, seconds, *its), folder / "log", _SETTLED_SECONDS)
            for card, its in zip(cards, settings, strict=True)
        ]
        without, with_gps = (future.result() for future in running)
    assert any(log_folder(CardFolders(cards[1])).iterdir())
    shutil.rmtree(folder)
    costs = f"{with_gps.per_minute():.2f} CPU s with GPS, {without.per_minute():.2f} s without"
    bench.say(f"receiver: a recorded minute {costs}")
    return without, with_gps
