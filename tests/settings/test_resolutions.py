"""The choices of size and frame rate: what each costs, which are possible, and which one is in use."""

from __future__ import annotations

import pytest

from dashcam.camera.base import Mode
from dashcam.settings.bit_rate import bits_per_second_for
from dashcam.settings.resolutions import Resolution, resolution_choices
from dashcam.settings.schema import CameraSettings

FULL_HD = Mode(width=1920, height=1080, fps=30)


def choices(
    settings: CameraSettings | None = None,
    *,
    modes: tuple[Mode, ...] = (),
    current: Mode | None = FULL_HD,
    may_choose: bool = True,
    loop_quota_bytes: int | None = 36_000_000_000,
) -> list[Resolution]:
    return resolution_choices(
        settings or CameraSettings(),
        modes=modes,
        current=current,
        may_choose=may_choose,
        loop_quota_bytes=loop_quota_bytes,
    )


def test_a_choice_tells_what_it_costs_on_this_card() -> None:
    full_hd = next(choice for choice in choices() if choice.is_current)
    assert (full_hd.label, full_hd.bitrate) == ("1080p, 30 frames/s", 8_000_000)
    assert (full_hd.megabytes_per_minute, full_hd.loop_hours) == (60.0, 10.0)
    assert next(choice for choice in choices(loop_quota_bytes=None)).loop_hours is None


def test_every_choice_costs_what_the_encoder_takes() -> None:
    for wished in (0, 5_000_000):
        for choice in choices(CameraSettings(bitrate=wished)):
            assert choice.bitrate == bits_per_second_for(choice.width, choice.height, choice.fps, wished)


def test_without_knowing_the_camera_everything_is_possible() -> None:
    found = choices(current=None)
    assert len(found) == 12
    assert all(choice.is_possible and not choice.is_current for choice in found)


@pytest.mark.parametrize(
    ("mode", "possible"),
    [
        (FULL_HD, {("1080p", 15), ("1080p", 30)}),
        (Mode(width=1280, height=720, fps=59.94), {("720p", 15), ("720p", 30), ("720p", 60)}),
        (Mode(width=1024, height=768, fps=30), set()),
    ],
)
def test_only_what_the_camera_can_is_possible(mode: Mode, possible: set[tuple[str, int]]) -> None:
    found = {(choice.label.split(",")[0], round(choice.fps)) for choice in choices(modes=(mode,)) if choice.is_possible}
    assert found == possible


def test_a_replay_has_the_size_of_its_file() -> None:
    found = choices(current=Mode(width=854, height=480, fps=25), may_choose=False)
    assert [choice.label for choice in found if choice.is_possible] == ["854 x 480, 25 frames/s"]


def test_the_size_in_use_is_among_them_once() -> None:
    for current in (FULL_HD, Mode(width=1920, height=1080, fps=29.97), Mode(width=320, height=180, fps=30)):
        assert len([choice for choice in choices(current=current) if choice.is_current]) == 1


def test_for_a_camera_on_its_side_the_choices_are_upright() -> None:
    found = choices(CameraSettings(rotation=90), modes=(FULL_HD,), current=Mode(width=1080, height=1920, fps=30))
    assert [(choice.width, choice.height) for choice in found if choice.is_possible] == [(1080, 1920)] * 2
    assert [choice.label for choice in found if choice.is_current] == ["1080p, 30 frames/s"]
