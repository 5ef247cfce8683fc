"""The page's files, and where unknown addresses lead."""

from __future__ import annotations

import gzip
import json
import re
import sys
from pathlib import Path

import pytest

from dashcam.errors import DashcamError
from dashcam.web import pages
from dashcam.web.card_file import open_below
from dashcam.web.pages import PackedTexts, accepts_gzip, find_www
from tests.web.sites import Site

WWW = find_www()
FILES = sorted(path.relative_to(WWW).as_posix() for path in WWW.rglob("*") if path.is_file())
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
    "webmanifest": "application/manifest+json; charset=utf-8",
}


def test_every_file_is_served_with_its_type_and_asked_anew(site: Site) -> None:
    for name in FILES:
        answer = site.get(f"/{name}")
        assert (answer.status, answer.body) == (200, (WWW / name).read_bytes())
        assert answer.headers["Content-Type"] == TYPES[name.rpartition(".")[2]]
        assert answer.headers["Cache-Control"] == "no-cache"
        assert site.get(f"/{name}", If_None_Match=answer.headers["ETag"]).status == 304


def test_texts_are_packed_once_for_whoever_takes_that(site: Site) -> None:
    for name in FILES:
        plain, packed = site.get(f"/{name}"), site.get(f"/{name}", Accept_Encoding="br, gzip")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert plain.headers["Content-Encoding"] is None
        assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(packed.body) == plain.body
        assert packed.headers["ETag"] != plain.headers["ETag"]
        again = site.get(f"/{name}", Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
        assert (again.status, again.body) == (304, b"")
    assert len(site.get("/", Accept_Encoding="gzip").body) < len(site.get("/").body) / 2


def test_a_changed_text_is_packed_anew(tmp_path: Path) -> None:
    texts, path = PackedTexts(), tmp_path / "page.js"
    for content in (b"first", b"second"):
        path.write_bytes(content)
        assert gzip.decompress(texts.pack("page.js", open_below(tmp_path, "page.js")).file.read()) == content


@pytest.mark.parametrize(
    ("header", "takes_it"),
    [
        ("gzip", True),
        ("deflate, GZIP;q=0.5", True),
        ("*", True),
        ("gzip;q=0, *", False),
        ("gzip;q=0.0", False),
        ("*;q=0", False),
        ("gzip;q=much", False),
        ("br", False),
        ("", False),
    ],
)
def test_only_who_takes_gzip_gets_it(header: str, takes_it: bool) -> None:
    assert accepts_gzip(header) == takes_it


def test_the_start_page_has_several_names(site: Site) -> None:
    page = (WWW / "index.html").read_bytes()
    assert site.get("/").body == page
    assert site.get("/index.html").body == page
    gallery = site.get("/gallery.html")
    assert (gallery.status, gallery.headers["Location"]) == (303, "/#clips")


def test_an_unknown_page_leads_to_the_start_page(site: Site) -> None:
    for path in ("/unknown", "/wp-login.php", "/a/b/c", "/generate_204", "/%e2%82%ac", "/.git/config"):
        for method in ("GET", "HEAD"):
            answer = site.ask(method, path)
            assert (answer.status, answer.headers["Location"], answer.body) == (303, "/", b""), path


def test_an_unknown_address_for_programs_is_an_error_in_words(site: Site) -> None:
    for path in ("/api", "/api/", "/api/unknown", "/api/clips/42-1/x", "/media/", "/js/unknown.js"):
        answer = site.get(path)
        assert (answer.status, answer.error_code) == (404, "not_found"), path


HOSTILE_PATHS = [
    "/../setup.cfg",
    "/..%2fsetup.cfg",
    "/%2e%2e/setup.cfg",
    "/js/../../setup.cfg",
    "/js/..%2f..%2fsetup.cfg",
    "/js/%2e%2e/%2e%2e/setup.cfg",
    "//etc/passwd",
    "/%2fetc%2fpasswd",
    "/index.html%00.js",
    "/index.html/",
    "/js",
    "/js/",
    "/%ff%fe",
    "/" + "a/" * 3000,
    "/" + "%2e%2e%2f" * 500 + "etc/passwd",
]


def test_hostile_paths_read_nothing_outside_the_page(site: Site) -> None:
    for path in HOSTILE_PATHS:
        answer = site.say_raw(f"GET {path} HTTP/1.1\r\nHost: {site.netloc}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.split()[1] in (b"303", b"400", b"404"), (path, head)
        assert b"root:" not in body
        assert b"metadata" not in body


def imported(name: str) -> set[str]:
    """The modules that a module imports at once, and theirs."""
    found = {f"js/{part}" for part in re.findall(r"""\bfrom "\./([^"]+)";""", (WWW / name).read_text())}
    return found.union(*(imported(part) for part in found - {name}))


def start_files() -> set[str]:
    """What a phone fetches before the live view is shown; the other pages of the page come when they are opened."""
    named = re.findall(r"""(?:src|href)="/([^"#]+)\"""", (WWW / "index.html").read_text())
    return {"index.html", *named, *imported("js/main.js")}


def test_the_start_page_weighs_less_than_100_kilobytes() -> None:
    assert sum((WWW / name).stat().st_size for name in start_files()) < 100_000


def test_everything_that_the_page_names_is_there_and_nothing_comes_from_elsewhere() -> None:
    for name in FILES:
        text = (WWW / name).read_text()
        for address in re.findall(r"""(?:\b(?:src|href)=|\bfrom )["']([^"'#?\n]+)["']""", text):
            target = (WWW / address.lstrip("/")) if address.startswith("/") else (WWW / name).parent / address
            assert target.exists(), (name, address)
        assert not re.findall(r"https?://(?!www\.w3\.org/)\w", text), name


def test_what_the_start_page_needs_is_fetched_at_once_and_nothing_else() -> None:
    page = (WWW / "index.html").read_text()
    assert set(re.findall(r"""rel="modulepreload" href="/([^"]+)\"""", page)) == imported("js/main.js")


def test_the_manifest_is_json_with_a_name() -> None:
    assert json.loads((WWW / "manifest.webmanifest").read_text())["name"] == "Dashcam"


def test_a_missing_page_is_said_with_both_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "__file__", str(tmp_path / "dashcam" / "web" / "pages.py"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "prefix"))
    with pytest.raises(DashcamError, match="install the dashcam again"):
        find_www()
    installed = tmp_path / "prefix" / "share" / "dashcam" / "www"
    installed.mkdir(parents=True)
    (installed / "index.html").write_text("page")
    assert find_www() == installed
