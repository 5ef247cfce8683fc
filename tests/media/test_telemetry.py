"""What is told of a second: what was known in it, and in words what was not."""

from __future__ import annotations

from dashcam.clock import NANOSECONDS
from dashcam.media.gpmf import gps_sample
from dashcam.media.telemetry import Sample, Telemetry, subtitle
from tests.telemetry import ABSENT, COMING_AND_GOING, PRESENT, UNDATED


def test_the_text_says_time_speed_and_place_or_what_is_missing() -> None:
    assert subtitle(PRESENT.moment_at(0), "km/h") == "2026-11-20 15:45:00 CET  36 km/h  53.35000, -6.26000"
    assert subtitle(PRESENT.moment_at(0), "mph") == "2026-11-20 15:45:00 CET  22 mph  53.35000, -6.26000"
    assert subtitle(ABSENT.moment_at(0), "km/h") == "2026-11-20 15:45:00 CET  no GPS"
    assert subtitle(UNDATED.moment_at(0), "km/h") == "time not set  36 km/h  53.35000, -6.26000"


def test_it_tells_of_the_moment_it_is_asked_for() -> None:
    telemetry = Telemetry(COMING_AND_GOING.moment_at, "mph")
    known, unknown = COMING_AND_GOING.moment_at(6 * NANOSECONDS), COMING_AND_GOING.moment_at(8 * NANOSECONDS)
    assert telemetry.sample(6 * NANOSECONDS) == Sample(subtitle(known, "mph"), gps_sample(known))
    assert telemetry.sample(8 * NANOSECONDS) == Sample(subtitle(unknown, "mph"), None)
