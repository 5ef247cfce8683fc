"""Several clips as one download: whole, of a known length, and never of what is not a clip."""

from __future__ import annotations

import http.client
import io
import os
import subprocess
import threading
import time
import zipfile
from pathlib import Path

import pytest

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.row import ClipRow
from dashcam.web import clip_files
from dashcam.web import server as server_module
from dashcam.web.clip_files import ClipFiles
from dashcam.web.zip_download import Member, ZipBody, days_in_name, zip_names
from tests.web.sites import PATIENCE_SECONDS, Answer, Site, Sites, clip_row, wait_until

# More than what the kernel takes from the server for a client that does not read.
BIG = 12_000_000


def unzip(answer: Answer) -> zipfile.ZipFile:
    """The answer as a ZIP, every check sum of which is right."""
    assert answer.headers["Content-Type"] == "application/zip"
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    zipped = zipfile.ZipFile(io.BytesIO(answer.body))
    assert zipped.testzip() is None
    return zipped


def test_the_zip_holds_the_files_by_day_oldest_first(site: Site, tmp_path: Path) -> None:
    rows = {
        "42-9": (clip_row(9, "2026-11-20"), os.urandom(300_000)),
        "42-10": (clip_row(10, "2026-11-18", kind="event", path="EVENT/2026-11-18/dcp_20261118150010.mp4"), b"event"),
        "42-11": (clip_row(11, kind="photo", path="PHOTO/2026-11-20/dcp_20261120150011.jpg"), b""),
    }
    for row, content in rows.values():
        site.keeper.add(row, content)
    answer = site.get("/api/clips.zip?ids=42-11,42-9,42-10,42-9")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="dashcam-2026-11-18-to-2026-11-20.zip"'
    with unzip(answer) as zipped:
        assert zipped.namelist() == [
            "2026-11-20/dcp_20261120150009.mp4",
            "2026-11-18/dcp_20261118150010.mp4",
            "2026-11-20/dcp_20261120150011.jpg",
        ]
        assert [zipped.read(name) for name in zipped.namelist()] == [content for _, content in rows.values()]
        assert {found.compress_type for found in zipped.infolist()} == {zipfile.ZIP_STORED}
    path = tmp_path / "download.zip"
    path.write_bytes(answer.body)
    subprocess.run(["unzip", "-tq", path], check=True, capture_output=True)
    head = site.ask("HEAD", "/api/clips.zip?ids=42-11,42-9,42-10")
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", answer.headers["Content-Length"])


def test_five_hundred_clips_are_one_download(site: Site) -> None:
    for number in range(1, 501):
        site.keeper.add(clip_row(number), b"%d" % number)
    answer = site.get(f"/api/clips.zip?ids={','.join(f'42-{number}' for number in range(1, 501))}")
    with unzip(answer) as zipped:
        assert [int(zipped.read(name)) for name in zipped.namelist()] == list(range(1, 501))
    assert site.get(f"/api/clips.zip?ids={','.join(['42-1'] * 501)}").error_code == "bad_request"


BAD_IDS = ["", "?ids=", "?ids=,", "?ids=42-1,", "?ids=..", "?ids=42-1;42-2", "?ids=42-1%0a", "?ids=42-1,../etc"]


def test_what_is_no_list_of_ids_is_refused(site: Site) -> None:
    site.keeper.add(clip_row(1), b"clip")
    for query in BAD_IDS:
        answer = site.get(f"/api/clips.zip{query}")
        assert (answer.status, answer.error_code) == (400, "bad_request"), query


