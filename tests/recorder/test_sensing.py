"""Impacts and presses on the button: what they keep, and that a broken sensor costs nothing but itself."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashcam.clock import NANOSECONDS
from dashcam.errors import NotRecording, SensorError
from dashcam.place import Place
from dashcam.recorder.sensing import Sensing
from dashcam.recorder.trigger import Trigger
from dashcam.settings.schema import CameraSettings, GpsSettings, Settings
from dashcam.settings.schema_events import EventsSettings
from dashcam.worker import Worker
from tests.gps.made import second
from tests.packets import FPS
from tests.recorder.asked import LIMIT_SECONDS, wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.running import RunningRecorder
from tests.recorder.test_parked import events_of
from tests.recorder.test_service import check_whole


class FakeButton:
    """A button that a test presses, as gpiozero's calls from a thread of its own."""

    def __init__(self, pin: int, error: str = "") -> None:
        self.pin = pin
        self.is_open = False
        self._error = error
        self._on_press: Callable[[], None] = lambda: None

    def start(self, on_press: Callable[[], None]) -> None:
        if self._error:
            raise SensorError(self._error)
        self.is_open, self._on_press = True, on_press

    def close(self) -> None:
        self.is_open = False

    def press(self) -> None:
        thread = threading.Thread(target=self._on_press)
        thread.start()
        thread.join()


class Rig:
    def __init__(self, **events: Any) -> None:
        self.triggers: list[Trigger] = []
        self.saves = 0
        self.buttons: list[FakeButton] = []
        self.refusal: Exception | None = None
        self.error_of_button = ""
        self.sensing = Sensing(
            settings_with(**events), trigger=self._trigger, save=self._save, open_button=self._open_button
        )

    @contextmanager
    def working(self) -> Iterator[None]:
        worker = Worker("sensors", self.sensing.work)
        worker.start()
        yield
        worker.stopping.set()
        self.sensing.wake()
        assert worker.stop(LIMIT_SECONDS)

    def crash(self) -> None:
        for at, mps in enumerate([20.0] * 10 + [0.0] * 5):
            self.sensing.put(at * NANOSECONDS, Place(latitude=48.0, longitude=11.0, speed_mps=mps))

    def _trigger(self, trigger: Trigger) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.triggers.append(trigger)

    def _save(self) -> None:
        self.saves += 1
        if self.refusal is not None:
            raise self.refusal

    def _open_button(self, pin: int) -> FakeButton:
        self.buttons.append(FakeButton(pin, self.error_of_button))
        return self.buttons[-1]


def settings_with(**events: Any) -> Settings:
    return Settings(events=EventsSettings(**events))


def test_an_impact_is_an_event_that_is_saved_and_says_how_hard_it_was() -> None:
    rig = Rig()
    rig.crash()
    (trigger,) = rig.triggers
    assert (trigger.cause, trigger.is_saved, trigger.at_monotonic_ns) == ("impact", True, 10 * NANOSECONDS)
    assert trigger.words == "2.0 g"
    assert 50 < trigger.score <= 100


def test_impacts_can_be_switched_off_and_on_while_it_runs() -> None:
    rig = Rig(impact_g=0.0)
    rig.crash()
    assert rig.triggers == []
    rig = Rig(impact_g=0.0)
    rig.sensing.take(settings_with(impact_g=0.9))
    rig.crash()
    assert len(rig.triggers) == 1


