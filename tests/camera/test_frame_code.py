"""The block that numbers frames."""

from __future__ import annotations

import random

import av
import numpy as np
import pytest

from dashcam.camera.drive.scene import Scene
from dashcam.camera.encoder import open_encoder
from dashcam.camera.frame_code import FrameCode, block_place, draw, read
from dashcam.camera.planes import new_picture, planes_of
from tests.camera.watched import decoded, numbers_in

SIZES = [(320, 180), (640, 352), (854, 480), (1280, 720), (1920, 1080), (720, 1280), (134, 40)]
LARGEST = 2**32 - 1


@pytest.mark.parametrize("size", SIZES)
def test_what_is_drawn_is_read_on_any_background(size: tuple[int, int]) -> None:
    luma = np.random.default_rng(1).integers(0, 256, size[::-1], np.uint8)
    for number, milliseconds in ((0, 0), (1, 33), (123_456, 987_654_321), (LARGEST, LARGEST)):
        draw(luma, number, milliseconds)
        assert read(luma) == FrameCode(number, milliseconds)


def test_numbers_start_again_after_32_bits() -> None:
    luma = np.zeros((180, 320), np.uint8)
    draw(luma, LARGEST + 6, LARGEST + 8)
    assert read(luma) == FrameCode(5, 7)


def test_a_picture_without_block_is_not_read() -> None:
    assert read(np.zeros((180, 320), np.uint8)) is None
    assert read(np.random.default_rng(2).integers(0, 256, (720, 1280), np.uint8)) is None
    assert read(np.zeros((10, 10), np.uint8)) is None


def test_a_damaged_block_is_never_read_as_another_number() -> None:
    """Up to two cells turned over, wherever they are, are always noticed: the CRC promises it."""
    luma = np.zeros((180, 320), np.uint8)
    draw(luma, 4711, 815)
    place = block_place(320, 180)
    assert place is not None
    chance = random.Random(3)
    for _ in range(300):
        damaged = luma.copy()
        for cell in chance.sample(range(96), chance.choice((1, 2))):
            top, left = place.top + cell // 32 * place.cell, place.left + cell % 32 * place.cell
            damaged[top : top + place.cell, left : left + place.cell] ^= 0xFF
        assert read(damaged) is None


def test_a_picture_too_small_for_the_block_is_left_alone() -> None:
    luma = np.full((30, 60), 99, np.uint8)
    draw(luma, 1, 1)
    assert (luma == 99).all()


def test_rows_with_padding_are_drawn_into_and_read() -> None:
    padded = np.zeros((180, 352), np.uint8)
    draw(padded[:, :320], 42, 1)
    assert read(padded[:, :320]) == FrameCode(42, 1)
    assert not padded[:, 320:].any()


@pytest.mark.parametrize("scaled_width", [640, 320])
def test_a_smaller_copy_of_the_picture_is_read(scaled_width: int) -> None:
    frame, planes = new_picture(1280, 720)
    draw(planes.y, 1234, 5678)
    small = frame.reformat(width=scaled_width, height=scaled_width * 9 // 16)
    assert read(planes_of(small).y) == FrameCode(1234, 5678)


@pytest.mark.parametrize(("size", "bitrate"), [((320, 180), 50_000), ((1280, 720), 300_000)])
def test_the_block_survives_bit_rates_nobody_would_use(size: tuple[int, int], bitrate: int) -> None:
    """A twelfth of the default and less, with the synthetic drive around it."""
    scene = Scene(*size)
    encoder = open_encoder(*size, 30.0, bitrate)
    frame, planes = new_picture(*size)
    packets = []
    for number in range(40):
        scene.draw(planes, number / 30, number, 0)
        draw(planes.y, number, number * 33)
        packets += encoder.encode(frame, pts_ns=number, duration_ns=1, captured_monotonic_ns=0)
    packets += encoder.finish()
    assert numbers_in(decoded(packet.data for packet in packets)) == list(range(40))


def test_frames_of_the_decoder_are_read_in_place() -> None:
    frame = av.VideoFrame.from_ndarray(np.zeros((270, 320), np.uint8), format="yuv420p")
    assert read(planes_of(frame).y) is None
