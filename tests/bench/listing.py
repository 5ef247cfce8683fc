"""How long the page waits for its lists with many clips on the card, and how long the keeper walks to rebuild them.

The peer is what the original project did for each page: `find -printf | sort` over the folders.
"""

from __future__ import annotations

import http.client
import shutil
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.clip import ClipId
from dashcam.clips.names import CardFolders, sidecar_of, stem_of
from dashcam.clips.sidecar import Sidecar, encode_sidecar
from dashcam.clock import NANOSECONDS, utc_text
from tests.bench.measuring import Bench, seconds_until
from tests.bench.table import Row
from tests.programs import Programs

_COUNTS, _QUICK_COUNTS = (10_000, 100_000), (1_000,)
_REPEATS = 9
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
_CLIP_SECONDS = 60
_FIND = "find {} -name '*.mp4' -printf '%T@ %s %p\\n' | sort"
# A keeper that has 100,000 clips to look at on a machine that does much else.
_REBUILD_LIMIT_SECONDS = 600.0


def measure(bench: Bench) -> list[Row]:
    """For every number of clips the first page, the days and the rebuild."""
    rows: list[Row] = []
    for count in _QUICK_COUNTS if bench.is_quick else _COUNTS:
        folder = bench.folder / str(count)
        rows += list_clips(folder, count, bench.say)
        shutil.rmtree(folder)
    return rows


def list_clips(folder: Path, count: int, say: Callable[[str], None]) -> list[Row]:
    """The rows for so many clips, made below `folder`."""
    card = CardFolders(folder / "card")
    fill(card, count)
    finding = _milliseconds(lambda: _find_and_sort(card, count))
    with Programs(card.data, folder / "log") as programs:
        catalogue = CatalogueReader(programs.state)
        began = time.monotonic()
        programs.start("keep")
        rebuilding = 1000 * seconds_until(lambda: not catalogue.state().is_building, began, _REBUILD_LIMIT_SECONDS)
        found = sum(total.clips for total in catalogue.totals().values())
        catalogue.close()
        assert found == count, f"the catalogue has {found} of {count} clips"
        programs.wait_until_kept()
        address = programs.start_page()
        page = _milliseconds(lambda: _get(address, "/api/clips"))
        days = _milliseconds(lambda: _get(address, "/api/days"))
    say(f"{count} clips: page {page:.1f} ms, days {days:.1f} ms, rebuild {rebuilding:.0f} ms, find {finding:.0f} ms")
    peer = f"find, sort: {finding:.0f} ms"
    return [
        Row(f"first page of {count:,} clips", f"{page:.1f} ms", peer, page / finding),
        Row(f"days of {count:,} clips", f"{days:.1f} ms", peer, days / finding),
        Row(f"catalogue of {count:,} clips from files, keeper's start included", f"{rebuilding:.0f} ms", peer,
            rebuilding / finding),
    ]  # fmt: skip


def fill(card: CardFolders, count: int) -> None:
    """So many clips of a few bytes, one a minute, with their sidecars and thumbnails."""
    made: set[Path] = set()
    for number in range(count):
        began = _BEGAN + timedelta(seconds=number * _CLIP_SECONDS)
        clip_id = ClipId(1, by_keeper=False, number=number + 1)
        path = card.of_kind("loop") / f"{began:%Y-%m-%d}" / f"{stem_of(clip_id, began)}.mp4"
        thumbnail = card.thumbnail_of(path)
        for parent in (path.parent, thumbnail.parent):
            if parent not in made:
                parent.mkdir(parents=True)
                made.add(parent)
        path.write_bytes(b"a few bytes")
        thumbnail.write_bytes(b"a picture")
        sidecar_of(path).write_bytes(encode_sidecar(_sidecar(clip_id, began, path.stat().st_size)))


def _sidecar(clip_id: ClipId, began: datetime, size_bytes: int) -> Sidecar:
    start_ns = (clip_id.number - 1) * _CLIP_SECONDS * NANOSECONDS
    return Sidecar(
        id=str(clip_id),
        kind="loop",
        camera="front",
        integrity="closed",
        started_utc=utc_text(round(began.timestamp()) * NANOSECONDS),
        started_monotonic_ns=start_ns,
        clock_source="system",
        zone="UTC",
        media_start_ns=start_ns,
        duration_seconds=_CLIP_SECONDS,
        frames=_CLIP_SECONDS * 30,
        width=1920,
        height=1080,
        bytes=size_bytes,
    )


def _find_and_sort(card: CardFolders, count: int) -> None:
    listed = subprocess.run(["sh", "-c", _FIND.format("VIDEO")], cwd=card.dcim, capture_output=True, check=True)
    assert listed.stdout.count(b"\n") == count


def _get(address: str, path: str) -> None:
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()
    finally:
        connection.close()


def _milliseconds(action: Callable[[], None]) -> float:
    """The median of several times, the first not counted: what it reads is in the page cache then, for everybody."""
    seconds = []
    for _ in range(_REPEATS + 1):
        began = time.monotonic()
        action()
        seconds.append(time.monotonic() - began)
    return 1000 * median(seconds[1:])
