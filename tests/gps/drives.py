"""`python -m tests.gps.drives`: names, gaps and recovery of drives that begin without the time; `--write` keeps it."""

from __future__ import annotations

import argparse
import itertools
import os
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from dashcam.clips.gpx_reader import read_track
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.clips.track_log import LogEntry, LoggedGap, LoggedPlace, log_folder, read_entries
from dashcam.clock import NANOSECONDS, utc_ns_of
from dashcam.gps.nmea import checksum
from tests.gps.drive_machine import Machine, MachineClock
from tests.gps.logs import LOGS
from tests.keeper.rig import Rig

EXPECTED = Path(__file__).with_name("expected_drives.md")
TODAY = date(2026, 11, 20)
_MEMORY = "/dev/shm"
_TABLES_BEGIN = "\n## "
_DAY_NS = 86_400 * NANOSECONDS
_HEAD = (
    "drive", "release", "clock before", "time trusted", "clips", "names at first", "names in the end", "first place",
    "gaps", "recovery", "fixes", "metres", "fixes in the GPX, by clip",
)  # fmt: skip


@dataclass(frozen=True)
class Drive:
    """A log, and the unit that hears it."""

    log: str
    release: date
    """Of the unit's program: a little before the log was recorded, or today's."""
    unplugged: tuple[float, float] | None = None
    says: date | None = None
    """What the receiver says in place of the log's own date; other dates stay."""


@dataclass(frozen=True)
class Clip:
    """What became of one."""

    first: Path
    """Where the recorder has put it."""
    recorded: Sidecar
    path: Path
    sidecar: Sidecar
    segments: tuple[int, ...]
    """The fixes in each of its GPX; none where there is no file."""


@dataclass(frozen=True)
class Gap:
    """Seconds of the drive; `until` is the next good fix, `trusted` when the time was vouched for again."""

    why: str
    begin: float
    until: float | None
    trusted: float | None


@dataclass(frozen=True)
class Outcome:
    """All that is left of a drive."""

    trusted: float | None
    source: str
    first_place: float | None
    gaps: tuple[Gap, ...]
    places: tuple[tuple[float, LoggedPlace], ...]
    """What the track log has, with the second of the drive."""
    clips: tuple[Clip, ...]


_OWN_DATE = date(2016, 4, 1)
# A day in the life of a unit of today, for a log of the city.
UNITS_DAY = date(2026, 12, 5)
_COLD = "derived_cold_start_45s_date_060180.nmea"
_ROLLED_OVER = "derived_week_rollover_minus_1024w.nmea"
_SILENT = "derived_gap_silent_200_230s.nmea"
_PHONE = "phone_cold_start_walk.nmea"

DRIVES = {
    "a good one": Drive("drive_city_360s.nmea", _OWN_DATE),
    "cold start, date 060180": Drive(_COLD, _OWN_DATE),
    "tunnel": Drive("derived_tunnel_void_120_165s.nmea", _OWN_DATE),
    "silent": Drive(_SILENT, _OWN_DATE),
    "silent, port gone": Drive(_SILENT, _OWN_DATE, unplugged=(200.0, 229.9)),
    "dirty line": Drive("derived_dirty_serial.bin", _OWN_DATE),
    "1024 weeks early, replayed": Drive(_ROLLED_OVER, _OWN_DATE),
    "1024 weeks early, on a unit": Drive(_ROLLED_OVER, TODAY),
    "unit, cold start, 1024 weeks early": Drive(_COLD, TODAY, says=UNITS_DAY - timedelta(weeks=1024)),
    "unit, 2048 weeks early": Drive("drive_city_360s.nmea", TODAY, says=UNITS_DAY - timedelta(weeks=2048)),
    "phone, cold start": Drive(_PHONE, date(2024, 2, 1)),
    "phone, on a unit": Drive(_PHONE, TODAY),
    "GPS-320FW, cold boot": Drive("gpsd/gp-320fw-2019-04-07-coldboot.log", date(2019, 4, 1)),
    "MTK 3301, power up": Drive("gpsd/mtk-3301.log", date(2008, 8, 1)),
    "LEA-4H": Drive("gpsd/ublox-lea-4h.log", date(2006, 8, 1)),
    "EG25-G, cold start": Drive("gpsd/quectel-eg25-g.log", date(2022, 9, 1)),
    "EC-10X, every 2 s": Drive("gpsd/magellan-ec10.log", date(2005, 6, 1)),
    "T805": Drive("gpsd/motorola-t805.log", date(2007, 12, 10)),
    "Garmin 10x": Drive("gpsd/garmin-10x.log", date(2010, 7, 10)),
    "Telit, year -1": Drive("gpsd/april6_2019.log", date(2019, 3, 14)),
}
# What is special of these has nothing to do with what the machine believes.
_ONCE = {
    "a good one", "tunnel", "silent", "dirty line", "1024 weeks early, replayed", "1024 weeks early, on a unit",
    "unit, 2048 weeks early",
}  # fmt: skip
ALSO_SAVED = tuple(name for name in DRIVES if name not in _ONCE)


