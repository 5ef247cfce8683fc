"""The faces of sensors: of impacts, and of buttons. An accelerometer may join as one more kind of the first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec


class Impact(msgspec.Struct, frozen=True):
    """The car was hit, or hit something."""

    at_monotonic_ns: int
    g: float
    """How hard it was slowed down, in multiples of the earth's acceleration."""

    @property
    def words(self) -> str:
        """`1.4 g`."""
        return f"{self.g:.1f} g"


class ImpactSensor(Protocol):
    """Notices impacts, from when it is made until it is closed."""

    def take(self, threshold_g: float) -> None:
        """Only what is harder than this counts from now on; 0: nothing does."""

    def close(self) -> None:
        """Notices nothing more; may be called twice."""


class Button(Protocol):
    """Calls `on_press` for each press, in a thread of its own."""

    def start(self, on_press: Callable[[], None]) -> None:
        """Begins to listen. Raises SensorError, which names the cure."""

    def close(self) -> None:
        """Hears nothing more; may be called twice."""
