"""`python -m tests.gps.logs`: what becomes of every recorded log, as a table; `--write` makes it the expected one."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from dashcam.clock import NANOSECONDS, utc_text
from dashcam.gps.assembler import SentenceAssembler
from dashcam.gps.base import Fix
from dashcam.gps.recording import fixes_of
from dashcam.gps.time_trust import TimeTrust
from tests.conftest import CHECKOUT

EXPECTED = Path(__file__).with_name("expected_logs.md")
LOGS = CHECKOUT.parent / "shared" / "data" / "nmea"
_SUFFIXES = {".log", ".nmea", ".bin"}
# When it was recorded, where the receiver's week counter says something else. All others are taken at their word.
REFERENCES = {
    "derived_week_rollover_minus_1024w.nmea": date(2016, 4, 1),
    "gpsd/april6_2019.log": date(2019, 3, 14),
}
_HEAD = ("log", "good", "bad", "ignored", "moments", "fixes", "others", "first fix", "at", "time trusted at")


def every_log(folder: Path = LOGS) -> list[str]:
    """The names of all logs, gpsd's with their folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in _SUFFIXES)


def row_of(name: str, folder: Path = LOGS) -> tuple[str, ...]:
    """One line of the table. Seconds are those since the log's first moment, at its own pace."""
    path, reference = folder / name, REFERENCES.get(name)
    assembler = SentenceAssembler(reference)
    assembler.feed(path.read_bytes(), 0)
    assembler.flush()
    counts = assembler.counts
    fixes = list(fixes_of(path, reference))
    good = [fix for fix in fixes if fix.is_good]
    others = Counter(fix.verdict for fix in fixes if not fix.is_good)
    return (
        name,
        *(str(count) for count in (counts.good, counts.bad, counts.ignored, len(fixes), len(good))),
        ", ".join(f"{verdict} {count}" for verdict, count in sorted(others.items())),
        "" if not good else "no date" if good[0].utc_ns is None else utc_text(good[0].utc_ns),
        _seconds(good[0].received_monotonic_ns) if good else "",
        trusted_at(fixes),
    )


def trusted_at(fixes: Iterable[Fix]) -> str:
    """When the time of these fixes is believed first; empty for never."""
    trust = TimeTrust()
    return next((_seconds(fix.received_monotonic_ns) for fix in fixes if trust.take(fix)), "")


def _seconds(media_ns: int) -> str:
    return f"{media_ns / NANOSECONDS:.1f} s"


def table(folder: Path = LOGS) -> str:
    """All logs, as Markdown."""
    lines = [_HEAD, ("---",) * len(_HEAD), *(row_of(name, folder) for name in every_log(folder))]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> int:
    """Prints it."""
    parser = argparse.ArgumentParser(prog="python -m tests.gps.logs", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep it as what the tests expect")
    is_to_be_kept = parser.parse_args().write
    text = table()
    print(text, end="")
    if is_to_be_kept:
        EXPECTED.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
