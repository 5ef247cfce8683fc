"""What a thumbnail says of its clip: what is known for sure, and another thing only when that has changed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from dashcam.clips.event import EventFacts
from dashcam.clips.row import ClipRow
from dashcam.clips.thumbnail import caption_of, peak_seconds
from dashcam.clips.track_summary import LinePoint, TrackSummary
from dashcam.clock import CLOCK_SOURCES, TRUSTED_SOURCES, ClockSource, utc_ns_of
from dashcam.place import Place
from tests.clips.rows import row

BERLIN = ZoneInfo("Europe/Berlin")
STARTED_NS = utc_ns_of("2026-11-20T14:45:00.250Z")
PLACE = Place(latitude=53.351219, longitude=-6.260309, speed_mps=13.4)


def known(source: ClockSource = "gps", **other: object) -> ClipRow:
    base = row(3, boot=42, started_utc_ms=STARTED_NS // 1_000_000, clock_source=source, place=PLACE, integrity="closed")
    return replace(base, **other)


def test_time_speed_and_place_of_the_start() -> None:
    caption = caption_of(known(), BERLIN, "km/h")
    assert caption.text == "2026-11-20 15:45:00\n48 km/h  53.35122, -6.26031"
    assert (caption.utc_ns, caption.zone, caption.place) == (STARTED_NS, "Europe/Berlin", PLACE)
    assert caption_of(known(), None, "mph").text.endswith("\n30 mph  53.35122, -6.26031")


def test_a_place_that_is_not_known_has_no_line() -> None:
    caption = caption_of(known(place=None), BERLIN)
    assert (caption.text, caption.place) == ("2026-11-20 15:45:00", None)


@pytest.mark.parametrize("source", CLOCK_SOURCES)
def test_a_time_that_is_not_trusted_is_neither_shown_nor_written(source: ClockSource) -> None:
    caption = caption_of(known(source), BERLIN)
    is_trusted = source in TRUSTED_SOURCES
    assert caption.text.splitlines()[0] == ("2026-11-20 15:45:00" if is_trusted else "start 42, no. 3")
    assert caption.text.splitlines()[1] == "48 km/h  53.35122, -6.26031"
    assert caption.utc_ns == (STARTED_NS if is_trusted else None)


def test_what_people_dropped_in_shows_the_time_by_which_it_is_sorted() -> None:
    caption = caption_of(known("saved", integrity="adopted"), BERLIN)
    assert caption.text.splitlines()[0] == "2026-11-20 15:45:00"
    assert caption.utc_ns is None, "its EXIF tells no guess"


def test_what_changes_nothing_visible_needs_no_other_thumbnail() -> None:
    caption = caption_of(known("ntp"), BERLIN)
    same = (known("gps"), known("ntp", path="EVENT/2026-11-20/other.mp4", lock_cause="hand", note="moved"))
    assert {caption_of(other, BERLIN) == caption for other in same} == {True}
    others = (known("saved"), known(place=None), known(place=replace(PLACE, speed_mps=20.0)), known(started_utc_ms=1))
    assert {caption_of(other, BERLIN) == caption for other in others} == {False}


def test_the_picture_of_an_event_is_of_its_peak_and_says_what_was_then() -> None:
    facts = EventFacts(cause="impact", id="42-3", at_seconds=10.0, peak_seconds=12.5)
    line = (LinePoint(0.0, 53.351219, -6.260309, 13.4, True), LinePoint(12.0, 53.4, -6.3, 2.5))
    track = TrackSummary(points=2, gap_seconds=0.0, distance_m=1.0, moving_seconds=1.0, top_speed_mps=13.4, line=line)
    driven = known(event=facts, track=track, duration_seconds=30.0)
    caption = caption_of(driven, BERLIN)
    assert caption.text == "2026-11-20 15:45:12\n9 km/h  53.40000, -6.30000"
    assert caption.utc_ns == STARTED_NS + 12_500_000_000
    assert caption.place == Place(latitude=53.4, longitude=-6.3, speed_mps=2.5)
    # Where the car was ten seconds before is no place for this picture.
    assert caption_of(replace(driven, track=None), BERLIN).place is None
    assert peak_seconds(driven) == 12.5
    assert peak_seconds(replace(driven, duration_seconds=11.0)) == 11.0
    assert peak_seconds(known()) == 0.0
