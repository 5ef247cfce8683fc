"""The map library: the system's, a few files of it, and only a version that the page is written for."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.web.leaflet import MAJOR_VERSION, SYSTEM_FOLDER, LeafletFiles
from tests.conftest import skip_unless_in_ci
from tests.web.sites import Site


@pytest.fixture
def _installed() -> None:
    if not SYSTEM_FOLDER.is_dir():
        skip_unless_in_ci("there is no Leaflet; install the package libjs-leaflet")


@pytest.mark.usefixtures("_installed")
def test_the_systems_leaflet_is_one_that_the_page_is_written_for(site: Site) -> None:
    version = LeafletFiles().version
    print("Leaflet", version)
    assert version is not None
    assert version.split(".")[0] == MAJOR_VERSION
    assert site.get("/api/map").json["leaflet"] == version


@pytest.mark.usefixtures("_installed")
def test_script_style_and_pictures_are_served_and_nothing_else_of_the_folder(site: Site) -> None:
    script = site.get("/leaflet/leaflet.js", Accept_Encoding="gzip")
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.headers["Content-Encoding"] == "gzip"
    assert site.get("/leaflet/leaflet.js", If_None_Match=script.headers["ETag"], Accept_Encoding="gzip").status == 304
    assert site.get("/leaflet/leaflet.css").body == (SYSTEM_FOLDER / "leaflet.css").read_bytes()
    assert site.get("/leaflet/images/layers.png").headers["Content-Type"] == "image/png"
    for path in (
        "leaflet.min.js.map",
        "leaflet.esm.js",
        "",
        "images/",
        "../jquery/jquery.js",
        "%2e%2e/jquery/jquery.js",
    ):
        answer = site.get(f"/leaflet/{path}")
        assert (answer.status, answer.error_code) == (404, "not_found"), path


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (b'var a;t.version="1.9.4",t.x=1', "1.9.4"),
        (b"var version = '1.7.1+build';", "1.7.1+build"),
        (b'export const version = "2.0.0";', None),
        (b"nothing is said", None),
        (None, None),
    ],
)
def test_another_major_version_or_none_is_none(tmp_path: Path, script: bytes | None, expected: str | None) -> None:
    if script is not None:
        (tmp_path / "leaflet.min.js").write_bytes(script)
    assert LeafletFiles(tmp_path).version == expected


def test_an_update_while_it_runs_is_noticed(tmp_path: Path) -> None:
    files = LeafletFiles(tmp_path / "leaflet")
    assert files.version is None
    files.folder.mkdir()
    (files.folder / "leaflet.min.js").write_bytes(b'version="1.7.1"')
    assert files.version == "1.7.1"
