"""What text and position in the clips cost: a recorder of a ready stream with them and without, at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from statistics import median

from tests.bench.measuring import Bench, Cost, cost_of, load_words
from tests.bench.recording import record_command
from tests.bench.stream import ready_stream
from tests.bench.table import Row

_SECONDS, _QUICK_SECONDS = 60, 8
_REPEATS = 3
_SETTLED_SECONDS = 4.0


def measure(bench: Bench) -> list[Row]:
    """The receiver is the same for both; medians of several rounds."""
    seconds, repeats = (_QUICK_SECONDS, 1) if bench.is_quick else (_SECONDS, _REPEATS)
    ready_stream().read_bytes()
    rounds = [_round(bench, number, seconds) for number in range(repeats)]
    with_it, without = (median(costs[is_on].per_minute() for costs in rounds) for is_on in (True, False))
    return [
        Row(
            "CPU for a further minute of ready 1080p30 with text and position in the clips",
            f"{with_it:.2f} s",
            f"without: {without:.2f} s",
            with_it / without,
        )
    ]


def _round(bench: Bench, number: int, seconds: float) -> dict[bool, Cost]:
    folder = bench.folder / str(number)
    folder.mkdir()

    def record(is_on: bool) -> Cost:
        settings = ("gps.kind=simulated", f"gps.telemetry={'true' if is_on else 'false'}")
        return cost_of(
            record_command(folder / str(is_on), seconds, *settings), folder / f"log-{is_on}", _SETTLED_SECONDS
        )

    with ThreadPoolExecutor(2) as pool:
        costs = dict(zip((True, False), pool.map(record, (True, False)), strict=True))
    words = ", ".join(f"{'with' if is_on else 'without'} {cost.cpu_seconds:.2f} s" for is_on, cost in costs.items())
    bench.say(f"telemetry: {words} ({load_words()})")
    return costs
