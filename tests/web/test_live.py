"""The live view: everybody sees, nobody holds up anybody, and nothing is asked for while nobody looks."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dashcam.web import live as live_module
from dashcam.web import server as server_module
from dashcam.web.live import LivePictures
from tests.web.sites import Site, Sites, settings, wait_until


class Watching:
    """A viewer of the stream, as a browser is one."""

    def __init__(self, site: Site, path: str = "/stream.mjpg") -> None:
        self._connection = site.connect()
        self._connection.request("GET", path)
        self.answer: http.client.HTTPResponse = self._connection.getresponse()
        self.head: dict[str, str] = {}
        self._boundary = (self.answer.getheader("Content-Type") or "").partition("boundary=")[2].encode()

    def begin(self) -> None:
        """The boundary before the first picture."""
        line = self.answer.readline()
        # An answer that is not called multipart names its boundary only here.
        self._boundary = self._boundary or line.removeprefix(b"--").rstrip()
        assert self._boundary
        assert line == b"--%b\r\n" % self._boundary

    def next(self) -> bytes:
        """The next picture, with the boundary behind it: without that no browser shows it."""
        lines = iter(lambda: self.answer.readline().decode().rstrip(), "")
        self.head = dict(line.split(": ") for line in lines)
        assert self.head["Content-Type"] == "image/jpeg"
        picture = self.answer.read(int(self.head["Content-Length"]))
        assert self.answer.readline() == b"\r\n"
        self.begin()
        return picture

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


@contextmanager
def feed(site: Site) -> Iterator[None]:
    """Its recorder shows a numbered picture again and again."""
    stop = threading.Event()

    def show() -> None:
        number = 0
        while not stop.wait(0.02):
            number += 1
            site.recorder.show(b"picture %d" % number)

    thread = threading.Thread(target=show)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def feeding(site: Site) -> Iterator[Site]:
    """A site with a picture always coming."""
    with feed(site):
        yield site


def number_of(picture: bytes) -> int:
    return int(picture.removeprefix(b"picture "))


def test_a_picture_says_when_it_was_taken_and_sent(site: Site) -> None:
    viewer = Watching(site)
    wait_until(lambda: site.recorder.viewers == 1)
    before_ns = time.monotonic_ns()
    site.recorder.show()
    viewer.begin()
    viewer.next()
    captured, sent = (int(viewer.head[f"X-{name}-Milliseconds"]) for name in ("Captured", "Sent"))
    assert before_ns // 1_000_000 <= captured <= sent <= time.monotonic_ns() // 1_000_000
    viewer.close()


MULTIPART = "multipart/x-mixed-replace; boundary="


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/stream.mjpg", MULTIPART), ("/stream", MULTIPART), ("/api/live", "application/octet-stream")],
)
def test_pictures_arrive_whole_and_in_order(feeding: Site, path: str, kind: str) -> None:
    viewer = Watching(feeding, path)
    assert (viewer.answer.getheader("Content-Type") or "").startswith(kind)
    viewer.begin()
    numbers = [number_of(viewer.next()) for _ in range(10)]
    assert numbers == sorted(set(numbers))
    viewer.close()


def test_all_viewers_share_one_subscription_which_ends_with_the_last(feeding: Site) -> None:
    assert feeding.recorder.viewers == 0
    viewers = [Watching(feeding) for _ in range(3)]
    for viewer in viewers:
        viewer.begin()
        viewer.next()
    assert feeding.recorder.viewers == 1
    assert feeding.get("/api/status").json["live"]["viewers"] == 3
    for viewer in viewers:
        viewer.close()
    wait_until(lambda: feeding.recorder.viewers == 0)
    wait_until(lambda: feeding.get("/api/status").json["live"]["viewers"] == 0)


def test_who_comes_after_the_last_has_left_sees_new_pictures(feeding: Site) -> None:
    newest = 0
    for _ in range(3):
        viewer = Watching(feeding)
        viewer.begin()
        number = number_of(viewer.next())
        assert number > newest
        newest = number
        viewer.close()
        wait_until(lambda: feeding.get("/api/status").json["live"]["viewers"] == 0)


def test_a_viewer_too_many_is_told_so_and_a_place_comes_back(sites: Sites) -> None:
    site = sites.make(settings(max_viewers=2))
    viewers = [Watching(site) for _ in range(2)]
    for viewer in viewers:
        viewer.begin()
    refused = site.get("/stream.mjpg")
    assert (refused.status, refused.error_code) == (503, "too_many_viewers")
    assert "are taken (2," in refused.json["error"]["message"]
    viewers[0].close()

    def has_place() -> bool:
        site.recorder.show()
        again = Watching(site)
        again.close()
        return again.answer.status == 200

    wait_until(has_place)
    viewers[1].close()


def test_head_takes_no_place_for_long(sites: Sites) -> None:
    site = sites.make(settings(max_viewers=1))
    for _ in range(3):
        assert site.ask("HEAD", "/stream.mjpg").status == 200


def test_a_viewer_who_takes_nothing_holds_up_nobody_and_is_dropped(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "STALL_SECONDS", 1)
    site = sites.make()
    stalled = socket.socket()
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    stalled.connect(("127.0.0.1", site.port))
    stalled.sendall(f"GET /stream.mjpg HTTP/1.1\r\nHost: {site.netloc}\r\n\r\n".encode())
    wait_until(lambda: site.get("/api/status").json["live"]["viewers"] == 1)
    viewer = Watching(site)
    viewer.begin()
    wait_until(lambda: site.recorder.viewers == 1)
    large = b"picture 1" + b"0" * 30_000
    # Many times what may wait in the kernel: only a dropped viewer lets the number fall to one.
    while site.get("/api/status").json["live"]["viewers"] > 1:
        site.recorder.show(large)
        viewer.next()
    viewer.close()
    stalled.close()


def test_a_stream_outlives_its_recorder_and_goes_on_with_the_next(feeding: Site) -> None:
    viewer = Watching(feeding)
    viewer.begin()
    viewer.next()
    feeding.recorder.close()
    again = type(feeding.recorder)(feeding.state)
    again.start()
    try:
        wait_until(lambda: again.viewers == 1)
        again.show(b"from the next")
        while viewer.next() != b"from the next":
            pass
    finally:
        again.close()
        viewer.close()


def test_a_stream_without_pictures_ends(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "NO_PICTURE_SECONDS", 0.2)
    site = sites.make()
    viewer = Watching(site)
    viewer.begin()
    assert viewer.answer.read() == b""
    viewer.close()
    wait_until(lambda: site.get("/api/status").json["live"]["viewers"] == 0)


def test_leaving_twice_gives_one_place_back(sites: Sites) -> None:
    site = sites.make()
    pictures = LivePictures(site.state, 1)
    viewer = pictures.join("10.0.0.1")
    viewer.leave()
    viewer.leave()
    assert pictures.viewers == 0
    pictures.join("10.0.0.1").leave()
    pictures.close()
