"""The writer cuts at keyframes, loses no frame between two clips, and outlives errors of the card."""

from __future__ import annotations

import dataclasses
import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar, tag_in
from dashcam.clock import NANOSECONDS
from dashcam.recorder.packet_queue import EndClip, NewFormat
from dashcam.settings.schema import CameraSettings, RecordingSettings, Settings
from tests.packets import FACTS, FPS, packets
from tests.recorder.asked import wait_until
from tests.recorder.rig import Rig, clips_of, frames_in


def failing_after(calls: int, code: int) -> Callable[[int], None]:
    """A sync that fails once, after it worked `calls` times."""
    left = [calls]

    def sync(descriptor: int) -> None:
        left[0] -= 1
        if left[0] == -1:
            raise OSError(code, os.strerror(code))
        os.fdatasync(descriptor)

    return sync


def test_clips_end_at_the_first_keyframe_past_their_length_and_no_frame_is_lost(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.record(packets(7 * FPS))
    clips = clips_of(tmp_path)
    assert [len(frames_in(clip)) for clip in clips] == [2 * FPS, 2 * FPS, 2 * FPS, FPS]
    sidecars = [read_sidecar(sidecar_of(clip)) for clip in clips]
    starts = [sidecar.media_start_ns for sidecar in sidecars]
    assert starts == [0, 2 * NANOSECONDS, 4 * NANOSECONDS, 6 * NANOSECONDS]
    assert [sidecar.frames for sidecar in sidecars] == [20, 20, 20, 10]
    assert [sidecar.duration_seconds for sidecar in sidecars] == [2.0, 2.0, 2.0, 1.0]
    assert [sidecar.bytes for sidecar in sidecars] == [clip.stat().st_size for clip in clips]
    assert [sidecar.id for sidecar in sidecars] == ["1-1", "1-2", "1-3", "1-4"]
    assert rig.writer.frames_written == 7 * FPS
    assert rig.first_durable == clips


def test_names_carry_local_time_and_are_never_used_twice(tmp_path: Path) -> None:
    Rig(tmp_path).record(packets(2 * FPS))
    Rig(tmp_path).record(packets(2 * FPS))
    names = [clip.relative_to(tmp_path / "DCIM" / "VIDEO").as_posix() for clip in clips_of(tmp_path)]
    assert sorted(names) == ["2026-11-20/dcp_20261120120000.mp4", "2026-11-20/dcp_20261120120000_2.mp4"]
    ids = {read_sidecar(sidecar_of(clip)).id for clip in clips_of(tmp_path)}
    assert ids == {"1-1", "2-1"}


def test_before_the_clock_is_right_clips_are_called_after_their_ids(tmp_path: Path) -> None:
    Rig(tmp_path, utc_ns=NANOSECONDS).record(packets(3 * FPS))
    clips = clips_of(tmp_path)
    assert [clip.name for clip in clips] == ["boot0001_000001.mp4", "boot0001_000002.mp4"]
    assert {clip.parent.name for clip in clips} == {"undated"}
    sidecar = read_sidecar(sidecar_of(clips[0]))
    assert (sidecar.started_utc, sidecar.clock_source) == (None, "none")


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EROFS])
def test_after_an_error_of_the_card_recording_goes_on_at_the_next_keyframe(tmp_path: Path, code: int) -> None:
    rig = Rig(tmp_path, failing_after(2, code))
    rig.record(packets(8 * FPS))
    clips = clips_of(tmp_path)
    unfinished = [clip for clip in clips if not sidecar_of(clip).exists()]
    assert len(unfinished) == 1
    on_card = sum(len(frames_in(clip)) for clip in clips)
    assert on_card >= 8 * FPS - FPS - FPS // 2
    assert rig.writer.frames_written + rig.writer.lost_to_card == 8 * FPS
    assert rig.writer.lost_to_card < FPS
    assert rig.trouble() is None


