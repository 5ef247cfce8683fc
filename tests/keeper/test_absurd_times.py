"""Times that people or a wrong clock have made absurd are shown as unknown, and hold up nothing and nobody."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from dashcam.clips.anchors import ANCHORS_NAME
from dashcam.clips.names import sidecar_of
from dashcam.web.clips import clip_of
from tests.keeper.rig import Rig
from tests.keeper.test_dating import add_anchor
from tests.made_clips import STARTED_NS, put_clip

HUGE = 10**30
TIMES: list[dict[str, Any]] = [
    {"started_utc": text}
    for text in (
        "",
        "yesterday",
        "0001-01-01T00:00:00+14:00",
        "0005-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59",
        "5139-01-01T00:00:00.000Z",
        "2026-02-30T00:00:00.000Z",
    )
] + [
    {"started_monotonic_ns": -HUGE, "clock_source": "none", "started_utc": None},
    {"started_monotonic_ns": HUGE, "clock_source": "saved"},
    {"started_monotonic_ns": 2**63, "clock_source": "none"},
    {"started_monotonic_ns": -(10**18), "clock_source": "none"},
    {"media_start_ns": HUGE},
    {"frames": HUGE},
    {"width": -HUGE, "dropped_frames": HUGE},
    {"duration_seconds": 1e308},
    {"zone": "Mars/Olympus"},
]


def _change(rig: Rig, clip_id: str, absurd: dict[str, Any]) -> None:
    path = sidecar_of(put_clip(rig.data, clip_id, source="saved" if "clock_source" in absurd else "system"))
    path.write_text(json.dumps(json.loads(path.read_text()) | absurd))


@pytest.mark.parametrize("absurd", TIMES, ids=str)
def test_an_absurd_sidecar_holds_up_nothing(rig: Rig, absurd: dict[str, Any]) -> None:
    _change(rig, "42-3", absurd)
    put_clip(rig.data, "42-4", source="saved")
    add_anchor(rig, 42, STARTED_NS + 60 * 10**9, "gps")
    rig.start(pictures=True).scan().assert_whole()
    assert sorted(rig.rows()) == ["42-3", "42-4"]
    assert rig.reader.get("42-4").day == "2026-11-20"
    assert {clip_of(row).id for row in rig.rows().values()} == {"42-3", "42-4"}, "the page can show them"
    for action in (rig.session.locking.lock(["42-3", "42-4"], "hand"), rig.session.locking.unlock(["42-3", "42-4"])):
        assert action.failed == {}
    rig.settle().assert_whole()
    assert rig.session.locking.delete(["42-3"], []).failed == {}


@pytest.mark.parametrize("year", [5, 5000, 9999])
def test_a_file_that_has_lost_its_day_is_undated_when_its_time_makes_no_name(rig: Rig, year: int) -> None:
    path = put_clip(rig.data, "42-3")
    sidecar = json.loads(sidecar_of(path).read_text()) | {"started_utc": f"{year:04d}-01-01T00:00:00.000Z"}
    loose = rig.folders.dcim / path.name
    path.rename(loose)
    sidecar_of(path).unlink()
    sidecar_of(loose).write_text(json.dumps(sidecar))
    rig.start().scan().assert_whole()
    assert rig.reader.get("42-3").day == "undated"


@pytest.mark.parametrize("seconds", [-(10**9), 2 * 10**10, 2**33])
def test_a_file_with_an_absurd_date_of_change_is_taken_in_all_the_same(rig: Rig, seconds: int) -> None:
    loose = put_clip(rig.data, "42-4", is_closed=False).rename(rig.folders.dcim / "holiday.mp4")
    path = put_clip(rig.data, "42-3")
    for changed in (path, loose):
        os.utime(changed, (seconds, seconds))
    rig.start().scan().assert_whole()
    assert len(rig.rows()) == 2


@pytest.mark.parametrize("moment", [-HUGE, -1, 0, 2**63, HUGE, "noon", None, 1.5])
def test_an_absurd_anchor_dates_nothing_and_breaks_nothing(rig: Rig, moment: object) -> None:
    put_clip(rig.data, "42-3", source="saved")
    rig.options.state.mkdir(parents=True)
    lines = [
        {"boot": 42, "monotonic_ns": 0, "utc_ns": moment, "source": "gps"},
        {"boot": moment, "monotonic_ns": moment, "utc_ns": STARTED_NS, "source": "gps"},
    ]
    (rig.options.state / ANCHORS_NAME).write_text("".join(json.dumps(line) + "\n" for line in lines))
    rig.start().scan().assert_whole()
    assert rig.reader.get("42-3").day == "undated"
