"""When the wall clock becomes trusted, and when a better source of it comes, that moment is written down once a boot.

The keeper renames by it. A boot that begins without a trusted clock says so in its first line: a later one of the same
start of the machine may know.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from dashcam.clips.anchors import ANCHORS_NAME, AnchorLine, best_of_kernel, encode_anchor
from dashcam.clock import Anchor, trust_in
from dashcam.files import make_folders, sync_folder
from dashcam.system.kernel import asleep_ns, has_slept, kernel_boot

log = logging.getLogger(__name__)


class AnchorLog:
    """Appends to `<state>/anchors.jsonl`: a synced line when a boot begins, and for each better trusted anchor.

    After the machine was suspended it begins anew.
    """

    def __init__(self, state: Path, kernel: str | None = None, asleep_ns: Callable[[], int] = asleep_ns) -> None:
        """`kernel` names the start of the machine, this one if None; `asleep_ns` how long it was suspended since."""
        self._path = state / ANCHORS_NAME
        self._kernel = kernel_boot() if kernel is None else kernel
        self._asleep_ns = asleep_ns
        self._written_boot = 0
        self._written_trust = 0
        self._written_asleep_ns = 0

    def earlier(self) -> AnchorLine | None:
        """The best that was written since this start of the machine: by a recorder that has ended meanwhile."""
        return best_of_kernel(self._path, self._kernel)

    def note(self, boot: int, anchor: Anchor) -> None:
        """Writes the first anchor of this boot, and each trusted and better one. A state that fails is tried again."""
        asleep_ns = self._asleep_ns()
        is_first = boot != self._written_boot or has_slept(self._written_asleep_ns, asleep_ns)
        trust = trust_in(anchor.source) if anchor.is_trusted else 0
        if not is_first and trust <= self._written_trust:
            return
        try:
            self._append(encode_anchor(boot, anchor, self._kernel, asleep_ns))
        except OSError as error:
            log.debug("the clock's anchor cannot be kept: %s", error)
            return
        self._written_boot, self._written_trust, self._written_asleep_ns = boot, trust, asleep_ns

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
