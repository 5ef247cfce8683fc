"""Ids for what the keeper makes or adopts: `<boot>-k<n>`, never the same twice."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dashcam.clips.boot_mark import BOOT_NAME, CARD_MARKER, read_mark
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders
from dashcam.files import make_folders, write_durably

COUNTER_NAME = "keeper-number"


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

    def next_id(self, boot: int | None = None) -> ClipId:
        """An id that nothing has had, durable when it returns. Raises OSError when the state cannot be written.

        Of the newest boot, unless it is for something that was recorded in another one.
        """
        last = max(_last_counted(self._path), self._catalogue.highest_keeper_number())
        make_folders(self._path.parent)
        write_durably(self._path, msgspec.json.encode(_Counter(last + 1)))
        return ClipId(self.newest_boot() if boot is None else boot, True, last + 1)

    def newest_boot(self) -> int:
        """The highest boot number that is known."""
        marks = [read_mark(path) for path in self._marks]
        return max([mark.boot for mark in marks if mark] + [self._catalogue.highest_boot(), 1])


def _last_counted(path: Path) -> int:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Counter).last
    except (OSError, msgspec.DecodeError):
        return 0
