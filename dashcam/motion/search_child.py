"""The child that looks for motion in clips: `python -m dashcam.motion.search_child`.

One line of JSON in, one out (`dashcam.motion.search_jobs`). It may crash, hang or run out of its limits: that is the
fault of the file it was given, and its parent goes on with the next one in a new child.
"""

from __future__ import annotations

import logging
import resource
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from dashcam.errors import BadMedia, DashcamError
from dashcam.motion.search import ClipSearch, difference_of_keyframes
from dashcam.motion.search_jobs import (
    CardTrouble,
    Glance,
    Glanced,
    LookInto,
    SearchAnswer,
    SearchJob,
    Unreadable,
)
from dashcam.system.children import die_with_parent
from dashcam.system.priority import lower_priority

log = logging.getLogger(__name__)

# Most of it are libraries; 4K stays below this.
_ADDRESS_SPACE_BYTES = 640 * 1024 * 1024
# When memory runs out the kernel takes this process and not the recorder.
_OUT_OF_MEMORY_SCORE = "1000"


class _Child:
    def __init__(self) -> None:
        self._search: ClipSearch | None = None

    def answer(self, job: SearchJob) -> SearchAnswer:
        try:
            return self._do(job)
        except (BadMedia, DashcamError) as error:
            return Unreadable(message=str(error))
        except MemoryError:
            return Unreadable(message="it needs more memory than a clip may")
        except OSError as error:
            return CardTrouble(message=str(error))
        except Exception as error:
            # Whatever a library raises over hostile bytes: it is the file's fault.
            log.debug("job failed", exc_info=True)
            return Unreadable(message=f"{type(error).__name__}: {error}")

    def _do(self, job: SearchJob) -> SearchAnswer:
        if isinstance(job, Glance):
            return Glanced(difference=difference_of_keyframes(job.clip))
        if isinstance(job, LookInto):
            if self._search is not None:
                self._search.close()
            self._search = ClipSearch(job.clip, job.settings, job.wish)
        if self._search is None:
            return Unreadable(message="nothing was begun")
        return self._search.go_on()


def main() -> int:
    """Answers until its input ends."""
    die_with_parent()
    lower_priority()
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OUT_OF_MEMORY_SCORE, encoding="ascii")
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE_BYTES, _ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    decoder = msgspec.json.Decoder(SearchJob)
    child = _Child()
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(msgspec.json.encode(child.answer(decoder.decode(line))) + b"\n")
        sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
