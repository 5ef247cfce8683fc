"""Other pages and other names are kept out."""

from __future__ import annotations

import pytest

from dashcam.web.guard import (
    POLICY_HEADER,
    SECURITY_HEADERS,
    is_own_host,
    is_same_origin,
    is_used_by_another_page,
    origin_of_tiles,
)
from tests.web.sites import Site


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "192.168.4.1:8000",
        "[::1]:8000",
        "[fe80::1]",
        "localhost",
        "LOCALHOST:80",
        "dashcam.local",
        "DashCam.local.:8000",
        "pi",
        "pi:8000",
        "pi.lan",
        "pi.fritz.box:8000",
    ],
)
def test_own_names_and_addresses_are_served(host: str) -> None:
    assert is_own_host(host, "pi")


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "local",
        "dashcam.local.evil.example",
        "localhost.evil.example",
        "pi.evil.example",
        "evil.lan",
        "evil.pi.lan",
        "1.2.3",
        "[::1",
        "::1",
        "127.0.0.1:port",
        "127.0.0.1@evil.example",
        "evil.example/.local",
        "evil.example\\.local",
        "127.0.0.1:80:80",
    ],
)
def test_names_that_somebody_else_could_own_are_refused(host: str) -> None:
    assert not is_own_host(host, "pi")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, True),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, True),
        ({"HTTP_SEC_FETCH_SITE": "none"}, True),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, False),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
        ({"HTTP_ORIGIN": "http://dashcam.local:8000"}, True),
        ({"HTTP_ORIGIN": "https://DASHCAM.local:8000"}, True),
        ({"HTTP_ORIGIN": "http://dashcam.local"}, False),
        ({"HTTP_ORIGIN": "http://evil.example"}, False),
        ({"HTTP_ORIGIN": "null"}, False),
        ({"HTTP_ORIGIN": ""}, False),
        ({"HTTP_ORIGIN": "http://[dashcam"}, False),
        ({"HTTP_ORIGIN": "http://dashcam.local:8000", "HTTP_SEC_FETCH_SITE": "cross-site"}, False),
    ],
)
def test_only_our_own_page_or_no_page_at_all_may_press_buttons(headers: dict[str, str], expected: bool) -> None:
    assert is_same_origin({"HTTP_HOST": "dashcam.local:8000", **headers}) == expected


def test_without_a_host_no_origin_is_ours() -> None:
    assert not is_same_origin({"HTTP_ORIGIN": "file://"})


BUTTONS = ("/api/photo", "/api/save", "/api/recording/start", "/api/recording/stop", "/api/clips/delete")


def test_a_foreign_page_presses_nothing(site: Site) -> None:
    for path in BUTTONS:
        for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            answer = site.ask("POST", path, {"ids": ["42-17"]}, headers)
            assert (answer.status, answer.error_code) == (403, "foreign_request")
    assert site.recorder.asked == []
    assert "DeleteClips" not in {type(message).__name__ for message in site.keeper.asked}


def test_the_own_page_presses_its_buttons(site: Site) -> None:
    origin = {"Origin": f"http://{site.netloc}", "Sec-Fetch-Site": "same-origin"}
    assert site.ask("POST", "/api/photo", headers=origin).status == 200


def test_under_a_foreign_name_nothing_is_shown(site: Site) -> None:
    for path in ("/", "/api/status", "/stream.mjpg", "/media/42-17"):
        answer = site.get(path, Host="evil.example")
        assert (answer.status, answer.error_code) == (403, "foreign_request")
    assert site.ask("HEAD", "/", headers={"Host": "evil.example"}).status == 403


