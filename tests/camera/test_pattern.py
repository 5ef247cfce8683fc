"""The pattern camera: what it hands on is one unbroken run of numbered frames."""

from __future__ import annotations

import threading
import time

import pytest
from msgspec.structs import replace

from dashcam.camera.base import CameraFacts
from dashcam.camera.pattern import PatternCamera, pattern_size
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraError
from dashcam.media.h264 import parameter_sets_of, split_annex_b
from dashcam.settings.schema import CameraSettings
from tests.camera.watched import LIMIT_SECONDS, Watched, decoded, ends_meet, number_in, numbers_in

SMALL = CameraSettings(kind="pattern", width=320, height=180, speed=100.0)


def recorded(settings: CameraSettings, watched: Watched, count: int) -> CameraFacts:
    camera = PatternCamera(settings, watched.callbacks(), 160)
    try:
        facts = camera.start()
        watched.wait_for_packets(count)
    finally:
        camera.close()
    return facts


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (SMALL, 150),
        (CameraSettings(kind="pattern", speed=100.0), 45),
        (CameraSettings(kind="pattern", width=1920, height=1080, fps=10.0, speed=100.0), 15),
    ],
)
def test_the_numbers_in_the_stream_are_one_unbroken_run(settings: CameraSettings, count: int) -> None:
    watched = Watched()
    recorded(settings, watched, count)
    assert numbers_in(decoded(packet.data for packet in watched.packets)) == list(range(len(watched.packets)))


def test_times_are_exact_and_leave_no_gap() -> None:
    watched = Watched()
    facts = recorded(replace(SMALL, fps=29.97), watched, 100)
    assert facts.fps == 29.97
    for number, packet in enumerate(watched.packets):
        assert packet.pts_ns == packet.dts_ns == round(number * NANOSECONDS / 29.97)
    assert ends_meet(watched.packets)
    captured = [packet.captured_monotonic_ns for packet in watched.packets]
    assert captured == sorted(captured)
    assert captured[-1] <= time.monotonic_ns()


def test_clips_can_be_cut_at_every_second() -> None:
    watched = Watched()
    recorded(replace(SMALL, fps=20.0), watched, 70)
    for number, packet in enumerate(watched.packets):
        assert packet.is_keyframe == (number % 20 == 0)
        assert bool(parameter_sets_of(split_annex_b(packet.data))) == packet.is_keyframe


def test_the_default_is_720p_at_30_and_nothing_is_said_about_it() -> None:
    watched = Watched()
    facts = recorded(CameraSettings(kind="pattern", speed=100.0), watched, 2)
    assert (facts.width, facts.height, facts.fps, facts.notes) == (1280, 720, 30.0, ())
    assert facts.description == "synthetic drive"
    assert "libx264" in facts.encoder or "hardware" in facts.encoder


@pytest.mark.parametrize(
    ("wished", "size"),
    [((0, 0), (1280, 720)), ((1920, 0), (1920, 1080)), ((0, 360), (640, 360)), ((641, 361), (640, 360)),
     ((1, 1), (32, 32)), ((854, 480), (854, 480))],
)  # fmt: skip
def test_sizes_are_even_and_keep_their_proportions(wished: tuple[int, int], size: tuple[int, int]) -> None:
    assert pattern_size(*wished) == size


def test_a_size_other_than_wished_is_said() -> None:
    watched = Watched()
    facts = recorded(CameraSettings(kind="pattern", width=101, height=75, speed=100.0), watched, 2)
    assert (facts.width, facts.height) == (100, 76)
    assert "even" in facts.notes[0]
    assert "frame number" in facts.notes[1]


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_picture_keeps_its_size_and_its_number(rotation: int) -> None:
    watched = Watched()
    settings = replace(SMALL, width=640, height=360, rotation=rotation)
    facts = recorded(settings, watched, 5)
    frames = decoded(packet.data for packet in watched.packets)
    assert (facts.width, facts.height) == (frames[0].width, frames[0].height) == (640, 360)
    assert numbers_in(frames)[:5] == [0, 1, 2, 3, 4]
    # The sky is bright, the dashboard dark: it lies where the lower edge was turned to.
    luma = frames[0].to_ndarray()[:360]
    edges = {90: luma[:, :30], 180: luma[:30], 270: luma[:, -30:]}
    assert min(edges, key=lambda degrees: float(edges[degrees].mean())) == rotation


