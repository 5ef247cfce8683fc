"""What people do to the card by Samba, FTP or hand shows in the catalogue; odd names and links do no harm."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from dashcam.clips.catalogue_tables import catalogue_path
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Lock, encode_sidecar, encode_tag
from dashcam.clock import NANOSECONDS, utc_text
from tests.keeper.rig import Rig, digest_of
from tests.made_clips import STARTED_NS, clip_bytes, put_clip, sidecar_for, tag_of

MINUTE_NS = 60 * NANOSECONDS


def put_clips(rig: Rig, count: int) -> list[Path]:
    return [
        put_clip(rig.data, f"42-{number}", started_ns=STARTED_NS + number * MINUTE_NS) for number in range(1, count + 1)
    ]


def test_what_is_deleted_by_hand_is_gone_with_all_that_belonged_to_it(rig: Rig) -> None:
    first, second, third = put_clips(rig, 3)
    track = rig.folders.track_of(first)
    track.parent.mkdir(parents=True)
    track.write_text("track")
    rig.start(pictures=True).scan()
    first.unlink()
    second.unlink()
    sidecar_of(second).unlink()
    rig.scan().assert_whole()
    assert list(rig.rows()) == ["42-3"]
    assert rig.tree() == sorted(
        rig.folders.relative(path) for path in (third, sidecar_of(third), rig.folders.thumbnail_of(third))
    )


def test_a_day_that_is_deleted_by_hand_is_gone(rig: Rig) -> None:
    paths = put_clips(rig, 3)
    rig.start().scan()
    shutil.rmtree(paths[0].parent)
    assert rig.scan().rows() == {}


@pytest.mark.parametrize("with_sidecar", [True, False])
@pytest.mark.parametrize(
    "new_place", ["VIDEO/2026-11-20/accident.mp4", "VIDEO/2026-11-21/dcp_20261120144600.mp4", "VIDEO/undated/x y.mp4"]
)
def test_a_renamed_clip_keeps_its_id_and_what_belongs_to_it(rig: Rig, with_sidecar: bool, new_place: str) -> None:
    path = put_clips(rig, 1)[0]
    track = rig.folders.track_of(path)
    track.parent.mkdir(parents=True)
    track.write_text("track")
    rig.start(pictures=True).scan()
    thumbnail = digest_of(rig.folders.thumbnail_of(path))
    new = rig.folders.dcim / new_place
    new.parent.mkdir(parents=True, exist_ok=True)
    path.rename(new)
    if with_sidecar:
        sidecar_of(path).rename(sidecar_of(new))
    rig.scan().assert_whole()
    assert rig.path("42-1") == new
    assert digest_of(rig.folders.thumbnail_of(new)) == thumbnail
    assert rig.folders.track_of(new).read_text() == "track"
    assert not track.exists()


def test_a_clip_renamed_without_its_sidecar_keeps_what_the_sidecar_said(rig: Rig) -> None:
    lock = Lock(cause="button", utc="2026-11-20T14:46:00.000Z")
    path = put_clip(rig.data, "42-1", kind="EVENT", lock=lock)
    rig.start().scan()
    path.rename(path.with_name("accident.mp4"))
    rig.scan().assert_whole()
    assert rig.sidecar("42-1").locked == lock
    assert rig.sidecar("42-1").integrity == "closed"


def test_people_lock_by_moving_to_event_and_give_back_by_moving_to_video(rig: Rig) -> None:
    path = put_clips(rig, 1)[0]
    rig.start(pictures=True).scan()
    event = rig.folders.of_kind("event") / path.parent.name / path.name
    event.parent.mkdir(parents=True)
    for source, target, cause in ((path, event, "hand"), (event, path, None)):
        source.rename(target)
        sidecar_of(source).rename(sidecar_of(target))
        rig.scan().assert_whole()
        assert rig.path("42-1") == target
        assert rig.reader.get("42-1").lock_cause == cause


def test_a_clip_that_is_dragged_out_of_its_day_is_sorted_in_again(rig: Rig) -> None:
    path = put_clips(rig, 1)[0]
    rig.start().scan()
    path.rename(rig.folders.dcim / "look at this.mp4")
    rig.scan().assert_whole()
    assert rig.path("42-1") == path


def test_a_photo_that_was_edited_is_shown_as_it_is_now(rig: Rig, shared_data: Path) -> None:
    photos = shared_data / "photos"
    rig.folders.dcim.mkdir(parents=True)
    shutil.copyfile(photos / "Landscape_1.jpg", rig.folders.dcim / "p.jpg")
    rig.start(pictures=True).scan()
    path = rig.path("1-k1")
    thumbnail = digest_of(rig.folders.thumbnail_of(path))
    shutil.copyfile(photos / "Portrait_1.jpg", path)
    rig.scan().assert_whole()
    row = rig.reader.get("1-k1")
    assert (row.width, row.height) == (1200, 1800)
    assert digest_of(rig.folders.thumbnail_of(path)) != thumbnail


def test_a_thumbnail_that_is_deleted_is_made_again(rig: Rig) -> None:
    path = put_clips(rig, 1)[0]
    rig.start(pictures=True).scan()
    rig.folders.thumbnail_of(path).unlink()
    rig.scan().assert_whole()


def test_odd_names_neither_crash_nor_escape(rig: Rig, shared_data: Path, tmp_path: Path) -> None:
    names = json.loads((shared_data / "media" / "malformed" / "odd_names.json").read_text())
    names += ["\udcff\udcfe.mp4", "..mp4", "%2e%2e%2fescape.mp4", "con.mp4", ".mp4", "a" * 251 + ".mp4"]
    closed = clip_bytes("dropped in")[1]
    ours = encode_tag(tag_of("42-9"))
    outside = {path for path in tmp_path.rglob("*") if rig.data not in path.parents}
    for folder in (rig.folders.of_kind("loop"), rig.folders.of_kind("loop") / "2026-11-20"):
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_bytes(closed)
    odd_clip = rig.folders.of_kind("event") / "2026-11-20" / "our\nclip.mp4"
    odd_clip.parent.mkdir(parents=True)
    odd_clip.write_bytes(clip_bytes(ours)[1])
    rig.start(pictures=True).scan().assert_whole()
    rows = rig.rows()
    visible = [name for name in names if not name.startswith(".") and name.lower().endswith(".mp4")]
    assert len(rows) == 2 * len(visible) + 1
    assert rig.path("42-9").name == "dcp_20261120144500.mp4"
    for row in rows.values():
        assert row.path.isprintable()
        assert row.note.isprintable()
        row.path.encode()
    assert {path for path in tmp_path.rglob("*") if rig.data not in path.parents} == outside
    kept = [path.name for path in (rig.folders.of_kind("loop") / "2026-11-20").iterdir() if path.name in names]
    assert "no_suffix" in kept, "what is no video by its name is left alone"


def test_links_are_not_followed(rig: Rig, tmp_path: Path) -> None:
    outside = tmp_path / "outside" / "2026-11-20"
    outside.mkdir(parents=True)
    secret = outside / "secret.mp4"
    secret.write_bytes(clip_bytes("dropped in")[1])
    path = put_clips(rig, 1)[0]
    (rig.folders.of_kind("loop") / "2026-01-01").symlink_to(outside)
    (path.parent / "link.mp4").symlink_to(secret)
    (path.parent / "dangling.mp4").symlink_to(tmp_path / "nothing")
    (path.parent / "loop.mp4").symlink_to(path.parent / "loop.mp4")
    (path.parent / "folder.mp4").mkdir()
    os.mkfifo(path.parent / "fifo.mp4")
    rig.start(pictures=True).scan()
    assert list(rig.rows()) == ["42-1"]
    assert [found.name for found in outside.iterdir()] == ["secret.mp4"]
    # A link put in the place of a known clip: what it points at is neither moved nor deleted.
    path.unlink()
    path.symlink_to(secret)
    assert rig.session.locking.delete(["42-1"]).done == ()
    assert rig.session.locking.lock(["42-1"], "hand").done == ()
    assert secret.exists()


def test_a_sidecar_cannot_name_a_place_or_an_id_that_is_none(rig: Rig) -> None:
    path = put_clips(rig, 1)[0]
    tag = tag_of("42-1")
    for clip_id in ("../../../etc/passwd", "", "42-1\n", "0-0"):
        sidecar = msgspec.structs.replace(sidecar_for(tag, path.read_bytes()), id=clip_id, started_utc="nonsense")
        sidecar_of(path).write_bytes(encode_sidecar(sidecar))
        rig.close()
        catalogue_path(rig.options.state).unlink(missing_ok=True)
        rig = Rig(rig.data).start()
        rig.scan().assert_whole()
        assert list(rig.rows()) == ["42-1"]
    rig.close()


def drop_many(rig: Rig, count: int) -> None:
    """Closed clips with their sidecars, as a copy from another card brings them."""
    folders = set()
    for number in range(1, count + 1):
        started_ns = STARTED_NS + number * MINUTE_NS
        tag = tag_of(f"7-{number}", started_ns=started_ns)
        content = b"%d" % number
        day = utc_text(started_ns)[:10]
        path = rig.folders.of_kind("loop") / day / f"dcp_{number:06d}.mp4"
        if day not in folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            folders.add(day)
        path.write_bytes(content)
        sidecar_of(path).write_bytes(encode_sidecar(sidecar_for(tag, content)))


def test_five_thousand_changes_at_once_are_digested_without_losing_one(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig().start(watching=True)
    rig.settle()
    drop_many(rig, 5000)
    rig.until(lambda: rig.reader.totals()["loop"].clips == 5000)
    # Renamed, moved and deleted, all at once.
    loop = rig.folders.of_kind("loop")
    other = loop / "2026-12-31"
    other.mkdir()
    for path in sorted(loop.glob("*/*.mp4")):
        number = int(path.stem.removeprefix("dcp_"))
        if number % 3 == 0:
            path.unlink()
            sidecar_of(path).unlink()
        else:
            target = (path.parent if number % 3 == 1 else other) / f"clip {number}.mp4"
            sidecar_of(path).rename(sidecar_of(target))
            path.rename(target)
    left = 5000 - 5000 // 3
    rig.until(lambda: rig.reader.totals()["loop"].clips == left and rig.session.dirty.take_due() is None)
    rig.settle()
    paths = {rig.folders.relative(path) for path in loop.glob("*/*.mp4")}
    assert len(paths) == left
    before: str | None = None
    seen: set[str] = set()
    while True:
        page = rig.reader.page(before=before, limit=500)
        seen |= {row.path for row in page.rows}
        before = page.before
        if before is None:
            break
    assert seen == paths


def test_changes_that_the_kernel_did_not_tell_are_found_by_the_folders_dates(rig: Rig) -> None:
    put_clips(rig, 2)
    rig.start().scan()
    put_clip(rig.data, "42-8", started_ns=STARTED_NS + 8 * MINUTE_NS)
    put_clip(rig.data, "42-9", started_ns=STARTED_NS + 5000 * MINUTE_NS)
    assert sorted(rig.settle().rows()) == ["42-1", "42-2"]
    rig.session.scan._net_at = 0.0
    rig.settle()
    assert sorted(rig.rows()) == ["42-1", "42-2", "42-8", "42-9"]


@pytest.mark.parametrize("content", [None, b"", b"rubbish" * 1000])
def test_a_catalogue_that_is_deleted_or_damaged_while_running_comes_back(rig: Rig, content: bytes | None) -> None:
    put_clips(rig, 5)
    rig.start().scan()
    before = rig.rows()
    for path in rig.options.state.glob("catalogue.sqlite*"):
        path.unlink()
    if content is not None:
        (rig.options.state / "catalogue.sqlite").write_bytes(content)
    rig.session._check_at = 0.0
    rig.session._check_card()
    rig.settle().assert_whole()
    assert rig.rows() == before
    assert not rig.reader.state().is_building
