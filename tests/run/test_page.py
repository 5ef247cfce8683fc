"""The page's address: found, asked, and shown."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from dashcam.errors import SettingsError
from dashcam.files import write_durably
from dashcam.run.page import PageWatch, free_port, page_words, qr_code
from dashcam.system.http_probe import answers

LONG_SECONDS = 60.0


class Told:
    """To be called with the page's address."""

    def __init__(self) -> None:
        self.addresses: list[tuple[str, int]] = []
        self._calls = threading.Semaphore(0)

    def __call__(self, host: str, port: int) -> None:
        self.addresses.append((host, port))
        self._calls.release()

    def comes(self, limit_seconds: float) -> bool:
        """Waits for one more call."""
        return self._calls.acquire(timeout=limit_seconds)


@contextmanager
def pages(count: int) -> Iterator[list[int]]:
    """The ports of so many web servers."""
    with ExitStack() as closing:
        ports = []
        for _ in range(count):
            server = closing.enter_context(
                http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
            )
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            closing.callback(thread.join)
            closing.callback(server.shutdown)
            ports.append(server.server_address[1])
        yield ports


def test_a_free_port_can_be_had() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port("127.0.0.1")))


def test_an_address_that_is_not_ours_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.77 is no address of this machine"):
        free_port("192.0.2.77")


def test_the_page_is_told_once_it_answers_and_not_before(tmp_path: Path) -> None:
    port = free_port("127.0.0.1")
    assert not answers("0.0.0.0", port)
    told = Told()
    announcement = tmp_path / "web.address"
    announcement.write_text("of an earlier page")
    watch = PageWatch("0.0.0.0", port, announcement, told)
    watch.start()
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler) as server:
        assert told.addresses == []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        # It answers, but it may be anybody's page.
        assert answers("0.0.0.0", port)
        assert not told.comes(1.0)
        announcement.write_text(f"http://0.0.0.0:{port}\n")
        assert told.comes(LONG_SECONDS)
        server.shutdown()
        thread.join()
    watch.close()
    watch.close()
    assert told.addresses == [("0.0.0.0", port)]


def test_a_page_that_has_moved_is_told_again_and_another_time_is_not(tmp_path: Path) -> None:
    told = Told()
    announcement = tmp_path / "web.address"
    with pages(2) as (first, second):
        watch = PageWatch("0.0.0.0", first, announcement, told)
        watch.start()
        for port in (first, second):
            write_durably(announcement, f"http://127.0.0.1:{port}\n".encode())
            assert told.comes(LONG_SECONDS)
        assert not told.comes(2.0)
        watch.close()
    assert told.addresses == [("127.0.0.1", first), ("127.0.0.1", second)]


def test_what_speaks_no_http_is_no_page() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: server.accept()[0].sendall(b"SSH-2.0\r\n"))
        thread.start()
        assert not answers("127.0.0.1", server.getsockname()[1])
        thread.join()


def test_a_watch_that_is_closed_never_tells(tmp_path: Path) -> None:
    told = Told()
    watch = PageWatch("127.0.0.1", free_port("127.0.0.1"), tmp_path / "web.address", told)
    watch.start()
    watch.close()
    assert told.addresses == []


@pytest.mark.parametrize(
    ("host", "has_login", "warns"),
    [("192.168.1.7", False, True), ("192.168.1.7", True, False), ("127.0.0.1", False, False)],
)
def test_a_page_open_to_everyone_says_so(host: str, has_login: bool, warns: bool) -> None:
    words = page_words(host, 8000, has_login=has_login, has_colours=False)
    assert f"http://{host}:8000/" in words
    assert ("everyone in this network can open it" in words) is warns


def test_the_qr_code_is_of_the_address() -> None:
    code = qr_code("http://192.168.1.7:8000/", has_colours=False)
    assert modules(code) == expected_modules("http://192.168.1.7:8000/")


def test_the_qr_code_has_colours_of_its_own_where_they_are_shown() -> None:
    assert all("\x1b[97;40m" in line for line in qr_code("http://192.168.1.7:8000/", has_colours=True).split("\n"))


def modules(drawing: str) -> list[list[bool]]:
    """What is dark, read back from the half blocks, without the margin of two."""
    dark_above, dark_below = " ▄", " ▀"
    rows: list[list[bool]] = []
    for line in drawing.split("\n"):
        rows.append([character in dark_above for character in line[2:]])
        rows.append([character in dark_below for character in line[2:]])
    size = len(rows[0]) - 4
    return [row[2 : 2 + size] for row in rows[2 : 2 + size]]


def expected_modules(address: str) -> list[list[bool]]:
    import segno

    return [[bool(module) for module in row] for row in segno.make_qr(address, error="l").matrix]
