"""Clips and thumbnails by id: every range right, nothing outside the card, playing on while clips are moved."""

from __future__ import annotations

import hashlib
import os
from email.utils import formatdate
from pathlib import Path

import msgspec
import pytest

from dashcam.clips.row import ClipRow
from dashcam.web import clip_files
from dashcam.web.card_file import CardFile, open_below
from tests import golden_values as golden
from tests.web.sites import Site, Sites, clip_row, wait_until

Clip = tuple[ClipRow, bytes]


def test_the_whole_clip_comes_as_it_lies_on_the_card(site: Site, clip: Clip) -> None:
    answer = site.get("/media/42-17")
    assert answer.status == 200
    assert answer.body == clip[1]
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Length"] == "1000000"
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "Content-Disposition" not in answer.headers


RANGES = [
    ("bytes=0-", 0, 1_000_000),
    ("bytes=0-0", 0, 1),
    ("bytes=8-15", 8, 16),
    ("bytes=999999-", 999_999, 1_000_000),
    ("bytes=-10", 999_990, 1_000_000),
    ("bytes=-2000000", 0, 1_000_000),
    ("bytes=65530-200000", 65_530, 200_001),
    ("bytes=500000-99999999999", 500_000, 1_000_000),
]


def test_a_range_is_answered_with_that_range(site: Site, clip: Clip) -> None:
    for asked, first, stop in RANGES:
        answer = site.get("/media/42-17", Range=asked)
        assert answer.status == 206
        assert answer.body == clip[1][first:stop]
        assert answer.headers["Content-Range"] == f"bytes {first}-{stop - 1}/1000000"
        assert answer.headers["Content-Length"] == str(stop - first)


def test_a_range_that_is_not_there_is_416_with_the_size(site: Site, clip: Clip) -> None:
    for asked in ("bytes=1000000-", "bytes=5-4", "bytes=-0", "bytes=what", "bytes=" + "9" * 4000 + "-"):
        answer = site.get("/media/42-17", Range=asked)
        assert (answer.status, answer.body) == (416, b""), asked
        assert answer.headers["Content-Range"] == "bytes */1000000"


def test_head_tells_what_get_would_and_sends_nothing(site: Site, clip: Clip) -> None:
    whole, part = site.ask("HEAD", "/media/42-17"), site.ask("HEAD", "/media/42-17", headers={"Range": "bytes=0-9"})
    assert (whole.status, whole.headers["Content-Length"], whole.body) == (200, "1000000", b"")
    assert (part.status, part.headers["Content-Range"], part.body) == (206, "bytes 0-9/1000000", b"")


def test_what_the_client_has_already_is_not_sent_again(site: Site, clip: Clip) -> None:
    first = site.get("/media/42-17")
    tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    later = formatdate(clip[0].modified_ns / 1e9 + 60, usegmt=True)
    earlier = formatdate(clip[0].modified_ns / 1e9 - 60, usegmt=True)
    for headers, status in (
        ({"If_None_Match": tag}, 304),
        ({"If_None_Match": f'"other", W/{tag}'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": '"other"'}, 200),
        ({"If_None_Match": '"other"', "If_Modified_Since": later}, 200),
        ({"If_Modified_Since": modified}, 304),
        ({"If_Modified_Since": later}, 304),
        ({"If_Modified_Since": earlier}, 200),
        ({"If_Modified_Since": "yesterday"}, 200),
    ):
        answer = site.get("/media/42-17", **headers)
        assert answer.status == status, headers
        assert len(answer.body) == (0 if status == 304 else 1_000_000)


def test_a_range_of_another_version_is_not_given(site: Site, clip: Clip) -> None:
    first = site.ask("HEAD", "/media/42-17")
    for condition, status in (
        (first.headers["ETag"], 206),
        (first.headers["Last-Modified"], 206),
        ('"other"', 200),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
    ):
        assert site.get("/media/42-17", Range="bytes=0-9", If_Range=condition).status == status


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("dcp_20261120150017.mp4", 'attachment; filename="dcp_20261120150017.mp4"'),
        ("my trip.mp4", 'attachment; filename="my trip.mp4"'),
        (
            'día "1"\r\nX: y\\.mp4',
            "attachment; filename=\"d_a _1___X: y_.mp4\"; filename*=UTF-8''d%C3%ADa%20%221%22%0D%0AX%3A%20y%5C.mp4",
        ),
        ("100%.mp4", "attachment; filename=\"100_.mp4\"; filename*=UTF-8''100%25.mp4"),
    ],
)
def test_a_download_has_the_clips_name_whatever_that_is(site: Site, name: str, disposition: str) -> None:
    site.keeper.add(clip_row(1, path=f"VIDEO/2026-11-20/{name}"), b"clip")
    answer = site.get("/media/42-1?download=1")
    assert (answer.status, answer.body) == (200, b"clip")
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["X"] is None


