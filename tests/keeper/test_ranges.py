"""Any range that somebody chooses becomes a clip, once; what cannot be one clip is refused in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
import pytest

from dashcam.clips.event import EventFacts
from dashcam.clips.names import sidecar_of
from dashcam.clips.save_request import SaveRequests
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.errors import BadRequest, ClipBusy, ClipNotFound, DashcamError
from dashcam.keeper import cut_pieces
from dashcam.link.messages import CutRange, Done, JobTaken, StopJob
from tests.keeper.rig import Rig, options_for
from tests.keeper.saved import contents
from tests.keeper.taken_photos import put_taken_photo
from tests.keeper.test_service import running, wait_until
from tests.numbered import Recorded, moment_of, numbers_in, put_loop, put_recorded
from tests.packets import FPS


def cut(rig: Rig, from_id: str, from_seconds: float, to_id: str, to_seconds: float) -> str:
    """Asks for a range and has it worked off; the id of the clip."""
    taken = rig.session.cutting.take_range(
        CutRange(from_id=from_id, from_seconds=from_seconds, to_id=to_id, to_seconds=to_seconds)
    )
    rig.settle()
    job = next(job for job in rig.session.jobs.statuses() if job.id == taken.id)
    assert (job.state, job.result_ids) == ("done", (taken.id,))
    return taken.id


def test_a_range_of_one_clip_begins_at_the_keyframe_before_and_ends_with_its_last_frame(rig: Rig) -> None:
    clips = put_loop(rig.data, [40, 40])
    before = contents(clips)
    rig.start().scan()
    made = cut(rig, "42-2", 1.25, "42-2", 2.72)
    rig.assert_whole()
    assert numbers_in(rig.path(made)) == list(range(50, 68))
    row = rig.reader.get(made)
    assert (row.kind, row.lock_cause, row.event and row.event.cause) == ("event", "hand", "hand")
    event = rig.sidecar(made).event
    assert event is not None
    assert (event.at_seconds, event.loop_id, event.loop_seconds) == (0.25, "42-2", 1.25)
    assert rig.sidecar(made).started_monotonic_ns == moment_of(50)
    assert contents(clips) == before


def test_a_range_over_clips_is_joined_over_short_gaps_too(rig: Rig) -> None:
    put_loop(rig.data, [30, 30])
    put_loop(rig.data, [30, 30], first_number=5, first_frame=80)
    put_recorded(rig.data, "43-1", 20, 9000)
    rig.start().scan()
    assert numbers_in(rig.path(cut(rig, "42-1", 1.0, "42-6", 0.5))) == [*range(10, 60), *range(80, 116)]
    assert numbers_in(rig.path(cut(rig, "42-1", 0.0, "42-2", 99.0))) == list(range(60))
    rig.assert_whole()


def test_parts_of_one_event_are_joined_and_the_loop_beside_them_is_left_out(rig: Rig) -> None:
    """A long event has several files; the loop's clips have numbers in between."""
    for number, part, frame in ((1, 1, 0), (3, 2, 30)):
        event = EventFacts(cause="motion", id="42-1", part=part, at_seconds=0.0, peak_seconds=0.0)
        become_event(put_recorded(rig.data, f"42-{number}", 30, frame), event)
    put_recorded(rig.data, "42-2", 60, 0)
    rig.start().scan()
    assert numbers_in(rig.path(cut(rig, "42-1", 1.0, "42-3", 1.0))) == list(range(10, 41))
    assert numbers_in(rig.path(cut(rig, "42-2", 1.0, "42-2", 2.0))) == list(range(10, 21))
    with pytest.raises(BadRequest, match="one is of an event"):
        cut(rig, "42-1", 0.0, "42-2", 1.0)


def become_event(clip: Recorded, event: EventFacts) -> None:
    """The clip lies in EVENT then, as the recorder leaves one."""
    sidecar = msgspec.structs.replace(read_sidecar(sidecar_of(clip.path)), kind="event", event=event)
    target = clip.path.parents[2] / "EVENT" / clip.path.parent.name / f"{clip.path.stem}_{clip.id}.mp4"
    target.parent.mkdir(parents=True, exist_ok=True)
    clip.path.rename(target)
    sidecar_of(clip.path).unlink()
    write_sidecar(sidecar_of(target), sidecar)


def test_a_film_that_was_dropped_in_is_cut_too(rig: Rig) -> None:
    (clip,) = put_loop(rig.data, [40])
    film = rig.folders.dcim / "holiday.mp4"
    film.write_bytes(clip.path.read_bytes().replace(b'{"id":"42-1"', b'{"no":"42-1"'))
    clip.path.unlink()
    sidecar_of(clip.path).unlink()
    rig.start().scan()
    (adopted,) = rig.rows()
    made = cut(rig, adopted, 1.5, adopted, 2.5)
    rig.assert_whole()
    assert numbers_in(rig.path(made)) == list(range(10, 26))
    assert rig.sidecar(made).started_monotonic_ns is None
    assert rig.sidecar(made).event is not None


