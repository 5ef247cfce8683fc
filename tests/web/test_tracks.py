"""Tracks for other programs: GPX from the card, GeoJSON from the catalogue."""

from __future__ import annotations

from typing import Any

import gpxpy
import pytest

from dashcam.clips.gpx import ClipTrack, gpx_of
from dashcam.clips.gpx_reader import TrackPoint
from dashcam.clips.track_summary import LinePoint, TrackSummary
from tests.web.sites import Site, clip_row

DAY = "2026-11-20"
GPX = b'<?xml version="1.0"?>\n<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="dashcam"></gpx>'


def track(*points: LinePoint) -> TrackSummary:
    return TrackSummary(
        points=len(points), gap_seconds=0.0, distance_m=1.0, moving_seconds=1.0, top_speed_mps=1.0, line=points
    )


LINE = track(
    LinePoint(0.5, 53.35, -6.26, 13.9, True),
    LinePoint(10.5, 53.36, -6.27, None),
    LinePoint(30.0, 53.37, -6.28, 0.0, True),
)


def test_a_clips_gpx_comes_from_the_card_under_its_name(site: Site) -> None:
    row = site.keeper.add(clip_row(1), b"clip", track=GPX)
    answer = site.get("/api/clips/42-1/track.gpx")
    assert (answer.status, answer.body) == (200, GPX)
    assert answer.headers["Content-Type"] == "application/gpx+xml"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="dcp_20261120150001.gpx"'
    assert site.get("/api/clips/42-1/track.gpx", Range="bytes=0-4").body == GPX[:5]
    assert site.ask("HEAD", "/api/clips/42-1/track.gpx").body == b""
    # It lies where it lay, however the clip is locked.
    site.keeper.move(row, "EVENT")
    assert site.get("/api/clips/42-1/track.gpx").body == GPX


def test_a_track_that_is_not_there_or_a_link_is_no_track(site: Site) -> None:
    site.keeper.add(clip_row(1, track=None), b"clip")
    site.keeper.add(clip_row(2, track=track()), b"clip")
    site.keeper.add(clip_row(3, track=LINE), b"clip")
    secret = site.data / "secret"
    secret.write_text("secret")
    link = site.data / "DCIM" / "TRACK" / DAY / "dcp_20261120150003.gpx"
    link.parent.mkdir(parents=True)
    link.symlink_to(secret)
    for number, words in ((1, "not made yet"), (2, "no GPS"), (3, "gone from the card")):
        answer = site.get(f"/api/clips/42-{number}/track.gpx")
        assert (answer.status, answer.error_code) == (404, "not_found")
        assert words in answer.json["error"]["message"]
    assert site.get("/api/clips/42-9/track.gpx").error_code == "not_found"
    assert site.get("/api/clips/42-x/track.gpx").error_code == "bad_request"


def test_a_clips_geojson_has_a_feature_for_each_part_without_a_gap(site: Site) -> None:
    site.keeper.catalogue.put([clip_row(1, track=LINE, clock_source="gps", started_utc_ms=1_795_186_800_250)])
    answer = site.get("/api/clips/42-1/track.geojson")
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="dcp_20261120150001.geojson"'
    assert answer.json["type"] == "FeatureCollection"
    line, point = answer.json["features"]
    assert line["type"] == point["type"] == "Feature"
    assert line["geometry"] == {"type": "LineString", "coordinates": [[-6.26, 53.35], [-6.27, 53.36]]}
    assert line["properties"] == {
        "id": "42-1",
        "day": DAY,
        "coordTimes": ["2026-11-20T15:00:00.750Z", "2026-11-20T15:00:10.750Z"],
        "seconds": [0.5, 10.5],
        "speeds": [13.9, None],
    }
    assert point["geometry"] == {"type": "Point", "coordinates": [-6.28, 53.37]}


@pytest.mark.parametrize("changes", [{"clock_source": "saved"}, {"clock_source": "none", "started_utc_ms": None}])
def test_times_that_nobody_vouches_for_are_absent(site: Site, changes: dict[str, Any]) -> None:
    site.keeper.catalogue.put([clip_row(1, track=LINE, **changes)])
    [line, _] = site.get("/api/clips/42-1/track.geojson").json["features"]
    assert line["properties"]["coordTimes"] is None


def test_a_days_geojson_is_that_of_its_clips_from_the_oldest_on(site: Site) -> None:
    site.keeper.catalogue.put([clip_row(number, track=LINE) for number in (12, 3, 1)])
    site.keeper.catalogue.put([clip_row(4, track=None), clip_row(5, track=track())])
    answer = site.get(f"/api/days/{DAY}/track.geojson")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="dashcam-{DAY}.geojson"'
    found = [feature["properties"]["id"] for feature in answer.json["features"]]
    assert found == ["42-1", "42-1", "42-3", "42-3", "42-12", "42-12"]
    for number in (3, 12):
        one = site.get(f"/api/clips/42-{number}/track.geojson").json["features"]
        assert one == [each for each in answer.json["features"] if each["properties"]["id"] == f"42-{number}"]
    assert site.ask("HEAD", f"/api/days/{DAY}/track.geojson").status == 200
    assert site.get("/api/days/2020-01-01/track.geojson").error_code == "not_found"
    assert site.get("/api/days/20-1/track.geojson").error_code == "bad_request"


def gpx_file(number: int) -> bytes:
    points = [TrackPoint(latitude=50 + number / 1000, longitude=8.0, speed_mps=12.5, seconds=float(number))]
    return gpx_of(ClipTrack(clip_id=f"42-{number}", name=f"clip {number}", started_utc_ns=None, segments=[points]))


def test_the_tracks_of_a_day_and_of_a_selection_are_one_gpx(site: Site) -> None:
    for number in (12, 3, 1):
        site.keeper.add(clip_row(number, track=LINE), b"clip", track=gpx_file(number))
    site.keeper.add(clip_row(4, track=track()), b"clip")
    site.keeper.add(clip_row(5, track=LINE), b"clip", track=b"what somebody has broken")
    for address, expected in (
        (f"/api/days/{DAY}/track.gpx", [50.001, 50.003, 50.012]),
        ("/api/tracks.gpx?ids=42-12,42-1,42-4,42-99", [50.001, 50.012]),
    ):
        answer = site.get(address)
        assert answer.headers["Content-Type"] == "application/gpx+xml"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="dashcam-{DAY}.gpx"'
        found = gpxpy.parse(answer.body)
        assert [point.latitude for track in found.tracks for point in track.segments[0].points] == expected
    assert site.get("/api/tracks.gpx?ids=42-4,42-99").error_code == "not_found"
    assert site.get("/api/tracks.gpx?ids=x").error_code == "bad_request"
    assert site.get("/api/tracks.gpx").error_code == "bad_request"


def test_places_of_transfers_are_given_back(site: Site) -> None:
    site.keeper.catalogue.put([clip_row(1, track=LINE)])
    for _ in range(60):
        assert site.get(f"/api/days/{DAY}/track.geojson").status == 200
        assert site.get("/api/days/2020-01-01/track.geojson").status == 404
        assert site.ask("HEAD", f"/api/days/{DAY}/track.geojson").status == 200
