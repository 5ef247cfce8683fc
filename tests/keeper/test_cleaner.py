"""The card never fills up: room is made before it is needed, by quota, oldest first, and warnings come in time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from dashcam.clips.catalogue_questions import Total
from dashcam.clips.clip import ClipKind
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.removal import remove_clips
from dashcam.clips.retention import Choice, Limits
from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.clips.sidecar import Lock, read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS
from dashcam.files import Space
from dashcam.keeper.cleaner import warnings_for
from dashcam.settings.schema import StorageSettings
from tests.keeper.power import PowerCut, changes
from tests.keeper.rig import Rig
from tests.made_clips import STARTED_NS, put_clip

MINUTE_NS = 60 * NANOSECONDS
LOCK = Lock(cause="button", utc=None)
GIGABYTE = 10**9


def put_clips(rig: Rig, count: int, first: int = 1) -> int:
    """Clips 42-`first` and so on; gives the size of one."""
    size = 0
    for number in range(first, first + count):
        path = put_clip(rig.data, f"42-{number}", started_ns=STARTED_NS + number * MINUTE_NS)
        size = max(size, path.stat().st_size)
    return size


def numbers(rig: Rig) -> list[int]:
    return sorted(int(clip_id.partition("-")[2]) for clip_id in rig.rows())


def test_the_oldest_go_with_all_that_belongs_to_them_and_room_is_left_for_two_more(
    make_rig: Callable[..., Rig],
) -> None:
    size = put_clips(make_rig(), 12)
    rig = make_rig(f"storage.loop_quota={10 * size + 10}B").start(pictures=True)
    rig.scan().assert_whole()
    assert numbers(rig) == [5, 6, 7, 8, 9, 10, 11, 12]
    assert rig.session.cleaner.deleted == 4
    assert not [name for name in rig.tree() if "1446" in name]
    put_clips(rig, 1, first=13)
    rig.scan()
    assert numbers(rig) == [6, 7, 8, 9, 10, 11, 12, 13]
    assert rig.session.cleaner.report.warnings == ()


def test_locked_clips_and_those_of_waiting_requests_stay(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    size = put_clips(rig, 8)
    put_clip(rig.data, "41-1", kind="EVENT", lock=LOCK)
    # A request for a clip that is not closed yet goes on waiting.
    grows = put_clip(rig.data, "42-9", started_ns=STARTED_NS + 9 * MINUTE_NS, is_closed=False)
    request = SaveRequest(
        id="42-50",
        clip_ids=("42-2", "42-9"),
        cause="button",
        requested_utc=None,
        kind="lock",
        from_monotonic_ns=0,
        to_monotonic_ns=1,
        at_monotonic_ns=0,
    )
    SaveRequests(rig.options.state).add(request)
    with open(grows, "ab"):
        rig = make_rig(f"storage.loop_quota={6 * size + 10}B", "storage.event_quota=1B").start()
        rig.session.dirty.mark_everything()
        rig.settle(waits_for_growing=True)
        # 42-2 was locked by the request, the others make room.
        assert {"41-1", "42-2"} <= set(rig.rows())
        assert rig.reader.get("42-2").kind == "event"
        assert "42-1" not in rig.rows()
    assert any("Locked clips take" in words for words in rig.session.cleaner.report.warnings)


def test_the_floor_is_kept_free_and_nothing_left_to_delete_is_said(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig("storage.free_floor=1MB", "storage.loop_quota=100%")
    put_clips(rig, 4)
    put_clip(rig.data, "41-1", kind="EVENT", lock=LOCK)
    rig.start()
    # A card on which other files take whatever becomes free.
    rig.session.cleaner._space = lambda: Space(100 * 10**6, 10_000)
    rig.scan().assert_whole()
    assert list(rig.rows()) == ["41-1"]
    assert any("nothing may be deleted" in words for words in rig.session.cleaner.report.warnings)
    # And it resumes by itself.
    rig.session.cleaner._space = lambda: Space(100 * 10**6, 90 * 10**6)
    rig.settle()
    assert rig.session.cleaner.report.warnings == ()


def test_more_clips_than_one_round_takes_all_go(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    for number in range(1, 231):
        path = put_clip(rig.data, f"42-{number}", started_ns=STARTED_NS + number * MINUTE_NS)
        path.write_bytes(b"x")
        text = sidecar_of(path).read_text()
        start = text.index('"bytes"')
        sidecar_of(path).write_text(text[:start] + '"bytes": 1' + text[text.index(",", start) :])
    rig = make_rig("storage.loop_quota=4B").start()
    rig.scan().assert_whole()
    assert numbers(rig) == [229, 230]


def test_a_clip_that_cannot_be_deleted_is_kept_and_the_others_go(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    size = put_clips(rig, 4)
    rig = make_rig(f"storage.loop_quota={2 * size}B").start()
    stuck = rig.folders.of_kind("loop") / "2026-11-20" / "dcp_20261120144600.mp4"
    stuck.unlink()
    stuck.mkdir()  # what cannot be unlinked
    (stuck / "inside").touch()
    rig.scan()
    assert stuck.is_dir()
    assert numbers(rig) == [4]


def test_a_power_cut_never_leaves_a_clip_that_looks_cut_off(make_rig: Callable[..., Rig]) -> None:
    fail_at, total = 0, 0
    while fail_at <= total:
        rig = make_rig("storage.loop_quota=4MB")
        for clip_id in list(rig.data.rglob("*.mp4")):
            clip_id.unlink()
        put_clips(rig, 3)
        rig.start().scan()
        paths = [rig.path("42-1"), rig.path("42-2")]
        with changes(fail_at) as counted, contextlib.suppress(PowerCut):
            remove_clips(rig.folders, paths)
        total = max(total, counted.count)
        for path in paths:
            assert sidecar_of(path).exists() or not path.exists(), "a clip without its sidecar"
        fail_at += 1
    assert total >= 7


def test_a_thumbnail_that_another_clip_shares_stays(tmp_path: Path) -> None:
    loop = put_clip(tmp_path, "42-1")
    event = put_clip(tmp_path, "42-2", kind="EVENT")
    card = CardFolders(tmp_path)
    for path in (card.thumbnail_of(loop), card.track_of(loop)):
        path.parent.mkdir(parents=True)
        path.touch()
    assert remove_clips(card, [loop]) == {}
    assert card.thumbnail_of(event).exists()
    assert card.track_of(event).exists()
    assert remove_clips(card, [event]) == {}
    assert not card.thumbnail_of(event).exists()
    assert not card.track_of(event).exists()


def test_the_track_of_a_video_survives_the_photo_of_the_same_second(tmp_path: Path) -> None:
    card = CardFolders(tmp_path)
    photo = card.of_kind("photo") / "2026-11-20" / "dcp_20261120144500.jpg"
    track = card.track_of(card.of_kind("loop") / "2026-11-20" / "dcp_20261120144500.mp4")
    for path in (photo, track):
        path.parent.mkdir(parents=True)
        path.touch()
    assert remove_clips(card, [photo]) == {}
    assert track.exists()


@pytest.mark.parametrize(
    ("free", "loop_used", "loop_quota", "warned"),
    [
        (50, 0, 48, False),  # much is free
        (9, 48, 48, False),  # little is free, but the loop has all it may have
        (9, 20, 48, True),  # other things have taken the loop's room
        (16, 20, 48, False),
        (0, 0, 48, True),
    ],
)
def test_a_warning_when_little_is_free_and_the_quota_would_not_hold(
    free: int, loop_used: int, loop_quota: int, warned: bool
) -> None:
    limits = Limits({"loop": loop_quota * GIGABYTE, "event": GIGABYTE, "photo": GIGABYTE}, 0)
    totals: dict[ClipKind, Total] = {"loop": Total(1, loop_used * GIGABYTE), "event": Total(), "photo": Total()}
    space = Space(100 * GIGABYTE, free * GIGABYTE)
    found = warnings_for(StorageSettings(), space, totals, limits, Choice())
    assert bool(found) == warned
    quiet = StorageSettings(warn_free_percent=0.0)
    assert warnings_for(quiet, space, totals, limits, Choice()) == []


def test_a_lock_that_the_catalogue_has_forgotten_still_holds(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig("storage.loop_quota=100%")
    put_clips(rig, 3)
    rig.start().scan()
    path = rig.path("42-1")
    # The catalogue's row is from before the lock, as after a power cut that cost the newest ones.
    write_sidecar(sidecar_of(path), replace(read_sidecar(sidecar_of(path)), locked=LOCK))
    rig.session.cleaner._storage = StorageSettings(loop_quota="1B")
    rig.session.cleaner.step()
    rig.scan()
    assert list(rig.rows()) == ["42-1"]
    assert rig.reader.get("42-1").lock_cause == "button"


def test_nothing_outside_the_card_is_deleted_over_a_link(make_rig: Callable[..., Rig], tmp_path: Path) -> None:
    put_clips(make_rig(), 2)
    rig = make_rig("storage.loop_quota=100%").start()
    rig.scan()
    day = rig.folders.of_kind("loop") / "2026-11-20"
    elsewhere = tmp_path / "elsewhere"
    day.rename(elsewhere)
    day.symlink_to(elsewhere)
    before = sorted(path.name for path in elsewhere.iterdir())
    rig.session.cleaner._space = lambda: Space(100 * 10**6, 0)
    rig.session.cleaner.step()
    assert sorted(path.name for path in elsewhere.iterdir()) == before