def two_boots(rig: Rig) -> None:
    put_loop(rig.data, [40])
    put_loop(rig.data, [40], boot=43, first_frame=40)


def gap_of_minutes(rig: Rig) -> None:
    put_loop(rig.data, [40])
    put_loop(rig.data, [40], first_number=2, first_frame=40 + 200 * FPS)


def one_after_the_other(rig: Rig) -> None:
    put_loop(rig.data, [40, 40])


def test_a_range_that_no_file_on_a_card_could_hold_is_refused(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    clips = put_loop(rig.data, [40, 40])
    monkeypatch.setattr(cut_pieces, "LARGEST_CUT_BYTES", clips[0].path.stat().st_size)
    rig.start().scan()
    with pytest.raises(BadRequest, match=r"a file of about .*; choose a shorter range"):
        cut(rig, "42-1", 0.0, "42-2", 4.0)
    assert numbers_in(rig.path(cut(rig, "42-1", 0.0, "42-1", 2.0))) == list(range(21))


@pytest.mark.parametrize(
    ("put", "asked", "words"),
    [
        (two_boots, ("42-1", 0.0, "43-1", 1.0), "started anew"),
        (gap_of_minutes, ("42-1", 0.0, "42-2", 1.0), "For 3 minutes in between nothing was recorded"),
        (one_after_the_other, ("42-2", 0.0, "42-1", 1.0), "the other way round"),
        (one_after_the_other, ("42-1", 2.0, "42-1", 2.0), "the other way round"),
        (one_after_the_other, ("42-1", 9.0, "42-2", 1.0), "lasts only"),
        (one_after_the_other, ("42-1", 9.0, "42-1", 10.0), "lasts only"),
        (one_after_the_other, ("42-1", 0.0, "42-7", 1.0), "no clip 42-7"),
    ],
)
def test_what_cannot_be_one_clip_is_refused_in_words(
    put: Callable[[Rig], Iterable[Recorded] | None], asked: Sequence[object], words: str, rig: Rig
) -> None:
    put(rig)
    rig.start().scan()
    from_id, from_seconds, to_id, to_seconds = asked
    with pytest.raises((BadRequest, ClipNotFound), match=words):
        rig.session.cutting.take_range(
            CutRange(from_id=from_id, from_seconds=from_seconds, to_id=to_id, to_seconds=to_seconds)  # type: ignore[arg-type]
        )
    assert SaveRequests(rig.options.state).waiting() == []
    assert rig.session.jobs.statuses() == ()


def test_what_was_accepted_is_made_by_the_next_keeper(make_rig: Callable[..., Rig]) -> None:
    """And its clips are not deleted before."""
    rig = make_rig()
    put_loop(rig.data, [40, 40])
    rig.start().scan()
    ask = CutRange(from_id="42-1", from_seconds=2.0, to_id="42-2", to_seconds=1.0)
    taken = rig.session.cutting.take_range(ask)
    again = make_rig("storage.loop_quota=0B")
    again.start().scan().assert_whole()
    assert list(again.rows()) == [taken.id]
    assert numbers_in(again.path(taken.id)) == list(range(20, 51))


def test_over_the_link_a_cut_is_a_job_that_is_told_until_it_is_done(rig: Rig) -> None:
    put_loop(rig.data, [40, 40])
    grown = put_recorded(rig.data, "42-3", 20, 80, is_closed=False)
    with open(grown.path, "r+b"), running(options_for(rig.data)) as keeper:
        keeper.wait_for("idle", 2)
        asked = CutRange(from_id="42-1", from_seconds=2.0, to_id="42-2", to_seconds=1.0)
        taken = keeper.ask(asked, JobTaken)
        assert isinstance(taken, JobTaken)
        wait_until(lambda: [job.state for job in keeper.progress().jobs] == ["done"], "cut")
        (job,) = keeper.progress().jobs
        assert (job.id, job.result_ids, job.share) == (taken.id, (taken.id,), 1.0)
        assert job.words == "Cut: a clip of 3.1 s"
        for wrong in (StopJob(id=taken.id), StopJob(id="nonsense")):
            with pytest.raises(ClipNotFound, match="may have ended"):
                keeper.ask(wrong, Done)
        with pytest.raises(ClipBusy, match="still being recorded"):
            keeper.ask(msgspec.structs.replace(asked, to_id="42-3"), JobTaken)
        with pytest.raises(DashcamError, match="42-99"):
            keeper.ask(msgspec.structs.replace(asked, to_id="42-99"), JobTaken)


def test_a_photo_is_no_clip(rig: Rig) -> None:
    put_taken_photo(rig.data, "42-1")
    rig.start().scan()
    with pytest.raises(BadRequest, match="A photo cannot be cut"):
        rig.session.cutting.take_range(CutRange(from_id="42-1", from_seconds=0.0, to_id="42-1", to_seconds=1.0))
