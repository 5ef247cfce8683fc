"""Zones of the picture: where motion counts and where it does not, as the setting writes them.

`watch 0.10,0.20 0.50,0.20 0.50,0.90; ignore 0.8,0 1,0 1,0.3`: polygons of three corners or more, each corner the
share of the picture's width from the left and of its height from the top. Where there are zones to watch only these
count; what lies in a zone to ignore never does. The comma stands between the two shares, the semicolon between zones.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

from dashcam.errors import SettingsError

ZoneKind = Literal["watch", "ignore"]

MOST_ZONES, LEAST_CORNERS, MOST_CORNERS = 16, 3, 32
_CORNER = re.compile(r"([01]?\.?\d{0,6}),([01]?\.?\d{0,6})")
_KINDS: dict[str, ZoneKind] = {"watch": "watch", "ignore": "ignore"}


class Zone(Struct, frozen=True):
    """A polygon of the picture; `corners` are (x, y) from 0 to 1, from the upper left."""

    kind: ZoneKind
    corners: tuple[tuple[float, float], ...]


def parse_zones(text: str) -> tuple[Zone, ...]:
    """The zones of the setting. Raises SettingsError, which says what is wrong with which."""
    parts = [part.split() for part in text.split(";") if part.strip()]
    if len(parts) > MOST_ZONES:
        raise SettingsError(f"motion.zones: {len(parts)} zones are too many; draw at most {MOST_ZONES}")
    return tuple(_zone_of(number, words) for number, words in enumerate(parts, 1))


def zones_text(zones: tuple[Zone, ...]) -> str:
    """The zones as the setting writes them, in thousandths of the picture."""
    return "; ".join(
        " ".join([zone.kind, *(f"{round(x, 3):g},{round(y, 3):g}" for x, y in zone.corners)]) for zone in zones
    )


def _zone_of(number: int, words: list[str]) -> Zone:
    kind = _KINDS.get(words[0])
    if kind is None:
        raise SettingsError(f"motion.zones: zone {number} begins with {words[0][:20]!r}; write watch or ignore")
    if not LEAST_CORNERS <= len(words) - 1 <= MOST_CORNERS:
        raise SettingsError(
            f"motion.zones: zone {number} has {len(words) - 1} corners; it needs {LEAST_CORNERS} to {MOST_CORNERS}"
        )
    return Zone(kind, tuple(_corner_of(number, word) for word in words[1:]))


def _corner_of(number: int, word: str) -> tuple[float, float]:
    found = _CORNER.fullmatch(word)
    try:
        corner = (float(found[1]), float(found[2])) if found else None
    except ValueError:
        corner = None
    if corner is None or not (0 <= corner[0] <= 1 and 0 <= corner[1] <= 1):
        raise SettingsError(f"motion.zones: {word[:20]!r} in zone {number} is no corner; write such as 0.25,0.8")
    return corner
