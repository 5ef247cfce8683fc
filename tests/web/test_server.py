"""Slow, silent, huge and broken clients keep nobody out; the server ends when it is told to."""

from __future__ import annotations

import http.client
import os
import socket
import threading
import time
from typing import Any

import pytest

from dashcam.errors import AlreadyRunning, SettingsError
from dashcam.web import server as server_module
from dashcam.web.guard import WsgiApp
from dashcam.web.reply import MAX_BODY_BYTES
from dashcam.web.server import MAX_HEAD_BYTES, WebServer
from tests.web.sites import PATIENCE_SECONDS, Site, Sites, clip_row, settings, wait_until


def hello(_environ: object, start_response: object) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "5")])  # type: ignore[operator]
    return [b"hello"]


def simple_server(host: str = "127.0.0.1", port: int = 0, app: WsgiApp = hello) -> WebServer:
    def nobody_minds(_error: BaseException) -> None:
        return

    return WebServer(app, host=host, port=port, threads=2, on_death=nobody_minds)


def test_more_idle_clients_than_threads_do_not_keep_the_page_from_answering(site: Site) -> None:
    idle = [site.raw() for _ in range(100)]
    half = [site.raw(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ") for _ in range(100)]
    waiting = [
        site.raw(f"POST /api/clips/lock HTTP/1.1\r\nHost: {site.netloc}\r\nContent-Length: 100\r\n\r\n{{".encode())
        for _ in range(50)
    ]
    for _ in range(20):
        assert site.get("/api/status").status == 200
    for plain in [*idle, *half, *waiting]:
        plain.close()


def test_a_request_that_comes_byte_by_byte_is_answered(site: Site) -> None:
    with site.raw() as plain:
        for letter in f"GET /api/status HTTP/1.1\r\nHost: {site.netloc}\r\nConnection: close\r\n\r\n":
            plain.sendall(letter.encode())
        assert plain.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_connections_are_used_again(site: Site) -> None:
    connection = site.connect()
    connection.connect()
    own_port = connection.sock.getsockname()[1]
    for _ in range(5):
        connection.request("GET", "/api/days")
        assert connection.getresponse().read()
        assert connection.sock.getsockname()[1] == own_port
    connection.close()


def test_one_address_cannot_hold_all_threads(site: Site) -> None:
    """It asks for more than it takes, in more connections than there are threads; another address is answered."""
    for number in range(1, 501):
        site.keeper.catalogue.put([clip_row(number, note="a long note " * 100)])
    request = f"GET /api/clips?limit=500 HTTP/1.1\r\nHost: {site.netloc}\r\n\r\n".encode()
    deaf = [site.raw(request) for _ in range(100)]
    refused = [plain for plain in deaf if plain.recv(12) == b"HTTP/1.1 503"]
    assert 0 < len(refused) < len(deaf)
    assert b'"code":"too_many_viewers"' in refused[0].recv(1000)
    for _ in range(5):
        connection = http.client.HTTPConnection(
            "127.0.0.1", site.port, timeout=PATIENCE_SECONDS, source_address=("127.0.0.2", 0)
        )
        connection.request("GET", "/api/status")
        assert connection.getresponse().status == 200
        connection.close()
    for plain in deaf:
        plain.close()
    wait_until(lambda: site.get("/api/status").status == 200)


BROKEN = [
    (b"GET /" + b"a" * MAX_HEAD_BYTES + b" HTTP/1.1\r\n\r\n", b"414"),
    (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * MAX_HEAD_BYTES + b"\r\n\r\n", b"413"),
    (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 5000 + b"\r\n", b"413"),
    (b"POST /api/photo HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1), b"413"),
    (b"POST /api/photo HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n", b"413"),
    (b"POST /api/photo HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"400"),
    (b"POST /api/photo HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", b"400"),
    (b"GET / HTTP/2.0\r\n\r\n", b"505"),
    (b"GET\r\n\r\n", b"400"),
    (b"get / HTTP/1.1\r\n\r\n", b"400"),
    (b"GET http://elsewhere/ HTTP/1.1\r\n\r\n", b"400"),
    (b"CONNECT elsewhere:80 HTTP/1.1\r\n\r\n", b"405"),
    (b"\r\n\r\n", b"400"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
]


def test_requests_too_large_or_broken_are_refused(site: Site) -> None:
    for request_text, status in BROKEN:
        with site.raw(request_text) as plain:
            assert plain.recv(65536).split()[1] == status, request_text[:60]
    assert site.recorder.asked == []
    assert site.get("/api/status").status == 200


def test_a_second_request_before_the_first_is_answered_ends_the_connection(site: Site) -> None:
    request = f"GET /api/days HTTP/1.1\r\nHost: {site.netloc}\r\n\r\n".encode()
    answer = site.say_raw(request + request)
    assert answer.count(b"HTTP/1.1 200") == 1


def test_it_ends_promptly_with_streams_and_stalled_downloads_open(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "STALL_SECONDS", 10 * PATIENCE_SECONDS)
    site = sites.make(settings(max_viewers=8))
    site.keeper.add(clip_row(1), os.urandom(8_000_000))
    held = []
    for path in ["/stream.mjpg"] * 5 + ["/api/events"] * 5 + ["/media/42-1"] * 5:
        plain = site.raw(f"GET {path} HTTP/1.1\r\nHost: {site.netloc}\r\n\r\n".encode())
        assert plain.recv(1) == b"H"
        held.append(plain)
    held += [site.raw(b"GET / HTT") for _ in range(5)]
    began = time.monotonic()
    site.website.close()
    # Without the stop event or the last call it takes the time of a stalled client, or for ever.
    assert time.monotonic() - began < PATIENCE_SECONDS
    for plain in held:
        plain.close()
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("CP Server")]
    with pytest.raises(ConnectionRefusedError):
        site.raw()


def test_an_answer_under_way_is_finished_when_it_ends() -> None:
    has_begun, may_end = threading.Event(), threading.Event()

    def slow_hello(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        has_begun.set()
        assert may_end.wait(PATIENCE_SECONDS)
        return hello(environ, start_response)

    server = simple_server(app=slow_hello)
    server.start()
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=PATIENCE_SECONDS)
    connection.request("GET", "/")
    assert has_begun.wait(PATIENCE_SECONDS)
    closing = threading.Thread(target=server.close)
    closing.start()
    may_end.set()
    assert connection.getresponse().read() == b"hello"
    connection.close()
    closing.join()


def test_closing_twice_and_unstarted_does_no_harm() -> None:
    server = simple_server()
    server.close()
    server = simple_server()
    server.start()
    server.close()
    server.close()


def test_port_zero_takes_a_free_one_and_says_which() -> None:
    server = simple_server()
    server.start()
    try:
        host, port = server.address.removeprefix("http://").split(":")
        assert int(port) > 0
        connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE_SECONDS)
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"hello"
        connection.close()
    finally:
        server.close()


def test_a_taken_port_is_said_with_the_cure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        server = simple_server(port=taken.getsockname()[1])
        with pytest.raises(AlreadyRunning, match="--port"):
            server.start()
        server.close()


def test_an_address_that_is_not_this_machines_is_said() -> None:
    server = simple_server(host="203.0.113.1")
    with pytest.raises(SettingsError, match=r"web\.host"):
        server.start()
    server.close()


def test_its_address_stands_beside_the_sockets_while_it_runs(site: Site) -> None:
    [found] = site.data.parent.glob("dashcam-*/web.address")
    assert found.read_text() == f"{site.website.address}\n"
    site.website.close()
    assert not found.exists()


def test_serving_that_ends_by_itself_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    deaths: list[BaseException] = []
    server = WebServer(hello, host="127.0.0.1", port=0, threads=2, on_death=deaths.append)

    def fall_over(*_: object) -> None:
        raise SystemExit("the serving loop is broken")

    monkeypatch.setattr(server._server, "process_conn", fall_over)
    server.start()
    host, port = server.address.removeprefix("http://").split(":")
    socket.create_connection((host, int(port))).close()
    wait_until(lambda: deaths)
    server.close()