def test_a_card_that_cannot_be_opened_is_tried_again_at_every_keyframe(tmp_path: Path) -> None:
    data = tmp_path / "card"
    data.mkdir()
    blocker = data / "DCIM"
    blocker.write_text("in the way")
    rig = Rig(data)
    rig.record(packets(2 * FPS))
    assert rig.trouble() == "no_card"
    assert rig.writer.lost_to_card == 2 * FPS
    blocker.unlink()
    rig.record(packets(2 * FPS, first=2 * FPS))
    assert rig.trouble() is None
    assert [len(frames_in(clip)) for clip in clips_of(data)] == [2 * FPS]


def test_frames_that_the_queue_lost_are_counted_in_the_sidecar_of_their_clip(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    sent = list(packets(6 * FPS))
    rig.queue.limit_bytes = sum(len(packet.data) + 400 for packet in sent[: 3 * FPS])
    rig.record(sent)
    rig.record(packets(2 * FPS, first=6 * FPS))
    sidecars = [read_sidecar(sidecar_of(clip)) for clip in clips_of(tmp_path)]
    assert sum(sidecar.dropped_frames for sidecar in sidecars) == rig.queue.dropped_frames
    assert rig.queue.dropped_frames > 0
    assert rig.queue.dropped_frames % FPS == 0
    assert sum(sidecar.frames for sidecar in sidecars) + rig.queue.dropped_frames == 8 * FPS


def test_a_clip_that_was_ended_is_closed_and_the_next_one_begins_with_a_keyframe(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    ended = threading.Event()
    rig.record([*packets(FPS + 5), EndClip(ended), *packets(FPS, first=FPS + 5)])
    assert ended.is_set()
    assert [len(frames_in(clip)) for clip in clips_of(tmp_path)] == [FPS + 5, 5]


def test_a_change_of_clip_is_no_break(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.record(packets(7 * FPS, start_ns=NANOSECONDS))
    assert len(clips_of(tmp_path)) > 1
    assert rig.writer.unbroken_since == 1.0


def test_recording_that_was_ended_or_interrupted_by_the_card_has_a_new_beginning(tmp_path: Path) -> None:
    ended = Rig(tmp_path / "ended")
    ended.record([*packets(3 * FPS), EndClip(threading.Event()), *packets(3 * FPS, first=3 * FPS)])
    assert ended.writer.unbroken_since == 3.0
    failed = Rig(tmp_path / "failed", failing_after(2, errno.EIO))
    failed.record(packets(8 * FPS))
    clips = clips_of(tmp_path / "failed")
    cut_off = next(number for number, clip in enumerate(clips) if not sidecar_of(clip).exists())
    begun_anew = read_sidecar(sidecar_of(clips[cut_off + 1])).media_start_ns
    assert begun_anew
    assert failed.writer.unbroken_since == begun_anew / NANOSECONDS


def test_recording_that_the_queue_interrupted_has_a_new_beginning(tmp_path: Path) -> None:
    rig = Rig(tmp_path, segment_seconds=60.0)
    sent = list(packets(6 * FPS))
    rig.queue.limit_bytes = sum(len(packet.data) + 400 for packet in sent[: 3 * FPS])
    rig.queue.open()
    rig.queue.put_marker(NewFormat(FACTS))
    for packet in sent:
        rig.queue.put(packet)
    assert rig.queue.dropped_gops > 0
    stop = threading.Event()
    writing = threading.Thread(target=rig.writer.work, args=(stop,))
    writing.start()
    wait_until(lambda: rig.queue.used_bytes == 0, "an empty queue")
    for packet in packets(2 * FPS, first=6 * FPS):
        rig.queue.put(packet)
    stop.set()
    writing.join()
    rig.card.close()
    assert len(clips_of(tmp_path)) == 1
    assert rig.writer.unbroken_since == 6.0


@pytest.mark.parametrize(("kind", "speed"), [("replay", 4.0), ("pattern", 4.0), ("usb", 1.0)])
def test_a_clip_that_may_be_cut_off_says_how_fast_it_is_played(tmp_path: Path, kind: str, speed: float) -> None:
    rig = Rig(tmp_path)
    rig.writer.take(Settings(camera=CameraSettings(speed=4.0), recording=RecordingSettings()))
    rig.record([NewFormat(dataclasses.replace(FACTS, kind=kind)), *packets(FPS)])
    [clip] = clips_of(tmp_path)
    tag = tag_in(clip)
    assert tag is not None
    assert tag.speed == speed
