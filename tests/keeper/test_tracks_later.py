"""A track goes with its clip: moved, renamed, dated anew; and what people do to it stays done."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dashcam.clips.gpx_reader import read_track
from dashcam.clips.names import sidecar_of
from dashcam.clips.track_log import log_folder
from dashcam.clock import NANOSECONDS
from tests.keeper.rig import Rig
from tests.keeper.test_dating import add_anchor
from tests.keeper.track_clips import gpx_path, points, put_minute, track
from tests.made_clips import STARTED_NS
from tests.made_tracks import driven, put_log


def test_a_track_follows_its_clip_and_is_not_made_twice(rig: Rig) -> None:
    path = put_minute(rig.data, 0)
    put_log(rig.data, driven(range(60)))
    rig.start().scan()
    made = gpx_path(rig, "42-1").read_bytes()
    before = track(rig, "42-1")
    rig.session.locking.lock(["42-1"], "api")
    rig.scan().assert_whole()
    assert (gpx_path(rig, "42-1").read_bytes(), track(rig, "42-1")) == (made, before)
    locked = rig.path("42-1")
    locked.rename(locked.with_name("mine.mp4"))
    sidecar_of(locked).rename(locked.with_name("mine.json"))
    rig.scan().assert_whole()
    assert rig.folders.track_of(rig.path("42-1")).name == "mine.gpx"
    assert gpx_path(rig, "42-1").read_bytes() == made
    assert not rig.folders.track_of(path).exists()


def test_a_track_that_people_have_deleted_stays_deleted(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    put_minute(rig.data, 0)
    put_log(rig.data, driven(range(60)))
    rig.start().scan()
    gpx_path(rig, "42-1").unlink()
    rig = make_rig()
    shutil.rmtree(rig.options.state)
    rig.start().scan()
    assert not gpx_path(rig, "42-1").exists()
    assert track(rig, "42-1").points == 60, "what is known of it comes from the sidecar"


def test_what_lies_there_from_an_earlier_look_is_replaced(rig: Rig) -> None:
    path = put_minute(rig.data, 0)
    target = rig.folders.track_of(path)
    target.parent.mkdir(parents=True)
    target.write_text("half of something")
    put_log(rig.data, driven(range(60)))
    rig.start().scan()
    assert read_track(target).points == 60


@pytest.mark.parametrize("is_log_gone", [False, True])
def test_a_corrected_time_is_in_the_track_as_well(rig: Rig, is_log_gone: bool) -> None:
    put_minute(rig.data, 0, is_dated=False)
    put_log(rig.data, driven([*range(20), *range(40, 60)]))
    rig.start().scan()
    before = track(rig, "42-1")
    if is_log_gone:
        shutil.rmtree(log_folder(rig.folders))
    add_anchor(rig, 42, STARTED_NS + 61 * NANOSECONDS, "phone")
    rig.settle().assert_whole()
    assert rig.path("42-1").name == "dcp_20261120144501.mp4"
    assert [point.utc_ns for point in points(rig, "42-1")] == [
        STARTED_NS + (1 + at) * NANOSECONDS for at in (*range(20), *range(40, 60))
    ]
    assert track(rig, "42-1") == before
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS + 250_000_000, "gps")
    rig.settle().assert_whole()
    assert points(rig, "42-1")[0].utc_ns == STARTED_NS + 250_000_000
    assert read_track(gpx_path(rig, "42-1")).name == "2026-11-20 14:45:00 UTC"


def test_a_log_that_was_deleted_in_part_takes_no_points_from_a_track(rig: Rig) -> None:
    put_minute(rig.data, 0, is_dated=False)
    put_log(rig.data, driven(range(60)))
    rig.start().scan()
    put_log(rig.data, driven(range(50, 60)))
    add_anchor(rig, 42, STARTED_NS + 60 * NANOSECONDS, "phone")
    rig.settle()
    assert track(rig, "42-1").points == 60
    assert [point.utc_ns for point in points(rig, "42-1")][-1] == STARTED_NS + 59 * NANOSECONDS


def test_what_people_have_put_in_the_way_holds_up_no_other_clip(rig: Rig) -> None:
    first = put_minute(rig.data, 0)
    put_minute(rig.data, 1)
    target = rig.folders.track_of(first)
    (target / "mine").mkdir(parents=True)
    put_log(rig.data, driven(range(120)))
    rig.start()
    rig.session.dirty.mark_everything()
    rig.until(lambda: rig.reader.get("42-1").track is not None)
    assert rig.reader.get("42-2").track == rig.sidecar("42-2").track is not None
    assert rig.sidecar("42-1").track is None, "the next start tries again"
    assert (target / "mine").is_dir()


def test_nothing_is_written_behind_a_link(rig: Rig, tmp_path: Path) -> None:
    path = put_minute(rig.data, 0)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    rig.folders.tracks.mkdir()
    rig.folders.track_of(path).parent.symlink_to(elsewhere)
    put_log(rig.data, driven(range(60)))
    rig.start().scan()
    assert list(elsewhere.iterdir()) == []
    assert track(rig, "42-1").points == 60


def test_the_track_of_another_clip_of_the_same_name_is_left(rig: Rig) -> None:
    """People have given an event the name of a loop; the folders of tracks have room for one."""
    put_minute(rig.data, 0)
    put_log(rig.data, driven(range(120)))
    rig.start().scan()
    made = gpx_path(rig, "42-1").read_bytes()
    other = put_minute(rig.data, 1, kind="EVENT")
    other.rename(other.with_name(rig.path("42-1").name))
    sidecar_of(other).rename(sidecar_of(other).with_name(sidecar_of(rig.path("42-1")).name))
    rig.scan()
    assert gpx_path(rig, "42-1").read_bytes() == made
    assert track(rig, "42-2").points == 60