def test_every_answer_says_what_a_browser_may_do_with_it(site: Site) -> None:
    for path in ("/", "/api/status", "/api/none", "/none.html", "/js/main.js"):
        headers = site.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/stream.mjpg", {}, False),
        ("/stream.mjpg", {"HTTP_SEC_FETCH_SITE": "none"}, False),
        ("/api/live", {"HTTP_SEC_FETCH_SITE": "same-origin"}, False),
        ("/api/live", {"HTTP_SEC_FETCH_SITE": "cross-site"}, True),
        ("/api/live", {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate"}, True),
        ("//stream.mjpg", {"HTTP_SEC_FETCH_SITE": "cross-site"}, True),
        ("/media/42-1", {"HTTP_REFERER": "http://evil.example/page"}, True),
        ("/media/42-1", {"HTTP_REFERER": "http://dashcam.local/"}, True),
        ("/media/42-1", {"HTTP_REFERER": "http://[dashcam"}, True),
        ("/media/42-1", {"HTTP_REFERER": "http://DASHCAM.local:8000/stream.mjpg"}, False),
        ("/media/42-1", {"HTTP_REFERER": "about:client"}, False),
        ("/", {"HTTP_SEC_FETCH_SITE": "cross-site", "HTTP_SEC_FETCH_MODE": "navigate"}, False),
        ("/", {"HTTP_REFERER": "http://wiki.example/"}, False),
        ("/media.css", {"HTTP_SEC_FETCH_SITE": "cross-site"}, False),
    ],
)
def test_another_page_may_link_to_our_pages_and_use_nothing_else(
    path: str, headers: dict[str, str], expected: bool
) -> None:
    environ = {"HTTP_HOST": "dashcam.local:8000", "PATH_INFO": path, **headers}
    assert is_used_by_another_page(environ) == expected


@pytest.mark.parametrize("foreign", [{"Sec-Fetch-Site": "cross-site"}, {"Referer": "http://evil.example/"}])
def test_a_picture_of_ours_in_a_foreign_page_takes_no_place(site: Site, foreign: dict[str, str]) -> None:
    for path in ("/stream.mjpg", "/stream", "/api/live", "/api/events", "/media/42-17", "/thumb/42-17"):
        for method in ("GET", "HEAD"):
            answer = site.ask(method, path, headers=foreign)
            assert answer.status == 403
        assert site.ask("GET", f"//{path}", headers=foreign).error_code == "foreign_request"
    assert site.recorder.viewers == 0
    assert site.ask("GET", "/", headers={**foreign, "Sec-Fetch-Mode": "navigate"}).status == 200


@pytest.mark.parametrize(
    ("tiles", "expected"),
    [
        ("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "https://tile.openstreetmap.org"),
        ("http://10.0.0.2:8080/tiles/{z}/{x}/{y}.png", "http://10.0.0.2:8080"),
        ("https://{s}.tile.example/{z}/{x}/{y}.png", "https://*.tile.example"),
        ("https://a{s}.tile.example/{z}/{x}/{y}.png", ""),
        ("https://{z}/{x}/{y}.png", ""),
        ("https://user@tile.example/{z}/{x}/{y}.png", ""),
        ("https://*/{z}/{x}/{y}.png", ""),
        ("https:///{z}/{x}/{y}", ""),
        ("", ""),
    ],
)
def test_of_a_maps_address_only_its_host_counts(tiles: str, expected: str) -> None:
    assert origin_of_tiles(tiles) == expected


def test_a_page_may_show_the_maps_pictures_and_nothing_else_of_elsewhere(site: Site) -> None:
    plain = dict(SECURITY_HEADERS)[POLICY_HEADER]
    for path in ("/api/status", "/js/main.js", "/style.css", "/unknown"):
        assert site.get(path).headers[POLICY_HEADER] == plain
    of_page = site.get("/").headers[POLICY_HEADER]
    assert of_page == plain.replace("img-src 'self' data:", "img-src 'self' data: https://tile.openstreetmap.org")
    site.ask("PATCH", "/api/settings", {"changes": {"map.tiles": ""}})
    assert site.get("/").headers[POLICY_HEADER] == plain
