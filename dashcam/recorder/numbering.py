"""Boot numbers and clip numbers: an id is never given twice, even when the state or the card was changed."""

from __future__ import annotations

import logging
import os
import secrets
import threading
from pathlib import Path

import msgspec

from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders
from dashcam.errors import BadRequest
from dashcam.files import make_folders, write_durably

log = logging.getLogger(__name__)

BOOT_NAME = "boot"
# On the card too, hidden from shares: a card that is put into a fresh machine keeps its ids apart from new ones.
CARD_MARKER = ".dashcam-boot"


class BootMark(msgspec.Struct, frozen=True):
    """The boot that wrote last; `token` tells two machines with the same number apart."""

    boot: int
    token: str


class _IdOnly(msgspec.Struct):
    id: str


_mark_decoder = msgspec.json.Decoder(BootMark)
_id_decoder = msgspec.json.Decoder(_IdOnly)


def _read_mark(path: Path) -> BootMark | None:
    try:
        return _mark_decoder.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None


def highest_boot_on_card(folders: CardFolders) -> int:
    """The highest boot number in any sidecar: reads them all, so only for a card whose marker is lost."""
    highest = 0
    for kind in ("VIDEO", "EVENT", "PHOTO"):
        for folder, _, names in os.walk(folders.dcim / kind):
            for name in names:
                if name.endswith(".json"):
                    highest = max(highest, _boot_in(Path(folder) / name))
    return highest


def _boot_in(sidecar: Path) -> int:
    try:
        return ClipId.parse(_id_decoder.decode(sidecar.read_bytes()).id).boot
    except (OSError, msgspec.DecodeError, BadRequest):
        return 0


class Numbering:
    """Gives ids. Thread-safe; a lock guards the counter, never file access."""

    def __init__(self, state: Path) -> None:
        self._path = state / BOOT_NAME
        self._token = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._last = 0
        self.boot = 0
        self.is_settled = False
        """True once a card was met: until then the boot number may still be another boot's."""

    def start(self) -> None:
        """Proposes the next boot number of the state; writes nothing: the card may be missing, and the state on it."""
        mark = _read_mark(self._path)
        self.boot = (mark.boot if mark else 0) + 1

    def meet_card(self, folders: CardFolders) -> None:
        """Raises the boot number above every one on the card, and marks state and card. Raises OSError.

        Called when the card is opened, before the first id on it is given. A state that cannot be written leaves the
        number to the card.
        """
        marker = folders.dcim / CARD_MARKER
        mark = _read_mark(marker)
        if mark is not None and mark.token == self._token and mark.boot == self.boot:
            return
        highest = mark.boot if mark else highest_boot_on_card(folders)
        if highest >= self.boot:
            with self._lock:
                self.boot, self._last = highest + 1, 0
        self._write_state()
        write_durably(marker, msgspec.json.encode(BootMark(self.boot, self._token)))
        self.is_settled = True

    def next_id(self) -> ClipId:
        """An id that no clip or photo has."""
        with self._lock:
            self._last += 1
            return ClipId(self.boot, False, self._last)

    def _write_state(self) -> None:
        try:
            make_folders(self._path.parent)
            write_durably(self._path, msgspec.json.encode(BootMark(self.boot, self._token)))
        except OSError as error:
            log.warning("the boot number cannot be kept in %s (%s); the card keeps it", self._path, error)
