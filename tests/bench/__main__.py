"""`python -m tests.bench`: measures and prints the table."""

from __future__ import annotations

import argparse
import compileall
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import (
    cutting,
    detection,
    download,
    first_fragment,
    listing,
    looking,
    map_day,
    memory,
    nmea,
    phones,
    receiver,
    recording,
    ring,
    rollovers,
    stall,
    stamp,
    telemetry,
)
from tests.bench.measuring import Bench, load_words
from tests.bench.table import Row, as_markdown, put_into
from tests.conftest import CHECKOUT

# What one has to know to read the table.
_NOTE = """\
Peers run at the same time or in turns. A ratio is the dashcam's figure by the peer's. In recording, the dashcam reads
the whole file once before it plays it, syncs the card every second and watches itself, which no peer does. Of its first
minute about two fifths are the start (Python, its imports, that look at the file), a quarter is the file that stands
for a camera, and a third is the writing."""
# In the order of the table.
_MEASURES: dict[str, Callable[[Bench], list[Row]]] = {
    "recording": recording.measure,
    "memory": memory.measure,
    "ring": ring.measure,
    "first-fragment": first_fragment.measure,
    "cutting": cutting.measure,
    "listing": listing.measure,
    "download": download.measure,
    "phones": phones.measure,
    "map": map_day.measure,
    "nmea": nmea.measure,
    "receiver": receiver.measure,
    "stamp": stamp.measure,
    "motion": detection.measure,
    "looking": looking.measure,
    "telemetry": telemetry.measure,
    "rollovers": rollovers.measure,
    "stall": stall.measure,
}


def main() -> int:
    """Runs what was asked for; gives 0 also when a target was missed: the table says so."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description="What the dashcam costs, beside its peers.")
    parser.add_argument("--only", action="append", choices=list(_MEASURES), help="this measurement; may be repeated")
    parser.add_argument("--quick", action="store_true", help="short and rough: to see that everything works")
    parser.add_argument("--write", type=Path, metavar="FILE", help="puts the table between the marks of a README")
    chosen = parser.parse_args()
    if chosen.write is not None and (chosen.only or chosen.quick):
        parser.error("--write takes the whole table, not part of it or a rough one")
    # As it is where it was installed, and as its peers are: not compiled anew at every start.
    compileall.compile_dir(CHECKOUT / "dashcam", quiet=1)
    before = load_words()
    rows: list[Row] = []
    for name in chosen.only or _MEASURES:
        with tempfile.TemporaryDirectory(prefix="dashcam-bench-") as folder:
            rows += _MEASURES[name](Bench(Path(folder), chosen.quick, _say))
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    machine = f"{today}, Linux on {platform.machine()}, Python {platform.python_version()}"
    load = f"{before} at the start, {load_words()} at the end"
    table = f"{as_markdown(rows)}\nMeasured {machine}; {load}.\n{_NOTE}\n"
    print(table)
    if chosen.write is not None:
        put_into(chosen.write, table)
    return 0


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