def test_clips_that_are_gone_and_links_are_left_out(site: Site, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    site.keeper.add(clip_row(1), b"clip")
    link, gone = clip_row(2, path="VIDEO/2026-11-20/link.mp4"), clip_row(3, path="VIDEO/2026-11-20/gone.mp4")
    (site.data / "DCIM" / link.path).symlink_to(tmp_path / "secret")
    site.keeper.catalogue.put([link, gone, clip_row(4, path="../../secret")])
    with unzip(site.get("/api/clips.zip?ids=42-1,42-2,42-3,42-4,42-5")) as zipped:
        assert zipped.namelist() == ["2026-11-20/dcp_20261120150001.mp4"]
    answer = site.get("/api/clips.zip?ids=42-2,42-3,42-4,42-5")
    assert (answer.status, answer.error_code) == (404, "not_found")


def begin(site: Site, rows: list[ClipRow]) -> tuple[http.client.HTTPResponse, bytes]:
    """A download of which the first bytes have come, so that the rest waits for us."""
    connection = site.connect()
    connection.request("GET", f"/api/clips.zip?ids={','.join(row.id for row in rows)}")
    answer = connection.getresponse()
    return answer, answer.read(1000)


def test_clips_that_are_moved_while_they_are_sent_arrive_whole(site: Site) -> None:
    contents = [os.urandom(BIG), os.urandom(1000)]
    rows = [site.keeper.add(clip_row(number), content) for number, content in enumerate(contents, start=1)]
    answer, begun = begin(site, rows)
    for row in rows:
        site.keeper.move(row, "EVENT")
    zipped = zipfile.ZipFile(io.BytesIO(begun + answer.read()))
    assert [zipped.read(name) for name in zipped.namelist()] == contents


@pytest.mark.parametrize("change", ["deleted", "longer", "shorter", "link"])
def test_a_clip_that_is_no_longer_the_same_ends_the_connection_instead_of_lying(
    site: Site, tmp_path: Path, change: str
) -> None:
    rows = [site.keeper.add(clip_row(1), os.urandom(BIG)), site.keeper.add(clip_row(2), os.urandom(1000))]
    answer, begun = begin(site, rows)
    path = site.data / "DCIM" / rows[1].path
    if change == "deleted":
        assert site.post("/api/clips/delete", {"ids": ["42-2"]}).json["done"] == ["42-2"]
    elif change == "link":
        (tmp_path / "secret").write_bytes(b"s" * 1000)
        path.unlink()
        path.symlink_to(tmp_path / "secret")
        site.keeper.catalogue.remove(["42-2"])
    else:
        os.truncate(path, 1001 if change == "longer" else 999)
    with pytest.raises(http.client.IncompleteRead) as caught:
        answer.read()
    assert len(begun) + len(caught.value.partial) < int(answer.headers["Content-Length"])
    assert b"s" * 100 not in caught.value.partial


def zip_body(site: Site, sizes: list[int]) -> ZipBody:
    """A ZIP of clips of these sizes, which are on the card."""
    files = ClipFiles(site.data, CatalogueReader(site.state), lambda: None, threading.Event())
    members = [Member(f"42-{number}", f"{number}.mp4", size) for number, size in enumerate(sizes, start=1)]
    return ZipBody(members, files, threading.Event(), lambda: None)


def test_beyond_what_a_plain_zip_can_hold_it_is_whole_and_of_the_announced_length(site: Site, tmp_path: Path) -> None:
    """Sparse on the card and sparse here, so that it takes no space."""
    sizes = [2**31 + 1000, 10]  # from two gigabytes on Python's own ZIPs are ZIP64, too
    for number, size in enumerate(sizes, start=1):
        row = site.keeper.add(clip_row(number), b"")
        os.truncate(site.data / "DCIM" / row.path, size)
    body = zip_body(site, sizes)
    with open(tmp_path / "sparse.zip", "wb") as file:
        for block in body:
            file.seek(len(block), os.SEEK_CUR) if not any(block[:100]) else file.write(block)
        assert file.tell() == body.length
    with zipfile.ZipFile(tmp_path / "sparse.zip") as zipped:
        assert [found.file_size for found in zipped.infolist()] == sizes
        assert zipped.read("2.mp4") == bytes(10)
    assert zip_body(site, [2**33, 2**33]).length - zip_body(site, [2**32, 2**33]).length == 2**32


def test_it_counts_among_the_downloads_and_gives_its_place_back(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_files, "MAX_TRANSFERS", 1)
    site = sites.make()
    rows = [site.keeper.add(clip_row(1), os.urandom(BIG))]
    answer, _ = begin(site, rows)
    for path in ("/api/clips.zip?ids=42-1", "/media/42-1"):
        refused = site.get(path)
        assert (refused.status, refused.error_code) == (503, "too_many_viewers")
    answer.close()
    wait_until(lambda: site.ask("HEAD", "/api/clips.zip?ids=42-1").status == 200)
    for _ in range(3):
        assert site.get("/api/clips.zip?ids=42-9").status == 404
        assert site.get("/api/clips.zip?ids=nonsense").status == 400
        assert site.ask("HEAD", "/api/clips.zip?ids=42-1").status == 200
    assert site.get("/media/42-1").status == 200


def test_it_ends_promptly_when_the_dashcam_ends(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "STALL_SECONDS", 10 * PATIENCE_SECONDS)
    site = sites.make()
    begin(site, [site.keeper.add(clip_row(1), os.urandom(BIG))])
    began = time.monotonic()
    site.website.close()
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("CP Server")]


