"""The keeper's thumbnails say when and where, for people and for programs, and are made anew only when that changes."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS
from dashcam.media.exif import exif_block, with_exif
from dashcam.moment import Moment
from dashcam.place import Place
from tests.clips.rows import event
from tests.exiftool import exiftool_facts
from tests.keeper.rig import Rig, digest_of, options_for
from tests.made_clips import STARTED_NS, put_clip

PLACE = Place(latitude=-33.856784, longitude=151.215297, altitude_m=-3.25, speed_mps=13.4, course_degrees=90.0)


def put_clip_with_place(rig: Rig, clip_id: str, started_ns: int | None = STARTED_NS) -> Path:
    path = put_clip(rig.data, clip_id, started_ns=started_ns)
    write_sidecar(sidecar_of(path), replace(read_sidecar(sidecar_of(path)), place=PLACE))
    return path


def test_exiftool_reads_when_and_where_the_clip_began(rig: Rig) -> None:
    path = put_clip_with_place(rig, "42-3", STARTED_NS + NANOSECONDS // 4)
    rig.start(pictures=True).scan()
    facts = exiftool_facts(rig.folders.thumbnail_of(path))
    assert facts["Composite:SubSecDateTimeOriginal"] == "2026:11:20 14:45:00.250+00:00"
    assert facts["Composite:GPSLatitude"] == pytest.approx(PLACE.latitude, abs=1e-7)
    assert facts["Composite:GPSLongitude"] == pytest.approx(PLACE.longitude, abs=1e-7)
    assert (facts["Composite:GPSAltitude"], facts["GPS:GPSSpeed"], facts["GPS:GPSTrack"]) == (-3.25, 48.24, 90)
    assert facts["IFD0:Model"] == "front"


def test_before_the_time_is_known_there_is_the_place_alone(rig: Rig) -> None:
    path = put_clip_with_place(rig, "42-3", None)
    rig.start(pictures=True).scan()
    facts = exiftool_facts(rig.folders.thumbnail_of(path))
    assert [name for name in facts if "Date" in name or "Time" in name] == []
    assert facts["Composite:GPSLatitude"] == pytest.approx(PLACE.latitude, abs=1e-7)


def test_another_zone_or_unit_is_for_new_thumbnails_only(rig: Rig) -> None:
    old = put_clip_with_place(rig, "42-3")
    rig.start(pictures=True).scan()
    before = digest_of(rig.folders.thumbnail_of(old))
    other = options_for(rig.data, "clock.zone=Asia/Kathmandu", "gps.speed_unit=mph").loaded.settings
    rig.session.take(other)
    new = put_clip_with_place(rig, "42-4", STARTED_NS + 60 * NANOSECONDS)
    rig.scan()
    assert digest_of(rig.folders.thumbnail_of(old)) == before
    facts = exiftool_facts(rig.folders.thumbnail_of(new))
    assert facts["Composite:SubSecDateTimeOriginal"] == "2026:11:20 20:31:00.000+05:45"
    assert facts["GPS:GPSSpeedRef"] == "M"


def test_a_photo_that_people_drop_in_keeps_its_place(rig: Rig, shared_data: Path) -> None:
    rig.folders.dcim.mkdir(parents=True)
    (rig.folders.dcim / "phone.jpg").write_bytes((shared_data / "photos" / "exiftool_GPS.jpg").read_bytes())
    rig.start(pictures=True).scan()
    (row,) = rig.rows().values()
    assert row.place is not None
    assert (round(row.place.latitude, 4), round(row.place.longitude, 4)) == (54.9897, -1.9142)
    assert rig.sidecar(row.id).place == row.place
    facts = exiftool_facts(rig.folders.thumbnail_of(rig.path(row.id)))
    assert facts["Composite:GPSLatitude"] == pytest.approx(row.place.latitude, abs=1e-7)
    assert "Composite:SubSecDateTimeOriginal" not in facts, "the time is another camera's"


def test_a_photo_of_ours_that_lost_its_sidecar_has_its_place_back(rig: Rig) -> None:
    folder = rig.folders.of_kind("photo") / "2026-11-20"
    folder.mkdir(parents=True)
    moment = Moment(monotonic_ns=0, utc_ns=STARTED_NS, place=PLACE)
    with BytesIO() as file:
        Image.new("RGB", (64, 48), "green").save(file, "JPEG")
        photo = with_exif(file.getvalue(), exif_block(moment, "front", (64, 48)))
    (folder / "dcp_20261120144500.jpg").write_bytes(photo)
    rig.start().scan()
    (row,) = rig.rows().values()
    assert row.place is not None
    assert row.place.latitude == pytest.approx(PLACE.latitude, abs=1e-7)
    assert row.place.altitude_m == PLACE.altitude_m


def test_the_picture_of_an_event_shows_its_peak(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3", kind="EVENT", event=event("motion", "42-3", peak_seconds=1.25))
    like_loop = put_clip(rig.data, "42-4", started_ns=STARTED_NS + 60 * NANOSECONDS)
    rig.start(pictures=True).scan().assert_whole()
    with av.open(str(rig.path("42-3"))) as container:
        shown = [frame.to_ndarray(format="gray").astype(int) for frame in container.decode(video=0)]
    for clip, number in ((path, 12), (like_loop, 0)):
        with Image.open(rig.folders.thumbnail_of(clip)) as picture:
            seen = np.asarray(picture.convert("L")).astype(int)
        # The words stand below.
        differences = [abs(seen[:120] - frame[:120]).mean() for frame in shown]
        assert differences.index(min(differences)) == number
    taken = exiftool_facts(rig.folders.thumbnail_of(path))["Composite:SubSecDateTimeOriginal"]
    assert str(taken).startswith("2026:11:20 14:45:01.250")
