"""Numbered pictures prove it: an event holds every frame of its seconds, before and after, and the loop loses none."""

from __future__ import annotations

import os
import threading
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from dashcam.camera.base import CameraCallbacks, Packet
from dashcam.camera.choose import OpenedCamera, open_camera
from dashcam.clips.clip import ClipId
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.clock import NANOSECONDS
from dashcam.media.durable_file import SyncPolicy
from dashcam.recorder.trigger import Trigger
from dashcam.settings.schema import CameraSettings
from tests.endurance.clip_files import frame_numbers
from tests.recorder.asked import wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.running import RunningRecorder

FPS, SPEED = 30, 4
# Of the clock; the pictures are played faster.
BEFORE_SECONDS, AFTER_SECONDS = 0.75, 0.5
# A clip of the loop lasts for half a second of the clock.
SEGMENT_FRAMES = 2 * FPS


class NumberedCamera(Cameras):
    """The synthetic drive, and when each of its frames was taken."""

    def __init__(self) -> None:
        super().__init__()
        self.taken_ns: list[int] = []
        """By the number that is drawn into the frame."""

    def __call__(
        self, settings: CameraSettings, callbacks: CameraCallbacks, *, small_width: int, or_pattern: bool
    ) -> OpenedCamera:
        def put(packet: Packet) -> None:
            self.taken_ns.append(packet.captured_monotonic_ns)
            callbacks.packet(packet)

        watched = msgspec.structs.replace(callbacks, packet=put)
        return open_camera(settings, watched, small_width=small_width, or_pattern=or_pattern)

    def wait_for(self, number: int) -> int:
        """When this frame was taken, as soon as it was."""
        wait_until(lambda: len(self.taken_ns) > number, f"frame {number}")
        return self.taken_ns[number]


class EventRun(RunningRecorder):
    """A recorder of numbered pictures, small enough to be played faster than real."""

    def __init__(self, data: Path, camera: NumberedCamera, *more: str, sync: SyncPolicy = os.fdatasync) -> None:
        self.camera = camera
        super().__init__(
            data,
            camera,
            "camera.kind=pattern",
            "camera.width=320",
            "camera.height=180",
            f"camera.fps={FPS}",
            f"camera.speed={SPEED}",
            f"recording.segment_seconds={SEGMENT_FRAMES / FPS:g}",
            f"events.before_seconds={BEFORE_SECONDS}",
            f"events.after_seconds={AFTER_SECONDS}",
            *more,
            sync=sync,
        )
        self.asked: dict[str, list[int]] = {}
        """By event, the moments of its triggers."""
        self.begun_at: dict[str, int] = {}
        """By event, the frame that was the newest when it was triggered first."""

    @property
    def events(self) -> int:
        """How many there were."""
        return self._recorder._events.count

    def trigger(self, number: int) -> str:
        """Something happens in this frame, or has happened."""
        at_ns = self.camera.wait_for(number)
        newest = len(self.camera.taken_ns)
        event_id = self._recorder._events.trigger(Trigger(cause="button", at_monotonic_ns=at_ns)).id
        self.asked.setdefault(event_id, []).append(at_ns)
        self.begun_at.setdefault(event_id, newest)
        return event_id

    def wait_until_quiet(self) -> None:
        """The event is over, and its clip has its sidecar."""
        wait_until(lambda: self._recorder._events.status() is None, "the end of the event")

    def wanted(self, event_id: str) -> tuple[int, int]:
        """The first and the last frame that an event must have."""
        taken, moments = self.camera.taken_ns, self.asked[event_id]
        from_ns = moments[0] - BEFORE_SECONDS * NANOSECONDS
        until_ns = max(moments) + AFTER_SECONDS * NANOSECONDS
        inside = [number for number, at_ns in enumerate(taken) if from_ns <= at_ns <= until_ns]
        return inside[0], inside[-1]


