"""What a card that fails in the middle of a write leaves behind: every frame is in a file or counted as lost."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dashcam.clips.names import sidecar_of
from tests.packets import FPS, packets
from tests.recorder.rig import Rig, clips_of, frames_in


class FailingCard:
    """Takes so many bytes, then fails for some writes, then works again. Stands in for os.pwrite."""

    def __init__(self, room_bytes: int, failures: int, code: int) -> None:
        self.room_bytes = room_bytes
        self._failures = failures
        self._code = code
        self._write = os.pwrite

    def pwrite(self, descriptor: int, data: memoryview, position: int) -> int:
        size = len(data)
        if size <= self.room_bytes or not self._failures:
            self.room_bytes -= size
            return self._write(descriptor, data, position)
        if self.room_bytes > 0:
            written = self._write(descriptor, data[: self.room_bytes], position)
            self.room_bytes = 0
            return written
        self._failures -= 1
        raise OSError(self._code, os.strerror(self._code))


def on_card(data: Path) -> int:
    return sum(len(frames_in(clip)) for clip in clips_of(data))


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS])
@pytest.mark.parametrize("room_bytes", [100, 2_000, 15_000, 40_000, 70_000])
def test_every_frame_is_in_a_file_or_counted_as_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, room_bytes: int
) -> None:
    monkeypatch.setattr("dashcam.media.durable_file.os.pwrite", FailingCard(room_bytes, 1, code).pwrite)
    rig = Rig(tmp_path)
    rig.record(packets(8 * FPS))
    assert rig.writer.lost_to_card > 0
    assert rig.writer.frames_written + rig.writer.lost_to_card == 8 * FPS
    # Of the fragment that was cut short some frames may be whole.
    assert 0 <= on_card(tmp_path) - rig.writer.frames_written < FPS // 2
    assert rig.trouble() is None


def test_a_card_that_stays_full_is_not_strewn_with_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = FailingCard(30_000, 10**9, errno.ENOSPC)
    monkeypatch.setattr("dashcam.media.durable_file.os.pwrite", full.pwrite)
    rig = Rig(tmp_path)
    rig.record(packets(30 * FPS))
    assert rig.trouble() == "card_full"
    assert rig.writer.frames_written + rig.writer.lost_to_card == 30 * FPS
    assert on_card(tmp_path) == rig.writer.frames_written
    unfinished = [path for path in (tmp_path / "DCIM").rglob("*.mp4") if not sidecar_of(path).exists()]
    assert len(unfinished) <= 1
    full.room_bytes = 10**9
    rig.record(packets(2 * FPS, first=30 * FPS))
    assert rig.trouble() is None
    assert len(frames_in(clips_of(tmp_path)[-1])) == 2 * FPS
