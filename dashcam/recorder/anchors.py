"""When the wall clock becomes trusted, that moment is written down once a boot: the keeper renames by it."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import BinaryIO

from dashcam.clips.anchors import ANCHORS_NAME, encode_anchor
from dashcam.clock import Anchor
from dashcam.files import make_folders, sync_folder

log = logging.getLogger(__name__)


class AnchorLog:
    """Appends to `<state>/anchors.jsonl`, one synced line a boot."""

    def __init__(self, state: Path) -> None:
        self._path = state / ANCHORS_NAME
        self._written_boot = 0

    def note(self, boot: int, anchor: Anchor) -> None:
        """Writes the anchor if it is trusted and the first of this boot. A state that fails is tried again."""
        if anchor.source == "none" or boot == self._written_boot:
            return
        try:
            self._append(encode_anchor(boot, anchor))
        except OSError as error:
            log.debug("the clock's anchor cannot be kept: %s", error)
            return
        self._written_boot = boot

    def _append(self, line: bytes) -> None:
        make_folders(self._path.parent)
        is_new = not self._path.exists()
        with open(self._path, "ab+") as file:
            if _is_torn(file):
                line = b"\n" + line
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._path.parent)


def _is_torn(file: BinaryIO) -> bool:
    """True when a power cut or a full state has taken the end of the last line: the next one must not be part of it."""
    if file.seek(0, os.SEEK_END) == 0:
        return False
    file.seek(-1, os.SEEK_END)
    return file.read(1) != b"\n"
