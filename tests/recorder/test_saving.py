"""Save: what one press keeps, what it says, and that a power cut after it costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.clips.clip import ClipId
from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.clock import NANOSECONDS
from dashcam.errors import BadRequest, NotRecording
from dashcam.link import messages as m
from dashcam.recorder.growing import Span
from dashcam.recorder.saving import stretch_of, words_of_less
from tests.packets import FPS
from tests.recorder.asked import wait_until
from tests.recorder.cameras import SPEED, Cameras
from tests.recorder.running import RunningRecorder

CLIP_FRAMES = 2 * FPS
# A clip of two seconds is recorded in so long.
CLIP_SECONDS = 2 / SPEED
# Clips 1-1 to 1-4 of ten seconds each, with a break of a minute after the second.
CLIPS = [
    Span(f"1-{number}", round(begin * NANOSECONDS), round((begin + 9.97) * NANOSECONDS))
    for number, begin in ((1, 0), (2, 10), (3, 80), (4, 90))
]


@pytest.mark.parametrize(
    ("from_seconds", "to_seconds", "ids", "seconds"),
    [
        (92.0, 95.0, ("1-4",), 3.0),
        (85.0, 99.0, ("1-3", "1-4"), 14.0),
        (60.0, 99.97, ("1-3", "1-4"), 19.97),
        # What lies before the break is in the range, too, and is kept; only it does not reach back without one.
        (5.0, 99.97, ("1-1", "1-2", "1-3", "1-4"), 19.97),
        (5.0, 15.0, ("1-1", "1-2"), 10.0),
        (200.0, 260.0, (), 0.0),
    ],
)
def test_a_range_is_found_in_the_clips(
    from_seconds: float, to_seconds: float, ids: tuple[str, ...], seconds: float
) -> None:
    found = stretch_of(CLIPS, round(from_seconds * NANOSECONDS), round(to_seconds * NANOSECONDS))
    assert found.clip_ids == ids
    assert found.seconds == pytest.approx(seconds)


def test_less_than_asked_for_is_said_and_a_little_less_is_not() -> None:
    assert words_of_less(59.2, 60.0, "nothing older was recorded") == ""
    said = words_of_less(12.3, 60.0, "nothing older was recorded")
    assert said == "not all of the 60 s asked for: nothing older was recorded"


def requests_of(recorder: RunningRecorder) -> list[SaveRequest]:
    return SaveRequests(recorder.state).waiting()


def test_a_press_keeps_what_was_before_over_the_borders_of_clips(tmp_path: Path) -> None:
    before = 2.5 * CLIP_SECONDS
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        recorder.wait_until_recording(6 * CLIP_FRAMES)
        saved = recorder.ask(m.Save(cause="api", before_seconds=before, after_seconds=1.0), m.Saved)
        (request,) = requests_of(recorder)
        open_clip = recorder.status().open_clip
    numbers = [ClipId.parse(text).number for text in saved.clip_ids]
    # Two borders lie in it at least; on a busy machine what is open lies farther back.
    assert len(numbers) >= 2
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert open_clip is not None
    assert ClipId.parse(open_clip.id).number >= numbers[-1]
    assert (saved.before_seconds, saved.after_seconds, saved.words) == (round(before, 1), 1.0, "")
    assert (request.id, request.clip_ids, request.cause, request.kind) == (saved.id, saved.clip_ids, "api", "cut")
    assert request.at_monotonic_ns - request.from_monotonic_ns == round(before * NANOSECONDS)
    assert request.to_monotonic_ns - request.at_monotonic_ns == NANOSECONDS
    assert request.loop_id in (*saved.clip_ids, "")


def test_just_after_the_start_it_says_how_little_there_is(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        recorder.wait_until_recording()
        saved = recorder.ask(m.Save(), m.Saved)
    assert 0 < saved.before_seconds < 59
    assert saved.after_seconds == 10
    assert saved.words == "not all of the 60 s asked for: nothing older was recorded"


def test_the_open_clip_counts_as_saved_and_so_does_what_begins_before_the_end_of_the_range(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        recorder.wait_until_recording()
        (*_, newest) = recorder.ask(m.Save(after_seconds=600), m.Saved).clip_ids
        later = recorder.wait_for(lambda now: now.open_clip is not None and now.open_clip.id != newest, "another clip")
    assert later.open_clip is not None
    assert later.open_clip.is_saved


def test_after_the_stop_what_was_recorded_just_before_can_still_be_saved(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        recorder.wait_until_recording(CLIP_FRAMES)
        recorder.ask(m.StopRecording(), m.Stopped)
        saved = recorder.ask(m.Save(), m.Saved)
        (request,) = requests_of(recorder)
        wait_until(lambda: recorder.status().state == "stopped", "the stop")
    assert saved.after_seconds == 0
    # Nobody waits for a clip that will never come.
    assert request.to_monotonic_ns < request.at_monotonic_ns
    assert saved.words.endswith("it was stopped")


@pytest.mark.parametrize(("before", "after"), [(-1.0, 0.0), (3601.0, 0.0), (60.0, 601.0), (float("nan"), 0.0)])
def test_ranges_that_nobody_could_keep_are_refused(tmp_path: Path, before: float, after: float) -> None:
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        recorder.wait_until_recording()
        with pytest.raises(BadRequest, match="ask for at most 3600 seconds before and 600 after"):
            recorder.ask(m.Save(before_seconds=before, after_seconds=after), m.Saved)
        assert requests_of(recorder) == []


def test_there_is_nothing_to_save_long_after_the_stop(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        recorder.wait_until_recording(CLIP_FRAMES)
        recorder.ask(m.StopRecording(), m.Stopped)
        wait_until(lambda: recorder.status().open_clip is None, "the closed clip")
        with pytest.raises(NotRecording, match="nothing has been recorded in the last 0 seconds"):
            recorder.ask(m.Save(before_seconds=0.0), m.Saved)