def test_names_that_are_there_already_get_their_id() -> None:
    rows = [
        clip_row(1, path="VIDEO/2026-11-20/a.mp4"),
        clip_row(2, path="EVENT/2026-11-20/a.mp4"),
        clip_row(3, path="PHOTO/2026-11-20/a.jpg"),
    ]
    assert list(zip_names(rows).values()) == ["2026-11-20/a.mp4", "2026-11-20/a 42-2.mp4", "2026-11-20/a.jpg"]


# What a card may hold that somebody else has written to, and what becomes of it.
ODD_NAMES = {
    "..\\..\\Startup\\run.mp4": ".._.._Startup_run.mp4",
    "C:\\run.mp4": "C__run.mp4",
    "a:stream.mp4": "a_stream.mp4",
    'what? "this" <is> *it*|.mp4': "what_ _this_ _is_ _it__.mp4",
    "line\nbell\x07\x9b.mp4": "line_bell__.mp4",
    "not text \udcff.mp4": "not text _.mp4",
    "ends with a dot.": "ends with a dot_",
    "NUL.mp4": "_NUL.mp4",
    "Größe 日本.mp4": "Größe 日本.mp4",
}


@pytest.mark.parametrize(("name", "expected"), ODD_NAMES.items())
def test_no_name_leads_out_of_the_folder_on_any_system(name: str, expected: str) -> None:
    row = clip_row(1, path=f"VIDEO/2026-11-20/{name}")
    assert zip_names([row]) == {"42-1": f"2026-11-20/{expected}"}


def test_names_that_become_the_same_stay_apart() -> None:
    names = ["a:b.mp4", "a*b.mp4", "A_B.MP4", "a_b 42-2.mp4", "a_b 42-2.mp4"]
    rows = [clip_row(number, path=f"VIDEO/2026-11-20/{name}") for number, name in enumerate(names, start=1)]
    made = zip_names(rows).values()
    assert len({name.casefold() for name in made}) == len(names)


def test_a_clip_with_an_odd_name_comes_whole_under_a_harmless_one(site: Site) -> None:
    site.keeper.add(clip_row(1, path="VIDEO/2026-11-20/..\\up: down?.mp4"), b"clip")
    with unzip(site.get("/api/clips.zip?ids=42-1")) as zipped:
        assert {name: zipped.read(name) for name in zipped.namelist()} == {"2026-11-20/.._up_ down_.mp4": b"clip"}


def test_the_download_is_called_by_its_days() -> None:
    assert days_in_name(["2026-11-20", "undated", "2026-11-20"]) == "2026-11-20"
    assert days_in_name(["2026-11-20", "2026-11-18"]) == "2026-11-18-to-2026-11-20"
    assert days_in_name(["undated"]) == "undated"


def test_of_too_many_clips_it_is_said_how_many_they_are_and_what_to_do(site: Site) -> None:
    most = ",".join(f"1-{number}" for number in range(1, 501))
    for what in ("clips.zip", "tracks.gpx"):
        assert site.get(f"/api/{what}?ids={most}").error_code == "not_found"
        answer = site.get(f"/api/{what}?ids={most},1-501,1-502")
        assert (answer.status, answer.error_code) == (400, "bad_request")
        assert "502 are too many" in answer.json["error"]["message"]
        assert "choose up to 500" in answer.json["error"]["message"]