def clips_in(data: Path, kind: str) -> list[tuple[Sidecar, list[int]]]:
    """Sidecar and frame numbers of each clip, in the order of their ids."""
    paths = sorted((data / "DCIM" / kind).rglob("*.mp4"))
    found = [(read_sidecar(sidecar_of(path)), frame_numbers(path)) for path in paths]
    return sorted(found, key=lambda clip: ClipId.parse(clip[0].id))


def check_events(run: EventRun, data: Path) -> None:
    """Each is one clip that begins at most a GOP before its seconds and ends with the last frame of them."""
    clips = clips_in(data, "EVENT")
    assert [sidecar.id for sidecar, _ in clips] == list(run.asked)
    for sidecar, numbers in clips:
        first, last = run.wanted(sidecar.id)
        assert numbers == list(range(numbers[0], last + 1))
        assert first - FPS <= numbers[0] <= first
        assert numbers[0] % FPS == 0
        assert (sidecar.kind, sidecar.frames, sidecar.dropped_frames) == ("event", len(numbers), 0)
        assert sidecar.event is not None
        at = run.camera.taken_ns.index(run.asked[sidecar.id][0])
        by_frames = (at - numbers[0]) / FPS
        by_clock = (run.camera.taken_ns[at] - run.camera.taken_ns[numbers[0]]) * SPEED / NANOSECONDS
        # On a machine that is too slow for the camera's pace the two differ, and nobody can tell which one is right.
        assert sidecar.event.at_seconds == pytest.approx(by_frames, abs=0.5 + abs(by_clock - by_frames))
        assert sidecar.event.triggers == len(run.asked[sidecar.id])


def check_loop(data: Path) -> None:
    """Not a frame is missing, twice there or in another place."""
    numbers = [number for _, found in clips_in(data, "VIDEO") for number in found]
    assert numbers == list(range(len(numbers)))
    assert numbers


