"""Sizes and frame rates that make sense, each with what it costs on this card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from dashcam.camera.base import Mode
from dashcam.settings.bit_rate import bits_per_second_for
from dashcam.settings.schema import CameraSettings

# Name, width, height, and the frame rates that people ask for at that size.
_SIZES: tuple[tuple[str, int, int, tuple[int, ...]], ...] = (
    ("VGA", 640, 480, (15, 30)),
    ("720p", 1280, 720, (15, 30, 60)),
    ("1080p", 1920, 1080, (15, 30, 60)),
    ("1440p", 2560, 1440, (15, 30)),
    ("4K", 3840, 2160, (15, 30)),
)
STANDARD_SIZES = tuple((width, height) for _, width, height, _ in _SIZES)
# 29.97 is 30 to people.
_FPS_TOLERANCE = 0.5


class Resolution(msgspec.Struct, frozen=True, kw_only=True):
    """A choice. `loop_hours`: how long the loop is with it on this card; None while that is not known."""

    label: str
    width: int
    height: int
    fps: float
    bitrate: int
    megabytes_per_minute: float
    loop_hours: float | None
    is_current: bool
    is_possible: bool


def resolution_choices(
    settings: CameraSettings,
    *,
    modes: Sequence[Mode],
    current: Mode | None,
    may_choose: bool,
    loop_quota_bytes: int | None,
) -> list[Resolution]:
    """The usual choices, and the size in use where it is none of them.

    `modes`: what the camera can; empty: not known, and all count as possible. `may_choose`: false for a replay, which
    has the size of its file.
    """
    is_on_its_side = settings.rotation in (90, 270)
    choices: list[Resolution] = []
    for name, long_side, short_side, rates in _SIZES:
        width, height = (short_side, long_side) if is_on_its_side else (long_side, short_side)
        for fps in rates:
            wanted = Mode(width=width, height=height, fps=fps)
            can = may_choose and _is_possible(modes, Mode(width=long_side, height=short_side, fps=fps))
            label = f"{name}, {fps} frames/s"
            choices.append(_resolution(label, wanted, settings, loop_quota_bytes, current=current, is_possible=can))
    if current is not None and not any(choice.is_current for choice in choices):
        label = f"{current.width} x {current.height}, {current.fps:g} frames/s"
        choices.insert(0, _resolution(label, current, settings, loop_quota_bytes, current=current, is_possible=True))
    return choices


def _is_possible(modes: Iterable[Mode], wanted: Mode) -> bool:
    known = list(modes)
    return not known or any(
        (mode.width, mode.height) == (wanted.width, wanted.height) and mode.fps >= wanted.fps - _FPS_TOLERANCE
        for mode in known
    )


def _resolution(
    label: str,
    mode: Mode,
    settings: CameraSettings,
    loop_quota_bytes: int | None,
    *,
    current: Mode | None,
    is_possible: bool,
) -> Resolution:
    bitrate = bits_per_second_for(mode.width, mode.height, mode.fps, settings.bitrate)
    return Resolution(
        label=label,
        width=mode.width,
        height=mode.height,
        fps=mode.fps,
        bitrate=bitrate,
        megabytes_per_minute=round(bitrate * 60 / 8 / 1e6, 1),
        loop_hours=None if loop_quota_bytes is None else round(loop_quota_bytes * 8 / bitrate / 3600, 1),
        is_current=current is not None and _is_same(mode, current),
        is_possible=is_possible,
    )


def _is_same(one: Mode, other: Mode) -> bool:
    same_size = (one.width, one.height) == (other.width, other.height)
    return same_size and abs(one.fps - other.fps) < _FPS_TOLERANCE
