"""A source that takes back what it has said: what was dated by that is dated anew, once, and nothing else is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from dashcam.clips.anchors import ANCHORS_NAME
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS, Anchor, utc_text
from dashcam.keeper.clock import KeeperClock
from tests.keeper.power import PowerCut, changes
from tests.keeper.rig import Rig, digest_of
from tests.keeper.taken_photos import put_taken_photo, taken
from tests.keeper.test_dating_restarts import Run
from tests.made_clips import STARTED_NS, put_clip

S = NANOSECONDS
BOOT = 42
DAY = 86_400


def told(run: Run, second: int, off_seconds: float) -> None:
    """GPS says at that monotonic second that recording began at second 100, that much off what the clips' names say."""
    run.monotonic_ns = second * S
    run.clock.offer_gps(Anchor(second * S, STARTED_NS + round((second - 100 + off_seconds) * S), "gps"))
    run.note()


def lines_in(rig: Rig) -> int:
    return len((rig.options.state / ANCHORS_NAME).read_bytes().splitlines())


@pytest.fixture
def run(rig: Rig) -> Run:
    """A receiver that was wrong, and what was recorded by it."""
    run = Run(rig, BOOT, 80, "this start")
    told(run, 90, 0)
    put_clip(rig.data, "42-1", source="gps")
    put_taken_photo(rig.data, "42-2", source="gps")
    rig.start().scan().assert_whole()
    return run


@pytest.mark.parametrize(
    ("off_seconds", "stem"),
    [
        (DAY, "dcp_20261121144500"),
        (-3600, "dcp_20261120134500"),
        (18, "dcp_20261120144518"),
        (-18, "dcp_20261120144442"),
    ],
)
def test_a_receiver_that_was_a_day_or_the_leap_seconds_off(rig: Rig, run: Run, off_seconds: int, stem: str) -> None:
    content = digest_of(rig.path("42-1"))
    told(run, 160, off_seconds)
    rig.settle().assert_whole()
    assert {rig.path(clip_id).stem for clip_id in ("42-1", "42-2")} == {stem}
    right = utc_text(STARTED_NS + off_seconds * S)
    assert {rig.sidecar(clip_id).started_utc for clip_id in ("42-1", "42-2")} == {right}
    assert digest_of(rig.path("42-1")) == content
    assert taken(rig.path("42-2")) == f"{right[:19]}+00:00"
    now_ns = KeeperClock(rig.options.state, kernel="this start", asleep_ns=lambda: 0).anchor().utc_ns_at(100 * S)
    assert abs(now_ns - STARTED_NS - off_seconds * S) < S
    before = rig.tree()
    assert rig.scan().tree() == before, "once is enough"


def test_what_was_recorded_since_stays_as_it_is(rig: Rig, run: Run) -> None:
    told(run, 160, DAY)
    later = put_clip(rig.data, "42-3", source="gps", started_ns=STARTED_NS + 5000 * S)
    sidecar = msgspec.structs.replace(read_sidecar(sidecar_of(later)), started_monotonic_ns=170 * S)
    write_sidecar(sidecar_of(later), sidecar)
    by_hand = put_clip(rig.data, "42-4", source="gps", started_ns=STARTED_NS + DAY * S + S // 2)
    worse = put_clip(rig.data, "41-1", source="gps")
    rig.scan().assert_whole()
    assert [rig.path(clip_id) for clip_id in ("42-3", "42-4", "41-1")] == [later, by_hand, worse]


def test_jitter_of_half_a_second_renames_nothing(rig: Rig, run: Run) -> None:
    told(run, 160, DAY)
    before, lines = rig.settle().tree(), lines_in(rig)
    generation = rig.session.catalogue.state().generation
    for second in range(162, 200, 2):
        told(run, second, DAY + (0.5, -0.5)[second // 2 % 2])
        rig.settle()
    assert (rig.tree(), lines_in(rig), lines) == (before, 3, 3)
    assert rig.session.catalogue.state().generation == generation


def test_of_two_phones_the_later_and_better_one_counts_but_not_each_time_that_they_take_turns(rig: Rig) -> None:
    run = Run(rig, BOOT, 80, "this start")
    assert run.clock.offer_phone(STARTED_NS - 20 * S, 80 * S, 1.9) == ""
    run.note()
    put_clip(rig.data, "42-1", source="saved")
    rig.start().scan()
    assert rig.path("42-1").stem == "dcp_20261120144500"
    run.monotonic_ns = 150 * S
    assert run.clock.offer_phone(STARTED_NS + 20 * S, 150 * S, 0.1) == ""
    run.note()
    rig.settle().assert_whole()
    assert rig.path("42-1").stem == "dcp_20261120144430"
    before = rig.tree()
    for second in range(200, 400, 20):  # two that take turns, both as exact as phones are
        run.monotonic_ns = second * S
        off_ns = second // 20 % 2 * 3 * S // 2
        assert run.clock.offer_phone(STARTED_NS + (second - 130) * S + off_ns, second * S, 0.1) == ""
        run.note()
        rig.settle()
    assert rig.tree() == before


def test_what_a_run_before_recorded_by_it_and_a_recorder_that_was_restarted(rig: Rig, run: Run) -> None:
    again = Run(rig, BOOT + 1, 200, "this start")
    assert again.clock.anchor().source == "gps"
    told(again, 210, DAY)
    rig.settle().assert_whole()
    assert {rig.path(clip_id).stem for clip_id in ("42-1", "42-2")} == {"dcp_20261121144500"}
    assert Run(rig, BOOT + 2, 300, "this start").clock.anchor().utc_ns == STARTED_NS + (DAY + 200) * S


def test_one_that_loses_its_sidecar_gets_the_right_time_again(rig: Rig, run: Run) -> None:
    told(run, 160, DAY)
    path = rig.settle().path("42-1")
    sidecar_of(path).unlink()
    rig.scan().assert_whole()
    assert rig.sidecar("42-1").started_utc == utc_text(STARTED_NS + DAY * S)
    assert rig.path("42-1").stem == path.stem


def test_killed_anywhere_the_next_start_completes_it(make_rig: Callable[..., Rig]) -> None:
    fail_at, total = 0, 0
    while fail_at <= total:
        rig = make_rig()
        shutil.rmtree(rig.data)
        content = digest_of(_lay_out(rig))
        with changes(fail_at) as counted:
            try:
                rig.start().scan()
            except PowerCut:
                assert fail_at
        total = max(total, counted.count)
        rig = make_rig().start().scan()
        rig.assert_whole()
        assert rig.path("42-1").relative_to(rig.folders.dcim) == Path("VIDEO/2026-11-21/dcp_20261121144500.mp4")
        assert digest_of(rig.path("42-1")) == content
        assert rig.sidecar("42-1").started_utc == utc_text(STARTED_NS + DAY * S)
        fail_at += 3
    assert total > 3


def _lay_out(rig: Rig) -> Path:
    run = Run(rig, BOOT, 80, "this start")
    told(run, 90, 0)
    told(run, 160, DAY)
    return put_clip(rig.data, "42-1", source="gps")
