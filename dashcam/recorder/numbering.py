"""Boot numbers and clip numbers: an id is never given twice, even when the state or the card was changed."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from dashcam.clips.boot_mark import BOOT_NAME, CARD_MARKER, BootMark, encode_mark, read_mark
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.names import SIDECAR_SUFFIX, CardFolders, id_in_stem, is_day
from dashcam.clips.sidecar import MAX_SIDECAR_BYTES
from dashcam.errors import BadRequest
from dashcam.files import make_folders, write_durably

log = logging.getLogger(__name__)

# The queue holds the recording meanwhile; reading 20,000 sidecars takes a slow card minutes.
_LOOK_SECONDS = 1.0
# More often no machine is ever started: what was not looked at is below the next multiple.
_BOOTS_OF_A_LIFE = 1_000_000


class _IdOnly(msgspec.Struct):
    id: str


_id_decoder = msgspec.json.Decoder(_IdOnly)


def boots_on_card(folders: CardFolders) -> Iterator[int]:
    """Boot numbers of the clips and photos, those that are likely the highest first; each step reads one file at most.

    The newest of every day come before all others. For a card whose marker is lost.
    """
    kinds: tuple[ClipKind, ...] = ("loop", "event", "photo")
    tops = [folders.of_kind(kind) for kind in kinds]
    days = [top / name for top in tops for name in _names_in(top) if is_day(name) and not (top / name).is_symlink()]
    days.sort(key=lambda day: day.name, reverse=True)
    for day in days:
        yield from _boots_of_day(day, newest=True)
    for day in days:
        yield from _boots_of_day(day, newest=False)


def _boots_of_day(day: Path, *, newest: bool) -> Iterator[int]:
    stems = [name.removesuffix(SIDECAR_SUFFIX) for name in _names_in(day) if name.endswith(SIDECAR_SUFFIX)]
    # While the time was unknown the id stood in the name: nothing has to be read.
    named = {stem: clip_id.boot for stem in stems if (clip_id := id_in_stem(stem))}
    if newest:
        yield max(named.values(), default=0)
    others = sorted(set(stems) - named.keys(), reverse=True)
    for stem in others[:1] if newest else others[1:]:
        yield _boot_in(day / f"{stem}{SIDECAR_SUFFIX}")


def _names_in(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except OSError:
        return []


def _boot_in(sidecar: Path) -> int:
    try:
        with open(sidecar, "rb") as file:
            return ClipId.parse(_id_decoder.decode(file.read(MAX_SIDECAR_BYTES)).id).boot
    except (OSError, msgspec.DecodeError, BadRequest):
        return 0


class Numbering:
    """Gives ids. Thread-safe; a lock guards the counter, never file access."""

    def __init__(self, state: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = state / BOOT_NAME
        self._monotonic = monotonic
        self._token = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._last = 0
        self.boot = 0
        self.is_settled = False
        """True once a card was met: until then the boot number may still be another boot's."""

    def start(self) -> None:
        """Proposes the next boot number of the state; writes nothing: the card may be missing, and the state on it."""
        mark = read_mark(self._path)
        self.boot = (mark.boot if mark else 0) + 1

    def meet_card(self, folders: CardFolders) -> None:
        """Raises the boot number above every one on the card, and marks state and card. Raises OSError.

        Called when the card is opened, before the first id on it is given: the recording waits, so a card without a
        marker is looked through for a moment only. A state that cannot be written leaves the number to the card.
        """
        marker = folders.dcim / CARD_MARKER
        mark = read_mark(marker)
        if mark is not None and mark.token == self._token and mark.boot == self.boot:
            return
        highest = mark.boot if mark else self._highest_boot_on_card(folders)
        if highest >= self.boot:
            with self._lock:
                self.boot, self._last = highest + 1, 0
        self._write_state()
        write_durably(marker, encode_mark(BootMark(self.boot, self._token)))
        self.is_settled = True

    def next_id(self) -> ClipId:
        """An id that no clip or photo has."""
        with self._lock:
            self._last += 1
            return ClipId(self.boot, False, self._last)

    def _highest_boot_on_card(self, folders: CardFolders) -> int:
        """The highest on a card, or a number above all that can be there when looking at everything takes too long."""
        ends_at = self._monotonic() + _LOOK_SECONDS
        highest = 0
        for boot in boots_on_card(folders):
            highest = max(highest, boot)
            if self._monotonic() >= ends_at:
                return (highest // _BOOTS_OF_A_LIFE + 1) * _BOOTS_OF_A_LIFE
        return highest

    def _write_state(self) -> None:
        try:
            make_folders(self._path.parent)
            write_durably(self._path, encode_mark(BootMark(self.boot, self._token)))
        except OSError as error:
            log.warning("the boot number cannot be kept in %s (%s); the card keeps it", self._path, error)
