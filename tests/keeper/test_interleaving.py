"""Dating, tracks, thumbnails and locks come in any order, also in the middle of each other: all agree in the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime

import pytest

from dashcam.clock import NANOSECONDS, utc_ns_of
from tests.keeper.rig import Rig
from tests.keeper.taken_photos import put_taken_photo, taken
from tests.keeper.test_dating import add_anchor
from tests.keeper.track_clips import points, put_minute, track
from tests.made_clips import STARTED_NS
from tests.made_tracks import driven, put_log

CLIP, NEXT, PHOTO = "42-1", "42-2", "42-7"
Act = Callable[[Rig], object]


def phone(rig: Rig) -> None:
    add_anchor(rig, 42, STARTED_NS + 65 * NANOSECONDS, "phone")


def gps(rig: Rig) -> None:
    """Within the second that the phone has said, for the clips; the photo was taken by another clock."""
    add_anchor(rig, 42, STARTED_NS + 65 * NANOSECONDS + 250_000_000, "gps")


def gps_later(rig: Rig) -> None:
    add_anchor(rig, 42, STARTED_NS + 68 * NANOSECONDS, "gps")


def lock(rig: Rig) -> None:
    rig.session.locking.lock([CLIP, PHOTO], "hand")


def unlock(rig: Rig) -> None:
    rig.session.locking.unlock([CLIP, PHOTO])


def look(rig: Rig) -> None:
    rig.session.dirty.mark_everything()


STORIES: dict[str, tuple[Act, ...]] = {
    "dated, then locked": (phone, lock, gps_later),
    "locked, then dated": (lock, phone, gps),
    "locked and unlocked around it": (lock, phone, unlock),
    "corrected twice at once": (phone, gps, look),
    "corrected far while it is looked at": (phone, look, gps_later),
}


def turn(rig: Rig, turns: int) -> None:
    """So many turns of the keeper, whatever it does in them."""
    for _ in range(turns):
        rig.session.chores._not_before.clear()
        if not rig.session.turn():
            rig.session.inbox.wait(0.01)


def begin(rig: Rig) -> None:
    """A keeper that knows two clips and a photo, all from before the time was known, and has not looked at them."""
    for number in (0, 1):
        put_minute(rig.data, number, is_dated=False)
    put_taken_photo(rig.data, PHOTO)
    put_log(rig.data, driven(range(120)))
    rig.start(pictures=True)
    look(rig)
    rig.until(lambda: len(rig.rows()) == 3)


@pytest.mark.parametrize("story", STORIES)
def test_whatever_comes_between_all_agree_in_the_end(make_rig: Callable[..., Rig], story: str) -> None:
    for gap in (0, 1, 2, 3, 5, 8):
        rig = make_rig()
        shutil.rmtree(rig.data)
        begin(rig)
        for act in STORIES[story]:
            turn(rig, gap)
            act(rig)
        rig.settle().assert_whole()
        assert_agree(rig, STORIES[story])


def assert_agree(rig: Rig, story: tuple[Act, ...]) -> None:
    assert not list(rig.data.rglob(".tmp-*"))
    is_locked = lock in story and unlock not in story
    assert {clip_id: row.lock_cause == "hand" for clip_id, row in rig.rows().items()} == {
        CLIP: is_locked,
        NEXT: False,
        PHOTO: is_locked,
    }
    for clip_id in (CLIP, NEXT, PHOTO):
        sidecar, path = rig.sidecar(clip_id), rig.path(clip_id)
        assert sidecar.clock_source == ("phone" if story[-1] is unlock else "gps")
        assert sidecar.started_utc is not None
        started_ns = utc_ns_of(sidecar.started_utc)
        second = f"{datetime.fromisoformat(sidecar.started_utc):%Y-%m-%dT%H:%M:%S}+00:00"
        assert taken(rig.folders.thumbnail_of(path)) == second
        assert path.stem == f"dcp_{datetime.fromisoformat(sidecar.started_utc):%Y%m%d%H%M%S}"
        if clip_id == PHOTO:
            assert taken(path) == second
        else:
            assert track(rig, clip_id).points == 60
            assert points(rig, clip_id)[0].utc_ns == started_ns
    assert len([path for path in rig.folders.tracks.rglob("*.gpx") if path.is_file()]) == 2
