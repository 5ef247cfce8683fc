"""What the map is told: a day's lines, photos and trips, and where the car is."""

from __future__ import annotations

import gzip
import json
from typing import Any

import msgspec
import pytest

from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import LinePoint, TrackSummary
from dashcam.link import messages as m
from tests import golden_values as golden
from tests.web.sites import Site, clip_row, wait_until

DAY = "2026-11-20"
METRES_PER_DEGREE = 111_195.0
CLIP_SECONDS, STEP_SECONDS = 60, 5
SPEED_MPS = 15.0


def driven(number: int, **changes: Any) -> ClipRow:
    """The `number`th minute of a drive to the north."""
    first = (number - 1) * CLIP_SECONDS * SPEED_MPS
    line = tuple(
        LinePoint(float(at), 50 + (first + at * SPEED_MPS) / METRES_PER_DEGREE, 8.25, SPEED_MPS, at == 0)
        for at in range(0, CLIP_SECONDS, STEP_SECONDS)
    )
    track = TrackSummary(
        points=60, gap_seconds=0.0, distance_m=900.0, moving_seconds=60.0, top_speed_mps=SPEED_MPS, line=line
    )
    stem = f"dcp_2026112015{number // 60:02d}{number % 60:02d}"
    return clip_row(
        number,
        started_utc_ms=1_795_186_800_000 + number * CLIP_SECONDS * 1000,
        path=f"VIDEO/{DAY}/{stem}.mp4",
        clock_source="gps",
        **{"track": track, **changes},
    )


def test_a_day_has_its_lines_photos_and_trips(site: Site) -> None:
    rows = [
        driven(1),
        driven(2),
        clip_row(3, track=None),
        clip_row(4, track=msgspec.structs.replace(golden.TRACK, line=())),
    ]
    photo = clip_row(5, kind="photo", path=f"PHOTO/{DAY}/dcp_20261120150130.jpg", track=None)
    nowhere = msgspec.structs.replace(photo, id="42-6", path=f"PHOTO/{DAY}/dcp_20261120150131.jpg", place=None)
    site.keeper.catalogue.put([*rows, photo, nowhere, clip_row(9, day="2026-11-21")])
    found = site.get(f"/api/days/{DAY}/map").json
    assert [clip["id"] for clip in found["clips"]] == ["42-1", "42-2", "42-3", "42-4"]
    assert [(bool(clip["line"]), clip["is_known"]) for clip in found["clips"]] == [
        (True, True),
        (True, True),
        (False, False),
        (False, True),
    ]
    assert found["clips"][0]["line"][1] == [5.0, pytest.approx(50 + 75 / METRES_PER_DEGREE), 8.25, 15.0, False]
    assert found["clips"][0]["local_time"] == "2026-11-20T15:00:01"
    [shown] = found["photos"]
    assert (shown["id"], shown["latitude"], shown["media"]) == ("42-5", golden.PLACE.latitude, "/media/42-5")
    [trip] = found["trips"]
    assert trip["clips"] == ["42-1", "42-2"]
    assert trip["begins"] == {"id": "42-1", "seconds": 0.0}
    assert trip["ends"] == {"id": "42-2", "seconds": 55.0}
    assert (trip["local_start"], trip["local_end"]) == ("2026-11-20T15:00:01", "2026-11-20T15:00:57")
    assert trip["started_utc"] == "2026-11-20T15:01:00.000Z"
    assert trip["distance_m"] == pytest.approx(115 * 15, rel=0.01)
    assert trip["mean_speed_mps"] == pytest.approx(15, rel=0.01)


def test_an_event_stands_on_the_map_where_it_has_a_place(site: Site) -> None:
    for number, place in ((5, golden.PLACE), (6, None)):
        path = f"EVENT/2026-11-20/dcp_2026112015000{number}.mp4"
        event = msgspec.structs.replace(golden.EVENT, id=f"42-{number}")
        site.keeper.add(clip_row(number, kind="event", path=path, event=event, place=place), b"clip")
    found = site.get("/api/days/2026-11-20/map").json
    assert [clip["event"] for clip in found["clips"]] == ["motion", "motion"]
    [event] = found["events"]
    assert (event["id"], event["cause"], event["at_seconds"]) == ("42-5", "motion", 10.4)
    assert (event["local_time"], event["latitude"]) == ("2026-11-20T15:00:15", golden.PLACE.latitude)


def test_a_day_of_a_thousand_clips_comes_whole_and_packed(site: Site) -> None:
    site.keeper.catalogue.put([driven(number) for number in range(1, 1001)])
    plain = site.get(f"/api/days/{DAY}/map")
    packed = site.get(f"/api/days/{DAY}/map", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2
    found = json.loads(plain.body)
    assert [clip["id"] for clip in found["clips"]] == [f"42-{number}" for number in range(1, 1001)]
    [trip] = found["trips"]
    assert len(trip["clips"]) == 1000


def test_a_day_without_anything_is_empty_and_what_is_no_day_is_refused(site: Site) -> None:
    nothing = {"day": "2020-01-01", "clips": [], "photos": [], "events": [], "trips": []}
    assert site.get("/api/days/2020-01-01/map").json == nothing
    assert site.get("/api/days/undated/map").status == 200
    answer = site.get("/api/days/2026-1-1/map")
    assert (answer.status, answer.error_code) == (400, "bad_request")


def test_where_the_car_is_comes_from_the_recorder(site: Site) -> None:
    site.recorder.say()
    wait_until(lambda: site.get("/api/place").json["gps"] is not None)
    found = site.get("/api/place").json
    assert found["gps"]["place"]["latitude"] == golden.PLACE.latitude
    assert found["trip"]["distance_m"] == 7512.5
    assert site.get("/api/trip").json["points"] == [list(msgspec.to_builtins(point)) for point in golden.TRACK.line]
    assert site.recorder.asked == [m.GetTrip()]
    site.recorder.close()
    wait_until(lambda: site.get("/api/place").json == {"gps": None, "trip": None})
    answer = site.get("/api/trip")
    assert (answer.status, answer.error_code) == (503, "unreachable")


def test_how_maps_are_drawn_is_a_matter_of_settings(site: Site) -> None:
    before = site.get("/api/map").json
    assert before["tiles"] == "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
    assert before["attribution"] == "© OpenStreetMap contributors"
    assert before["attribution_link"] == "https://www.openstreetmap.org/copyright"
    assert before["speed_unit"] == "km/h"
    changes = {"map.tiles": "", "gps.speed_unit": "mph"}
    assert site.ask("PATCH", "/api/settings", {"changes": changes}).status == 200
    after = site.get("/api/map").json
    assert (after["tiles"], after["attribution_link"], after["speed_unit"]) == ("", "", "mph")


def test_lists_do_not_carry_the_lines(site: Site) -> None:
    site.keeper.catalogue.put([driven(1)])
    for found in (site.get("/api/clips").json["clips"][0], site.get("/api/clips/42-1").json):
        assert found["track"] == {
            "points": 60,
            "gap_seconds": 0.0,
            "distance_m": 900.0,
            "moving_seconds": 60.0,
            "top_speed_mps": 15.0,
        }
        assert found["place"]["latitude"] == golden.PLACE.latitude