def outcome_of(drive: Drive, clock: MachineClock, data: Path, logs: Path = LOGS) -> Outcome:
    """Drives, then keeps, on an empty card in `data`."""
    content = (logs / drive.log).read_bytes()
    if drive.says is not None:
        content = saying(content, drive.says)
    machine = Machine(data, content, drive.release, clock, drive.unplugged)
    machine.drive()
    entries = [entry for part in sorted(log_folder(CardFolders(data)).glob("*")) for entry in _entries(part)]
    recorded = {
        sidecar.id: (path, sidecar)
        for path in (data / "DCIM" / "VIDEO").rglob("*.mp4")
        for sidecar in [read_sidecar(sidecar_of(path))]
    }
    rig = Rig(data, "clock.zone=UTC").start().scan()
    try:
        rig.assert_whole()
        assert rig.rows().keys() == recorded.keys()
        clips = [Clip(*facts, rig.path(key), rig.sidecar(key), _segments(rig, key)) for key, facts in recorded.items()]
    finally:
        rig.close()
    return Outcome(
        trusted=machine.second_of(machine.trusted.monotonic_ns) if machine.trusted else None,
        source=machine.trusted.source if machine.trusted else "",
        first_place=next((machine.second_of(each.monotonic_ns) for each in entries), None),
        gaps=tuple(_gaps(entries, machine)),
        places=tuple((machine.second_of(each.monotonic_ns), each) for each in entries if isinstance(each, LoggedPlace)),
        clips=tuple(sorted(clips, key=lambda clip: clip.recorded.started_monotonic_ns or 0)),
    )


def saying(content: bytes, told: date) -> bytes:
    """The log of the city with another date, and with the checksums that belong to it."""

    def said(match: re.Match[bytes]) -> bytes:
        text = f"{match[1].decode()}{told:%d%m%y}{match[2].decode()}"
        return f"${text}*{checksum(text):02X}".encode()

    return re.sub(rb"\$(GPRMC,[^*\r\n]*,)110416(,[^*\r\n]*)\*[0-9A-F]{2}", said, content)


def _entries(part: Path) -> Iterator[LogEntry]:
    return read_entries(part.read_bytes())


def _segments(rig: Rig, clip_id: str) -> tuple[int, ...]:
    path = rig.folders.track_of(rig.path(clip_id))
    return tuple(map(len, read_track(path).segments)) if path.exists() else ()


def _gaps(entries: list[LogEntry], machine: Machine) -> Iterator[Gap]:
    for entry, following in itertools.pairwise([*entries, None]):
        if isinstance(entry, LoggedGap):
            until = following.monotonic_ns if isinstance(following, LoggedPlace) else None
            vouched = [offer.monotonic_ns for offer in machine.offers if until is not None]
            trusted = next((at_ns for at_ns in vouched if at_ns >= (until or 0)), None)
            yield Gap(
                entry.why,
                machine.second_of(entry.monotonic_ns),
                None if until is None else machine.second_of(until),
                None if trusted is None else machine.second_of(trusted),
            )


