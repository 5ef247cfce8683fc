"""Clients without manners: they list, seek, watch, download, leave in the middle, and send what is no request."""

from __future__ import annotations

import http.client
import json
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

# A page that is hammered by twenty answers late, but it answers.
_PATIENCE_SECONDS = 30.0
# Nobody has to answer garbage, so nobody waits long for it.
_GARBAGE_PATIENCE_SECONDS = 2.0
_LONGEST_STREAM_SECONDS = 3.0
_PIECE_BYTES = 64 * 1024
_MOST_REQUESTS = 20_000
_PAUSE_SECONDS = 0.01
# What may be answered to anybody at any time: clips go, lists are being built, ranges miss, and places are taken.
_ORDINARY = {200, 206, 304, 404, 416}
_REFUSED = {503}
_RUDE = {400, 403, 405, 408, 411, 413, 414, 431, 501, 505}


class Visits:
    """What all clients have had, by kind. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.served: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.received_bytes = 0
        self.wrong: list[str] = []

    def note(self, kind: str, what: str, status: int, *, is_rude: bool = False) -> None:
        """One answer. A status that should not be is written down."""
        with self._lock:
            if status in _REFUSED:
                self.refused[kind] += 1
            elif status in _ORDINARY or (is_rude and status in _RUDE):
                self.served[kind] += 1
            else:
                self.wrong.append(f"{kind}: {what} was answered with {status}")

    def note_broken(self, kind: str) -> None:
        """No answer, or not all of it."""
        with self._lock:
            self.broken[kind] += 1

    def note_bytes(self, count: int) -> None:
        """Received."""
        with self._lock:
            self.received_bytes += count

    def words(self) -> str:
        """All figures in a line."""
        kinds = [f"{kind} {count}" for kind, count in sorted(self.served.items())]
        return (
            f"{sum(self.served.values())} requests served ({', '.join(kinds)}), {self.received_bytes / 1e6:.0f} MB, "
            f"{sum(self.refused.values())} refused for lack of a place, {sum(self.broken.values())} broken off"
        )


class Client:
    """One of them; `work` is its thread. What it does follows from `chance`."""

    def __init__(self, address: str, visits: Visits, chance: random.Random) -> None:
        self._address = address
        self._visits = visits
        self._chance = chance
        self._clips: list[dict[str, Any]] = []
        self._stop = threading.Event()
        # How often each is done, beside the others.
        self._kinds: dict[str, tuple[int, Callable[[], None]]] = {
            "list": (6, self._list),
            "range": (5, self._seek),
            "thumbnail": (3, self._look),
            "stream": (2, self._watch),
            "events": (1, self._follow),
            "download": (3, self._download),
            "leave": (2, self._leave_in_the_middle),
            "garbage": (4, self._send_garbage),
            "photo": (1, self._take_photo),
        }

    def work(self, stop: threading.Event) -> None:
        """Until told to stop, or enough is enough."""
        self._stop = stop
        kinds, weights = list(self._kinds), [weight for weight, _ in self._kinds.values()]
        for _ in range(_MOST_REQUESTS):
            if stop.wait(_PAUSE_SECONDS):
                break
            kind = self._chance.choices(kinds, weights)[0]
            try:
                self._kinds[kind][1]()
            except (OSError, http.client.HTTPException):
                self._visits.note_broken(kind)

    def _list(self) -> None:
        """As the page does: status, days, some pages of clips, over one connection."""
        connection = http.client.HTTPConnection(self._address, timeout=_PATIENCE_SECONDS)
        before = ""
        try:
            for path in ("/", "/js/main.js", "/api/status", "/api/days", "/api/clips", "/api/clips", "/api/clips"):
                query = f"?limit=20{before}" if path == "/api/clips" else ""
                status, body = self._get("list", connection, f"{path}{query}")
                if status != 200 or path != "/api/clips":
                    continue
                page = json.loads(body)
                self._clips = page["clips"] or self._clips
                before = f"&before={page['next'].replace(' ', '+')}" if page["next"] else ""
        finally:
            connection.close()

    def _seek(self) -> None:
        start = self._chance.randrange(3_000_000)
        wanted = self._chance.choice([f"{start}-", f"{start}-{start + 70_000}", f"-{start + 1}", "0-0", "9999999999-"])
        self._read("range", self._some_media(), {"Range": f"bytes={wanted}"})

    def _look(self) -> None:
        clip = self._some_clip()
        self._read("thumbnail", (clip and clip["thumb"]) or "/thumb/1-1")

    def _download(self) -> None:
        self._read("download", f"{self._some_media()}?download=1")

    def _watch(self) -> None:
        self._stay("stream", "/stream.mjpg")

    def _follow(self) -> None:
        self._stay("events", "/api/events")

    def _take_photo(self) -> None:
        self._read("photo", "/api/photo", method="POST")

    def _leave_in_the_middle(self) -> None:
        """Hangs up without a word (a reset), as a phone does that leaves the Wi-Fi."""
        with self._plain(f"GET {self._some_media()} HTTP/1.1\r\nHost: {self._address}\r\n\r\n".encode()) as plain:
            plain.recv(_PIECE_BYTES)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._visits.note("leave", "leaving", 200)

    def _send_garbage(self) -> None:
        with self._plain(self._garbage()) as plain:
            plain.settimeout(_GARBAGE_PATIENCE_SECONDS)
            try:
                answer = plain.recv(_PIECE_BYTES)
            except TimeoutError:
                answer = b""
        words = answer.split(b" ", 2)
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 400
        self._visits.note("garbage", "garbage", status, is_rude=True)

    def _garbage(self) -> bytes:
        host = f"Host: {self._address}\r\n".encode()
        post = b"POST /api/clips/lock HTTP/1.1\r\n" + host
        return self._chance.choice(
            [
                self._chance.randbytes(2000),
                b"GET / HTTP/1.1\r\nHo",
                b"GET /" + b"A" * 30_000 + b" HTTP/1.1\r\n" + host + b"\r\n",
                b"GET /media/../../../etc/passwd HTTP/1.1\r\n" + host + b"\r\n",
                b"GET /media/%2e%2e%2f%2e%2e%2fetc%2fpasswd HTTP/1.1\r\n" + host + b"\r\n",
                b"GET /api/clips?limit=-1&before=%00 HTTP/1.1\r\n" + host + b"\r\n",
                b"GET /api/status HTTP/1.1\r\nHost: evil.example\r\n\r\n",
                b"BREW / HTTP/1.1\r\n" + host + b"\r\n",
                post + b"Content-Length: 7\r\n\r\n[[[[[[[",
                post + b"Content-Length: 99999999999\r\n\r\n",
                post + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n",
            ]
        )

    def _some_clip(self) -> dict[str, Any] | None:
        return self._chance.choice(self._clips) if self._clips else None

    def _some_media(self) -> str:
        clip = self._some_clip()
        return clip["media"] if clip else "/media/1-1"

    def _plain(self, content: bytes) -> socket.socket:
        host, _, port = self._address.partition(":")
        plain = socket.create_connection((host, int(port)), timeout=_PATIENCE_SECONDS)
        plain.sendall(content)
        return plain

    def _get(self, kind: str, connection: http.client.HTTPConnection, path: str) -> tuple[int, bytes]:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        self._visits.note_bytes(len(body))
        self._visits.note(kind, path, answer.status)
        return answer.status, body

    def _read(self, kind: str, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> None:
        """One request, read to its end."""
        connection = http.client.HTTPConnection(self._address, timeout=_PATIENCE_SECONDS)
        try:
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            while piece := answer.read(_PIECE_BYTES):
                self._visits.note_bytes(len(piece))
            self._visits.note(kind, path, answer.status)
        finally:
            connection.close()

    def _stay(self, kind: str, path: str) -> None:
        """Some seconds of something endless; now and then without reading any of it."""
        until = time.monotonic() + self._chance.uniform(0.2, _LONGEST_STREAM_SECONDS)
        is_asleep = self._chance.random() < 0.2
        connection = http.client.HTTPConnection(self._address, timeout=_PATIENCE_SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            while answer.status == 200 and time.monotonic() < until and not self._stop.is_set():
                if is_asleep:
                    self._stop.wait(until - time.monotonic())
                elif not (piece := answer.read1(_PIECE_BYTES)):
                    break
                else:
                    self._visits.note_bytes(len(piece))
            self._visits.note(kind, path, answer.status)
        finally:
            connection.close()
