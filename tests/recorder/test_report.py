"""What the recorder says of the clip that grows."""

from __future__ import annotations

from pathlib import Path

from dashcam.link import messages as m
from tests.recorder.cameras import Cameras
from tests.recorder.running import RunningRecorder


def test_everybody_hears_that_the_open_clip_is_saved(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), "recording.segment_seconds=600") as recorder:
        clip = recorder.wait_until_recording().open_clip
        assert clip is not None
        assert not clip.is_saved
        recorder.ask(m.Save(after_seconds=0), m.Saved)
        saved = recorder.status().open_clip
        assert saved is not None
        assert (saved.id, saved.is_saved) == (clip.id, True)
        recorder.ask(m.StopRecording(), m.Stopped)
        recorder.ask(m.StartRecording(), m.Done)
        following = recorder.wait_for(lambda now: now.open_clip is not None, "another clip").open_clip
        assert following is not None
        assert (following.id == clip.id, following.is_saved) == (False, False)
