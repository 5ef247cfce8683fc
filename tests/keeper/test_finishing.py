"""What a crash leaves becomes a clip again; what people drop in is adopted; what cannot be used is kept apart."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dashcam.clips.event import EventCause
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Lock, encode_tag, read_sidecar
from dashcam.clock import NANOSECONDS
from dashcam.keeper.rows import FileFacts
from dashcam.keeper.unfinished import Unfinished
from dashcam.media.boxes import structure_of
from tests.clips.rows import event
from tests.keeper.power import PowerCut, changes
from tests.keeper.rig import Rig, digest_of
from tests.made_clips import clip_bytes, packet_marks, put_clip, tag_of

MINUTE_NS = 60 * NANOSECONDS
DAY = "2026-11-20"


def is_fragmented(path: Path) -> bool:
    with open(path, "rb") as file:
        return structure_of(file, path.stat().st_size).is_fragmented


def test_a_clip_that_was_cut_off_becomes_ordinary_with_every_frame(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3", is_closed=False, cut_at=150_000)
    frames = packet_marks(path)[:-1]  # the last one is cut in two
    rig.start(pictures=True).scan().assert_whole()
    assert rig.path("42-3") == path
    assert not is_fragmented(path)
    assert packet_marks(path) == frames
    sidecar = rig.sidecar("42-3")
    assert (sidecar.integrity, sidecar.frames) == ("repaired", len(frames))
    assert sidecar.duration_seconds == pytest.approx(len(frames) / 10, abs=0.001)
    assert (sidecar.camera, sidecar.started_utc) == ("front", "2026-11-20T14:45:00.000Z")
    assert (sidecar.media_start_ns, sidecar.started_monotonic_ns) == (5 * NANOSECONDS, 100 * NANOSECONDS)
    assert "Cut off" in sidecar.note
    assert rig.session.finisher.repaired == 1


@pytest.mark.parametrize(("cause", "is_saved"), [("motion", False), ("motion", True), ("impact", True)])
def test_an_event_that_was_cut_off_is_saved_as_it_was_when_it_began(
    rig: Rig, cause: EventCause, is_saved: bool
) -> None:
    facts, lock = event(cause, "42-3"), Lock(cause=cause, utc="2026-11-20T14:45:10.000Z") if is_saved else None
    path = put_clip(rig.data, "42-3", kind="EVENT", is_closed=False, cut_at=150_000, event=facts, lock=lock)
    rig.start().scan().assert_whole()
    row = rig.reader.get("42-3")
    assert (rig.path("42-3"), row.kind, row.event) == (path.resolve(), "event", facts)
    assert (row.lock_cause, rig.sidecar("42-3").locked) == (cause if is_saved else None, lock)
    rig.scan()
    assert rig.reader.get("42-3") == row


def test_an_event_that_lost_its_sidecar_counts_as_saved_for_it_may_have_been(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3", kind="EVENT", event=event("motion", "42-3"))
    sidecar_of(path).unlink()
    rig.start().scan().assert_whole()
    row = rig.reader.get("42-3")
    assert (row.event, row.lock_cause) == (event("motion", "42-3"), "hand")


def test_a_closed_clip_that_lost_its_sidecar_gets_another_and_stays_as_it_is(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3")
    wanted = read_sidecar(sidecar_of(path))
    sidecar_of(path).unlink()
    before = digest_of(path)
    rig.start().scan().assert_whole()
    assert digest_of(path) == before
    found = rig.sidecar("42-3")
    assert found.note
    assert found.id == wanted.id
    assert (found.integrity, found.frames, found.bytes) == ("closed", wanted.frames, wanted.bytes)


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b"\xff" * 100, b"x" * 200_000])
def test_a_sidecar_that_cannot_be_read_is_made_anew(rig: Rig, content: bytes) -> None:
    path = put_clip(rig.data, "42-3")
    sidecar_of(path).write_bytes(content)
    rig.start().scan().assert_whole()
    assert list(rig.rows()) == ["42-3"]


def test_a_clip_that_was_just_begun_gets_its_name(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3", is_closed=False, stem=".tmp-dcp_20261120144500")
    frames = len(packet_marks(path))
    rig.start().scan().assert_whole()
    assert rig.path("42-3").name == "dcp_20261120144500.mp4"
    assert rig.sidecar("42-3").frames == frames


def test_a_clip_that_never_had_a_fragment_is_removed(rig: Rig) -> None:
    for number, cut_at in enumerate((0, 44, 1000)):
        put_clip(rig.data, f"42-{number + 1}", is_closed=False, cut_at=cut_at, stem=f".tmp-dcp_2026112014450{number}")
    rig.start().scan().assert_whole()
    assert rig.rows() == {}
    assert rig.tree() == []


def test_an_undated_clip_is_known_by_its_name_even_without_its_tag(rig: Rig) -> None:
    folder = rig.folders.of_kind("loop") / "undated"
    folder.mkdir(parents=True)
    (folder / "boot0042_000003.mp4").write_bytes(clip_bytes("somebody else's words")[1])
    rig.start().scan().assert_whole()
    assert rig.path("42-3") == folder / "boot0042_000003.mp4"


def test_a_clip_that_lies_in_event_is_locked(rig: Rig) -> None:
    put_clip(rig.data, "42-3", is_closed=False, kind="EVENT")
    rig.start().scan().assert_whole()
    assert rig.sidecar("42-3").locked == Lock(cause="hand", utc="2026-11-20T16:00:00.000Z")


def test_files_people_drop_in_are_adopted_and_sorted_into_their_day(rig: Rig, shared_data: Path) -> None:
    dcim = rig.folders.dcim
    (dcim / "VIDEO" / DAY).mkdir(parents=True)
    (dcim / "EVENT").mkdir()
    (dcim / "VIDEO" / "holiday").mkdir()
    clip = clip_bytes("no tag")[1]
    photo = (shared_data / "photos" / "Landscape_6.jpg").read_bytes()
    dropped = {
        dcim / "VIDEO" / "2025-03-04_05-06-07.mp4": clip,
        dcim / "VIDEO" / DAY / "odd one.MP4": clip,
        dcim / "EVENT" / "VID_20250101_120000.m4v": clip,
        dcim / "VIDEO" / "holiday" / "dcp_20240229120000.mp4": clip,
        dcim / "IMG_20250607_080910.JPEG": photo,
        dcim / "VIDEO" / DAY / "exif.jpg": (shared_data / "photos" / "exiftool_Canon.jpg").read_bytes(),
    }
    for path, content in dropped.items():
        path.write_bytes(content)
        os.utime(path, (1_700_000_000, 1_700_000_000))  # 2023-11-14 22:13:20
    left_alone = [dcim / "VIDEO" / DAY / "notes.txt", dcim / "VIDEO" / DAY / "mine.json", dcim / "VIDEO" / "a.gpx"]
    for path in left_alone:
        path.write_text("mine")
    rig.start(pictures=True).scan()
    assert all(path.read_text() == "mine" for path in left_alone)
    left_alone[1].unlink()
    rig.assert_whole()
    rows = rig.rows()
    assert {row.path for row in rows.values()} == {
        "VIDEO/2025-03-04/dcp_20250304050607.mp4",
        "VIDEO/2023-11-14/dcp_20231114221320.mp4",
        "EVENT/2025-01-01/dcp_20250101120000.mp4",
        "VIDEO/2024-02-29/dcp_20240229120000.mp4",
        "PHOTO/2025-06-07/dcp_20250607080910.jpg",
        "PHOTO/2003-12-04/dcp_20031204064652.jpg",
    }
    assert sorted(rows) == [f"1-k{number}" for number in range(1, 7)]
    for row in rows.values():
        assert row.integrity == "adopted"
        assert "Was called " in row.note
    event = next(row for row in rows.values() if row.kind == "event")
    assert event.lock_cause == "hand"
    # What people bring is not changed, whatever it is.
    assert digest_of(dcim / event.path) == digest_of(dcim / "VIDEO/2025-03-04/dcp_20250304050607.mp4")


def test_the_same_name_twice_gets_a_number(rig: Rig) -> None:
    put_clip(rig.data, "42-3")
    (rig.folders.of_kind("loop") / "2026-11-20 14-45-00.mp4").write_bytes(clip_bytes("dropped in")[1])
    rig.start().scan().assert_whole()
    assert rig.path("42-3").name == "dcp_20261120144500.mp4"
    assert rig.path("42-k1").name == "dcp_20261120144500_2.mp4"


def test_a_copy_of_a_clip_gets_an_id_of_its_own_and_the_original_keeps_its(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3")
    rig.start().scan()
    for suffix in (".mp4", ".json"):
        shutil.copy(path.with_suffix(suffix), path.with_name(f"a copy{suffix}"))
    shutil.copy(path, path.with_name("another.mp4"))
    rig.scan().assert_whole()
    assert rig.path("42-3") == path
    copies = [row for row in rig.rows().values() if row.id != "42-3"]
    assert sorted(row.id for row in copies) == ["42-k1", "42-k2"]
    for row in copies:
        assert "copy of 42-3" in row.note
        assert row.started_utc_ms == rig.reader.get("42-3").started_utc_ms


def test_ids_go_on_above_what_there_is_when_the_state_is_lost(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    (rig.data / "DCIM").mkdir()
    (rig.data / "DCIM" / "one.mp4").write_bytes(clip_bytes("dropped in")[1])
    (rig.data / "DCIM" / ".dashcam-boot").write_text(json.dumps({"boot": 7, "token": "x"}))
    rig.start().scan()
    assert list(rig.rows()) == ["7-k1"]
    rig.close()
    shutil.rmtree(rig.options.state)
    rig = make_rig()
    (rig.data / "DCIM" / "two.mp4").write_bytes(clip_bytes("dropped in")[1])
    rig.start().scan()
    assert sorted(rig.rows()) == ["7-k1", "7-k2"]


def test_what_cannot_be_used_goes_to_broken_with_a_note_and_never_over_another(rig: Rig, shared_data: Path) -> None:
    malformed = shared_data / "media" / "malformed"
    hopeless = ("text.mp4", "no_moov_power_cut.mp4", "truncated.jpg", "zero_bytes.mp4", "box_size_zero_loop.mp4")
    rig.folders.of_kind("loop").mkdir(parents=True)
    rig.start()
    for turn in (1, 2):
        for name in hopeless:
            shutil.copyfile(malformed / name, rig.folders.of_kind("loop") / name)
        rig.scan()
        assert rig.session.finisher.broken == turn * len(hopeless)
    rig.assert_whole()
    for name in hopeless:
        for stem in (Path(name).stem, f"{Path(name).stem}_2"):
            kept = rig.folders.broken / f"{stem}{Path(name).suffix}"
            assert digest_of(kept) == digest_of(malformed / name)
            note = kept.with_suffix(".txt").read_text()
            assert name in note
            assert "cannot be used" in note
    assert not rig.rows()


def test_every_malformed_file_is_shown_or_kept_apart(rig: Rig, shared_data: Path) -> None:
    malformed = shared_data / "media" / "malformed"
    names = sorted(path.name for path in malformed.iterdir() if path.suffix in (".mp4", ".jpg"))
    rig.folders.of_kind("loop").mkdir(parents=True)
    for name in names:
        shutil.copyfile(malformed / name, rig.folders.of_kind("loop") / name)
    rig.start(pictures=True).scan().assert_whole()
    shown = {row.note.split("Was called ")[1].split(". ")[0] for row in rig.rows().values()}
    apart = sorted(digest_of(path) for path in rig.folders.broken.iterdir() if path.suffix != ".txt")
    assert apart == sorted(digest_of(malformed / name) for name in set(names) - shown)
    assert {"fragmented_cut.mp4", "truncated_2_at_305568.mp4", "bitrot_400_bytes.mp4"} <= shown
    # What people bring is theirs: damaged or not, it is not rewritten.
    for row in rig.rows().values():
        name = row.note.split("Was called ")[1].split(". ")[0]
        assert digest_of(rig.folders.dcim / row.path) == digest_of(malformed / name)


def test_a_damaged_clip_of_ours_goes_to_broken_with_its_sidecar(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3", lock=Lock(cause="button", utc=None), kind="EVENT")
    path.write_bytes(b"\0" * 70_000)
    rig.start().scan().assert_whole()
    assert rig.rows() == {}
    assert (rig.folders.broken / path.name).stat().st_size == 70_000
    assert read_sidecar(rig.folders.broken / sidecar_of(path).name).id == "42-3"


def test_a_file_that_still_grows_is_not_touched(rig: Rig) -> None:
    growing, closed = clip_bytes(encode_tag(tag_of("42-3")))
    folder = rig.folders.of_kind("loop") / DAY
    folder.mkdir(parents=True)
    path = folder / "upload.mp4"
    with open(path, "wb") as upload:
        upload.write(closed[:50_000])
        upload.flush()
        rig.start()
        for _ in range(20):
            rig.session.dirty.mark_everything()
            rig.settle(waits_for_growing=True)
        assert rig.rows() == {}
        assert path.stat().st_size == 50_000
        upload.write(closed[50_000:])
    rig.scan().assert_whole()
    assert list(rig.rows()) == ["42-3"]
    assert digest_of(rig.path("42-3")) == digest_of(path)
    assert len(growing) < len(closed)


def test_a_file_in_an_unwatched_moment_waits_until_it_is_quiet(tmp_path: Path) -> None:
    """Without a lock or an open handle to see, time has to pass without a change."""
    now = [100.0]
    waiting = Unfinished(5.0, lambda: now[0])
    path = tmp_path / "upload.mp4"
    path.write_bytes(b"one")
    waiting.note(path, FileFacts.of(path.stat()))
    assert waiting.next_ready() is None
    now[0] += 4.9
    path.write_bytes(b"one, two")
    now[0] += 0.2
    assert waiting.next_ready() is None, "it has changed"
    now[0] += 4.9
    assert waiting.next_ready() is None
    now[0] += 0.2
    ready = waiting.next_ready()
    assert ready is not None
    assert ready.path == path
    assert waiting.next_ready() is None, "it is being dealt with"
    path.unlink()
    now[0] += 1000
    assert waiting.next_ready() is None
    assert len(waiting) == 0


def make_cut(rig: Rig) -> None:
    put_clip(rig.data, "42-3", is_closed=False)


def make_opening(rig: Rig) -> None:
    put_clip(rig.data, "42-3", is_closed=False, stem=".tmp-dcp_20261120144500")


def make_loose(rig: Rig) -> None:
    folder = rig.folders.of_kind("loop")
    folder.mkdir(parents=True)
    (folder / "2026-11-20_14-45-00.mp4").write_bytes(clip_bytes("dropped in")[1])


def make_broken(rig: Rig) -> None:
    put_clip(rig.data, "42-3").write_bytes(b"\0" * 70_000)


@pytest.mark.parametrize("make", [make_cut, make_opening, make_loose, make_broken])
@pytest.mark.parametrize("is_power_cut", [True, False], ids=["power cut", "card error"])
def test_every_state_on_the_way_is_resolved_by_the_next_start(
    make_rig: Callable[..., Rig], make: Callable[[Rig], None], is_power_cut: bool
) -> None:
    fail_at, total = 0, 0
    wanted: object = None
    while fail_at <= total:
        rig = make_rig()
        shutil.rmtree(rig.data)
        rig.data.mkdir()
        make(rig)
        rig.start()
        with changes(fail_at, is_power_cut=is_power_cut) as counted:
            try:
                rig.scan()
            except (PowerCut, OSError, AssertionError):
                assert fail_at, "it fails without a reason"
        total = max(total, counted.count)
        rig = make_rig().start().scan()
        rig.assert_whole()
        kept = rig.folders.broken
        clips = [packet_marks(rig.path(clip_id)) for clip_id in rig.rows()]
        apart = sorted(digest_of(path) for path in kept.iterdir() if path.suffix == ".mp4") if kept.exists() else []
        if not fail_at:
            wanted = clips, apart
        assert (clips, apart) == wanted, fail_at
        fail_at += 1
    assert total > 3, "the test has seen no changes"
