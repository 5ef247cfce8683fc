"""Background work in turns: each chore does one small step, and one that fails rests without holding up the others."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashcam.clips.catalogue_writer import CatalogueLost
from dashcam.errors import DashcamError

log = logging.getLogger(__name__)

REST_AFTER_TROUBLE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Chore:
    """A name for the log, a step that tells whether it did something, and how often it is to be tried at most."""

    name: str
    step: Callable[[], bool]
    every_seconds: float = 0.0
    is_writing: bool = True
    """Changes the card: not done on a read-only one."""


class Chores:
    """Tries chores in their order. Used by the keeper's one working thread."""

    def __init__(self, chores: Sequence[Chore], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._chores = tuple(chores)
        self._monotonic = monotonic
        self._not_before: dict[str, float] = {}

    def step(self, *, may_write: bool) -> bool:
        """The first chore that finds something to do does a step; False when none does.

        Raises CatalogueLost; any other trouble is logged and makes its chore rest.
        """
        return any((may_write or not chore.is_writing) and self._try(chore) for chore in self._chores)

    def rouse(self, name: str) -> None:
        """The next turn does not wait for this chore's time."""
        self._not_before.pop(name, None)

    def _try(self, chore: Chore) -> bool:
        now = self._monotonic()
        if now < self._not_before.get(chore.name, now):
            return False
        try:
            did_something = chore.step()
        except CatalogueLost:
            raise
        except (OSError, DashcamError) as error:
            log.warning("%s: %s", chore.name, error)
        except Exception:
            log.exception("%s failed", chore.name)
        else:
            # What did something may have more to do at once.
            self._not_before[chore.name] = now if did_something else now + chore.every_seconds
            return did_something
        self._not_before[chore.name] = now + REST_AFTER_TROUBLE_SECONDS
        return False
