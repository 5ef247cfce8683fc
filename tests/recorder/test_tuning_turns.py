"""While the camera is opened anew, nobody else who saves settings waits for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashcam.errors import CameraError
from dashcam.link import messages as m
from tests.packets import FPS
from tests.recorder.cameras import Cameras
from tests.recorder.running import RunningRecorder
from tests.recorder.test_tuning import save


def test_while_the_camera_opens_other_settings_are_in_force_and_a_second_change_of_it_is_told(tmp_path: Path) -> None:
    cameras = Cameras()
    with RunningRecorder(tmp_path, cameras) as recorder, ThreadPoolExecutor() as people:
        recorder.wait_until_recording(FPS)
        cameras.may_open.clear()
        applying = people.submit(save, recorder, {"camera.fps": 15}, may_interrupt=True)
        try:
            recorder.wait_for(lambda now: now.state == "starting", "a pause")
            save(recorder, {"recording.queue": "4 MB", "camera.fps": 20})
            assert recorder.status().queue.limit_bytes == 4_000_000
            with pytest.raises(CameraError, match="try again in a moment"):
                recorder.ask(m.SettingsChanged(may_interrupt=True), m.SettingsTaken)
            assert not applying.done()
        finally:
            cameras.may_open.set()
        applying.result()
        # What was saved meanwhile is not lost.
        assert recorder.ask(m.SettingsChanged(may_interrupt=True), m.SettingsTaken).pending == ()
        recorder.wait_until_recording(FPS)
