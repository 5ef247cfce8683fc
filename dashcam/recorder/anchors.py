"""When the wall clock becomes trusted, and when a better source of it comes, that moment is written down once a boot.

So it is when a source corrects itself. The keeper renames by it. A boot that begins without a trusted clock says so in
its first line: a later one of the same start of the machine may know.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from dashcam.clips.anchors import ANCHORS_NAME, AnchorLine, best_of_kernel, encode_line
from dashcam.clock import NANOSECONDS, Anchor
from dashcam.files import make_folders, sync_folder
from dashcam.recorder.anchor_trim import trim_anchors
from dashcam.system.kernel import asleep_ns, has_slept, kernel_boot

log = logging.getLogger(__name__)

# A receiver corrects itself once or twice after a cold start. One that goes on like that is not followed all the time:
# each correction gives all clips of the boot other names.
_MOST_CORRECTIONS = 6
_WITHIN_NS = 3600 * NANOSECONDS


class AnchorLog:
    """Appends to `<state>/anchors.jsonl`, and keeps that short.

    A synced line when a boot begins, for each better trusted anchor, and for one that refutes what the same source has
    said before. After the machine was suspended it begins anew.
    """

    def __init__(self, state: Path, kernel: str | None = None, asleep_ns: Callable[[], int] = asleep_ns) -> None:
        """`kernel` names the start of the machine, this one if None; `asleep_ns` how long it was suspended since."""
        self._path = state / ANCHORS_NAME
        self._kernel = kernel_boot() if kernel is None else kernel
        self._asleep_ns = asleep_ns
        self._written: AnchorLine | None = None
        self._corrected_ns: deque[int] = deque(maxlen=_MOST_CORRECTIONS)

    def earlier(self) -> AnchorLine | None:
        """The best that was written since this start of the machine: by a recorder that has ended meanwhile."""
        return best_of_kernel(self._path, self._kernel)

    def note(self, boot: int, anchor: Anchor) -> None:
        """Writes the first anchor of this boot, and each trusted one that is news; what fails is tried again."""
        line = AnchorLine(boot, anchor.monotonic_ns, anchor.utc_ns, anchor.source, self._kernel, self._asleep_ns())
        is_correction = self._is_correction(line)
        if not (is_correction or self._is_better(line)):
            return
        if self._written is None:
            self._trim()
        try:
            self._append(encode_line(line))
        except OSError as error:
            log.debug("the clock's anchor cannot be kept: %s", error)
            return
        self._written = line
        if is_correction:
            self._corrected_ns.append(line.monotonic_ns)

    def _is_better(self, line: AnchorLine) -> bool:
        written = self._written
        if written is None or line.boot != written.boot or has_slept(written.asleep_ns, line.asleep_ns):
            return True
        return line.trust > written.trust

    def _is_correction(self, line: AnchorLine) -> bool:
        """True when the source takes back what it has said, and has not done so too often of late."""
        written, before = self._written, self._corrected_ns
        if written is None or not line.trust or (line.boot, line.source) != (written.boot, written.source):
            return False
        is_often = len(before) == _MOST_CORRECTIONS and line.monotonic_ns - before[0] < _WITHIN_NS
        return line.refutes(written) and not is_often

    def _trim(self) -> None:
        """Once a run of the recorder, before its own first line."""
        try:
            trim_anchors(self._path, self._kernel)
        except OSError as error:
            log.debug("the clock's anchors cannot be trimmed: %s", error)

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
