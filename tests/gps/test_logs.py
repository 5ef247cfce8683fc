"""Every recorded log, against what is expected of it, and against gpsd's own reading of those that it collected."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix
from dashcam.gps.geometry import distance_m
from dashcam.gps.recording import fixes_of
from tests.gps import logs

_ROLLOVER_NS = 1024 * 7 * 24 * 3600 * NANOSECONDS

# Logs whose places we do not all share, and why. All others agree in every place, both ways.
EXCEPTIONS = {
    "bu303-moving.log": "SiRF's binary protocol, which gpsd speaks and a receiver of NMEA never sends",
    "ublox-neo-m8n.log": "u-blox's binary protocol",
    "mtk-3301.log": "gpsd shows one place of a second in which RMC said V and GGA quality 0",
}

# Logs whose dates gpsd takes for a week rollover, and moves by 1024 weeks: its idea of the present is newer.
ROLLED_OVER_BY_GPSD = {"neo-m8n.log", "tcp-torture.log"}


class Report(NamedTuple):
    """A place of gpsd's; without a time when it had none."""

    utc_ns: int | None
    latitude: float
    longitude: float


def test_every_log_becomes_what_is_expected(shared_data: Path) -> None:
    assert logs.table(shared_data / "nmea") == logs.EXPECTED.read_text(), "python -m tests.gps.logs --write"


def test_all_logs_are_there(shared_data: Path) -> None:
    assert len(logs.every_log(shared_data / "nmea")) >= 36
    assert len(list(gpsd_logs(shared_data))) >= 19


@pytest.mark.parametrize(
    "name",
    [
        "april6_2019.log", "beidou-bd.log", "bu303-moving.log", "bu303-nofix.log", "firefly-II.log", "garmin-10x.log",
        "gp-320fw-2019-04-07-coldboot.log", "haicom-305N.log", "magellan-ec10.log", "motorola-t805.log",
        "mtk-3301.log", "neo-m8n.log", "nmea-fuzzy-cases.log", "quectel-eg25-g.log", "quectel-l76k-dual.log",
        "rgm3800.log", "tcp-torture.log", "ublox-lea-4h.log", "ublox-neo-m8n.log",
    ],
)  # fmt: skip
def test_gpsd_reads_the_same_in_a_log(shared_data: Path, name: str) -> None:
    """Within a metre and a second. What we mark as imprecise counts: gpsd leaves that to whoever asks."""
    path = shared_data / "nmea" / "gpsd" / name
    ours = [fix for fix in fixes_of(path) if fix.verdict != "no_fix"]
    moved_ns = _ROLLOVER_NS if name in ROLLED_OVER_BY_GPSD else 0
    theirs = list(reports(path.with_name(f"{name}.chk"), moved_ns))
    strange = [fix for fix in ours if not any(agree(fix, report) for report in theirs)]
    assert strange == []
    missing = [report for report in theirs if not any(agree(fix, report) for fix in ours)]
    assert (missing != []) == (name in EXCEPTIONS), missing[:3]
    if name == "mtk-3301.log":
        assert len(missing) == 1


def gpsd_logs(shared_data: Path) -> Iterator[Path]:
    return (shared_data / "nmea" / "gpsd").glob("*.chk")


def reports(path: Path, moved_ns: int) -> Iterator[Report]:
    """The places in gpsd's expected output, which moved all times by so much."""
    for line in path.read_bytes().splitlines():
        if line.startswith(b'{"class":"TPV"'):
            report = json.loads(line)
            if report["mode"] >= 2 and "lat" in report:
                time = report.get("time")
                utc_ns = round(datetime.fromisoformat(time).timestamp() * 1000) * 10**6 - moved_ns if time else None
                yield Report(utc_ns, report["lat"], report["lon"])


def agree(fix: Fix, report: Report) -> bool:
    """The same place at the same time, where both have a time."""
    assert fix.latitude is not None
    assert fix.longitude is not None
    metres = distance_m(fix.latitude, fix.longitude, report.latitude, report.longitude)
    is_timed = fix.utc_ns is not None and report.utc_ns is not None
    return metres <= 1 and (not is_timed or abs((fix.utc_ns or 0) - (report.utc_ns or 0)) <= NANOSECONDS)
