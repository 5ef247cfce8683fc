"""The short-lived child that opens whatever lies on the card: `python -m dashcam.media.child`.

One line of JSON in, one out (`dashcam.media.jobs`). It may crash, hang or run out of its limits: that is the fault of
the file it was given, and its parent goes on with the next one in a new child.
"""

from __future__ import annotations

import errno
import gc
import logging
import os
import resource
import sys
import time
from pathlib import Path

import msgspec

from dashcam.errors import BadMedia
from dashcam.media.jobs import (
    Answer,
    AnyJob,
    Cut,
    DatePhoto,
    Hindered,
    Inspect,
    MakeThumbnail,
    PlanCut,
    Refused,
    Repair,
    bytes_to_read,
)
from dashcam.system.children import die_with_parent
from dashcam.system.priority import lower_priority

log = logging.getLogger(__name__)

# A 1080p thumbnail needs 165 MB of addresses, most of them libraries; 4K and a large photo stay below this.
ADDRESS_SPACE_BYTES = 640 * 1024 * 1024
# For one job. An endless loop ends here; the parent allows more time, for a slow card.
CPU_SECONDS = 60
SLOWEST_BYTES_PER_CPU_SECOND = 10_000_000
_CARD_TROUBLE = {
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ENODEV, errno.ENXIO, errno.ENOENT, errno.ESTALE,
    errno.ENOTCONN, errno.EACCES, errno.EPERM, errno.EFBIG,
}  # fmt: skip
# When memory runs out the kernel takes this process and not the recorder.
_OUT_OF_MEMORY_SCORE = "1000"


def main() -> int:
    """Answers until its input ends."""
    die_with_parent()
    lower_priority()
    _volunteer_for_out_of_memory()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES, ADDRESS_SPACE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    decoder = msgspec.json.Decoder(AnyJob)
    for line in sys.stdin.buffer:
        job = decoder.decode(line)
        _limit_processor_time(job)
        answer = _answer(job)
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
        gc.collect()
    return 0


def _answer(job: AnyJob) -> Answer:
    try:
        return _do(job)
    except BadMedia as error:
        return Refused(message=str(error))
    except MemoryError:
        return Refused(message="it needs more memory than a clip may")
    except OSError as error:
        if error.errno in _CARD_TROUBLE and not isinstance(error, _ffmpeg_error()):
            return Hindered(message=str(error))
        return Refused(message=str(error))
    except Exception as error:
        # Whatever a library raises over hostile bytes: it is the file's fault.
        log.debug("job failed", exc_info=True)
        return Refused(message=f"{type(error).__name__}: {error}")


def _do(job: AnyJob) -> Answer:
    path = Path(os.fsdecode(job.path))
    # Each job loads only what it needs: the libraries for photos and videos are tens of megabytes.
    match job:
        case Inspect(kind="video"):
            from dashcam.media.inspect import inspect_video

            return inspect_video(path)
        case Inspect():
            from dashcam.media.photo import inspect_photo

            return inspect_photo(path)
        case Repair():
            from dashcam.media.repair import repair

            return repair(path, Path(os.fsdecode(job.target)))
        case MakeThumbnail():
            from dashcam.media.thumbnail import make_thumbnail

            return make_thumbnail(path, Path(os.fsdecode(job.target)), job.kind, job.caption, job.at_seconds)
        case DatePhoto():
            from dashcam.media.photo import date_photo

            return date_photo(path, Path(os.fsdecode(job.target)), job.utc_ns, job.zone)
        case PlanCut():
            from dashcam.media.cut import plan_cut

            return plan_cut(job.parts)
        case Cut():
            from dashcam.media.cut import cut

            return cut(job.parts, Path(os.fsdecode(job.target)), job.metadata)


def _ffmpeg_error() -> type[BaseException] | tuple[()]:
    """Some of libavformat's errors are OSErrors too; they speak of the content."""
    library = sys.modules.get("av")
    return library.error.FFmpegError if library is not None else ()


def _limit_processor_time(job: AnyJob) -> None:
    seconds = time.process_time() + CPU_SECONDS + bytes_to_read(job) / SLOWEST_BYTES_PER_CPU_SECOND
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), resource.RLIM_INFINITY))


def _volunteer_for_out_of_memory() -> None:
    try:
        Path("/proc/self/oom_score_adj").write_text(_OUT_OF_MEMORY_SCORE)
    except OSError as error:
        log.debug("no out-of-memory score: %s", error)


if __name__ == "__main__":
    raise SystemExit(main())
