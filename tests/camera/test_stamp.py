"""The stamp itself: in its corner and nowhere else, readable on anything, for any name, allocating nothing a frame."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from PIL import ImageFont

from dashcam.camera import frame_code
from dashcam.camera.stamp import Corner, Letters, Stamp, letter_pixels
from tests.camera.stamped import CORNERS, WORDS, box_of, draw_on

SIZES = [(360, 240), (640, 360), (1280, 720), (1920, 1080), (1080, 1920), (3840, 2160), (1440, 1080), (322, 182)]


def edges_of(covered: np.ndarray[Any, Any]) -> tuple[int, int, int, int]:
    """Pixels to the left, the right, the top and the bottom of what is covered."""
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    height, width = covered.shape
    return int(columns[0]), width - 1 - int(columns[-1]), int(rows[0]), height - 1 - int(rows[-1])


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_lies_in_its_corner_at_any_size(width: int, height: int, corner: Corner) -> None:
    covered = box_of((height, width), corner)
    left, right, top, bottom = edges_of(covered)
    margin = round(letter_pixels(width, height) / 2)
    assert (left if "left" in corner else right) == margin
    assert (top if "top" in corner else bottom) == margin
    assert (right if "left" in corner else left) >= margin
    # A plain box, and not much of the picture.
    assert covered.sum() == (width - left - right) * (height - top - bottom)
    assert covered.mean() < (0.04 if min(width, height) >= 700 else 0.2)


@pytest.mark.parametrize("behind", [16, 60, 128, 200, 235, 255])
def test_it_is_white_on_dark_whatever_is_behind(behind: int) -> None:
    luma = draw_on(np.full((360, 640), behind, np.uint8), "top-left")
    inside = luma[box_of((360, 640), "top-left")]
    assert inside.max() == 235
    assert 16 <= np.median(inside) <= 76
    if behind == 16:
        assert inside.min() == 16


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize(("width", "height"), [*SIZES, (320, 180), (132, 72), (160, 32), (32, 32)])
def test_rows_that_are_kept_free_stay_so_and_the_frame_number_is_read(width: int, height: int, corner: Corner) -> None:
    luma = np.full((height, width), 128, np.uint8)
    frame_code.draw(luma, 123, 456)
    place = frame_code.block_place(width, height)
    kept_rows = height - place.top if place else height // 3
    before = luma.copy()
    draw_on(luma, corner, kept_rows)
    assert np.array_equal(luma[height - kept_rows :], before[height - kept_rows :])
    if place:
        assert frame_code.read(luma) == frame_code.FrameCode(123, 456)


def test_a_picture_with_padded_rows_keeps_its_padding() -> None:
    memory = np.full((360, 704), 200, np.uint8)
    draw_on(memory[:, :640], "bottom-right")
    assert (memory[:, 640:] == 200).all()
    assert (memory[:, :640] != 200).any()


NAMES = ["Rück-Ansicht", "Überwachung Straße", "駐車場", "🚗🚙", "سيارة", "a\u0301\u200d\ufe0f", "\x00\n\t\x7f",
         "\ud800", "W" * 32, " ", "\U0010ffff", "?", "Ⅷ ½ ﬃ"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("has_one_size", [False, True])
def test_any_name_can_be_written(name: str, has_one_size: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if has_one_size:
        use_font_of_one_size(monkeypatch)
    for width, height in ((1920, 1080), (360, 240), (32, 32)):
        luma = np.full((height, width), 128, np.uint8)
        draw_on(luma, "bottom-right", words=(*WORDS[:3], name))
        # There is no room for any in the smallest.
        assert (luma != 128).any() or width == 32


def use_font_of_one_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with Pillow before 10.1, on a machine without fonts."""
    small = ImageFont.load_default_imagefont()

    def load_default(*sizes: float) -> ImageFont.ImageFont:
        if sizes:
            raise TypeError("takes no size")
        return small

    def truetype(*_arguments: object) -> None:
        raise OSError("cannot open resource")

    monkeypatch.setattr(ImageFont, "load_default", load_default)
    monkeypatch.setattr(ImageFont, "truetype", truetype)


def test_a_font_of_one_size_is_made_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    use_font_of_one_size(monkeypatch)
    assert [Letters(pixels).height for pixels in (13, 30, 60)] == [11, 33, 55]


def test_letters_that_no_font_has_are_question_marks_and_accents_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    own = ImageFont.truetype

    def truetype(font: Any, *arguments: Any, **options: Any) -> ImageFont.FreeTypeFont:
        if isinstance(font, str):
            raise OSError("cannot open resource")
        return own(font, *arguments, **options)

    monkeypatch.setattr(ImageFont, "truetype", truetype)
    letters = Letters(20)
    assert np.array_equal(letters.line("ü駐"), letters.line("u?"))
    assert not np.array_equal(letters.line("u"), letters.line("?"))


def test_figures_are_equally_wide_so_that_a_running_second_moves_nothing() -> None:
    letters = Letters(20)
    assert len({letters.line(figure).shape for figure in "0123456789"}) == 1
    boxes = [np.zeros((360, 640), np.uint8) for _ in range(2)]
    for luma, seconds in zip(boxes, ("11", "48"), strict=True):
        luma[:] = 200
        draw_on(luma, "bottom-right", words=(f"2026-11-20 15:45:{seconds} CET", *WORDS[1:]))
    changed = edges_of(boxes[0] != boxes[1])
    assert 640 - changed[0] - changed[1] <= 2 * letters.line("0").shape[1]
    assert edges_of(boxes[0] != 200) == edges_of(boxes[1] != 200)


def lines_in(luma: np.ndarray[Any, Any], pixels: int) -> float:
    """How many lines are written on a picture of plain 200."""
    rows = int((luma != 200).any(axis=1).sum())
    return (rows - 2 * round(pixels / 3)) / Letters(pixels).height if rows else 0


@pytest.mark.parametrize(("words", "lines"), [(("a",), 1), (("a", "b"), 2), (WORDS, 2), ((), 0), (("", "a"), 2)])
def test_words_are_in_two_lines_where_they_can(words: tuple[str, ...], lines: int) -> None:
    luma = np.full((1080, 1920), 200, np.uint8)
    draw_on(luma, "top-left", words=words)
    assert lines_in(luma, 30) == lines


def test_what_has_no_room_in_two_lines_has_more_and_is_cut_off_only_alone() -> None:
    long = ("2026-11-20 15:45:00 UTC+0545", "120 km/h", "-53.35122, -126.26031", "W" * 32)
    luma = np.full((240, 360), 200, np.uint8)
    draw_on(luma, "top-left", words=long)
    left, right, top, _ = edges_of(luma != 200)
    assert left == right == top == 6
    assert lines_in(luma, 13) == 3


def test_words_that_stand_are_not_put_together_again() -> None:
    stamp = Stamp(640, 360)
    stamp.write(WORDS, "top-left")
    first = stamp._ink
    stamp.write((*WORDS[:3], "front"), "top-left")
    assert stamp._ink is first
    stamp.write(WORDS, "top-right")
    assert stamp._ink is not first


def test_a_frame_is_stamped_without_memory_of_its_own() -> None:
    """What is allocated while frames are drawn on is counted, not timed: views, far smaller than the stamp is."""
    luma = np.full((1080, 1920), 128, np.uint8)
    stamp = Stamp(1920, 1080)
    stamp.write(WORDS, "bottom-right")
    stamp.draw(luma)
    assert stamp._ink.nbytes > 40_000
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(50):
            stamp.write(WORDS, "bottom-right")
            stamp.draw(luma)
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < 4_000
    assert after - before < 1_000
