"""A photo that was taken before the time was known gets it into its EXIF; nothing else in it changes."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from dashcam.clock import utc_ns_of
from dashcam.errors import BadMedia, CardError
from dashcam.media.exif import exif_block, place_in, with_exif, with_time
from dashcam.media.jobs import DatePhoto, PhotoDated
from dashcam.media.media_child import MediaChild
from dashcam.media.photo import date_photo
from dashcam.moment import Moment
from dashcam.place import Place
from tests.exiftool import exiftool_facts

SIZE = (64, 48)
UTC_NS = utc_ns_of("2026-11-20T23:30:00.250Z")
PLACE = Place(
    latitude=-53.351219,
    longitude=6.260309,
    altitude_m=-2.4,
    speed_mps=13.4,
    course_degrees=187.25,
    hdop=0.9,
    satellites=8,
)


def photo_of(place: Place | None, utc_ns: int | None = None) -> bytes:
    with BytesIO() as file:
        Image.new("RGB", SIZE, "green").save(file, "JPEG")
        moment = Moment(monotonic_ns=0, utc_ns=utc_ns, place=place)
        return with_exif(file.getvalue(), exif_block(moment, "front: Pi camera", SIZE, "mph"))


def at(utc_ns: int) -> Moment:
    return Moment(monotonic_ns=0, utc_ns=utc_ns)


def is_time(name: str) -> bool:
    return "Date" in name or "Time" in name or "SubSec" in name


def behind_exif(jpeg: bytes) -> bytes:
    return jpeg[4 + int.from_bytes(jpeg[4:6], "big") :]


@pytest.mark.parametrize("place", [PLACE, None])
@pytest.mark.parametrize("before", [None, UTC_NS - 10**10])
def test_exiftool_finds_the_time_and_all_else_as_it_was(
    tmp_path: Path, place: Place | None, before: int | None
) -> None:
    path, dated = tmp_path / "p.jpg", tmp_path / "dated.jpg"
    path.write_bytes(photo_of(place, before))
    done = date_photo(path, dated, UTC_NS, "Asia/Kathmandu")
    assert done == PhotoDated(bytes=dated.stat().st_size)
    assert behind_exif(dated.read_bytes()) == behind_exif(path.read_bytes())
    old, new = exiftool_facts(path), exiftool_facts(dated)
    for name in ("SubSecDateTimeOriginal", "SubSecCreateDate", "SubSecModifyDate"):
        assert new[f"Composite:{name}"] == "2026:11:21 05:15:00.250+05:45"
    assert new.get("Composite:GPSDateTime") == ("2026:11:20 23:30:00.25Z" if place else None)
    assert {name: fact for name, fact in new.items() if not is_time(name) and name != "SourceFile"} == {
        name: fact for name, fact in old.items() if not is_time(name) and name != "SourceFile"
    }
    # The very same as if it had been known from the start, but for who knew it.
    with Image.open(path) as image, Image.open(dated) as later:
        assert place_in(image.getexif()) == place_in(later.getexif())
        assert later.getexif()[ExifTags.Base.Make] == "dashcam"


def test_it_is_the_same_as_if_the_time_had_been_known_at_once() -> None:
    assert with_time(photo_of(PLACE), at(UTC_NS)) == photo_of(PLACE, UTC_NS)
    assert with_time(photo_of(None, UTC_NS - 1), at(UTC_NS)) == photo_of(None, UTC_NS)


def of_people() -> dict[str, bytes]:
    with BytesIO() as file:
        image = Image.new("RGB", SIZE, "green")
        image.save(file, "JPEG")
        plain = file.getvalue()
    edited = Image.Exif()
    edited.load(photo_of(None)[6:])
    edited[ExifTags.Base.Artist] = "me"
    camera = Image.Exif()
    camera[ExifTags.Base.Make] = "another"
    photo = photo_of(None)
    blocks = {
        name: b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")
        for name, exif in (("a tag more", edited), ("another camera", camera))
    }
    found = {
        name: with_exif(plain, b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block)
        for name, block in blocks.items()
    }
    return found | {
        "no exif": plain,
        "cut off": photo[:60],
        "empty": b"",
        "no jpeg": b"x" * 100,
        "no list of tags": photo[:12] + b"\xff" * (len(photo) - 12),
    }


@pytest.mark.parametrize("name", of_people())
def test_what_people_have_had_in_their_hands_is_refused(tmp_path: Path, name: str) -> None:
    path, target = tmp_path / "p.jpg", tmp_path / "dated.jpg"
    path.write_bytes(of_people()[name])
    child = MediaChild()
    try:
        with pytest.raises(BadMedia):
            child.ask(DatePhoto(path=os.fsencode(path), target=os.fsencode(target), utc_ns=UTC_NS, zone=""), PhotoDated)
    finally:
        child.close()
    assert not target.exists()


def test_the_child_writes_it_and_neither_over_something_nor_through_links(tmp_path: Path) -> None:
    path, target, link = tmp_path / "p.jpg", tmp_path / "dated.jpg", tmp_path / "link.jpg"
    path.write_bytes(photo_of(PLACE))
    link.symlink_to(path)
    child = MediaChild()

    def date(source: Path) -> PhotoDated:
        job = DatePhoto(path=os.fsencode(source), target=os.fsencode(target), utc_ns=UTC_NS, zone="UTC")
        return child.ask(job, PhotoDated)

    try:
        assert date(path).bytes == len(photo_of(PLACE, UTC_NS)) == target.stat().st_size
        with pytest.raises((BadMedia, CardError)):
            date(path)
        target.unlink()
        with pytest.raises((BadMedia, CardError)):
            date(link)
        target.symlink_to(tmp_path / "elsewhere.jpg")
        with pytest.raises((BadMedia, CardError)):
            date(path)
    finally:
        child.close()
    assert sorted(found.name for found in tmp_path.iterdir()) == ["dated.jpg", "link.jpg", "p.jpg"]
