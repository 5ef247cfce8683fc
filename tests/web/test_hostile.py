"""Whatever is asked, nothing outside the card and the page's files is read, nothing is changed, and it goes on.

Each request goes out as it stands, byte by byte, because no decent client would send it.
"""

from __future__ import annotations

import socket
import struct
from pathlib import Path

import pytest

from dashcam.link import messages as m
from tests.web.sites import Site, clip_row, wait_until

SECRET = b"this is nobody's business"

# Ways out of a folder, and what decoders make of them.
WAYS_OUT = [
    "..",
    "../secret",
    "../../secret",
    "..%2fsecret",
    "..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/secret",
    "%2e%2e%2f%2e%2e%2fsecret",
    "%252e%252e%252fsecret",
    "..%c0%afsecret",
    "..%5csecret",
    "..\\secret",
    "....//secret",
    "./../secret",
    "/secret",
    "//secret",
    "%2fetc%2fpasswd",
    "/etc/passwd",
    "file:///etc/passwd",
    "secret%00.mp4",
    "%00",
    ".state/settings.toml",
    ".state%2fcatalogue.sqlite",
    "~root/.ssh/id_rsa",
    "link.mp4",
    "42-1/../../secret",
    "42-1%2f..%2f..%2fsecret",
    "42-1;/secret",
    "42-1?/../secret",
    "42-2",
    "%EF%BC%8E%EF%BC%8E%EF%BC%8Fsecret",
    "\xff\xfe",
    "%ff%fe",
    "%",
    "%zz",
    "%F0%9F%9A%97",
    "\u202e42-1",
    "a" * 9000,
]
PLACES = ["/", "/media/", "/thumb/", "/api/clips/", "/api/logs/", "/api/", "/js/", "/stream/"]

QUERIES = [
    "/api/clips?before=../../secret",
    "/api/clips?before=2026-11-20'--",
    "/api/clips?before=" + "9" * 8000,
    "/api/clips?day=..%2fsecret",
    "/api/clips?day=2026-11-20%00",
    "/api/clips?from=-1&to=99999",
    "/api/clips?from=2026-11-20T25:61:61&to=2026-99-99",
    "/api/clips?limit=1e9",
    "/api/clips?limit=" + "9" * 8000,
    "/api/clips?kind=loop&kind=..",
    "/api/clips?%00=%00",
    "/api/clips?" + "a=1&" * 3000,
    "/api/days?locked=null",
    "/api/clips/42-1/neighbours?day=%ff",
    "/api/clips.zip?ids=../../secret",
    "/api/clips.zip?ids=42-2,42-3,42-4",
    "/api/clips.zip?ids=42-1%00,..",
    "/api/logs/recorder?after=../../../etc/passwd",
    "/api/logs/recorder?text=" + "%00" * 100,
    "/api/logs/..%2f..%2fsecret?level=debug",
    "/media/42-1?download=../../secret",
    "/thumb/42-1?v=../../secret",
    "/stream.mjpg/../secret",
]
HEADERS = [
    "Range: bytes=-99999999999999999999",
    "Range: bytes=0-1,5-9,11-",
    "Range: bytes=" + "0-1," * 3000,
    "Range: secret=0-1",
    "If-Range: \xff",
    "If-None-Match: " + '"a",' * 3000,
    "If-Modified-Since: Fri, 99 Foo 99999 99:99:99",
    "Cookie: " + "a=b;" * 3000,
    "Content-Length: 5",
    "Content-Length: 0\r\nContent-Length: 5",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: identity, chunked",
    "Expect: 100-continue",
    "Connection: upgrade\r\nUpgrade: websocket",
    "X-Forwarded-For: 127.0.0.1\r\nX-Original-URL: /secret\r\nX-Rewrite-URL: /secret",
    "Content-Type: application/json; charset=utf-7",
    "\x00: \x00",
    " folded: header",
    "no colon",
]
METHODS = ["HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PATCH", "PROPFIND", "SEARCH", "get", "G\x00T", "POST"]
WHOLE = [
    b"GET http://127.0.0.1/secret HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET file:///etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET //etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET \\\\etc\\passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/0.9\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET /\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /a\rb HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    b"GET /media/42-1 HTTP/1.1\nHost: 127.0.0.1\n\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200) + b"\r\n\r\n",
    b"\x00" * 20_000,
    b"\r\n" * 10_000,
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
]
BODIES = [
    b'{"ids": ["../../secret"]}',
    b'{"ids": ["42-1", "42-1\\u0000"]}',
    b'{"ids": ["\\ud800"]}',
    b'{"ids": [' + b"[" * 8000,
    b'{"ids": ' + b"9" * 8000 + b"}",
    b'{"ids": ["42-1"], "ids": []}',
    b'{"ids": ["42-1"], "path": "../../secret"}',
    b'\xef\xbb\xbf{"ids": ["42-1"]}',
    b'{"changes": {"__class__": 1}}',
    b'{"changes": {"../secret": 1, "camera.source": "/etc/passwd\\u0000"}}',
    b"null",
    b"\x00\xff" * 4000,
]


