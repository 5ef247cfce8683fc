"""Download of one large clip on the loopback, beside `python -m http.server`."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.row import ClipRow
from tests import golden_values
from tests.bench.measuring import Bench
from tests.bench.table import Row
from tests.endurance.child_process import dies_with_us
from tests.programs import Programs

_MEGABYTE = 1_000_000
_MEGABYTES, _QUICK_MEGABYTES = 500, 50
_REPEATS = 7
_PIECE_BYTES = 1024 * 1024


def measure(bench: Bench) -> list[Row]:
    """Both servers in turns, so that both have the same machine; medians."""
    megabytes = _QUICK_MEGABYTES if bench.is_quick else _MEGABYTES
    return [download(bench.folder, megabytes, bench.say)]


def download(folder: Path, megabytes: int, say: Callable[[str], None]) -> Row:
    """The row for a file of so many megabytes."""
    data = folder / "card"
    row = _clip(data, megabytes * _MEGABYTE)
    ours, theirs = [], []
    with Programs(data, folder / "log") as programs, _http_server(data / "DCIM") as peer:
        address = programs.start_page()
        for _ in range(_REPEATS):
            ours.append(_rate(address, f"/media/{row.id}", row.bytes))
            theirs.append(_rate(peer, f"/{row.path}", row.bytes))
    our_rate, their_rate = median(ours), median(theirs)
    say(f"download of {megabytes} MB: {our_rate:.0f} MB/s, http.server {their_rate:.0f} MB/s")
    peer_words = f"python -m http.server: {their_rate:.0f} MB/s"
    return Row(f"download of {megabytes} MB, more is better", f"{our_rate:.0f} MB/s", peer_words, our_rate / their_rate)


def _clip(data: Path, size_bytes: int) -> ClipRow:
    """A file of that size on the card, and in the catalogue."""
    path = "VIDEO/2026-11-20/dcp_20261120154500.mp4"
    row = msgspec.structs.replace(golden_values.ROW, kind="loop", path=path, bytes=size_bytes, lock_cause=None)
    file = data / "DCIM" / path
    file.parent.mkdir(parents=True)
    piece = bytes(range(256)) * (_MEGABYTE // 256)
    with open(file, "wb") as target:
        for start in range(0, size_bytes, len(piece)):
            target.write(piece[: size_bytes - start])
    catalogue = CatalogueWriter(data / ".state")
    catalogue.open()
    catalogue.put([row])
    catalogue.mark_complete(True)
    catalogue.close()
    return row


@contextmanager
def _http_server(folder: Path) -> Iterator[str]:
    """Gives its `host:port`."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(folder)]
    process = subprocess.Popen(dies_with_us(command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        # Serving HTTP on 127.0.0.1 port 40123 (http://127.0.0.1:40123/) ...
        yield process.stdout.readline().partition("//")[2].partition("/")[0]
    finally:
        process.terminate()
        process.communicate()


def _rate(address: str, path: str, size_bytes: int) -> float:
    """Megabytes a second of one whole download."""
    piece = bytearray(_PIECE_BYTES)
    began = time.monotonic()
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        received = sum(iter(lambda: answer.readinto(piece), 0))
    finally:
        connection.close()
    assert received == size_bytes, f"{received} of {size_bytes} bytes came"
    return received / _MEGABYTE / (time.monotonic() - began)
