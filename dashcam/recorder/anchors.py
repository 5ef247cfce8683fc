"""When the wall clock becomes trusted, that moment is written down once a boot: the keeper renames by it."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from dashcam.clips.anchors import ANCHORS_NAME, encode_anchor
from dashcam.clock import Anchor
from dashcam.files import make_folders

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
            make_folders(self._path.parent)
            with open(self._path, "ab") as file:
                file.write(encode_anchor(boot, anchor))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            log.debug("the clock's anchor cannot be kept: %s", error)
            return
        self._written_boot = boot
