"""What was saved becomes one exact clip with all that is known of it; the loop's clips stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import msgspec
import pytest

from dashcam.clips.anchors import encode_anchor
from dashcam.clips.event import MotionTrace, MotionWindow
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import decode_tag, encode_tag, read_sidecar, tag_in, write_sidecar
from dashcam.clock import Anchor
from dashcam.media.cut import cut
from dashcam.media.inspect import inspect_video
from dashcam.media.jobs import CutPart
from tests.keeper.rig import Rig
from tests.keeper.saved import PATIENT, asked, contents, only_cut, save_of
from tests.made_clips import STARTED_NS
from tests.made_tracks import driven, put_log
from tests.numbered import (
    FRAME_NS,
    close,
    decoded_in,
    moment_of,
    numbers_in,
    put_loop,
    put_recorded,
    times_in,
)
from tests.packets import FPS


def test_a_save_over_two_boundaries_is_exact_and_the_loop_stays_as_it_is(rig: Rig) -> None:
    clips = put_loop(rig.data, [40, 30, 50])
    before = contents(clips)
    saves = asked(rig, save_of(9, 25, 85, "42-1", "42-2", at=75, loop_id="42-3"))
    rig.start().scan().assert_whole()
    assert saves.waiting() == []
    made = only_cut(rig)
    assert made == "42-k1"
    path, row, sidecar = rig.path(made), rig.reader.get(made), rig.sidecar(made)
    assert numbers_in(path) == list(range(20, 86))
    assert times_in(path) == pytest.approx([number / FPS for number in range(66)], abs=2e-5)
    assert decoded_in(path) == 66
    found = inspect_video(path)
    assert (found.frames, found.is_fragmented, found.is_damaged) == (66, False, False)
    assert (row.kind, row.lock_cause, row.integrity, row.frames) == ("event", "button", "closed", 66)
    assert row.duration_seconds == pytest.approx(6.6)
    assert sidecar.started_monotonic_ns == moment_of(20)
    assert sidecar.ended_monotonic_ns == pytest.approx(moment_of(85), abs=20_000)
    assert sidecar.media_start_ns == 20 * FRAME_NS
    assert (sidecar.started_utc, sidecar.clock_source, sidecar.zone) == ("2026-11-20T14:45:02.000Z", "system", "UTC")
    assert rig.folders.relative(path) == "EVENT/2026-11-20/dcp_20261120144502.mp4"
    event = sidecar.event
    assert event is not None
    assert (event.cause, event.id, event.at_seconds, event.peak_seconds) == ("button", made, 5.5, 5.5)
    assert (event.loop_id, event.loop_seconds, event.words) == ("42-3", 0.5, "as asked")
    tag = decode_tag(found.comment)
    assert tag is not None
    assert (tag.id, tag.started_monotonic_ns, tag.event) == (made, moment_of(20), event)
    assert contents(clips) == before
    (job,) = rig.session.jobs.statuses()
    assert (job.id, job.state, job.result_ids) == ("42-9", "done", (made,))


def test_clips_of_the_range_that_the_request_does_not_name_are_found_and_protected(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig("storage.loop_quota=0B", patience=PATIENT)
    put_loop(rig.data, [20, 20, 20, 20, 20])
    saves = asked(rig, save_of(9, 25, 105, "42-2", at=45))
    rig.start().scan()
    assert [request.id for request in saves.waiting()] == ["42-9"]
    # The first is not of the range; what began after the press is.
    assert sorted(row.id for row in rig.rows().values()) == ["42-2", "42-3", "42-4", "42-5"]
    put_recorded(rig.data, "42-6", 20, 100)
    rig.scan()
    assert list(rig.rows()) == ["42-k1"]
    assert numbers_in(rig.path("42-k1")) == list(range(20, 106))


def test_presses_within_the_range_of_one_that_waits_make_it_longer(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(patience=PATIENT)
    put_loop(rig.data, [40, 30])
    saves = asked(
        rig,
        save_of(8, 5, 45, "42-1", "42-2", at=35),
        save_of(9, 25, 85, "42-1", "42-2", at=65),
        save_of(10, 200, 300, at=280),
    )
    rig.start().scan()
    assert [(request.id, request.at_monotonic_ns) for request in saves.waiting()] == [
        ("42-8", moment_of(35)),
        ("42-10", moment_of(280)),
    ]
    assert [job.id for job in rig.session.jobs.statuses()] == ["42-8", "42-10"]
    put_loop(rig.data, [30], first_number=3, first_frame=70)
    rig.scan().assert_whole()
    assert [request.id for request in saves.waiting()] == ["42-10"]
    made = only_cut(rig)
    assert numbers_in(rig.path(made)) == list(range(86))
    event = rig.sidecar(made).event
    assert event is not None
    assert event.at_seconds == 3.5


def test_a_gap_stays_in_time_as_it_is(rig: Rig) -> None:
    put_loop(rig.data, [40])
    put_loop(rig.data, [40], first_number=2, first_frame=70)
    asked(rig, save_of(9, 25, 85, "42-1", "42-2"))
    rig.start().scan().assert_whole()
    made = rig.path(only_cut(rig))
    assert numbers_in(made) == [*range(20, 40), *range(70, 86)]
    assert times_in(made) == pytest.approx([(number - 20) / FPS for number in numbers_in(made)], abs=2e-5)


def test_what_moved_in_its_clips_moved_in_it(rig: Rig) -> None:
    clips = put_loop(rig.data, [40, 40])
    windows = ((MotionWindow(0.5, 1.0, 20.0), MotionWindow(3.5, 4.0, 50.0)), (MotionWindow(0.0, 1.5, 40.0),))
    for clip, moved in zip(clips, windows, strict=True):
        sidecar = read_sidecar(sidecar_of(clip.path))
        scores = tuple(range(8)) if clip is clips[0] else (90, 0, 0, 0, 0, 0, 0, 0)
        trace = MotionTrace(seen="live", step_seconds=0.5, scores=scores, windows=moved, looked_seconds=4.0)
        write_sidecar(sidecar_of(clip.path), msgspec.structs.replace(sidecar, motion=trace))
    asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    rig.start().scan().assert_whole()
    motion = rig.sidecar(only_cut(rig)).motion
    assert motion is not None
    assert motion.windows == (MotionWindow(1.5, 3.5, 50.0),)
    assert motion.scores == (4, 5, 6, 7, 90, 0, 0, 0, 0, 0)
    assert motion.looked_seconds == pytest.approx(4.6)


def test_a_replay_that_is_played_faster_is_cut_where_it_was_pressed(rig: Rig) -> None:
    """Twice as fast: two frames a tenth of a second."""
    for clip in put_loop(rig.data, [40, 40]):
        sidecar = read_sidecar(sidecar_of(clip.path))
        began = moment_of(clip.frames.start / 2)
        ended = moment_of((clip.frames.stop - 1) / 2)
        write_sidecar(
            sidecar_of(clip.path),
            msgspec.structs.replace(sidecar, started_monotonic_ns=began, ended_monotonic_ns=ended),
        )
    asked(rig, save_of(9, 12.5, 30, "42-1", "42-2"))
    rig.start().scan().assert_whole()
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 61))


def test_clips_of_another_size_are_saved_whole_beside_the_cut(rig: Rig, shared_data: Path) -> None:
    put_loop(rig.data, [40])
    put_other_size(shared_data / "driving" / "carnd_test_video_720p.mp4", rig.data, "42-2", 40)
    rig.start()
    for number, at in ((9, 30), (10, 50)):
        saves = asked(rig, save_of(number, 25, 55, "42-1", "42-2", at=at))
        rig.scan().assert_whole()
        assert saves.waiting() == []
    rows = rig.rows()
    assert sorted(rows) == ["42-1", "42-2", "42-k1", "42-k2"]
    assert {(row.kind, row.lock_cause) for row in rows.values()} == {("event", "button")}
    assert numbers_in(rig.path("42-k1")) == list(range(20, 40))
    assert (rows["42-k1"].width, rows["42-k2"].width) == (320, 1280)
    event = rows["42-k1"].event
    assert event is not None
    assert "changed their size" in event.words


def put_other_size(source: Path, data: Path, clip_id: str, frame: int) -> None:
    """A clip of another size in the loop: it begins where it is put, whatever it shows."""
    like = put_recorded(data, clip_id, 1, frame)
    tag = tag_in(like.path)
    assert tag is not None
    cut([CutPart(path=bytes(source))], like.path, {"comment": encode_tag(tag)})
    found = inspect_video(like.path)
    close(tag, like.path, found.frames)
    sidecar = msgspec.structs.replace(
        read_sidecar(sidecar_of(like.path)),
        width=found.width,
        height=found.height,
        duration_seconds=found.duration_seconds,
        ended_monotonic_ns=None,
    )
    write_sidecar(sidecar_of(like.path), sidecar)


def test_what_cannot_be_cut_is_saved_whole(rig: Rig) -> None:
    clips = put_loop(rig.data, [40, 40])
    content = bytearray(clips[1].path.read_bytes())
    content[: len(content)] = bytes(len(content))
    clips[1].path.write_bytes(bytes(content))
    saves = asked(rig, save_of(9, 25, 75, "42-1", "42-2"))
    rig.start().scan()
    assert saves.waiting() == []
    assert rig.reader.get("42-1").lock_cause == "button"
    (job,) = rig.session.jobs.statuses()
    assert job.state == "failed"
    assert "saved whole" in job.words


def test_it_knows_where_it_begins_and_gets_its_track(rig: Rig) -> None:
    put_loop(rig.data, [40, 40])
    put_log(rig.data, driven(range(20), start_ns=moment_of(0)))
    asked(rig, save_of(9, 35, 65, "42-1", "42-2"))
    rig.start().scan().assert_whole()
    made = only_cut(rig)
    sidecar = rig.sidecar(made)
    assert sidecar.place is not None
    assert sidecar.place.longitude == pytest.approx(3 * 10 / 111_194.93, abs=1e-6)
    assert sidecar.track is not None
    assert sidecar.track.points == 4
    assert rig.folders.track_of(rig.path(made)).is_file()
    with av.open(str(rig.path(made))) as container:
        assert container.metadata["creation_time"].startswith("2026-11-20T14:45:03")
        assert container.metadata["location"].startswith("+00.0000+000.0003")


def test_an_undated_boot_is_dated_with_its_cut(rig: Rig) -> None:
    put_loop(rig.data, [40, 30], source="none")
    asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    rig.start().scan().assert_whole()
    made = only_cut(rig)
    assert rig.folders.relative(rig.path(made)) == "EVENT/undated/boot0042_k000001.mp4"
    anchors = rig.options.state / "anchors.jsonl"
    anchors.write_bytes(encode_anchor(42, Anchor(moment_of(0), STARTED_NS, "gps")))
    rig.scan().assert_whole()
    assert rig.folders.relative(rig.path(made)) == "EVENT/2026-11-20/dcp_20261120144502.mp4"
    assert rig.sidecar(made).clock_source == "gps"
