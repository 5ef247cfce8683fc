"""A packet of telemetry is built like those of the cameras that invented it, and says nothing that is not known."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from dashcam.media.gpmf import NO_SAMPLE, gps_sample
from dashcam.moment import Moment
from dashcam.place import Place
from tests.telemetry import ABSENT, PRESENT, UNDATED, place_at

SECOND = 10**9

# Key, type, size of an element, content.
Entry = tuple[str, str, int, bytes]


def entries(content: bytes) -> Iterator[Entry]:
    """Every leaf, by the rules of the format alone; raises when something is not as long as it says."""
    position = 0
    while position < len(content):
        key, kind, size, count = struct.unpack_from(">4scBH", content, position)
        length, position = size * count, position + 8
        padded = (length + 3) // 4 * 4
        assert position + padded <= len(content)
        inner = content[position : position + length]
        assert not any(content[position + length : position + padded])
        position += padded
        if kind == b"\0":
            yield from entries(inner)
        else:
            yield key.decode(), kind.decode(), size, inner


def leaves(content: bytes | None) -> dict[str, Entry]:
    assert content is not None
    return {entry[0]: entry for entry in entries(content)}


def test_a_sample_holds_place_speed_time_and_precision() -> None:
    found = leaves(gps_sample(PRESENT.moment_at(3 * SECOND + 250_000_000)))
    place = place_at(3)
    assert found["GPSU"][3] == b"261120144503.250"
    assert found["GPSF"][3] == struct.pack(">L", 3)
    assert found["GPSP"][3] == struct.pack(">H", 90)
    scales = struct.unpack(">5l", found["SCAL"][3])
    values = [value / scale for value, scale in zip(struct.unpack(">5l", found["GPS5"][3]), scales, strict=True)]
    assert values[:2] == pytest.approx([place.latitude, place.longitude], abs=1e-7)
    assert values[2:] == pytest.approx([place.altitude_m, place.speed_mps, place.speed_mps], abs=0.01)


def test_it_is_built_like_the_samples_of_the_cameras_that_invented_it(shared_data: Path) -> None:
    ours = leaves(gps_sample(PRESENT.moment_at(0)))
    raws = sorted((shared_data / "media" / "gps_video").glob("*.raw"))
    assert raws
    for raw in raws:
        theirs = leaves(raw.read_bytes())
        for key in ("DVID", "DVNM", "STNM", "GPSF", "GPSU", "GPSP", "UNIT", "SCAL", "GPS5"):
            assert ours[key][1:3] == theirs[key][1:3], key
        assert ours["UNIT"][3] == theirs["UNIT"][3]


def test_every_packet_is_aligned_and_begins_with_the_device() -> None:
    for content in (NO_SAMPLE, gps_sample(PRESENT.moment_at(0)), gps_sample(UNDATED.moment_at(0))):
        assert content is not None
        assert content[:4] == b"DEVC"
        assert len(content) % 4 == 0


def test_what_is_not_known_is_absent() -> None:
    assert gps_sample(ABSENT.moment_at(0)) is None
    assert "GPSU" not in leaves(gps_sample(UNDATED.moment_at(0)))
    bare = Moment(monotonic_ns=0, utc_ns=0, place=Place(latitude=-33.9, longitude=151.2))
    found = leaves(gps_sample(bare))
    assert "GPSP" not in found
    assert found["GPSF"][3] == struct.pack(">L", 2)
    # Two dimensions: a height of 0 that does not count; and no speed rather than that of a car that stands.
    assert struct.unpack(">3l", found["GPS5"][3]) == (-339_000_000, 1_512_000_000, 0)
    assert not {"GPS5", "GPSF"} & leaves(NO_SAMPLE).keys()


@pytest.mark.parametrize(("latitude", "longitude"), [(91.0, 0.0), (1e300, 0.0), (0.0, -180.1), (0.0, float("nan"))])
def test_what_is_no_place_on_earth_is_no_sample(latitude: float, longitude: float) -> None:
    assert gps_sample(replace(PRESENT.moment_at(0), place=Place(latitude=latitude, longitude=longitude))) is None


@pytest.mark.parametrize("absurd", [9_999_999.0, -501.0, 1e300, float("inf"), float("nan")])
def test_a_value_that_cannot_be_is_left_out_and_the_place_is_there(absurd: float) -> None:
    place = place_at(3)
    everything = leaves(gps_sample(Moment(monotonic_ns=0, utc_ns=0, place=place)))
    without_height = leaves(gps_sample(Moment(monotonic_ns=0, utc_ns=0, place=replace(place, altitude_m=absurd))))
    assert without_height["GPSF"][3] == struct.pack(">L", 2)
    assert len(without_height["GPS5"][3]) == len(everything["GPS5"][3])
    without_speed = leaves(gps_sample(Moment(monotonic_ns=0, utc_ns=0, place=replace(place, speed_mps=absurd))))
    assert without_speed["GPS5"][3] == everything["GPS5"][3][:12]
    without_hdop = leaves(gps_sample(Moment(monotonic_ns=0, utc_ns=0, place=replace(place, hdop=absurd))))
    assert everything.keys() - without_hdop.keys() == {"GPSP"}
    assert without_height["GPS5"][3][:8] == everything["GPS5"][3][:8]
