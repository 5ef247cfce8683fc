"""Locking, unlocking and deleting: with all that belongs to the clip, its id unchanged, and safe against power cuts."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.clips.sidecar import Lock
from dashcam.clock import NANOSECONDS
from tests.clips.rows import event
from tests.keeper.power import PowerCut, changes
from tests.keeper.rig import Rig, digest_of
from tests.made_clips import STARTED_NS, put_clip

MINUTE_NS = 60 * NANOSECONDS
LOCK = Lock(cause="button", utc="2026-11-20T14:46:00.000Z")


def put_clips(rig: Rig, count: int) -> dict[str, str]:
    """Clips 42-1, 42-2, ... a minute apart, each with a track; gives the digest of each."""
    digests = {}
    for number in range(1, count + 1):
        path = put_clip(rig.data, f"42-{number}", started_ns=STARTED_NS + number * MINUTE_NS)
        track = rig.folders.track_of(path)
        track.parent.mkdir(parents=True, exist_ok=True)
        track.write_text(f"track of {number}")
        digests[f"42-{number}"] = digest_of(path)
    return digests


def track_text(rig: Rig, clip_id: str) -> str:
    return rig.folders.track_of(rig.path(clip_id)).read_text()


def test_a_locked_clip_moves_with_all_that_belongs_to_it_and_comes_back(rig: Rig) -> None:
    digests = put_clips(rig, 2)
    rig.start(pictures=True).scan()
    loop_path = rig.path("42-1")
    done = rig.session.locking.lock(["42-1"], "button")
    assert (done.done, done.failed) == (("42-1",), {})
    assert rig.path("42-1") == rig.folders.dcim / "EVENT" / "2026-11-20" / loop_path.name
    assert rig.sidecar("42-1").locked == Lock(cause="button", utc="2026-11-20T16:00:00.000Z")
    rig.assert_whole()
    assert digest_of(rig.path("42-1")) == digests["42-1"]
    assert track_text(rig, "42-1") == "track of 1"
    before = rig.tree()
    rig.scan()
    assert rig.tree() == before
    rig.session.locking.unlock(["42-1"])
    assert rig.path("42-1") == loop_path
    assert rig.sidecar("42-1").locked is None
    assert track_text(rig, "42-1") == "track of 1"
    rig.scan().assert_whole()


def test_a_clip_of_an_event_is_saved_and_given_back_where_it_is(rig: Rig) -> None:
    path = put_clip(rig.data, "42-1", kind="EVENT", event=event("motion", "42-1"))
    rig.start(pictures=True).scan()
    before = rig.tree()
    rig.session.locking.lock(["42-1"], "hand")
    assert rig.reader.get("42-1").lock_cause == "hand"
    rig.session.locking.unlock(["42-1"])
    assert rig.reader.get("42-1").lock_cause is None
    rig.scan().assert_whole()
    assert (rig.tree(), rig.path("42-1")) == (before, rig.folders.dcim / path.relative_to(rig.folders.dcim))
    assert rig.sidecar("42-1").event == event("motion", "42-1")


def test_of_what_was_saved_at_once_only_the_lock_is_taken(rig: Rig) -> None:
    """The loop's clip goes back to VIDEO, the event's stays; each is unsaved then."""
    put_clip(rig.data, "42-1", kind="EVENT", lock=LOCK)
    put_clip(rig.data, "42-2", started_ns=STARTED_NS + MINUTE_NS, kind="EVENT", lock=LOCK, event=event("button"))
    rig.start().scan()
    assert rig.session.locking.unlock(["42-1", "42-2"]).done == ("42-1", "42-2")
    assert {clip_id: (row.kind, row.lock_cause) for clip_id, row in rig.rows().items()} == {
        "42-1": ("loop", None),
        "42-2": ("event", None),
    }


def test_people_move_a_clip_of_an_event_as_any_other(rig: Rig) -> None:
    path = put_clip(rig.data, "42-1", kind="EVENT", event=event("motion", "42-1"))
    rig.start().scan()

    def move(source: Path, folder: str) -> Path:
        target = rig.folders.dcim / folder / source.parent.name / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        for suffix in (".mp4", ".json"):
            source.with_suffix(suffix).rename(target.with_suffix(suffix))
        rig.scan()
        return target

    in_video = move(path, "VIDEO")
    assert (rig.reader.get("42-1").kind, rig.reader.get("42-1").lock_cause) == ("loop", None)
    assert rig.session.locking.unlock(["42-1"]).done == ("42-1",)
    assert rig.path("42-1") == in_video.resolve()
    move(in_video, "EVENT")
    assert rig.reader.get("42-1").lock_cause == "hand"
    rig.session.locking.unlock(["42-1"])
    move(rig.path("42-1"), "VIDEO")
    rig.session.locking.lock(["42-1"], "hand")
    assert rig.path("42-1").parts[-3] == "EVENT"
    assert rig.sidecar("42-1").event == event("motion", "42-1")
    rig.assert_whole()


def test_a_clip_that_is_playing_goes_on_playing(rig: Rig) -> None:
    digests = put_clips(rig, 1)
    rig.start().scan()
    with open(rig.path("42-1"), "rb") as player:
        head = player.read(1000)
        rig.session.locking.lock(["42-1"], "hand")
        assert hashlib.sha256(head + player.read()).hexdigest() == digests["42-1"]


def test_locking_twice_keeps_the_first_cause(rig: Rig) -> None:
    put_clips(rig, 1)
    rig.start().scan()
    rig.session.locking.lock(["42-1"], "button")
    before = rig.tree()
    assert rig.session.locking.lock(["42-1", "42-1"], "hand").done == ("42-1",)
    assert rig.tree() == before
    assert rig.reader.get("42-1").lock_cause == "button"


def test_a_name_that_is_taken_gets_a_number_and_everything_follows(rig: Rig) -> None:
    put_clips(rig, 1)
    put_clip(rig.data, "42-9", started_ns=STARTED_NS + MINUTE_NS, kind="EVENT", lock=LOCK)
    rig.start().scan()
    rig.session.locking.lock(["42-1"], "hand")
    assert rig.path("42-1").name == "dcp_20261120144600_2.mp4"
    assert rig.path("42-9").name == "dcp_20261120144600.mp4"
    assert track_text(rig, "42-1") == "track of 1"
    rig.assert_whole()


def test_photos_are_locked_where_they_are(rig: Rig, shared_data: Path) -> None:
    (rig.data / "DCIM").mkdir(parents=True)
    (rig.data / "DCIM" / "photo.jpg").write_bytes((shared_data / "photos" / "Landscape_1.jpg").read_bytes())
    rig.start().scan()
    path = rig.path("1-k1")
    rig.session.locking.lock(["1-k1"], "hand")
    assert rig.path("1-k1") == path
    assert rig.reader.get("1-k1").lock_cause == "hand"
    rig.session.locking.unlock(["1-k1"])
    assert rig.reader.get("1-k1").lock_cause is None
    rig.scan().assert_whole()


def test_what_cannot_be_locked_says_why_and_the_rest_is_done(rig: Rig) -> None:
    put_clips(rig, 2)
    rig.start().scan()
    done = rig.session.locking.lock(["42-1", "42-77", "nonsense", "42-2"], "hand")
    assert done.done == ("42-1", "42-2")
    assert set(done.failed) == {"42-77", "nonsense"}
    assert "no clip" in done.failed["42-77"]


def test_a_clip_that_is_still_recorded_is_busy(rig: Rig) -> None:
    put_clips(rig, 1)
    path = put_clip(rig.data, "42-2", started_ns=STARTED_NS + 2 * MINUTE_NS, is_closed=False)
    with open(path, "rb") as recorder:
        fcntl.flock(recorder, fcntl.LOCK_EX)
        rig.start().settle(waits_for_growing=True)
        busy = "still being recorded"
        assert busy in rig.session.locking.lock(["42-2"], "hand").failed["42-2"]
        assert busy in rig.session.locking.delete(["42-2"]).failed["42-2"]
    assert path.exists()


def test_a_clip_that_was_renamed_a_moment_ago_is_found(rig: Rig) -> None:
    put_clips(rig, 1)
    rig.start().scan()
    old = rig.path("42-1")
    for suffix in (".mp4", ".json"):
        old.with_suffix(suffix).rename(old.with_name(f"accident{suffix}"))
    rig.session.dirty.mark(old.parent)
    assert rig.session.locking.lock(["42-1"], "hand").done == ("42-1",)
    assert rig.path("42-1") == rig.folders.dcim / "EVENT" / "2026-11-20" / "accident.mp4"


def test_deleting_takes_everything_along(rig: Rig) -> None:
    put_clips(rig, 3)
    rig.start(pictures=True).scan()
    rig.session.locking.lock(["42-1"], "hand")
    done = rig.session.locking.delete(["42-1", "42-2", "42-99"], ["42-1"])
    assert done.done == ("42-1", "42-2")
    assert set(done.failed) == {"42-99"}
    assert list(rig.rows()) == ["42-3"]
    assert not [name for name in rig.tree() if "1446" in name or "1447" in name]
    assert track_text(rig, "42-3") == "track of 3"
    rig.scan().assert_whole()


def test_what_was_locked_meanwhile_is_not_deleted_before_somebody_means_it(rig: Rig) -> None:
    put_clips(rig, 4)
    rig.start().scan()
    locking = rig.session.locking
    locking.lock(["42-1", "42-2"], "hand")
    # Somebody has pressed save, and the keeper has not come to it yet.
    saves = SaveRequests(rig.options.state)
    saves.add(
        SaveRequest(
            id="42-9",
            clip_ids=("42-3",),
            cause="button",
            requested_utc=None,
            kind="lock",
            from_monotonic_ns=0,
            to_monotonic_ns=0,
            at_monotonic_ns=0,
        )
    )
    done = locking.delete(["42-1", "42-2", "42-3", "42-4"], ["42-2"])
    assert (done.done, done.locked) == (("42-2", "42-4"), ("42-1", "42-3"))
    assert set(done.failed) == set(done.locked)
    assert "locked meanwhile; delete it again" in done.failed["42-1"]
    assert sorted(rig.rows()) == ["42-1", "42-3"]
    assert track_text(rig, "42-1") == "track of 1"
    again = locking.delete(done.failed, done.locked)
    assert (again.done, again.failed, again.locked) == (("42-1", "42-3"), {}, ())
    assert rig.rows() == {}


Action = Callable[[Rig], object]
ACTIONS: dict[str, Action] = {
    "lock": lambda rig: rig.session.locking.lock(["42-1"], "hand"),
    "unlock": lambda rig: rig.session.locking.unlock(["42-5"]),
    "lock under another name": lambda rig: rig.session.locking.lock(["42-2"], "hand"),
    "delete": lambda rig: rig.session.locking.delete(["42-1", "42-5"], ["42-5"]),
    "save an event": lambda rig: rig.session.locking.lock(["42-6"], "hand"),
}


def prepare(rig: Rig) -> dict[str, str]:
    """Two loop clips, a locked one with the second's name, and a locked one."""
    digests = put_clips(rig, 2)
    for clip_id, minute in (("42-4", 2), ("42-5", 5)):
        path = put_clip(rig.data, clip_id, started_ns=STARTED_NS + minute * MINUTE_NS, kind="EVENT", lock=LOCK)
        digests[clip_id] = digest_of(path)
    path = put_clip(
        rig.data, "42-6", started_ns=STARTED_NS + 6 * MINUTE_NS, kind="EVENT", event=event("motion", "42-6")
    )
    digests["42-6"] = digest_of(path)
    rig.start(pictures=True).scan().assert_whole()
    return digests


