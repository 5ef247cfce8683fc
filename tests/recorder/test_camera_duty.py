"""Who asks the camera's thread for something is heard, and is never taken for a failure of the camera."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashcam.camera.base import CameraCallbacks
from dashcam.camera.choose import OpenedCamera
from dashcam.recorder.camera_duty import CameraDuty, CameraWish
from dashcam.recorder.packet_queue import PacketQueue
from dashcam.recorder.preview import Preview
from dashcam.settings import Settings
from dashcam.settings.schema import CameraSettings
from dashcam.worker import Worker
from tests.recorder.asked import LIMIT_SECONDS, wait_until
from tests.recorder.cameras import Cameras


class RousingCameras(Cameras):
    """Somebody rouses the thread while the camera is being opened."""

    duty: CameraDuty

    def __call__(
        self, settings: CameraSettings, callbacks: CameraCallbacks, *, small_width: int, or_pattern: bool
    ) -> OpenedCamera:
        self.duty.wake()
        return super().__call__(settings, callbacks, small_width=small_width, or_pattern=or_pattern)


class Duty:
    """A duty whose thread runs, with nobody behind its queue."""

    def __init__(self) -> None:
        settings = Settings()
        self.cameras = RousingCameras()
        self.duty = CameraDuty(
            settings,
            PacketQueue(10**6),
            Preview(settings.preview),
            or_pattern=False,
            end_process=lambda _reason: None,
            open_camera=self.cameras,
        )
        self.cameras.duty = self.duty
        self.worker = Worker("camera", self.duty.work)

    def stop(self) -> None:
        self.worker.stopping.set()
        self.duty.wake()
        assert self.worker.stop(LIMIT_SECONDS)


@pytest.fixture
def running() -> Iterator[Duty]:
    running = Duty()
    running.worker.start()
    yield running
    running.stop()


def wish_of(fps: int) -> CameraWish:
    return CameraWish(CameraSettings(fps=fps), 320)


def test_a_late_call_is_no_failure_of_the_camera(running: Duty) -> None:
    duty = running.duty
    wait_until(lambda: duty.pulse.packets > 0, "packets")
    for fps in (10, 20):
        change = duty.change(wish_of(fps))
        assert change.done.wait(LIMIT_SECONDS)
        assert change.refusal == ""
    wait_until(lambda: duty.pulse.packets > 0, "packets")
    assert (running.cameras.attempts, duty.refusal, duty.trouble) == (3, "", None)


def test_a_failure_is_heard_at_once(running: Duty) -> None:
    wait_until(lambda: running.duty.pulse.packets > 0, "packets")
    running.duty.fail("the cable is loose")
    wait_until(lambda: len(running.cameras.opened) == 2, "another camera")


def test_of_many_who_want_a_change_nobody_is_forgotten(running: Duty) -> None:
    together = threading.Barrier(8)

    def change(fps: int) -> bool:
        together.wait(LIMIT_SECONDS)
        changes = [running.duty.change(wish_of(fps)) for _ in range(50)]
        return all(change.done.wait(LIMIT_SECONDS) for change in changes)

    with ThreadPoolExecutor(8) as people:
        assert all(people.map(change, range(1, 9)))
    assert running.cameras.attempts <= 1 + 8 * 50


def test_who_comes_after_the_end_does_not_wait(running: Duty) -> None:
    running.stop()
    assert running.duty.change(wish_of(10)).done.wait(LIMIT_SECONDS)
