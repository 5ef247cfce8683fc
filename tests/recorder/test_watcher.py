"""The watcher looks as often as it is set, holds up nobody, and whatever fails in it the recording goes on."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from dashcam.camera.base import Picture
from dashcam.clock import NANOSECONDS
from dashcam.errors import NotRecording, TooManyViewers
from dashcam.link import messages as m
from dashcam.link.client import watch
from dashcam.link.stream import Stream
from dashcam.media.looks import Look
from dashcam.motion.sight import MotionWish, Region, Sight
from dashcam.recorder.motion_memory import MotionMemory
from dashcam.recorder.pictures import Pictures
from dashcam.recorder.trigger import Trigger
from dashcam.recorder.watcher import MOST_FOLLOWERS, Watcher
from dashcam.settings.schema import MotionSettings
from dashcam.settings.zones import Zone
from dashcam.worker import Worker
from tests.conftest import CHECKOUT
from tests.recorder.asked import LIMIT_SECONDS, wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.running import RunningRecorder
from tests.recorder.test_tuning import save

FPS = 30
STAMP = Zone("ignore", ((0.0, 0.9), (1.0, 0.9), (1.0, 1.0), (0.0, 1.0)))


def picture(
    seconds: float, *, is_stamped: bool = False, width: int = 640, height: int = 360, grey: int = 90
) -> Picture:
    frame = av.VideoFrame.from_ndarray(np.full((height * 3 // 2, width), grey, np.uint8), format="yuv420p")
    return Picture(frame, round(seconds * NANOSECONDS), round((1000 + seconds) * NANOSECONDS), is_stamped)


class Eyes:
    """In place of the detector: sees motion when told so, fails when told so, waits when told so."""

    def __init__(self) -> None:
        self.wishes: list[MotionWish] = []
        self.looks: list[Look] = []
        self.moves = False
        self.error: Exception | None = None
        self.may_see = threading.Event()
        self.may_see.set()

    def open(self, wish: MotionWish) -> Eyes:
        self.wishes.append(wish)
        return self

    def see(self, look: Look) -> Sight:
        self.may_see.wait(LIMIT_SECONDS)
        if self.error is not None:
            raise self.error
        self.looks.append(look)
        regions = (Region(0.1, 0.2, 0.3, 0.4, 80.0),) if self.moves else ()
        return Sight(look.seconds, self.moves, 80.0 if self.moves else 2.0, 0.9, regions)


class Rig:
    def __init__(self, **settings: Any) -> None:
        self.eyes = Eyes()
        self.memory = MotionMemory()
        self.triggers: list[Trigger] = []
        self.why_not = ""
        self.now_ns = 1000 * NANOSECONDS
        self.refusal: Exception | None = None
        self.watcher = Watcher(
            MotionSettings(**settings),
            self.memory,
            self._trigger,
            why_not=lambda: self.why_not,
            stamp_zone=lambda: STAMP,
            open_looker=self.eyes.open,
            monotonic_ns=lambda: self.now_ns,
        )
        self.watcher.turn()

    def _trigger(self, trigger: Trigger) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.triggers.append(trigger)

    @contextmanager
    def working(self) -> Iterator[Rig]:
        worker = Worker("watcher", self.watcher.work)
        worker.start()
        yield self
        self.eyes.may_see.set()
        worker.stopping.set()
        self.watcher.wake()
        assert worker.stop(LIMIT_SECONDS)

    def show(self, *pictures: Picture) -> int:
        """As a camera does; each that is wished is looked at before the next. Gives how many were."""
        shown = 0
        for one in pictures:
            if self.watcher.wishes(one.pts_ns):
                shown += 1
                seen = len(self.eyes.looks)
                self.watcher.put(one)
                wait_until(lambda seen=seen: len(self.eyes.looks) > seen, "a look")  # type: ignore[misc]
        return shown


def frames(seconds: float, begin: float = 0.0, **facts: Any) -> Iterator[Picture]:
    return (picture(begin + number / FPS, **facts) for number in range(round(seconds * FPS)))


def test_it_looks_as_often_as_it_is_set_in_the_cameras_own_time() -> None:
    """However fast these pictures come: a replay is looked at as often as the street was."""
    rig = Rig(rate=5.0)
    with rig.working():
        assert rig.show(*frames(4.0)) == 20
    seconds = [look.seconds for look in rig.eyes.looks]
    assert seconds == pytest.approx([number / 5 for number in range(20)], abs=1 / FPS)
    assert {(look.width, look.height) for look in rig.eyes.looks} == {(320, 180)}
    assert (rig.watcher.looks, rig.watcher.missed, len(rig.eyes.wishes)) == (20, 0, 1)


def test_switched_off_it_wishes_nothing_loads_nothing_and_says_why() -> None:
    rig = Rig()
    rig.why_not = "while the car drives everything moves"
    rig.watcher.turn()
    with rig.working():
        assert rig.show(*frames(2.0)) == 0
        assert rig.eyes.wishes == []
        assert rig.watcher.status() == m.MotionStatus(state="off", words=rig.why_not)
        rig.why_not = ""
        rig.watcher.turn()
        assert rig.watcher.status().state == "learning"
        assert rig.show(*frames(1.0, begin=2.0)) == 5


def test_what_moves_is_told_remembered_and_makes_an_event() -> None:
    rig = Rig()
    with rig.working():
        rig.show(picture(0.0), picture(1.0))
        rig.eyes.moves = True
        rig.show(picture(2.0))
        wait_until(lambda: len(rig.triggers) == 1, "a trigger")
        rig.eyes.moves = False
        rig.show(picture(3.0))
        wait_until(lambda: rig.watcher.status().state == "still", "the end of it")
    (trigger,) = rig.triggers
    assert (trigger.cause, trigger.at_monotonic_ns, trigger.score) == ("motion", 1002 * NANOSECONDS, 80.0)
    assert not trigger.is_saved
    assert [point.is_motion for point in rig.memory.history(1003 * NANOSECONDS)] == [False, False, True, False]


def test_a_camera_that_went_away_while_something_moved_is_not_moving_for_ever() -> None:
    rig = Rig()
    rig.eyes.moves = True
    with rig.working():
        rig.show(picture(1.0))
        wait_until(lambda: rig.watcher.status().state == "moving", "what moves")
        rig.now_ns += 60 * NANOSECONDS
        assert rig.watcher.status() == m.MotionStatus(state="learning", words="no picture has come for a while")


def test_what_moves_all_the_time_is_told_until_it_rests_or_nobody_looks() -> None:
    rig = Rig(rate=1.0)
    rig.eyes.moves = True
    with rig.working():
        rig.show(*(picture(seconds) for seconds in range(0, 620, 9)))
        rig.now_ns += 620 * NANOSECONDS
        assert "draw zones" in rig.watcher.unrest
        rig.why_not = "the mode is off"
        rig.watcher.turn()
        assert rig.watcher.unrest == ""
        rig.why_not = ""
        rig.watcher.turn()
        assert rig.watcher.unrest != ""
        rig.now_ns += 60 * NANOSECONDS
        assert rig.watcher.unrest == ""


def test_an_event_that_cannot_be_made_stops_no_looking() -> None:
    rig = Rig()
    rig.refusal, rig.eyes.moves = NotRecording("nothing is recorded now"), True
    with rig.working():
        assert rig.show(*frames(1.0)) == 5
    assert rig.watcher.complaint == ""


def test_followers_hear_of_each_look_and_of_off_and_there_are_not_too_many() -> None:
    rig = Rig()
    rig.eyes.moves = True
    streams = [Stream() for _ in range(MOST_FOLLOWERS)]
    for stream in streams:
        rig.watcher.add(stream)
    with pytest.raises(TooManyViewers, match="close one of them"):
        rig.watcher.add(Stream())
    with rig.working():
        rig.show(picture(0.0))
        wait_until(lambda: rig.watcher.status().state == "moving", "what moves")
        wait_until(lambda: len(rig.triggers) == 1, "the end of the look")
    learning, moving = streams[0].take(), streams[0].take()
    assert isinstance(learning, m.MotionSeen)
    assert isinstance(moving, m.MotionSeen)
    assert (learning.motion.state, moving.motion.state) == ("learning", "moving")
    assert moving.motion.regions == (m.MotionRegion(x=0.1, y=0.2, width=0.3, height=0.4, score=80.0),)
    rig.watcher.remove(streams[0])
    rig.why_not = "the mode is off"
    rig.watcher.turn()
    assert streams[0].take() is None
    messages = [message for _ in range(2) if isinstance(message := streams[1].take(), m.MotionSeen)]
    assert (messages[-1].motion.state, messages[-1].motion.words) == ("off", "the mode is off")
    for stream in streams:
        stream.close()


def test_slow_eyes_hold_up_no_camera_and_see_the_newest() -> None:
    rig = Rig(rate=10.0)
    with rig.working():
        rig.eyes.may_see.clear()
        shown = 0
        for one in frames(3.0):
            if rig.watcher.wishes(one.pts_ns):
                rig.watcher.put(one)
                shown += 1
        assert shown == 30
        rig.eyes.may_see.set()
        wait_until(lambda: bool(rig.eyes.looks) and rig.eyes.looks[-1].seconds > 2.8, "the newest")
        wait_until(lambda: rig.watcher.looks + rig.watcher.missed == 30, "all of them counted")
    assert rig.watcher.looks <= 3


def test_eyes_that_fail_are_told_once_rest_a_while_and_are_made_anew(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("dashcam.recorder.watcher._RETRY_SECONDS", (0.0, 0.0, LIMIT_SECONDS))
    rig = Rig()
    with rig.working():
        rig.show(picture(0.0))
        rig.eyes.error = RuntimeError("no numpy")
        for seconds in (1.0, 2.0, 3.0):
            wait_until(lambda at=seconds: rig.watcher.wishes(round(at * NANOSECONDS)), "a wish")  # type: ignore[misc]
            failures = rig.watcher._failures
            rig.watcher.put(picture(seconds))
            wait_until(lambda before=failures: rig.watcher._failures > before, "a failure")  # type: ignore[misc]
        assert not rig.watcher.wishes(4 * NANOSECONDS)
        assert rig.watcher.complaint == "Motion detection fails (no numpy); it is tried again and again"
        assert rig.watcher.status().state == "off"
        rig.eyes.error = None
        rig.watcher.take(MotionSettings())
        assert rig.show(picture(5.0)) == 1
        wait_until(lambda: rig.watcher.complaint == "", "the end of the complaint")
    assert len(rig.eyes.wishes) > 1
    assert sum("motion detection fails" in record.message for record in caplog.records) == 1


def test_other_zones_count_from_the_next_picture_on() -> None:
    rig = Rig(zones="ignore 0,0 1,0 1,1")
    with rig.working():
        rig.show(*frames(1.0))
        rig.watcher.take(MotionSettings(zones="watch 0,0 1,0 1,1", rate=5.0))
        rig.show(*frames(1.0, begin=1.0))
    assert [wish.zones[0].kind for wish in rig.eyes.wishes] == ["ignore", "watch"]


def test_the_stamp_counts_as_no_motion_where_there_is_one() -> None:
    rig = Rig()
    with rig.working():
        rig.show(picture(0.0), picture(1.0, is_stamped=True), picture(2.0, is_stamped=True), picture(3.0))
    assert [wish.zones for wish in rig.eyes.wishes] == [(), (STAMP,), ()]


def test_a_camera_opened_anew_is_learnt_anew_though_its_time_begins_again() -> None:
    rig = Rig()
    with rig.working():
        assert rig.show(*frames(4.0)) == 20
        assert rig.show(*frames(1.0)) == 5
        assert rig.show(*frames(1.0, begin=100.0)) >= 5
    assert len(rig.eyes.wishes) == 3


class Viewers:
    """In place of the live view: wishes some pictures."""

    def __init__(self, *wished: float) -> None:
        self.wished = {round(seconds * NANOSECONDS) for seconds in wished}
        self.got: list[int] = []

    def wishes(self, pts_ns: int) -> bool:
        return pts_ns in self.wished

    def put(self, one: Picture) -> None:
        self.got.append(one.pts_ns)


def test_one_picture_serves_all_who_wish_it_and_nobody_else() -> None:
    one, other = Viewers(1, 2), Viewers(2, 3)
    pictures = Pictures(one, other)
    for seconds in range(5):
        if pictures.wishes(seconds * NANOSECONDS):
            pictures.put(picture(seconds))
    assert one.got == [1 * NANOSECONDS, 2 * NANOSECONDS]
    assert other.got == [2 * NANOSECONDS, 3 * NANOSECONDS]


def test_a_picture_a_little_older_than_its_wish_is_taken() -> None:
    """The Raspberry Pi's is asked for by the time of day, and has that of its sensor."""
    rig = Rig()
    pictures = Pictures(rig.watcher)
    with rig.working():
        for seconds in range(5):
            assert pictures.wishes(seconds * NANOSECONDS)
            pictures.put(picture(seconds - 0.05))
            wait_until(lambda at=seconds: len(rig.eyes.looks) == at + 1, "a look")  # type: ignore[misc]


def test_while_driving_nobody_looks_until_it_is_switched_on_and_off_again(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras()) as recorder:
        status = recorder.wait_until_recording(FPS)
        assert status.motion.state == "off"
        assert "while the car drives everything moves" in status.motion.words
        assert recorder.ask(m.GetMotionHistory(), m.MotionHistory).points == ()
        save(recorder, {"motion.detect": "on"})
        recorder.wait_for(lambda now: now.motion.state == "still", "looking")
        with watch(recorder.state, "recorder", m.WatchMotion(), m.MotionSeen, LIMIT_SECONDS) as seen:
            states = [message.motion.state for message, _ in zip(seen, range(5), strict=False)]
        assert set(states) == {"still"}
        assert recorder.ask(m.GetMotionHistory(), m.MotionHistory).points
        save(recorder, {"motion.detect": "off"})
        off = recorder.wait_for(lambda now: now.motion.state == "off", "the end of looking")
    assert off.motion.words == "motion detection is switched off"


def test_what_it_looks_with_is_loaded_only_when_it_looks() -> None:
    """A recorder of ready H.264 that drives does without numpy: ten megabytes and a second of its start."""
    command = "import sys, dashcam.recorder.service; print('numpy' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert result.stdout.strip() == "False"