@pytest.fixture
def guarded(site: Site, tmp_path: Path) -> Site:
    """A site with a clip, and with secrets wherever a wrong turn could lead."""
    site.keeper.add(clip_row(1), b"a clip")
    for place in (tmp_path, site.data, site.data / "DCIM", site.state):
        (place / "secret").write_bytes(SECRET)
    folder = site.data / "DCIM" / "VIDEO" / "2026-11-20"
    (folder / "link.mp4").symlink_to(tmp_path / "secret")
    (site.data / "DCIM" / "THUMB").symlink_to(tmp_path)
    site.keeper.catalogue.put(
        [
            clip_row(2, path="VIDEO/2026-11-20/link.mp4", has_thumbnail=True),
            clip_row(3, path="../secret", has_thumbnail=True),
            clip_row(4, path="THUMB/secret"),
        ]
    )
    return site


def send(site: Site, content: bytes) -> bytes:
    """The answer to `content`, after which the client says that it is over."""
    with site.raw() as plain:
        try:
            plain.sendall(content)
            plain.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: plain.recv(65536), b""))
        except OSError:
            return b""  # hung up on: an answer, too


def request(site: Site, method: str, path: str, header: str = "", body: bytes = b"") -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nHost: {site.netloc}\r\nConnection: close\r\n"
    head += f"{header}\r\n" if header else ""
    return send(site, head.encode("utf-8", "surrogateescape") + b"\r\n" + body)


def look(site: Site, what: object, answer: bytes) -> None:
    """It tells no secret, and is a refusal or an ordinary answer, never a failure of ours."""
    assert SECRET not in answer, what
    assert b"root:" not in answer, what
    assert b"Traceback" not in answer, what
    if answer:
        assert answer.startswith(b"HTTP/1."), what
        # 501: a transfer encoding that the server does not know; 505: a version that it does not.
        assert answer.split()[1][:1] in b"1234" or answer.split()[1] in (b"501", b"505"), (what, answer[:200])


def changes(site: Site) -> list[m.Message]:
    """What recorder and keeper were told to do."""
    everything = [*site.recorder.asked, *site.keeper.asked]
    return [message for message in everything if not isinstance(message, m.GetProgress | m.GetStatus)]


def is_well(site: Site) -> bool:
    return site.get("/media/42-1").body == b"a clip" and site.get("/api/status").status == 200


@pytest.mark.parametrize("place", PLACES)
def test_no_way_leads_out(guarded: Site, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr("dashcam.web.clip_files.MOVE_ATTEMPTS", 2)
    for way in WAYS_OUT:
        look(guarded, way, request(guarded, "GET", place + way))
    assert is_well(guarded)
    assert changes(guarded) == []


def test_no_question_leads_out(guarded: Site) -> None:
    for path in QUERIES:
        look(guarded, path, request(guarded, "GET", path))
    assert is_well(guarded)
    assert changes(guarded) == []


def test_no_header_confuses(guarded: Site) -> None:
    for header in HEADERS:
        for path in ("/media/42-1", "/api/clips", "/"):
            look(guarded, header, request(guarded, "GET", path, header))
    assert is_well(guarded)


def test_wrong_methods_change_nothing(guarded: Site) -> None:
    for method in METHODS:
        for path in ("/media/42-1", "/api/clips", "/api/clips/42-1", "/", "/api/status", "/style.css", "/api/power"):
            look(guarded, (method, path), request(guarded, method, path, "Content-Length: 0"))
    for path in ("/api/photo", "/api/clips/delete", "/api/recording/stop", "/api/power/off", "/api/settings/apply"):
        for method in METHODS[:-1]:
            look(guarded, (method, path), request(guarded, method, path, "Content-Length: 0"))
    assert changes(guarded) == []
    assert is_well(guarded)


def test_what_is_no_request_is_refused(guarded: Site) -> None:
    for content in WHOLE:
        look(guarded, content[:60], send(guarded, content))
    assert is_well(guarded)
    assert changes(guarded) == []


def test_no_body_changes_anything(guarded: Site) -> None:
    for body in BODIES:
        header = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
        for path in ("/api/clips/delete", "/api/clips/lock"):
            look(guarded, body[:60], request(guarded, "POST", path, header, body))
        look(guarded, body[:60], request(guarded, "PATCH", "/api/settings", header, body))
    assert is_well(guarded)
    assert changes(guarded) == []
    assert not (guarded.state / "settings.toml").exists()


def test_requests_that_break_off_leave_nothing_behind(guarded: Site) -> None:
    whole = f"POST /api/photo HTTP/1.1\r\nHost: {guarded.netloc}\r\nContent-Length: 5\r\n\r\nhello".encode()
    for length in range(0, len(whole), 7):
        with guarded.raw(whole[:length]) as plain:
            # A reset instead of a farewell.
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_until(lambda: is_well(guarded))
    assert changes(guarded) == []
