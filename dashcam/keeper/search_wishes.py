"""The searches for motion that people have asked for, kept in the state until they are done."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from dashcam.clips.catalogue_search import Scope
from dashcam.files import write_durably
from dashcam.settings.schema import MotionSettings

log = logging.getLogger(__name__)

# More than people queue up; each names up to 500 clips.
MOST_WAITING = 20
# As many as a page lists.
MOST_FOUND = 200
_LARGEST_BYTES = 4 * 1024 * 1024


class SearchWish(msgspec.Struct, frozen=True, kw_only=True):
    """A search, with the settings that held when it was asked for."""

    id: str
    scope: Scope
    settings: MotionSettings
    cut: bool = False
    found_ids: tuple[str, ...] = ()
    """Clips in which something moved, the last ones."""
    found: int = 0
    """So many there were."""
    failed_ids: tuple[str, ...] = ()
    """Clips that could not be looked into."""
    made_ids: tuple[str, ...] = ()
    """Clips that are cut for it."""


class SearchWishes:
    """Used by the keeper's one working thread."""

    def __init__(self, state: Path) -> None:
        self._path = state / "searches.json"
        self._wishes: list[SearchWish] | None = None

    def all(self) -> list[SearchWish]:
        """In the order in which they are done."""
        if self._wishes is None:
            self._wishes = self._read()
        return self._wishes

    def put(self, wish: SearchWish) -> None:
        """A new one comes last; durable when it returns. Raises OSError of the state."""
        wishes = self.all()
        known = [number for number, other in enumerate(wishes) if other.id == wish.id]
        self._write([*wishes[: known[0]], wish, *wishes[known[0] + 1 :]] if known else [*wishes, wish])

    def drop(self, wish_id: str) -> None:
        """It is done with. Raises OSError of the state."""
        self._write([wish for wish in self.all() if wish.id != wish_id])

    def _write(self, wishes: list[SearchWish]) -> None:
        write_durably(self._path, msgspec.json.encode(wishes) + b"\n")
        self._wishes = wishes

    def _read(self) -> list[SearchWish]:
        try:
            with open(self._path, "rb") as file:
                return msgspec.json.decode(file.read(_LARGEST_BYTES), type=list[SearchWish])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("searches that waited are not known any more (%s); ask for them again", error)
            return []
