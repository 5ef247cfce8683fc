"""Small pictures, photos, and sinks that fail."""

from __future__ import annotations

import logging
import threading
from typing import NoReturn, cast

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from dashcam.camera import planes
from dashcam.camera.base import CameraCallbacks, Packet, Picture
from dashcam.camera.encoder import Encoder
from dashcam.camera.frames import FramePipeline, PhotoDesk, Shrinker, copy_of, even
from dashcam.camera.guard import guarded
from dashcam.camera.planes import new_picture, planes_of, rotate_into
from dashcam.camera.upright import Upright
from dashcam.errors import CameraError
from dashcam.worker import Worker
from tests.camera.watched import LIMIT_SECONDS, wait_until


def photo(pts_ns: int) -> Picture:
    return Picture(new_picture(16, 16)[0], pts_ns, pts_ns)


@pytest.mark.parametrize(
    ("size", "small_width", "expected"),
    [((1280, 720), 640, (640, 360)), ((640, 480), 321, (320, 240)), ((320, 180), 640, (320, 180)),
     ((1920, 1080), 500, (500, 282))],
)  # fmt: skip
def test_small_pictures_keep_proportions_and_are_never_larger(
    size: tuple[int, int], small_width: int, expected: tuple[int, int]
) -> None:
    small = Shrinker(small_width).shrink(new_picture(*size)[0])
    assert (small.width, small.height, small.format.name) == (*expected, "yuv420p")


def test_a_small_picture_has_memory_of_its_own_even_at_full_size() -> None:
    frame, planes = new_picture(320, 180)
    small = Shrinker(640).shrink(frame)
    planes.y[:] = 200
    assert planes_of(small).y.max() == 16


def test_full_range_pictures_become_limited_ones() -> None:
    """A webcam's MJPEG is full range; what we hand on is not."""
    full = VideoFrame.from_ndarray(np.full((48, 32), 255, np.uint8), format="yuvj420p")
    full.color_range = ColorRange.JPEG
    assert planes_of(Shrinker(16).shrink(full)).y.max() == 235
    assert planes_of(Upright(0, 32, 32).turn(full)).y.max() == 235


def test_a_copy_is_independent() -> None:
    frame, planes = new_picture(32, 16)
    copy = copy_of(frame)
    planes.y[:], planes.chroma[:] = 99, 99
    assert (planes_of(copy).y == 16).all()
    assert (planes_of(copy).chroma == 128).all()


def test_even_is_the_nearest_even_number() -> None:
    assert [even(pixels) for pixels in (0, 1.2, 2.9, 3.1, 719, 720)] == [2, 2, 2, 4, 720, 720]


@pytest.mark.parametrize(("degrees", "corner"), [(0, (0, 0)), (90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_turning_is_clockwise(degrees: int, corner: tuple[int, int]) -> None:
    frame, planes = new_picture(32, 16)
    planes.y[:2, :2] = 200  # the upper left corner
    planes.chroma[1, :1, :1] = 240
    upright = Upright(degrees, 32, 16)
    turned = planes_of(upright.turn(frame))
    assert turned.y.shape == (upright.height, upright.width)
    assert turned.y[corner] == 200
    assert turned.chroma[(1, *corner)] == 240
    assert (turned.y == 200).sum() == 4


def test_rotation_draws_into_what_is_there() -> None:
    _, source = new_picture(32, 16)
    frame, target = new_picture(16, 32)
    source.y[:] = 77
    rotate_into(target, source, 90)
    assert (planes_of(frame).y == 77).all()


def test_everybody_who_waits_gets_the_same_next_photo() -> None:
    desk = PhotoDesk()
    got: list[int] = []

    def ask(_stop: threading.Event) -> None:
        got.append(desk.wait(LIMIT_SECONDS).pts_ns)

    workers = [Worker(f"asks {number}", ask) for number in range(3)]
    for worker in workers:
        worker.start()
    wait_until(lambda: desk.waiting == 3)
    desk.deliver(photo(7))
    assert all(worker.stop(LIMIT_SECONDS) for worker in workers)
    assert got == [7, 7, 7]
    assert not desk.is_wished


def test_an_old_photo_is_never_given() -> None:
    desk = PhotoDesk()
    desk.deliver(photo(1))
    with pytest.raises(CameraError, match="try again"):
        desk.wait(0.01)


def test_a_closed_camera_sends_photo_waiters_away_at_once() -> None:
    desk = PhotoDesk()
    errors: list[BaseException] = []
    asking = Worker("asks", lambda _stop: (desk.wait(LIMIT_SECONDS), None)[1], errors.append)
    asking.start()
    wait_until(lambda: desk.is_wished)
    desk.close()
    assert asking.stop(LIMIT_SECONDS)
    assert [type(error) for error in errors] == [CameraError]
    with pytest.raises(CameraError):
        desk.wait(LIMIT_SECONDS)


class Frame:
    """Stands in for a picture whose memory cannot be had for itself."""

    def make_writable(self) -> NoReturn:
        raise MemoryError("no memory of its own")


class OnePacketEach:
    """In place of an encoder."""

    def encode(self, _frame: object, **times: int) -> list[Packet]:
        return [Packet(b"", times["pts_ns"], times["pts_ns"], times["duration_ns"], True, 0)]


@pytest.mark.parametrize("has_luma", [True, False])
def test_a_picture_that_cannot_be_stamped_is_encoded_without_and_nobody_tries_again(
    has_luma: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_luma(_frame: VideoFrame) -> NoReturn:
        raise ValueError("no luma")

    monkeypatch.setattr(planes, "luma_of", no_luma)
    packets: list[Packet] = []
    errors: list[Exception] = []
    callbacks = CameraCallbacks(
        packet=packets.append,
        picture=lambda _picture: None,
        wishes_pictures=lambda _pts_ns: False,
        failed=errors.append,
        wishes_stamp=lambda: not errors,
        stamp_failed=errors.append,
    )
    pipeline = FramePipeline(cast(Encoder, OnePacketEach()), callbacks, 320)
    frame = new_picture(32, 16)[0] if has_luma else cast(VideoFrame, Frame())
    for number in range(3):
        pipeline.take(frame, pts_ns=number, duration_ns=1, captured_monotonic_ns=number)
    assert [packet.pts_ns for packet in packets] == [0, 1, 2]
    assert [str(error) for error in errors] == ["no luma" if has_luma else "no memory of its own"]


def test_sinks_that_raise_are_logged_once_and_do_not_reach_the_camera(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_argument: object) -> NoReturn:
        raise ValueError("broken sink")

    failures: list[Exception] = []
    safe = guarded(CameraCallbacks(packet=fail, picture=fail, wishes_pictures=fail, failed=failures.append))
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            safe.packet(Packet(b"", 0, 0, 0, True, 0))
            safe.picture(photo(0))
            assert not safe.wishes_pictures(0)
    assert len(caplog.records) == 3
    for _ in range(2):
        safe.failed(CameraError("gone"))
    assert len(failures) == 1