def row_of(name: str, outcome: Outcome) -> tuple[str, ...]:
    """One line of the table."""
    clips, tracks = outcome.clips, [clip.sidecar.track for clip in outcome.clips]
    return (
        name,
        DRIVES[name].release.isoformat(),
        _clock_before(clips[0]),
        "never" if outcome.trusted is None else f"{outcome.trusted:.1f} s, {outcome.source}",
        str(len(clips)),
        _names(clip.first.stem for clip in clips),
        _names(clip.path.stem for clip in clips),
        "never" if outcome.first_place is None else f"{outcome.first_place:.1f} s",
        "; ".join(_gap_words(gap) for gap in outcome.gaps),
        "; ".join(_recovery_words(gap) for gap in outcome.gaps),
        str(sum(track.points for track in tracks if track)),
        f"{sum(track.distance_m for track in tracks if track):.0f}",
        " ".join("+".join(map(str, clip.segments)) or "-" for clip in clips),
    )


def _clock_before(clip: Clip) -> str:
    """What the first clip's sidecar said while it was recorded, and how wrong that was."""
    said, truth = clip.recorded.started_utc, clip.sidecar.started_utc
    source = clip.recorded.clock_source
    if said is None or truth is None or said == truth:
        return source
    return f"{source}, {(utc_ns_of(said) - utc_ns_of(truth)) / _DAY_NS:+.1f} days"


def _names(stems: Iterable[str]) -> str:
    """The first and the last of each kind, and how many."""
    words = []
    for _, group in itertools.groupby(stems, key=lambda stem: stem[:4]):
        found = list(group)
        words.append(found[0] if len(found) == 1 else f"{found[0]} ... {found[-1][-6:]} ({len(found)})")
    return ", ".join(words)


def _gap_words(gap: Gap) -> str:
    length = "to the end" if gap.until is None else f"{gap.until - gap.begin:.1f} s"
    return f"at {gap.begin:.1f} s, {length}, {gap.why}"


def _recovery_words(gap: Gap) -> str:
    if gap.until is None:
        return "none"
    return f"place {gap.until:.1f} s, time " + ("never" if gap.trusted is None else f"{gap.trusted:.1f} s")


def all_outcomes(logs: Path = LOGS) -> dict[tuple[MachineClock, str], Outcome]:
    """Every row, by the machine's clock and the drive's name."""
    pairs: list[tuple[MachineClock, str]] = [("none", name) for name in DRIVES]
    pairs += [("saved", name) for name in ALSO_SAVED]
    found = {}
    for clock, name in pairs:
        # In memory: every change of a card is synced, and there are thousands.
        with TemporaryDirectory(prefix="drive-", dir=_MEMORY if os.access(_MEMORY, os.W_OK) else None) as folder:
            found[clock, name] = outcome_of(DRIVES[name], clock, Path(folder), logs)
    return found


def table(outcomes: dict[tuple[MachineClock, str], Outcome]) -> str:
    """Both halves, as Markdown."""
    titles: dict[MachineClock, str] = {
        "none": "The machine's clock knows nothing (1970)",
        "saved": "The machine goes on from when it was last on",
    }
    text = ""
    for clock, title in titles.items():
        rows = [row_of(name, outcome) for (of, name), outcome in outcomes.items() if of == clock]
        lines = [_HEAD, ("---",) * len(_HEAD), *rows]
        text += f"{_TABLES_BEGIN}{title}\n\n" + "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    return text


def expected() -> tuple[str, str]:
    """What the numbers mean, and the table."""
    head, begins, rest = EXPECTED.read_text().partition(_TABLES_BEGIN)
    return head, begins + rest


def main() -> int:
    """Prints it."""
    parser = argparse.ArgumentParser(prog="python -m tests.gps.drives", description=__doc__)
    parser.add_argument("--write", action="store_true", help="keep it as what the tests expect")
    is_to_be_kept = parser.parse_args().write
    text = table(all_outcomes())
    print(text, end="")
    if is_to_be_kept:
        EXPECTED.write_text(expected()[0] + text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
