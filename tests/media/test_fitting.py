"""Of a place that somebody made up, what can be true goes into files, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import av
import msgspec
import pytest

from dashcam.media.fitting import fitting
from dashcam.place import Place
from tests.packets import packets
from tests.telemetry import place_at, write_clip

NAN, INFINITE = float("nan"), float("inf")
WHOLE = msgspec.structs.replace(place_at(3), course_degrees=359.9, satellites=9)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("altitude_m", (9_999_999.0, -501.0, INFINITE, NAN)),
        ("speed_mps", (-1.0, 351.0, INFINITE, NAN)),
        ("course_degrees", (-1.0, 361.0, NAN)),
        ("hdop", (-1.0, 1e9, NAN)),
        ("satellites", (-1, 10**6)),
    ],
)
def test_a_value_that_cannot_be_is_not_known(name: str, values: tuple[float, ...]) -> None:
    for value in values:
        found = fitting(msgspec.structs.replace(WHOLE, **{name: value}))
        assert found == msgspec.structs.replace(WHOLE, **{name: None})


def test_what_can_be_stays() -> None:
    lowest = Place(latitude=-90.0, longitude=180.0, altitude_m=-430.5, speed_mps=0.0, course_degrees=0.0, satellites=0)
    highest = Place(latitude=90.0, longitude=-180.0, altitude_m=12_000.0, speed_mps=340.0, hdop=99.99)
    for place in (WHOLE, lowest, highest, Place(latitude=0.0, longitude=0.0)):
        assert fitting(place) == place
    assert fitting(None) is None


@pytest.mark.parametrize(("latitude", "longitude"), [(90.1, 0.0), (0.0, -180.1), (NAN, 0.0), (0.0, INFINITE)])
def test_what_is_not_on_earth_is_no_place(latitude: float, longitude: float) -> None:
    assert fitting(Place(latitude=latitude, longitude=longitude)) is None


def test_a_height_that_cannot_be_is_in_no_tag_of_a_clip_but_the_place_is(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_clip(path, None, packets(2), place=Place(latitude=-33.85678, longitude=151.2153, altitude_m=9_999_999.0))
    with av.open(str(path)) as container:
        assert container.metadata["location"] == "-33.8568+151.2153/"