def test_twenty_events_in_a_row_at_all_places_of_a_clip_hold_every_frame_of_their_seconds(tmp_path: Path) -> None:
    """At the end of a loop clip, at its beginning, next to a keyframe, anywhere, and some with overlapping triggers."""
    joined = 0
    with EventRun(tmp_path, NumberedCamera()) as run:
        number = int(BEFORE_SECONDS * SPEED * FPS) + FPS
        for turn in range(20):
            boundary = (number // SEGMENT_FRAMES + 1) * SEGMENT_FRAMES
            at = boundary + (-1, 0, 1, 13, FPS, FPS - 1, -7)[turn % 7]
            first = run.trigger(at)
            if turn % 3 == 1:
                # On a machine so late that the event is over by then they make another one.
                joined += [run.trigger(at + 10), run.trigger(at + 25)].count(first)
            run.wait_until_quiet()
            number = len(run.camera.taken_ns)
        assert run.events == len(run.asked) >= 20
        assert joined > 0
    check_events(run, tmp_path)
    check_loop(tmp_path)


def test_an_event_at_start_up_has_every_frame_that_there_was(tmp_path: Path) -> None:
    with EventRun(tmp_path, NumberedCamera()) as run:
        event_id = run.trigger(2)
        run.wait_until_quiet()
    check_loop(tmp_path)
    ((sidecar, numbers),) = clips_in(tmp_path, "EVENT")
    assert numbers == list(range(run.wanted(event_id)[1] + 1))
    assert sidecar.event is not None
    assert sidecar.event.words.endswith(f" of {BEFORE_SECONDS} seconds before it: the camera has not sent for longer")


def test_an_event_that_outlasts_the_longest_length_goes_on_without_a_gap(tmp_path: Path) -> None:
    with EventRun(tmp_path, NumberedCamera()) as run:
        # Shorter than the settings let it be: nobody waits for that.
        run._recorder._events._policy.take(1.5)
        event_id = run.trigger(4 * FPS)
        wait_until(
            lambda: run.trigger(len(run.camera.taken_ns) - 1) == event_id and number_of_clips(tmp_path) == 2, "2"
        )
    clips = clips_in(tmp_path, "EVENT")
    numbers = [number for _, found in clips for number in found]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert [(sidecar.event.id, sidecar.event.part) for sidecar, _ in clips if sidecar.event] == [
        (event_id, 1),
        (event_id, 2),
    ]
    check_loop(tmp_path)


def number_of_clips(data: Path) -> int:
    """Of events, those that have their names."""
    return len([path for path in (data / "DCIM" / "EVENT").rglob("*.mp4") if not path.name.startswith(".")])


class StallingCard:
    """Answers nothing while it is told not to."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0

    def sync(self, descriptor: int) -> None:
        self.asked += 1
        self.answers.wait()
        os.fdatasync(descriptor)


@pytest.mark.parametrize("stalls", ["before it", "in it"])
def test_a_card_that_stalls_costs_neither_the_event_nor_the_loop_a_frame(tmp_path: Path, stalls: str) -> None:
    card = StallingCard()
    with EventRun(tmp_path, NumberedCamera(), sync=card.sync) as run:
        run.camera.wait_for(5 * FPS)
        try:
            if stalls == "before it":
                card.answers.clear()
            first = run.trigger(6 * FPS + 7)
            stall_from = len(run.camera.taken_ns)
            card.answers.clear()
            assert run.trigger(stall_from + 15) == first
            run.camera.wait_for(stall_from + 2 * SPEED * FPS)
            assert run.status().queue.dropped_frames == 0
        finally:
            card.answers.set()
        run.wait_until_quiet()
        wait_until(lambda: number_of_clips(tmp_path) == 1, "the event's clip")
    check_events(run, tmp_path)
    check_loop(tmp_path)


def test_two_events_overlap_where_the_second_needs_the_seconds_of_the_first(tmp_path: Path) -> None:
    with EventRun(tmp_path, NumberedCamera()) as run:
        run.trigger(6 * FPS)
        run.wait_until_quiet()
        run.trigger(len(run.camera.taken_ns))
        run.wait_until_quiet()
        assert run.events == 2
    check_events(run, tmp_path)
    (_, earlier), (_, later) = clips_in(tmp_path, "EVENT")
    assert later[0] <= earlier[-1]
    check_loop(tmp_path)


def test_the_loop_is_shut_and_opened_again_without_a_frame_missing(tmp_path: Path) -> None:
    """As when the car parks, something happens, and it drives away: what memory holds is in the loop."""
    with EventRun(tmp_path, NumberedCamera()) as run:
        feed = run._recorder._duty._queue
        run.camera.wait_for(4 * FPS)
        ended = feed.end_loop()  # type: ignore[attr-defined]
        assert ended.wait(30)
        run.trigger(len(run.camera.taken_ns) + 10 * FPS)
        run.wait_until_quiet()
        parked_to = len(run.camera.taken_ns)
        feed.open_loop()  # type: ignore[attr-defined]
        run.camera.wait_for(parked_to + 4 * FPS)
    check_events(run, tmp_path)
    numbers = [number for _, found in clips_in(tmp_path, "VIDEO") for number in found]
    jumps = [(one, other) for one, other in pairwise(numbers) if other != one + 1]
    assert len(jumps) == 1
    assert jumps[0][1] <= parked_to - BEFORE_SECONDS * SPEED * FPS


def test_stopped_in_the_middle_the_event_has_every_frame_up_to_there(tmp_path: Path) -> None:
    with EventRun(tmp_path, NumberedCamera(), "events.after_seconds=300") as run:
        run.trigger(5 * FPS)
        run.camera.wait_for(7 * FPS)
    check_loop(tmp_path)
    ((sidecar, numbers),) = clips_in(tmp_path, "EVENT")
    (*_, last) = (number for _, found in clips_in(tmp_path, "VIDEO") for number in found)
    assert numbers == list(range(numbers[0], last + 1))
    assert (sidecar.integrity, sidecar.frames) == ("closed", len(numbers))
