"""What the recorder says of the clip that grows."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from dashcam.link import messages as m
from dashcam.recorder.card import Card, NewPlace
from dashcam.recorder.trigger import Trigger
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


def test_while_driving_it_is_said_that_no_event_can_be_kept_until_one_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_asked: object) -> NewPlace:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with RunningRecorder(tmp_path, Cameras(), "recording.mode=drive", "events.after_seconds=0.2") as recorder:
        recorder.wait_until_recording()
        with monkeypatch.context() as in_trouble:
            in_trouble.setattr(Card, "place_for_event", full)
            in_trouble.setattr(Card, "try_out", full)
            recorder._recorder._events.trigger(Trigger(cause="impact", at_monotonic_ns=time.monotonic_ns()))
            told = recorder.wait_for(lambda now: bool(now.warnings), "a warning")
        assert told.warnings[0].startswith("Events cannot be kept: the card at ")
        assert (told.is_recording, told.state) == (True, "recording")
        over = "Frames of events were lost to a slow or failing card since the start"
        recorder.wait_for(lambda now: now.warnings == (over,), "its end")