def test_small_pictures_are_made_only_for_those_who_wish_them() -> None:
    idle, eager = Watched(), Watched(wishes=lambda pts_ns: pts_ns % (NANOSECONDS // 10) == 0)
    settings = replace(SMALL, fps=20.0)
    recorded(settings, idle, 41)
    recorded(settings, eager, 41)
    assert idle.pictures == []
    assert [picture.pts_ns * 10 // NANOSECONDS for picture in eager.pictures[:20]] == list(range(20))
    frame = eager.pictures[0].frame
    assert (frame.width, frame.height, frame.format.name) == (160, 90, "yuv420p")


def test_small_pictures_are_the_frames_they_say_they_are() -> None:
    """320 pixels are half the width that was drawn: the block is still read."""
    watched = Watched(wishes=lambda _pts_ns: True)
    camera = PatternCamera(CameraSettings(kind="pattern", width=640, fps=10.0, speed=100.0), watched.callbacks(), 320)
    try:
        camera.start()
        watched.wait_for(lambda: len(watched.pictures) >= 12)
    finally:
        camera.close()
    assert numbers_in(picture.frame for picture in watched.pictures) == list(range(len(watched.pictures)))


def test_a_photo_is_a_full_picture_that_later_frames_do_not_change() -> None:
    watched = Watched()
    camera = PatternCamera(SMALL, watched.callbacks(), 160)
    try:
        camera.start()
        watched.wait_for_packets(3)
        photo = camera.take_photo(LIMIT_SECONDS)
        watched.wait_for_packets(len(watched.packets) + 20)
    finally:
        camera.close()
    assert (photo.frame.width, photo.frame.height) == (320, 180)
    number = number_in(photo.frame)
    assert number is not None
    assert photo.pts_ns == watched.packets[number].pts_ns
    assert photo.captured_monotonic_ns == watched.packets[number].captured_monotonic_ns


def test_a_photo_of_a_closed_camera_is_refused_at_once() -> None:
    camera = PatternCamera(SMALL, Watched().callbacks(), 160)
    with pytest.raises(CameraError):
        camera.take_photo(LIMIT_SECONDS)
    camera.start()
    camera.close()
    camera.close()
    with pytest.raises(CameraError):
        camera.take_photo(LIMIT_SECONDS)


def test_nothing_is_handed_on_after_close_and_closing_is_no_failure() -> None:
    watched = Watched()
    recorded(SMALL, watched, 10)
    assert watched.failures == []
    assert "pattern camera" not in {thread.name for thread in threading.enumerate()}


def test_a_sink_that_fails_does_not_end_the_drive() -> None:
    class Failing(Watched):
        def _put_packet(self, packet: object) -> None:
            super()._put_packet(packet)  # type: ignore[arg-type]
            raise RuntimeError("a sink that breaks its promise")

    watched = Failing()
    recorded(SMALL, watched, 40)
    assert numbers_in(decoded(packet.data for packet in watched.packets))[:40] == list(range(40))
    assert watched.failures == []


def test_a_drive_that_dies_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_arguments: object) -> None:
        raise MemoryError("drawn to see it fail")

    monkeypatch.setattr("dashcam.camera.drive.scene.Scene.draw", no_memory)
    watched = Watched()
    camera = PatternCamera(SMALL, watched.callbacks(), 160)
    try:
        camera.start()
        watched.wait_for(lambda: bool(watched.failures))
    finally:
        camera.close()
    assert [type(error) for error in watched.failures] == [MemoryError]
