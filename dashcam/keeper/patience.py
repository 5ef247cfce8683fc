"""How long the keeper waits for what people and the recorder do."""

from __future__ import annotations

from dataclasses import dataclass

from dashcam.keeper.cut_sources import CALM_SECONDS
from dashcam.keeper.leftovers import LONELY_SECONDS
from dashcam.keeper.saves import MISSING_SECONDS
from dashcam.keeper.unfinished import QUIET_SECONDS

# The recorder has stopped, and its last clip gets its sidecar: a moment, on a slow card a second or two.
CLOSING_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Patience:
    """Each wait by its name; tests have less of it."""

    quiet_seconds: float = QUIET_SECONDS
    lonely_seconds: float = LONELY_SECONDS
    missing_seconds: float = MISSING_SECONDS
    closing_seconds: float = CLOSING_SECONDS
    calm_seconds: float = CALM_SECONDS