@pytest.mark.parametrize("is_power_cut", [True, False], ids=["power cut", "card error"])
@pytest.mark.parametrize("name", ACTIONS)
def test_every_state_on_the_way_is_resolved_by_the_next_start(
    make_rig: Callable[..., Rig], tmp_path: Path, name: str, is_power_cut: bool
) -> None:
    """Whichever change is the last that happens: no clip is lost, none looks cut off, nothing is left over."""
    rig = make_rig()
    digests = prepare(rig)
    tracks = {clip_id: track_text(rig, clip_id) for clip_id in ("42-1", "42-2")}
    may_be_gone = {"42-1", "42-5"} if name == "delete" else set()
    rig.close()
    shutil.copytree(rig.data, tmp_path / "prepared")
    fail_at, total = 0, 0
    while fail_at <= total:
        shutil.rmtree(rig.data)
        shutil.copytree(tmp_path / "prepared", rig.data)
        rig = make_rig().start(pictures=True).scan()
        with changes(fail_at, is_power_cut=is_power_cut) as counted:
            try:
                ACTIONS[name](rig)
            except (PowerCut, OSError):
                assert fail_at, "it fails without a reason"
        total = max(total, counted.count)
        rig = make_rig().start(pictures=True).scan()
        rig.assert_whole()
        rows = rig.rows()
        assert set(digests) - may_be_gone <= set(rows) <= set(digests)
        for clip_id, row in rows.items():
            assert digest_of(rig.path(clip_id)) == digests[clip_id], (fail_at, clip_id)
            assert row.integrity == "closed", "a clip looked cut off"
            assert (row.event is not None) == (clip_id == "42-6")
            if clip_id in tracks:
                assert track_text(rig, clip_id) == tracks[clip_id]
        fail_at += 1
    assert total > (1 if name == "save an event" else 3), "the test has seen no changes"
