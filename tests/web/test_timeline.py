"""The line of a day and its counters, as the page asks for them."""

from __future__ import annotations

import gzip
import json

import msgspec

from dashcam.clips.event import EventFacts
from tests import golden_values as golden
from tests.web.sites import Site, clip_row

DAY = "2026-11-20"
THREE = 15 * 3600


def fill(site: Site) -> None:
    """Two clips of a minute, nothing for a minute, and one more, with an event in the first."""
    for place, number in enumerate((0, 60, 180)):
        row = clip_row(number + 1, id=f"42-{place + 1}", duration_seconds=60.0, event=None, motion=golden.ROW.motion)
        site.keeper.add(row, b"clip")
    event = EventFacts(cause="motion", id="42-300", at_seconds=5.0, peak_seconds=6.0, score=40.0)
    path = f"EVENT/{DAY}/dcp_20261120150011.mp4"
    row = clip_row(11, id="42-300", kind="event", path=path, event=event, motion=None, duration_seconds=20.0)
    site.keeper.add(row, b"clip")


def test_a_days_line_has_clips_events_gaps_and_motion(site: Site) -> None:
    fill(site)
    line = site.get(f"/api/days/{DAY}/timeline").json
    assert [clip["id"] for clip in line["clips"]] == ["42-1", "42-300", "42-2", "42-3"]
    assert line["clips"][0]["start_seconds"] == THREE + 1
    assert line["clips"][0]["windows"] == [[10.4, 14.0, 62.5]]
    [event] = line["events"]
    assert (event["id"], event["cause"], event["at_seconds"], event["score"]) == ("42-300", "motion", THREE + 16, 40.0)
    [gap] = line["gaps"]
    assert (gap["from_seconds"], gap["to_seconds"]) == (THREE + 121, THREE + 181)


def test_a_long_line_is_packed_for_whoever_takes_that(site: Site) -> None:
    fill(site)
    plain = site.get(f"/api/days/{DAY}/timeline")
    packed = site.get(f"/api/days/{DAY}/timeline", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.body)) == plain.json


def test_a_days_counters_sum_it_up(site: Site) -> None:
    fill(site)
    found = site.get(f"/api/days/{DAY}/counters").json
    assert (found["clips"], found["events"], found["gaps"]) == (4, {"motion": 1}, 1)
    assert (found["recorded_seconds"], found["gap_seconds"]) == (180.0, 60.0)
    assert site.get("/api/days/2026-11-21/counters").json["clips"] == 0


def test_what_is_no_day_is_refused_in_words(site: Site) -> None:
    for what in ("timeline", "counters"):
        assert site.get(f"/api/days/yesterday/{what}").error_code == "bad_request"


def test_lists_and_days_are_filtered_by_the_cause_of_the_event(site: Site) -> None:
    fill(site)
    saved = msgspec.structs.replace(golden.EVENT, cause="button", id="42-301")
    path = f"EVENT/{DAY}/dcp_20261120150111.mp4"
    site.keeper.add(clip_row(71, id="42-301", kind="event", path=path, event=saved), b"clip")

    def ids(query: str) -> list[str]:
        return [clip["id"] for clip in site.get(f"/api/clips?{query}").json["clips"]]

    assert ids("event=true") == ["42-301", "42-300"]
    assert ids("cause=motion") == ["42-300"]
    assert ids("cause=motion,button,impact") == ["42-301", "42-300"]
    assert ids("cause=impact") == []
    assert [day["events"] for day in site.get("/api/days?event=true").json["days"]] == [2]
    assert [day["events"] for day in site.get("/api/days?cause=button").json["days"]] == [1]
    older = site.get("/api/clips/42-301/neighbours?event=true").json["older"]
    assert older["id"] == "42-300"
    assert site.get("/api/clips?cause=earthquake").error_code == "bad_request"
