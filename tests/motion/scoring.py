"""The clips with ground truth that lie beside the checkout, and the tool that scores detections; it is run in place."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from tests.conftest import CHECKOUT

SHARED = CHECKOUT.parent / "shared"
CLIPS, SCORER = SHARED / "data" / "static", SHARED / "tools" / "score_motion.py"

# What it counts and sums of one clip, and the rates of that; see its docstring.
Raw = dict[str, object]
Rates = dict[str, float | None]


class Scorer(Protocol):
    """What is used of the tool."""

    def score(self, truth: object, detections: object) -> Raw: ...
    def add(self, rows: list[Raw]) -> Raw: ...
    def report(self, raw: Raw) -> Rates: ...
    def table(self, named_raw: list[tuple[str, Raw]]) -> str: ...


@dataclass(frozen=True, slots=True)
class Clip:
    """A video and what is true of it."""

    video: Path
    truth: Mapping[str, object]

    @property
    def still(self) -> list[tuple[float, float]]:
        """From when to when nothing moves."""
        return [(float(begin), float(end)) for begin, end in cast("list[list[float]]", self.truth["still"])]


def load_scorer(path: Path = SCORER) -> Scorer:
    """The tool as a module. Raises FileNotFoundError."""
    if not path.is_file():
        raise FileNotFoundError(f"no scorer in {path}")
    specification = importlib.util.spec_from_file_location("score_motion", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return cast("Scorer", module)


def clips_in(folder: Path = CLIPS) -> list[Clip]:
    """Those that have a truth beside them, by name. Raises FileNotFoundError when there are none."""
    found = []
    for path in sorted(folder.glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        video = folder / str(truth.get("file", path.with_suffix(".mp4").name))
        if video.is_file():
            found.append(Clip(video, truth))
    if not found:
        raise FileNotFoundError(f"no clips with ground truth in {folder}")
    return found
