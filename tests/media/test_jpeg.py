"""JPEGs of video frames, judged by another decoder (pillow)."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange
from PIL import Image

from dashcam.media.jpeg import encode_jpeg, quantiser_of
from tests.packets import encoded_frames

LIMITED, FULL = ColorRange.MPEG, ColorRange.JPEG


def grey(luma: int, pixel_format: str = "yuv420p", size: tuple[int, int] = (64, 48)) -> av.VideoFrame:
    frame = av.VideoFrame(*size, pixel_format)
    for plane, value in zip(frame.planes, (luma, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


def opened(jpeg: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(jpeg))
    picture.load()
    return picture


def detailed_frame() -> av.VideoFrame:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    frames = [*decoder.decode(av.Packet(encoded_frames(30)[0][0])), *decoder.decode(None)]
    return frames[0]


@pytest.mark.parametrize("size", [(64, 48), (63, 49), (1, 1), (641, 361)])
def test_any_size_keeps_its_size(size: tuple[int, int]) -> None:
    assert opened(encode_jpeg(grey(100, size=size), 80)).size == size


@pytest.mark.parametrize(
    ("pixel_format", "colour_range", "black", "white"),
    [
        ("yuv420p", ColorRange.UNSPECIFIED, 16, 235),
        ("yuv420p", LIMITED, 16, 235),
        ("yuv420p", FULL, 0, 255),
        ("yuvj420p", ColorRange.UNSPECIFIED, 0, 255),
        ("yuvj420p", FULL, 0, 255),
    ],
)
def test_black_is_black_and_white_is_white(pixel_format: str, colour_range: ColorRange, black: int, white: int) -> None:
    for luma, shown in ((black, 0), (white, 255)):
        frame = grey(luma, pixel_format)
        frame.color_range = colour_range
        assert np.abs(np.asarray(opened(encode_jpeg(frame, 90)).convert("L"), int) - shown).max() <= 1


def test_a_better_quality_is_never_a_smaller_file() -> None:
    frame = detailed_frame()
    sizes = [len(encode_jpeg(frame, quality)) for quality in range(10, 101, 10)]
    assert sizes == sorted(sizes)
    assert sizes[0] * 2 < sizes[-1]


def test_every_quality_has_a_quantiser_that_the_encoder_knows() -> None:
    quantisers = [quantiser_of(quality) for quality in range(10, 101)]
    assert quantisers == sorted(quantisers, reverse=True)
    assert (quantisers[0], quantisers[-1]) == (31, 1)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p"])
def test_the_frame_itself_stays_as_it_is(pixel_format: str) -> None:
    """It may be on its way to the encoder, whose time stamp must not change."""
    frame = grey(77, pixel_format)
    frame.pts = 12345
    before = bytes(frame.planes[0])
    encode_jpeg(frame, 60)
    assert (frame.pts, frame.format.name, bytes(frame.planes[0])) == (12345, pixel_format, before)
