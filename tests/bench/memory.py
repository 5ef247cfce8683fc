"""Resident memory of each program while it works, beside the budget of the smallest board."""

from __future__ import annotations

import contextlib
import http.client
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.gpx import ClipTrack, gpx_of
from dashcam.clips.gpx_reader import TrackPoint
from dashcam.clips.names import CardFolders
from tests.bench.browsing import browse
from tests.bench.map_day import DAY, rows
from tests.bench.measuring import Bench
from tests.bench.recording import ffmpeg_command
from tests.bench.stream import ready_stream
from tests.bench.table import Row
from tests.endurance.child_process import dies_with_us
from tests.programs import Programs

_SECONDS, _QUICK_SECONDS = 40, 10
_CLIP_SECONDS = 5
_VIEWERS = 3
_DAY_CLIPS, _QUICK_DAY_CLIPS, _AT_ONCE = 1_000, 100, 8
_WEB_MEGABYTES = 45
_LIMIT_SECONDS = 60.0
# Seen this often, so that a child that lives for a second is not missed.
_LOOK_SECONDS = 0.05
_KILOBYTE = 1024
_MEGABYTE = 1_000_000


@dataclass(slots=True)
class Memory:
    """Of one process, in bytes: the most it ever had, what it had at the end, and its share of what is shared."""

    peak: int = 0
    resident: int = 0
    proportional: int = 0

    def look(self, pid: int) -> None:
        """Looks at a process; one that has just ended is left as it was seen last."""
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            status = _fields(Path(f"/proc/{pid}/status"))
            self.peak = max(self.peak, status.get("VmHWM", 0))
            self.resident = status.get("VmRSS", self.resident)
            self.proportional = _fields(Path(f"/proc/{pid}/smaps_rollup")).get("Pss", self.proportional)

    def words(self) -> str:
        """In megabytes."""
        figures = [round(size / _MEGABYTE) for size in (self.peak, self.resident, self.proportional)]
        return "peak {} MB, at the end {} MB (proportional {} MB)".format(*figures)

    def row(self, what: str, budget_megabytes: int, peer: str = "") -> Row:
        """A line of the table; what counts is the peak."""
        is_met = self.peak <= budget_megabytes * _MEGABYTE
        return Row(f"memory of {what}", self.words(), peer, None, f"at most {budget_megabytes} MB", is_met)


def _fields(path: Path) -> dict[str, int]:
    """The sizes in a file of /proc, in bytes."""
    lines = [line.split() for line in path.read_text().splitlines()]
    return {words[0].rstrip(":"): int(words[1]) * _KILOBYTE for words in lines if words[2:] == ["kB"]}


def children_of(pid: int) -> list[int]:
    """The processes that a process has started."""
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, path.read_text().split())
    return found


def measure(bench: Bench) -> list[Row]:
    """All three at work: recording a ready stream, thumbnails of its clips, viewers, lists and downloads."""
    seconds = _QUICK_SECONDS if bench.is_quick else _SECONDS
    source = ready_stream()
    settings = ("camera.kind=replay", f"camera.source={source}", f"recording.segment_seconds={_CLIP_SECONDS}")
    with Programs(bench.folder / "card", bench.folder / "log", *settings) as programs:
        programs.start("record")
        programs.start("keep")
        address = programs.start_page()
        programs.wait_until_recording()
        stop = threading.Event()
        with browse(address, stop, viewers=_VIEWERS):
            found = _watch(bench, programs, seconds)
            stop.set()
    return [*found, *measure_day(bench)]


def measure_day(bench: Bench) -> list[Row]:
    """The web program that makes the map and the tracks of a long day, for one phone and for many at once."""
    count = _QUICK_DAY_CLIPS if bench.is_quick else _DAY_CLIPS
    with Programs(bench.folder / "day", bench.folder / "day log") as programs:
        address = programs.start_page()
        lay_out_day(programs.state, bench.folder / "day", count)
        paths = [f"/api/days/{DAY}/{what}" for what in ("map", "track.gpx", "track.geojson")]
        web, sizes = Memory(), list[int]()
        web.look(programs.pid_of("web"))
        before = web.resident
        for path in paths:
            for at_once in (1, 1, 1, 1, _AT_ONCE):
                sizes += fetch_at_once(address, path, at_once)
                web.look(programs.pid_of("web"))
            bench.say(f"after {path}: {round(web.resident / _KILOBYTE):,} kB, peak {round(web.peak / _KILOBYTE):,} kB")
    what = f"the web program (map and tracks of {count:,} clips, {_AT_ONCE} at once)"
    row = web.row(what, _WEB_MEGABYTES, f"the same before: {round(before / _MEGABYTE)} MB")
    bench.say(f"{row.what}: {row.ours}; sent {sum(sizes) / _MEGABYTE:.1f} MB")
    return [row]


def lay_out_day(state: Path, data: Path, count: int) -> None:
    """A day of so many clips in the catalogue, with the track of each on the card."""
    writer = CatalogueWriter(state)
    writer.open()
    writer.put(rows(count))
    writer.mark_complete(True)
    writer.close()
    card = CardFolders(data)
    points = [TrackPoint(latitude=53.35, longitude=at / 1e4, speed_mps=12.5, seconds=float(at)) for at in range(60)]
    for row in rows(count):
        path = card.track_of(card.dcim / row.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gpx_of(ClipTrack(clip_id=row.id, name=row.id, started_utc_ns=None, segments=[points])))


def fetch_at_once(address: str, path: str, count: int) -> list[int]:
    """The sizes of the answers to so many requests at the same time; fails when one is refused or cut off."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: _fetched(address, path), range(count)))


def _fetched(address: str, path: str) -> int:
    connection = http.client.HTTPConnection(address, timeout=_LIMIT_SECONDS)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        size = len(answer.read())
        assert answer.status == HTTPStatus.OK, path
        return size
    finally:
        connection.close()


def _watch(bench: Bench, programs: Programs, seconds: float) -> list[Row]:
    peer_folder = bench.folder / "ffmpeg"
    peer_folder.mkdir()
    peer = subprocess.Popen(dies_with_us(ffmpeg_command(peer_folder, seconds)))
    recorder, keeper, web, child, ffmpeg = (Memory() for _ in range(5))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        recorder.look(programs.pid_of("record"))
        keeper.look(programs.pid_of("keep"))
        web.look(programs.pid_of("web"))
        ffmpeg.look(peer.pid)
        for pid in children_of(programs.pid_of("keep")):
            child.look(pid)
        time.sleep(_LOOK_SECONDS)
    peer.wait()
    rows = [
        recorder.row("the recorder (ready stream)", 100, f"ffmpeg: {ffmpeg.words()}"),
        web.row(f"the web program ({_VIEWERS} viewers, lists, downloads)", _WEB_MEGABYTES),
        keeper.row("the keeper", 35),
        child.row("its child, which makes thumbnails of 1080p", 75),
    ]
    for row in rows:
        bench.say(f"{row.what}: {row.ours}")
    return rows