HOSTILE_IDS = [
    "..",
    "../../../../etc/passwd",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%2f..%2f.state%2fcatalogue.sqlite",
    "%00",
    "42-17%00",
    "42-17%0a",
    "42-17/../../secret",
    "42%2d17%2f",
    "４２-17",
    "%ff%fe",
    "%F0%9F%9A%97",
    "1" * 8000,
    "42-999999999999999999999",
    "-1",
    "42-17.mp4",
    "VIDEO/2026-11-20/dcp_20261120150017.mp4",
    "*",
    "' OR 1=1--",
]


@pytest.mark.parametrize("place", ["media", "thumb", "api/clips"])
def test_hostile_ids_read_nothing(site: Site, clip: Clip, place: str) -> None:
    (site.data / "secret").write_bytes(b"secret")
    for hostile in HOSTILE_IDS:
        line = f"GET /{place}/{hostile.replace(' ', '%20')} HTTP/1.1"
        answer = site.say_raw(f"{line}\r\nHost: {site.netloc}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.split()[1] in (b"400", b"404"), (hostile, head)
        assert b"secret" not in body
        assert len(body) < 500


def test_links_on_the_card_lead_nowhere(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_files, "MOVE_ATTEMPTS", 2)
    (tmp_path / "secret").write_bytes(b"secret")
    folder = site.data / "DCIM" / "VIDEO" / "2026-11-20"
    folder.mkdir(parents=True)
    (folder / "link.mp4").symlink_to(tmp_path / "secret")
    (site.data / "DCIM" / "EVENT").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.mp4")
    rows = [
        clip_row(1, path="VIDEO/2026-11-20/link.mp4"),
        clip_row(2, path="EVENT/secret"),
        clip_row(3, path="VIDEO/2026-11-20/pipe.mp4"),
        clip_row(4, path="../../secret"),
        clip_row(5, path="VIDEO/2026-11-20"),
    ]
    site.keeper.catalogue.put(rows)
    for row in rows:
        assert site.get(f"/media/{row.id}").error_code == "not_found"


def test_a_clip_that_is_moved_goes_on_playing(site: Site, clip: Clip) -> None:
    connection = site.connect()
    connection.request("GET", "/media/42-17")
    answer = connection.getresponse()
    begun = answer.read(1000)
    moved = site.keeper.move(clip[0], "EVENT")
    assert begun + answer.read() == clip[1]
    connection.close()
    assert site.get("/media/42-17", Range="bytes=500000-500007").body == clip[1][500_000:500_008]
    assert moved.path.startswith("EVENT/")


def test_a_clip_between_move_and_catalogue_is_waited_for(
    site: Site, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    really_open = open_below

    def open_and_move(root: Path, relative: str) -> CardFile:
        opened.append(relative)
        if len(opened) == 1:
            (root / "EVENT" / "2026-11-20").mkdir(parents=True)
            (root / relative).rename(root / relative.replace("VIDEO", "EVENT"))
        if len(opened) == 3:
            path = clip[0].path.replace("VIDEO", "EVENT")
            site.keeper.catalogue.put([msgspec.structs.replace(clip[0], path=path)])
        return really_open(root, relative)

    monkeypatch.setattr(clip_files, "open_below", open_and_move)
    assert site.get("/media/42-17").body == clip[1]
    assert [path.partition("/")[0] for path in opened] == ["VIDEO", "VIDEO", "VIDEO", "EVENT"]


def test_a_deleted_clip_is_not_found_but_a_download_of_it_ends_well(site: Site, clip: Clip) -> None:
    connection = site.connect()
    connection.request("GET", "/media/42-17")
    answer = connection.getresponse()
    begun = answer.read(1)
    assert site.post("/api/clips/delete", {"ids": ["42-17"]}).json["done"] == ["42-17"]
    assert begun + answer.read() == clip[1]
    connection.close()
    assert site.get("/media/42-17").error_code == "not_found"


def test_a_clip_that_became_shorter_ends_the_connection_instead_of_lying(site: Site) -> None:
    content = os.urandom(8_000_000)
    row = site.keeper.add(clip_row(1), content)
    request = f"GET /media/42-1 HTTP/1.1\r\nHost: {site.netloc}\r\n\r\n".encode()
    with site.raw(request) as plain:
        received = plain.recv(1)
        os.truncate(site.data / "DCIM" / row.path, 4_000_000)
        received += b"".join(iter(lambda: plain.recv(1 << 20), b""))
    body = received.partition(b"\r\n\r\n")[2]
    assert len(body) < len(content)
    assert content.startswith(body)


def test_the_open_clip_plays_also_right_after_it_was_closed(site: Site) -> None:
    growing = golden.STATUS.open_clip
    assert growing is not None
    path = site.data / "DCIM" / growing.path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"the first fragment")
    assert site.get(f"/media/{growing.id}").body == b"the first fragment"
    site.recorder.say(open_clip=None)
    wait_until(lambda: site.get("/api/status").json["recorder"]["open_clip"] is None)
    assert site.get(f"/media/{growing.id}").body == b"the first fragment"


def test_a_clip_that_is_only_remembered_and_gone_is_not_waited_for(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    growing = golden.STATUS.open_clip
    assert growing is not None
    path = site.data / "DCIM" / growing.path
    path.parent.mkdir(parents=True)
    path.write_bytes(b"the first fragment")
    assert site.get(f"/media/{growing.id}").status == 200
    site.recorder.say(open_clip=None)
    wait_until(lambda: site.get("/api/status").json["recorder"]["open_clip"] is None)
    path.unlink()
    opened: list[str] = []
    really_open = open_below

    def open_and_count(root: Path, relative: str) -> CardFile:
        opened.append(relative)
        return really_open(root, relative)

    monkeypatch.setattr(clip_files, "open_below", open_and_count)
    assert [site.get(f"/media/{growing.id}").error_code for _ in range(2)] == ["not_found"] * 2
    assert opened == [growing.path]


def test_empty_files_are_answered(site: Site) -> None:
    site.keeper.add(clip_row(1), b"")
    assert (site.get("/media/42-1").status, site.get("/media/42-1").body) == (200, b"")
    assert site.get("/media/42-1", Range="bytes=0-").status == 416


def test_thumbnails_come_by_id_and_may_be_kept(site: Site, clip: Clip) -> None:
    address = site.get("/api/clips/42-17").json["thumb"]
    answer = site.get(address)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert len(answer.body) == 2000
    assert "max-age" in answer.headers["Cache-Control"]
    assert site.get(address, If_None_Match=answer.headers["ETag"]).status == 304


def test_a_missing_thumbnail_is_said_in_words(site: Site) -> None:
    site.keeper.add(clip_row(1), b"clip")
    assert site.get("/api/clips/42-1").json["thumb"] is None
    assert (site.get("/thumb/42-1").status, site.get("/thumb/42-1").error_code) == (404, "not_found")
    assert site.get("/thumb/42-2").error_code == "not_found"


def test_photos_come_as_pictures(site: Site) -> None:
    site.keeper.add(clip_row(1, kind="photo", path="PHOTO/2026-11-20/dcp_20261120154530.JPG"), b"\xff\xd8")
    assert site.get("/media/42-1").headers["Content-Type"] == "image/jpeg"


def test_too_many_downloads_are_refused_with_words_and_places_come_back(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip_files, "MAX_TRANSFERS", 2)
    site = sites.make()
    content = os.urandom(8_000_000)
    site.keeper.add(clip_row(1), content)
    request = f"GET /media/42-1 HTTP/1.1\r\nHost: {site.netloc}\r\n\r\n".encode()
    held = [site.raw(request) for _ in range(2)]
    assert all(plain.recv(1) == b"H" for plain in held)
    refused = site.get("/media/42-1")
    assert (refused.status, refused.error_code) == (503, "too_many_viewers")
    assert site.get("/api/status").status == 200
    for plain in held:
        plain.close()
    wait_until(lambda: site.get("/media/42-1").status == 200)
    digest = hashlib.sha256(site.get("/media/42-1").body).digest()
    assert digest == hashlib.sha256(content).digest()


def test_refused_and_unchanged_answers_keep_no_place(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_files, "MAX_TRANSFERS", 2)
    site = sites.make()
    site.keeper.add(clip_row(1), b"clip")
    tag = site.get("/media/42-1").headers["ETag"]
    for _ in range(3):
        assert site.get("/media/42-1", If_None_Match=tag).status == 304
        assert site.get("/media/42-1", Range="bytes=9-").status == 416
        assert site.get("/media/42-2").status == 404
        assert site.ask("HEAD", "/media/42-1").status == 200
    assert site.get("/media/42-1").status == 200
