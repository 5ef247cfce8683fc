"""EXIF says what is known of a picture, exactly and so that another program reads it; and nothing that is not known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image

from dashcam.media.exif import exif_block, place_in, taken_in, with_exif
from dashcam.media.photo import inspect_photo
from dashcam.moment import Moment, SpeedUnit
from dashcam.place import Place
from tests.exiftool import exiftool_facts

SIZE = (64, 48)
# A tenth of what a metre is in degrees of latitude.
TEN_CENTIMETRES = 9e-7

DUBLIN = Place(
    latitude=53.351219,
    longitude=-6.260309,
    altitude_m=21.4,
    speed_mps=13.4,
    course_degrees=187.25,
    hdop=0.9,
    satellites=8,
)
PLACES = {
    "north and west": DUBLIN,
    "south and east": Place(latitude=-33.856784, longitude=151.215297, altitude_m=0.0),
    "below the sea": Place(latitude=31.559, longitude=35.4732, altitude_m=-430.52),
    "a minute short of a second": Place(latitude=-0.9999999999, longitude=179.9999999999),
    "on the equator": Place(latitude=0.0, longitude=-0.000001),
}


def moment(text: str | None, zone: str = "Europe/Dublin", place: Place | None = None) -> Moment:
    """Of an ISO time with offset, to the microsecond."""
    found = None if text is None else datetime.fromisoformat(text)
    utc_ns = None if found is None else round(found.timestamp() * 1_000_000) * 1000
    return Moment(monotonic_ns=0, utc_ns=utc_ns, zone=ZoneInfo(zone), place=place)


def save(folder: Path, of: Moment, unit: SpeedUnit = "km/h") -> Path:
    path = folder / "p.jpg"
    with BytesIO() as file:
        Image.new("RGB", SIZE, "green").save(file, "JPEG")
        path.write_bytes(with_exif(file.getvalue(), exif_block(of, "front: Pi camera", SIZE, unit)))
    return path


@pytest.mark.parametrize("name", PLACES)
def test_exiftool_reads_the_same_place(tmp_path: Path, name: str) -> None:
    place = PLACES[name]
    facts = exiftool_facts(save(tmp_path, moment("2026-07-14T04:33:20+01:00", place=place)))
    assert facts["Composite:GPSLatitude"] == pytest.approx(place.latitude, abs=TEN_CENTIMETRES / 10)
    assert facts["Composite:GPSLongitude"] == pytest.approx(place.longitude, abs=TEN_CENTIMETRES / 10)
    assert facts["GPS:GPSMapDatum"] == "WGS-84"
    if place.altitude_m is None:
        assert "GPS:GPSAltitude" not in facts
    else:
        assert facts["Composite:GPSAltitude"] == pytest.approx(place.altitude_m, abs=0.01)
        assert facts["GPS:GPSAltitudeRef"] == (1 if place.altitude_m < 0 else 0)


def test_all_that_a_receiver_says_is_there(tmp_path: Path) -> None:
    facts = exiftool_facts(save(tmp_path, moment("2026-07-14T04:33:20.999+01:00", place=DUBLIN)))
    assert (facts["GPS:GPSSpeedRef"], facts["GPS:GPSSpeed"]) == ("K", 48.24)
    assert (facts["GPS:GPSTrackRef"], facts["GPS:GPSTrack"]) == ("T", 187.25)
    assert (facts["GPS:GPSDOP"], facts["GPS:GPSSatellites"]) == (0.9, 8)
    assert facts["Composite:GPSDateTime"] == "2026:07:14 03:33:20.999Z"
    assert "GPS:GPSImgDirection" not in facts, "nobody knows where a camera looks"


def test_speed_is_in_the_unit_of_the_setting(tmp_path: Path) -> None:
    facts = exiftool_facts(save(tmp_path, moment(None, place=DUBLIN), "mph"))
    assert (facts["GPS:GPSSpeedRef"], facts["GPS:GPSSpeed"]) == ("M", 29.97)


@pytest.mark.parametrize(("speed_mps", "has_speed"), [(0.0, True), (0.4, True), (None, False)])
def test_what_stands_drives_nowhere(tmp_path: Path, speed_mps: float | None, has_speed: bool) -> None:
    standing = msgspec.structs.replace(DUBLIN, speed_mps=speed_mps)
    facts = exiftool_facts(save(tmp_path, moment(None, place=standing)))
    assert ("GPS:GPSSpeed" in facts) is has_speed
    assert "GPS:GPSTrack" not in facts


def test_a_full_circle_is_north(tmp_path: Path) -> None:
    facts = exiftool_facts(save(tmp_path, moment(None, place=msgspec.structs.replace(DUBLIN, course_degrees=359.999))))
    assert facts["GPS:GPSTrack"] == 0


def test_a_sidecar_that_somebody_has_written_in_costs_no_picture(tmp_path: Path) -> None:
    absurd = Place(latitude=1e12, longitude=-500.0, altitude_m=1e30, speed_mps=-7.0, course_degrees=-1.0, hdop=-1e9)
    path = save(tmp_path, moment(None, place=absurd))
    assert inspect_photo(path).place is None


@pytest.mark.parametrize("absurd", [9_999_999.0, float("nan")])
def test_a_value_that_cannot_be_is_left_out_and_the_place_is_there(tmp_path: Path, absurd: float) -> None:
    place = msgspec.structs.replace(DUBLIN, altitude_m=absurd, speed_mps=absurd, hdop=absurd)
    facts = exiftool_facts(save(tmp_path, moment(None, place=place)))
    assert facts["Composite:GPSLatitude"] == pytest.approx(DUBLIN.latitude, abs=1e-6)
    assert not {"GPS:GPSAltitude", "GPS:GPSAltitudeRef", "GPS:GPSSpeed", "GPS:GPSDOP"} & facts.keys()


def test_where_no_time_is_trusted_there_is_none_but_the_place(tmp_path: Path) -> None:
    facts = exiftool_facts(save(tmp_path, moment(None, place=DUBLIN)))
    assert [name for name in facts if "Date" in name or "Time" in name] == []
    assert "Composite:GPSPosition" in facts


def test_where_nothing_is_known_there_is_the_camera(tmp_path: Path) -> None:
    facts = exiftool_facts(save(tmp_path, moment(None)))
    assert [name for name in facts if "Date" in name or "Time" in name or "GPS" in name] == []
    assert (facts["IFD0:Make"], facts["IFD0:Model"]) == ("dashcam", "front: Pi camera")
    assert (facts["ExifIFD:ExifImageWidth"], facts["ExifIFD:ExifImageHeight"]) == SIZE


@pytest.mark.parametrize(
    ("utc", "zone", "local"),
    [
        # The same local hour twice, when summer time ends.
        ("2026-10-25T00:30:00.5+00:00", "Europe/Dublin", "2026:10:25 01:30:00.500+01:00"),
        ("2026-10-25T01:30:00.5+00:00", "Europe/Dublin", "2026:10:25 01:30:00.500+00:00"),
        ("2027-07-01T12:00:00.25+00:00", "America/St_Johns", "2027:07:01 09:30:00.250-02:30"),
        ("2027-07-01T18:30:00+00:00", "Asia/Kathmandu", "2027:07:02 00:15:00.000+05:45"),
        # Not rounded into the next second, year or day.
        ("2026-12-31T23:59:59.999999+00:00", "UTC", "2026:12:31 23:59:59.999+00:00"),
    ],
)
def test_local_time_has_its_offset_of_that_day(tmp_path: Path, utc: str, zone: str, local: str) -> None:
    path = save(tmp_path, moment(utc, zone, DUBLIN))
    facts = exiftool_facts(path)
    for name in ("SubSecDateTimeOriginal", "SubSecCreateDate", "SubSecModifyDate"):
        assert facts[f"Composite:{name}"] == local
    in_utc = str(facts["Composite:GPSDateTime"]).rstrip("Z")
    assert in_utc.replace(":", "-", 2).partition(".")[0] == utc.replace("T", " ")[:19]
    taken = inspect_photo(path).taken
    assert taken is not None
    assert int(datetime.fromisoformat(taken).timestamp()) == int(datetime.fromisoformat(utc).timestamp())


@settings(deadline=None)
@given(st.floats(-90, 90), st.floats(-180, 180))
def test_any_place_comes_back_within_a_centimetre(latitude: float, longitude: float) -> None:
    with BytesIO() as file:
        Image.new("RGB", (8, 8)).save(file, "JPEG")
        place = Place(latitude=latitude, longitude=longitude, speed_mps=55.0, altitude_m=-3.5, course_degrees=12.0)
        content = with_exif(file.getvalue(), exif_block(moment(None, place=place), "front", (8, 8)))
    with Image.open(BytesIO(content)) as image:
        found = place_in(image.getexif())
    if found is None:
        assert abs(latitude) + abs(longitude) < TEN_CENTIMETRES, "only 0, 0 is nobody's place"
        return
    assert found.latitude == pytest.approx(latitude, abs=TEN_CENTIMETRES / 10)
    assert found.longitude == pytest.approx(longitude, abs=TEN_CENTIMETRES / 10)
    assert (found.altitude_m, found.course_degrees) == (-3.5, 12.0)
    assert found.speed_mps == pytest.approx(55.0, abs=0.01)


def test_the_place_of_a_phones_photo_is_read(shared_data: Path) -> None:
    place = inspect_photo(shared_data / "photos" / "exiftool_GPS.jpg").place
    assert place is not None
    assert place.latitude == pytest.approx(54 + 59 / 60 + 22.8 / 3600, abs=TEN_CENTIMETRES)
    assert place.longitude == pytest.approx(-(1 + 54 / 60 + 51 / 3600), abs=TEN_CENTIMETRES)
    assert (place.altitude_m, place.speed_mps) == (None, None)
    assert inspect_photo(shared_data / "photos" / "exiftool_Canon.jpg").place is None


class Said(Image.Exif):
    """What stands in a photo's GPS block, as Pillow hands it on."""

    def __init__(self, gps: Mapping[int, object]) -> None:
        super().__init__()
        self._gps = dict(gps)

    def get_ifd(self, tag: int) -> dict[int, object]:
        return self._gps if tag == ExifTags.IFD.GPSInfo else {}


