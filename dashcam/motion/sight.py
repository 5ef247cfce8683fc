"""What the detector is told, and what it sees in one picture."""

from __future__ import annotations

from typing import Literal, Self

from msgspec import Struct

from dashcam.settings.schema import MotionSettings
from dashcam.settings.zones import Zone, parse_zones

# The pictures it looks at are so wide, with the proportions of the camera's; never wider than the camera's.
LOOK_WIDTH = 320

# Why nothing counts just now: it still learns what is always there, the light has changed all over the picture, or
# the camera itself moves.
Disturbance = Literal["", "learning", "light", "shake"]


class Region(Struct, frozen=True):
    """Something that moves: its box as shares of the picture's width and height, and how strongly it does, 0 to 100."""

    x: float
    y: float
    width: float
    height: float
    score: float


class Sight(Struct, frozen=True):
    """One picture, looked at. `seconds` is the time that came with it."""

    seconds: float
    is_motion: bool
    """Confirmed: something moves, or did so a moment ago."""
    score: float
    """How much moves, from 0 to 100; also while it is not confirmed."""
    confidence: float
    """How sure it is that this is a thing that moves and not noise, light or foliage; 0 to 1."""
    regions: tuple[Region, ...] = ()
    """What moves, the strongest first."""
    disturbance: Disturbance = ""


class MotionWish(Struct, frozen=True, kw_only=True):
    """What counts as motion; the terms of the settings."""

    threshold: int = 25
    min_area: int = 500
    """In pixels of a picture of 640x480."""
    confirm_frames: int = 2
    zones: tuple[Zone, ...] = ()

    @classmethod
    def of(cls, settings: MotionSettings) -> Self:
        """The part of the settings that the detector knows. Raises SettingsError for zones that are none."""
        return cls(
            threshold=settings.threshold,
            min_area=settings.min_area,
            confirm_frames=settings.confirm_frames,
            zones=parse_zones(settings.zones),
        )
