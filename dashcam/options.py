"""What every program of the dashcam is started with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dashcam.settings import LoadedSettings


@dataclass(frozen=True, slots=True)
class ProgramOptions:
    """The folders, the settings in force, and how long to run."""

    data: Path
    """Holds DCIM; made if it is missing and its parent is there."""
    state: Path
    """Holds catalogue, saved settings, save requests and counters; `<data>/.state` unless told otherwise."""
    loaded: LoadedSettings
    assignments: tuple[str, ...] = ()
    """What `--set` says: it stays on top when the settings are read anew."""
    for_seconds: float | None = None
    """Recorder only: stop by itself this long after the first durable fragment; None runs until told to stop."""
    or_pattern: bool = False
    """Recorder only: with `camera.kind=auto` and no camera, draw the synthetic drive instead of not recording."""
