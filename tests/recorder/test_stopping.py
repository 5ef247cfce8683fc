"""The recorder stops: what it has recorded comes first, and nobody waits for what has nothing to write."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest

from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.clips.track_log import LoggedPlace, log_folder, read_entries
from dashcam.gps.base import Receiver
from dashcam.gps.tracker import FixSink
from dashcam.recorder.card import Card
from dashcam.settings.schema import GpsSettings
from tests.packets import FPS
from tests.recorder.asked import LIMIT_SECONDS, wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.rig import clips_of, frames_in
from tests.recorder.running import RunningRecorder
from tests.recorder.test_gps_duty import ToyReceiver, moving


class HangingReceiver(ToyReceiver):
    """Its port does not answer any more."""

    def __init__(self, on_fix: FixSink) -> None:
        super().__init__(on_fix, is_real=True)
        self.hangs = threading.Event()
        self.may_close = threading.Event()

    def close(self) -> None:
        self.hangs.set()
        self.may_close.wait()


def test_a_receiver_that_hangs_delays_neither_the_last_clip_nor_the_track(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashcam.recorder.service._GPS_STOP_SECONDS", LIMIT_SECONDS)
    let_go, opened = threading.Event(), list[HangingReceiver]()
    close = Card.close

    def noted_close(card: Card) -> None:
        close(card)
        let_go.set()

    def open_hanging(
        settings: GpsSettings, on_fix: FixSink, *, reference: date, speed: float, or_simulated: bool
    ) -> Receiver:
        opened.append(HangingReceiver(on_fix))
        return opened[0]

    monkeypatch.setattr(Card, "close", noted_close)
    with RunningRecorder(tmp_path, Cameras(), "gps.kind=serial") as recorder:
        recorder._recorder._gps._open_receiver = open_hanging
        recorder.wait_until_recording(FPS)
        wait_until(lambda: bool(opened), "a receiver")
        try:
            assert not let_go.is_set()
            for number in range(20):
                opened[0].on_fix(moving(number))
            recorder.let_stop()
            assert let_go.wait(LIMIT_SECONDS / 2), "the card is let go of before the receiver"
            assert opened[0].hangs.wait(LIMIT_SECONDS)
            assert not recorder.has_ended
            sidecars = [read_sidecar(sidecar_of(clip)) for clip in clips_of(tmp_path)]
            assert {sidecar.integrity for sidecar in sidecars} == {"closed"}
            assert [len(frames_in(clip)) for clip in clips_of(tmp_path)] == [sidecar.frames for sidecar in sidecars]
            assert [entry.monotonic_ns for entry in places_in(tmp_path)] == [
                moving(number).received_monotonic_ns for number in range(20)
            ]
        finally:
            opened[0].may_close.set()


def places_in(data: Path) -> list[LoggedPlace]:
    return [
        entry
        for path in sorted(log_folder(CardFolders(data)).iterdir())
        for entry in read_entries(path.read_bytes())
        if isinstance(entry, LoggedPlace)
    ]
