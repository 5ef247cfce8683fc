"""What was saved becomes one exact clip, once, whatever happens in between; the loop's clips stay as they are."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import av
import msgspec
import pytest

from dashcam.clips.anchors import encode_anchor
from dashcam.clips.event import MotionTrace, MotionWindow
from dashcam.clips.names import sidecar_of
from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.clips.sidecar import decode_tag, encode_tag, read_sidecar, tag_in, write_sidecar
from dashcam.clock import Anchor
from dashcam.files import Space
from dashcam.keeper.jobs import stop_job
from dashcam.keeper.session import Patience
from dashcam.link.messages import CutRange
from dashcam.media.cut import cut
from dashcam.media.inspect import inspect_video
from dashcam.media.jobs import CutPart
from dashcam.media.media_child import MediaChild
from dashcam.media.repair import repair
from tests.keeper.power import PowerCut, changes
from tests.keeper.rig import Rig, digest_of
from tests.made_clips import STARTED_NS
from tests.made_tracks import driven, put_log
from tests.numbered import (
    FRAME_NS,
    Recorded,
    close,
    decoded_in,
    moment_of,
    numbers_in,
    put_loop,
    put_recorded,
    times_in,
)
from tests.packets import FPS

# Not before its range is covered, or nothing more of it can come.
PATIENT = Patience(quiet_seconds=0.0, lonely_seconds=0.0)


def save_of(
    number: int,
    from_: float,
    to: float,
    *clip_ids: str,
    at: float | None = None,
    boot: int = 42,
    loop_id: str = "",
) -> SaveRequest:
    """A request for a range of frames."""
    return SaveRequest(
        id=f"{boot}-{number}",
        clip_ids=clip_ids,
        cause="button",
        requested_utc="2026-11-20T14:46:00.000Z",
        from_monotonic_ns=moment_of(from_),
        to_monotonic_ns=moment_of(to),
        at_monotonic_ns=moment_of(to if at is None else at),
        loop_id=loop_id,
        words="as asked",
    )


def asked(rig: Rig, *requests: SaveRequest) -> SaveRequests:
    saves = SaveRequests(rig.options.state)
    for request in requests:
        saves.add(request)
    return saves


def contents(clips: list[Recorded]) -> dict[str, tuple[str, bytes]]:
    """Clips and their sidecars, byte for byte."""
    return {clip.id: (digest_of(clip.path), sidecar_of(clip.path).read_bytes()) for clip in clips}


def only_cut(rig: Rig) -> str:
    """The id of the one clip that was made."""
    (made,) = (clip_id for clip_id in rig.rows() if "-k" in clip_id)
    return made


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


def test_the_cut_waits_until_the_last_clip_of_its_range_is_closed(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(patience=PATIENT)
    put_loop(rig.data, [40, 30])
    grown = put_recorded(rig.data, "42-3", 30, 70, is_closed=False)
    saves = asked(rig, save_of(9, 25, 85, "42-1", "42-2", "42-3", at=75))
    with open(grown.path, "r+b"):
        rig.start().settle(waits_for_growing=True)
        assert [request.id for request in saves.waiting()] == ["42-9"]
        (job,) = rig.session.jobs.statuses()
        assert (job.state, job.words) == ("waiting", "Save of 6 s: waits until its last clip is closed")
    grown.path.unlink()
    put_recorded(rig.data, "42-3", 30, 70)
    rig.scan().assert_whole()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 86))


def test_the_cut_waits_for_a_clip_that_has_not_begun(make_rig: Callable[..., Rig]) -> None:
    """Between two clips there is none that grows; what is asked for has not been recorded yet."""
    rig = make_rig(patience=PATIENT)
    put_loop(rig.data, [40, 30])
    saves = asked(rig, save_of(9, 25, 85, "42-1", "42-2", at=68))
    rig.start().scan()
    assert [request.id for request in saves.waiting()] == ["42-9"]
    put_loop(rig.data, [20], first_number=3, first_frame=70)
    rig.scan().assert_whole()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 86))


def test_when_a_newer_boot_is_there_it_gets_what_there_is(make_rig: Callable[..., Rig]) -> None:
    """The power went between the press and the end of the range; what was cut off is repaired first."""
    rig = make_rig(patience=PATIENT)
    put_loop(rig.data, [40, 30])
    grown = put_recorded(rig.data, "42-3", 30, 70, is_closed=False)
    put_recorded(rig.data, "43-1", 20, 5000)
    saves = asked(rig, save_of(9, 25, 150, "42-1", "42-2", "42-3", at=95))
    rig.start().scan().assert_whole()
    assert saves.waiting() == []
    kept = rig.reader.get("42-3")
    assert kept.integrity == "repaired"
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 70 + kept.frames))
    assert kept.frames >= 20
    assert grown.path.exists()


def test_a_clip_that_a_repair_has_written_anew_is_waited_for(make_rig: Callable[..., Rig]) -> None:
    """The keeper was killed before it had its sidecar again; nothing in its head tells which clip it is."""
    rig = make_rig(patience=Patience(quiet_seconds=3600.0, lonely_seconds=0.0))
    clips = put_loop(rig.data, [40, 40])
    put_recorded(rig.data, "43-1", 20, 5000)
    like = clips[1].path.with_name("like.mp4")
    repair(clips[1].path, like)
    like.replace(clips[1].path)
    sidecar_of(clips[1].path).unlink()
    assert tag_in(clips[1].path) is None
    saves = asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    rig.start().settle(waits_for_growing=True)
    assert [request.id for request in saves.waiting()] == ["42-9"]
    again = make_rig(patience=PATIENT)
    again.start().scan().assert_whole()
    assert numbers_in(again.path(only_cut(again))) == list(range(20, 66))


def test_when_the_recording_was_stopped_it_gets_what_there_is(rig: Rig) -> None:
    put_loop(rig.data, [40, 30])
    saves = asked(rig, save_of(9, 25, 150, "42-1", "42-2", at=65))
    rig.start().scan().assert_whole()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 70))


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


def test_on_a_full_card_a_save_waits_and_a_range_is_refused(rig: Rig) -> None:
    put_loop(rig.data, [40, 40])
    saves = asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    space = rig.session.card.space()
    rig.session.cutting.cuts._space = lambda: Space(space.total_bytes, 1000)
    rig.start().scan()
    (job,) = rig.session.jobs.statuses()
    assert (job.id, job.state) == ("42-9", "waiting")
    assert "there is room for 0 B" in job.words
    wanted = CutRange(from_id="42-1", from_seconds=0.0, to_id="42-1", to_seconds=1.0)
    taken = rig.session.cutting.take_range(wanted)
    rig.settle()
    assert [(job.id, job.state) for job in rig.session.jobs.statuses()] == [(taken.id, "failed"), ("42-9", "waiting")]
    assert [request.id for request in saves.waiting()] == ["42-9"]
    rig.session.cutting.cuts._space = lambda: space
    rig.session.cutting.saves._not_before.clear()
    rig.settle().assert_whole()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 66))


def test_a_child_that_dies_while_it_cuts_costs_nothing(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    child = MediaChild()
    rig.session.desk._child = child
    put_loop(rig.data, [40, 40])
    saves = asked(rig, save_of(9, 25, 65, "42-1", "42-2"))
    try:
        rig.start()
        rig.until_now(lambda: any(job.state == "running" for job in rig.session.jobs.statuses()))
        child.kill()
        rig.settle()
        rig.session.cutting.saves._not_before.clear()
        rig.settle().assert_whole()
    finally:
        child.kill()
    assert saves.waiting() == []
    assert numbers_in(rig.path(only_cut(rig))) == list(range(20, 66))


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


def test_a_power_cut_at_any_change_costs_nothing_and_makes_nothing_twice(make_rig: Callable[..., Rig]) -> None:
    fail_at = 1
    while True:
        rig = make_rig()
        for folder in (rig.folders.dcim, rig.options.state):
            shutil.rmtree(folder, ignore_errors=True)
        clips = put_loop(rig.data, [10, 10])
        before = contents(clips)
        rig.start().scan()
        asked(rig, save_of(9, 2, 15, "42-1", "42-2"), save_of(10, 5, 18, "42-2"))
        with changes(fail_at) as counted, suppress(PowerCut):
            rig.settle()
        again = make_rig()
        again.start().scan().assert_whole()
        assert SaveRequests(again.options.state).waiting() == []
        assert numbers_in(again.path(only_cut(again))) == list(range(19))
        assert contents(clips) == before
        assert sorted(again.rows()) == sorted(["42-1", "42-2", only_cut(again)])
        if counted.count < fail_at:
            break
        fail_at += 1
    assert fail_at > 10, "it was killed nowhere"


def test_a_cut_that_waits_or_runs_can_be_stopped(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(patience=PATIENT)
    child = MediaChild()
    rig.session.desk._child = child
    clips = put_loop(rig.data, [40, 40])
    before = contents(clips)
    saves = asked(rig, save_of(9, 5, 75, "42-1", "42-2"), save_of(10, 500, 600, "42-2"))
    try:
        rig.start()
        rig.until_now(lambda: any(job.state == "running" for job in rig.session.jobs.statuses()))
        stop_job(rig.session.stoppable, "42-10")
        assert [request.id for request in saves.waiting()] == ["42-9"]
        stop_job(rig.session.stoppable, "42-9")
        rig.settle()
    finally:
        child.kill()
    assert saves.waiting() == []
    assert [(job.id, job.state) for job in rig.session.jobs.statuses()] == [("42-10", "stopped"), ("42-9", "stopped")]
    assert sorted(rig.rows()) == ["42-1", "42-2"]
    assert contents(clips) == before
