"""How many bits a second a picture gets: for the encoders, for the check of a card, and for the choices on the page."""

from __future__ import annotations

# What the hardware encoder of a Raspberry Pi is usually run at, and enough to read number plates.
FULL_HD_BITS_PER_SECOND = 8_000_000
_FULL_HD_PIXELS_PER_SECOND = 1920 * 1080 * 30
# Below it small pictures smear.
LEAST_BITS_PER_SECOND = 1_000_000


def bits_per_second_for(width: int, height: int, fps: float, wished: int = 0) -> int:
    """The bit rate wished for; 0: 8 Mbit/s at 1080p30, scaled with pixels a second, at least 1 Mbit/s."""
    if wished:
        return wished
    scaled = FULL_HD_BITS_PER_SECOND * width * height * fps / _FULL_HD_PIXELS_PER_SECOND
    return max(round(scaled), LEAST_BITS_PER_SECOND)
