"""A card and a keeper on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.keeper.rig import Rig


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Makes keepers on the card of this test, one after the other; all are closed at the end."""
    made: list[Rig] = []

    def make(*assignments: str) -> Rig:
        for rig in made:
            rig.close()
        made.append(Rig(tmp_path / "card", *assignments))
        return made[-1]

    (tmp_path / "card").mkdir()
    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A keeper that is not started yet."""
    return make_rig()