GOOD: dict[int, object] = {1: "N", 2: (53.0, 21.0, 4.39), 3: "W", 4: (6.0, 15.0, 37.11)}


@pytest.mark.parametrize(
    "nonsense",
    [
        {1: ""},
        {1: "X"},
        {1: 7},
        {2: (53.0, 21.0)},
        {2: (float("nan"), 0.0, 0.0)},
        {2: (91.0, 0.0, 0.0)},
        {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
        {2: ("fifty", "three", "")},
        {2: 53.0},
        {4: (180.0, 0.0, 1.0)},
        {4: None},
    ],
)
def test_a_place_that_cannot_be_is_none(nonsense: dict[int, object]) -> None:
    assert place_in(Said(GOOD)) is not None
    assert place_in(Said(GOOD | nonsense)) is None


@pytest.mark.parametrize(
    ("details", "name"),
    [
        ({6: -1e9}, "altitude_m"),
        ({6: "high"}, "altitude_m"),
        ({13: 1e6}, "speed_mps"),
        ({12: "?", 13: 5.0}, "speed_mps"),
        ({15: 720.0}, "course_degrees"),
        ({14: "M", 15: 90.0}, "course_degrees"),
    ],
)
def test_nonsense_beside_a_good_place_is_left_out(details: dict[int, object], name: str) -> None:
    place = place_in(Said(GOOD | details))
    assert place is not None
    assert getattr(place, name) is None


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_photo_whose_gps_block_is_broken_is_good_all_the_same(tmp_path: Path) -> None:
    path = save(tmp_path, moment("2026-07-14T04:33:20+01:00", place=DUBLIN))
    content = path.read_bytes()
    # The offset at which the GPS block begins, in the first list of tags.
    where = content.index(b"\x88\x25\x00\x04\x00\x00\x00\x01") + 8
    for offset in (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x00\x00\x00\x08"):
        path.write_bytes(content[:where] + offset + content[where + 4 :])
        found = inspect_photo(path)
        assert (found.place, found.taken) == (None, "2026-07-14T04:33:20+01:00")


def test_a_photo_tells_when_it_was_taken(tmp_path: Path) -> None:
    with Image.open(save(tmp_path, moment("2026-07-14T04:33:20+01:00"))) as image:
        assert taken_in(image.getexif()) == "2026-07-14T04:33:20+01:00"
    assert taken_in(Image.Exif()) is None


def test_a_name_of_any_length_and_letters_fits(tmp_path: Path) -> None:
    block = exif_block(moment(None), "Frönt 前 " * 20_000, SIZE)
    assert block[:4] == b"\xff\xe1" + (len(block) - 2).to_bytes(2, "big")
    assert block[4:10] == b"Exif\0\0"
    assert len(block) < 2000
