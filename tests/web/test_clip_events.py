"""What happened in one clip, and where that is in the loop."""

from __future__ import annotations

from typing import Any

import msgspec

from dashcam.clips.event import EventFacts, MotionTrace, MotionWindow
from dashcam.clips.names import sidecar_of
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import write_sidecar
from tests import golden_values as golden
from tests.web.sites import Site, clip_row

TRACE = MotionTrace(seen="live", step_seconds=0.5, scores=(0, 40, 63), windows=(MotionWindow(0.5, 1.5, 63),))


def loop_row(number: int, **changes: Any) -> ClipRow:
    return clip_row(number, event=None, motion=None, duration_seconds=60.0, **changes)


def event_row(number: int, **facts: Any) -> ClipRow:
    """Its trigger is ten seconds after its first frame."""
    event = EventFacts(**{"cause": "motion", "id": f"42-{number}", "at_seconds": 10.0, "peak_seconds": 12.0, **facts})
    return clip_row(number, kind="event", path=f"EVENT/2026-11-20/dcp_20261120{number:06d}.mp4", event=event)


def test_a_clip_tells_its_event_and_the_windows_of_its_motion(site: Site) -> None:
    site.keeper.add(msgspec.structs.replace(event_row(5, score=62.5), motion=golden.ROW.motion), b"clip")
    site.keeper.add(loop_row(1), b"clip")
    found = site.get("/api/clips/42-5").json
    assert (found["event"]["cause"], found["event"]["at_seconds"], found["event"]["score"]) == ("motion", 10.0, 62.5)
    assert found["motion"] == {"seen": "live", "looked_seconds": 60.0, "windows": [[10.4, 14.0, 62.5]]}
    plain = site.get("/api/clips/42-1").json
    assert (plain["event"], plain["motion"]) == (None, None)


def test_the_whole_trace_comes_from_the_sidecar(site: Site) -> None:
    row = site.keeper.add(loop_row(1), b"clip")
    write_sidecar(
        sidecar_of(site.data / "DCIM" / row.path),
        msgspec.structs.replace(golden.SIDECAR, id=row.id, motion=TRACE),
    )
    found = site.get("/api/clips/42-1/motion").json
    assert (found["motion"]["scores"], found["motion"]["windows"]) == ([0, 40, 63], [[0.5, 1.5, 63.0]])


def test_without_a_sidecar_the_windows_are_told_and_without_a_search_nothing(site: Site) -> None:
    site.keeper.add(msgspec.structs.replace(loop_row(1), motion=golden.ROW.motion), b"clip")
    row = site.keeper.add(loop_row(2), b"clip")
    sidecar_of(site.data / "DCIM" / row.path).write_text("{broken")
    assert site.get("/api/clips/42-1/motion").json["motion"]["windows"] == [[10.4, 14.0, 62.5]]
    assert site.get("/api/clips/42-2/motion").json == {"id": "42-2", "motion": None}
    assert site.get("/api/clips/42-9/motion").error_code == "not_found"


def test_an_event_leads_to_the_loop_clip_that_it_names(site: Site) -> None:
    site.keeper.add(loop_row(1), b"clip")
    site.keeper.add(event_row(5, loop_id="42-1", loop_seconds=31.9), b"clip")
    assert site.get("/api/clips/42-5/loop").json == {"id": "42-1", "seconds": 31.9}


def test_without_its_name_the_loop_clip_of_that_moment_is_found_also_a_locked_one(site: Site) -> None:
    site.keeper.add(loop_row(1), b"clip")
    # The trigger, at 65 seconds, is in the next one, which somebody has locked.
    locked = loop_row(61, kind="event", lock_cause="hand", path="EVENT/2026-11-20/dcp_20261120150101.mp4")
    site.keeper.add(locked, b"clip")
    site.keeper.add(event_row(55, loop_id="42-999", loop_seconds=1.0), b"clip")
    site.keeper.add(event_row(58), b"clip")
    assert site.get("/api/clips/42-55/loop").json == {"id": "42-61", "seconds": 4.0}
    assert site.get("/api/clips/42-58/loop").json == {"id": "42-61", "seconds": 7.0}


def test_nothing_of_that_time_is_said_in_words(site: Site) -> None:
    site.keeper.add(loop_row(1), b"clip")
    other_start = clip_row(
        1, id="41-3", event=None, duration_seconds=900.0, path="VIDEO/2026-11-20/dcp_20261120150100.mp4"
    )
    site.keeper.add(other_start, b"clip")
    site.keeper.add(event_row(300), b"clip")
    for clip_id, words in (("42-300", "Nothing else is there of that time"), ("42-1", "not made for an event")):
        answer = site.get(f"/api/clips/{clip_id}/loop")
        assert (answer.status, answer.error_code) == (404, "not_found")
        assert words in answer.json["error"]["message"]
