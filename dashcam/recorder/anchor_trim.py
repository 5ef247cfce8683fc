"""Which anchors of earlier boots are still good for something: one line at least comes with every start, for years."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from dashcam.clips.anchors import BestLine, decode_anchor, encode_line
from dashcam.files import TEMPORARY_PREFIX, write_durably

# Three months of five starts a day; the keeper dates clips while the car still runs, or at the next start.
MOST_BOOTS = 500
# Far more than so many boots write. Read in some milliseconds on the board, and trimmed a few times a year.
TRIM_BYTES = 400_000
# What saves less is not worth a write at every start: a boot that ran for months has many lines.
_LEAST_SAVED_SHARE = 4


def trim_anchors(path: Path, kernel: str) -> None:
    """Takes what nobody needs any more out of the file, once that is long. Raises OSError; then it is as it was.

    Whoever reads meanwhile, or after a power cut, finds the whole old file or the whole new one. `kernel`: the present
    start of the machine.
    """
    if not path.exists() or path.stat().st_size <= TRIM_BYTES:
        return
    for left_behind in path.parent.glob(f"{TEMPORARY_PREFIX}*-{path.name}"):
        left_behind.unlink(missing_ok=True)
    content = path.read_bytes()
    kept = trimmed(content, kernel)
    if len(kept) <= len(content) - len(content) // _LEAST_SAVED_SHARE:
        write_durably(path, kept)


def trimmed(content: bytes, kernel: str, most_boots: int = MOST_BOOTS) -> bytes:
    """The lines of the newest boots whose time is known, or can become known while the machine runs on.

    All lines of a boot or none: where the machine slept, a boot's first lines say so. To them come those whose word
    counts for one of these, because they ran in the same start of the machine. What the file says of them stays the
    same; of a boot without a time whose start of the machine is over nobody will ever know more.
    """
    lines = [line for line in map(decode_anchor, content.splitlines()) if line is not None]
    newest_last: dict[int, set[str]] = {}
    of_boot: dict[int, BestLine] = defaultdict(BestLine)
    of_start: dict[str, BestLine] = defaultdict(BestLine)
    for line in lines:
        newest_last[line.boot] = newest_last.pop(line.boot, set()) | ({line.kernel} if line.kernel else set())
        of_boot[line.boot].take(line)
        if line.kernel:
            of_start[line.kernel].take(line)
    kept: set[int] = set()
    for boot, starts in reversed(newest_last.items()):
        said = [found for found in (of_boot[boot].line, *(of_start[start].line for start in starts)) if found]
        if said or kernel in starts:
            kept |= {boot, *(line.boot for line in said)}
            most_boots -= 1
        if not most_boots:
            break
    return b"".join(encode_line(line) for line in lines if line.boot in kept)
