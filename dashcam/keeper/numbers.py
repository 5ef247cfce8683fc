"""Ids for what the keeper makes or adopts: `<boot>-k<n>`, never the same twice."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders
from dashcam.files import make_folders, write_durably

T = TypeVar("T")

COUNTER_NAME = "keeper-number"
# Written by the recorder, in the state and on the card.
BOOT_NAME, CARD_MARKER = "boot", ".dashcam-boot"


class _Mark(msgspec.Struct):
    boot: int


class _Counter(msgspec.Struct):
    last: int


class Numbers:
    """Counts in the state; a lost counter goes on above the highest number in the catalogue.

    So ask for an id only once the catalogue is complete.
    """

    def __init__(self, state: Path, card: CardFolders, catalogue: CatalogueWriter) -> None:
        self._path = state / COUNTER_NAME
        self._marks = (state / BOOT_NAME, card.dcim / CARD_MARKER)
        self._catalogue = catalogue

    def next_id(self) -> ClipId:
        """An id that nothing has had, durable when it returns. Raises OSError when the state cannot be written."""
        counted = _read(self._path, _Counter)
        last = max(counted.last if counted else 0, self._catalogue.highest_keeper_number())
        make_folders(self._path.parent)
        write_durably(self._path, msgspec.json.encode(_Counter(last + 1)))
        return ClipId(self.newest_boot(), True, last + 1)

    def newest_boot(self) -> int:
        """The highest boot number that is known."""
        marks = [_read(path, _Mark) for path in self._marks]
        return max([mark.boot for mark in marks if mark] + [self._catalogue.highest_boot(), 1])


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None
