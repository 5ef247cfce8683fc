"""A card and a keeper on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashcam.keeper.patience import Patience
from tests.keeper.rig import NO_PATIENCE, Rig


@pytest.fixture
def make_rig(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Makes keepers on the card of this test, one after the other; all are closed at the end."""
    made: list[Rig] = []

    def make(*assignments: str, patience: Patience = NO_PATIENCE) -> Rig:
        for rig in made:
            rig.close()
        made.append(Rig(tmp_path / "card", *assignments, patience=patience))
        return made[-1]

    (tmp_path / "card").mkdir()
    yield make
    for rig in made:
        rig.close()


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    """A keeper that is not started yet."""
    return make_rig()