def test_a_replayed_drive_that_is_played_faster_has_no_impacts_for_that() -> None:
    rig = Rig()
    faster = Settings(gps=GpsSettings(kind="replay", source="drive.nmea"), camera=CameraSettings(speed=4.0))
    rig.sensing.take(faster)
    for number in range(60):
        mps = max(20.0 - max(number - 20, 0) * 4, 0.0)
        rig.sensing.put(number * NANOSECONDS // 4, Place(latitude=48.0, longitude=11.0, speed_mps=mps))
    assert rig.triggers == []


def test_an_impact_while_nothing_is_recorded_harms_nothing() -> None:
    rig = Rig()
    rig.refusal = NotRecording("nothing is recorded now")
    rig.crash()
    assert (rig.sensing.impacts, rig.triggers) == (1, [])


def test_each_press_saves_and_one_that_fails_does_not_end_it() -> None:
    rig = Rig(button_pin=17)
    with rig.working():
        wait_until(lambda: bool(rig.buttons) and rig.buttons[0].is_open, "the button")
        rig.buttons[0].press()
        wait_until(lambda: rig.saves == 1, "a save")
        rig.refusal = NotRecording("there is nothing to save yet")
        rig.buttons[0].press()
        wait_until(lambda: rig.saves == 2, "a save that fails")
        rig.refusal = None
        rig.buttons[0].press()
        wait_until(lambda: rig.saves == 3, "a third")
    assert not rig.buttons[0].is_open


def test_another_pin_is_listened_to_at_once_and_none_when_it_is_switched_off() -> None:
    rig = Rig()
    with rig.working():
        assert rig.buttons == []
        rig.sensing.take(settings_with(button_pin=17))
        wait_until(lambda: len(rig.buttons) == 1 and rig.buttons[0].is_open, "a button")
        rig.sensing.take(settings_with(button_pin=27))
        wait_until(lambda: len(rig.buttons) == 2 and rig.buttons[1].is_open, "another")
        assert ([button.pin for button in rig.buttons], rig.buttons[0].is_open) == ([17, 27], False)
        rig.sensing.take(settings_with(button_pin=-1))
        wait_until(lambda: not rig.buttons[1].is_open, "none")


def test_a_button_that_cannot_be_is_told_and_tried_when_the_settings_change(caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(button_pin=17)
    rig.error_of_button = "the button at GPIO 17 needs gpiozero: sudo apt install python3-gpiozero"
    with rig.working():
        wait_until(lambda: rig.sensing.complaint != "", "a complaint")
        assert rig.sensing.complaint == rig.error_of_button
        rig.error_of_button = ""
        rig.sensing.take(settings_with(button_pin=4))
        wait_until(lambda: len(rig.buttons) == 2 and rig.buttons[1].is_open, "the other")
        assert rig.sensing.complaint == ""
    assert sum("python3-gpiozero" in record.message for record in caplog.records) == 1


def test_a_crash_makes_a_locked_event_and_the_loop_goes_on(tmp_path: Path) -> None:
    began, east, log = datetime(2026, 11, 21, 8, 0, tzinfo=UTC), 13.4, tmp_path / "crash.nmea"
    with log.open("wb") as file:
        for number in range(2000):
            kmh = 72.0 if number < 40 else 0.0
            east += 0.0003 * kmh / 72
            file.write(second(began + timedelta(seconds=number), east=east, kmh=kmh))
    replay = ("gps.kind=replay", f"gps.source={log}", "camera.speed=20", "events.after_seconds=0.3")
    with RunningRecorder(tmp_path, Cameras(), *replay) as recorder:
        event = recorder.wait_for(lambda now: now.event is not None, "an event").event
        assert event is not None
        assert event.cause == "impact"
        recorder.wait_for(lambda now: now.event is None and now.events == 1, "its end")
        wait_until(lambda: len(events_of(tmp_path)) == 1, "its sidecar")
        recorder.wait_until_recording(recorder.status().frames_written + FPS)
    (clip,) = events_of(tmp_path)
    assert clip.event is not None
    assert (clip.id, clip.event.cause) == (event.id, "impact")
    # A drop from 72 km/h within a second is 2 g; on a machine that replays it late it seems a little less.
    assert float(clip.event.words.split(" g")[0]) >= 0.9
    assert clip.locked is not None
    assert clip.locked.cause == "impact"
    assert check_whole(tmp_path) == recorder.cameras.newest.frames_sent
