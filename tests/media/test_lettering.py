"""Words on pictures can be read, on any ground and at any size, and never leave the picture."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import get_args

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFont

from dashcam.media import lettering as module
from dashcam.media.jpeg import full_range_copy
from dashcam.media.lettering import Corner, Lettering, letter_pixels, lettering, write_on_frame, write_on_image

CORNERS: tuple[Corner, ...] = get_args(Corner)
GROUPS = ("2026-07-01 14:00:00 CEST", "48 km/h", "53.35122, -6.26031", "front")
SIZES = ((320, 180), (360, 240), (240, 360), (1280, 720), (1920, 1080), (1080, 1920), (3840, 2160))


def box_of(words: Lettering) -> tuple[int, int, int, int]:
    """Of what is really drawn."""
    box = words.outline.getbbox()
    assert box is not None
    left, top, right, bottom = box
    return words.x + left, words.y + top, words.x + right, words.y + bottom


@pytest.fixture(params=["the system's", "Pillow's", "one size only"])
def font(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every font that a machine may have."""
    if request.param != "the system's":
        monkeypatch.setattr(module, "_SYSTEM_FONT", Path("/nonexistent"))
    if request.param == "one size only":
        small = getattr(ImageFont, "load_default_imagefont", ImageFont.load_default)()

        def before_pillow_10() -> object:
            return small

        monkeypatch.setattr(ImageFont, "load_default", before_pillow_10)
    return str(request.param)


@pytest.mark.parametrize(("size", "corner"), list(product(SIZES, CORNERS)))
def test_words_stand_in_their_corner_and_inside(font: str, size: tuple[int, int], corner: Corner) -> None:
    words = lettering([GROUPS], corner, size, letter_pixels(size))
    assert words is not None, font
    left, top, right, bottom = box_of(words)
    far_right, far_down = size[0] - right, size[1] - bottom
    edge = max(size[1] // 20, 8)
    assert min(left, top, far_right, far_down) >= 1
    assert (top if "top" in corner else far_down) <= edge
    assert (left if "left" in corner else far_right) <= edge
    assert bottom - top <= size[1] / 4


@settings(deadline=None)
@given(
    st.lists(st.text(max_size=40), max_size=6),
    st.sampled_from(CORNERS),
    st.integers(1, 700),
    st.integers(1, 700),
    st.integers(1, 80),
)
def test_nothing_is_ever_written_beside_the_picture(
    groups: list[str], corner: Corner, width: int, height: int, pixels: int
) -> None:
    words = lettering([groups], corner, (width, height), pixels)
    if words is not None:
        assert words.letters.size == words.outline.size
        assert words.x % 2 == words.y % 2 == 0
        assert 0 <= words.x <= words.x + words.letters.width <= width
        assert 0 <= words.y <= words.y + words.letters.height <= height


def test_two_lines_where_one_is_too_long() -> None:
    one, two = (lettering([GROUPS], "bottom-right", size, 20) for size in ((1280, 720), (400, 720)))
    assert one is not None
    assert two is not None
    assert 1.8 < two.letters.height / one.letters.height < 3.2
    assert two.letters.width < one.letters.width


def test_a_group_too_long_even_alone_is_written_smaller() -> None:
    words = lettering([["a camera whose name is as long as may be"]], "top-left", (360, 240), 30)
    assert words is not None
    assert 300 < words.letters.width <= 360
    assert lettering([["a camera whose name is as long as may be"]], "top-left", (60, 40), 12) is None
    assert lettering([[" ", ""]], "top-left", (360, 240), 12) is None


@pytest.mark.parametrize("size", [(360, 240), (1280, 720), (3840, 2160)])
def test_letters_grow_with_the_picture(size: tuple[int, int]) -> None:
    words = lettering([["0123456789"]], "top-left", size, letter_pixels(size))
    assert words is not None
    assert words.letters.height >= max(10, size[1] / 45)


@pytest.mark.parametrize("shade", [0, 60, 128, 200, 255])
def test_every_letter_is_white_and_has_black_around_it(font: str, shade: int) -> None:
    image = Image.new("RGB", (1280, 720), (shade, shade, shade))
    words = lettering([GROUPS], "top-left", image.size, letter_pixels(image.size))
    assert words is not None, font
    write_on_image(image, words)
    grey = image.convert("L").crop((words.x, words.y, words.x + words.letters.width, words.y + words.letters.height))
    solid_letters = words.letters.point(lambda value: 255 * (value > 250))
    around = ImageChops.subtract(words.outline, words.letters).point(lambda value: 255 * (value > 250))
    for mask, bright in ((solid_letters, True), (around, False)):
        values = [value for value, where in zip(grey.tobytes(), mask.tobytes(), strict=True) if where]
        assert len(values) > 300
        assert (min(values) > 240) if bright else (max(values) < 15)


def planes_of(frame: av.VideoFrame) -> list[NDArray[np.int16]]:
    return [
        np.frombuffer(bytes(plane), np.uint8)
        .reshape(-1, plane.line_size)[: plane.height, : plane.width]
        .astype(np.int16)
        for plane in frame.planes
    ]


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("size", [(640, 360), (638, 358), (201, 137)])
def test_a_photo_carries_the_words_and_is_otherwise_untouched(size: tuple[int, int], corner: Corner) -> None:
    frame = av.VideoFrame(*size, "yuv420p")
    for plane, value in zip(frame.planes, (180, 60, 200), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    bare, stamped = full_range_copy(frame), full_range_copy(frame)
    words = lettering([["12:00"], ["48 km/h"]], corner, size, 14)
    assert words is not None
    write_on_frame(stamped, words)
    left, top, right, bottom = box_of(words)
    for number, (now, before) in enumerate(zip(planes_of(stamped), planes_of(bare), strict=True)):
        scale = 2 if number else 1
        changed = Image.fromarray((now != before).astype(np.uint8)).getbbox()
        assert changed is not None
        assert changed[0] >= left // scale
        assert changed[1] >= top // scale
        assert changed[2] <= -(-right // scale)
        assert changed[3] <= -(-bottom // scale)
    luma, blue, red = planes_of(stamped)
    letters = np.asarray(words.letters)
    written = luma[words.y : words.y + letters.shape[0], words.x : words.x + letters.shape[1]][letters == 255]
    assert len(written) > 50
    assert set(written) == {255}
    assert luma.min() == 0
    # Where the outline fills all four pixels of a colour it is grey.
    assert (128 in blue, 128 in red) == (True, True)
    assert planes_of(frame)[0].min() == planes_of(frame)[0].max() == 180, "the camera's own picture is only read"
