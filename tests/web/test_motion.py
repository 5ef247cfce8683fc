"""What moves is told to who asks and to who listens, and nothing is asked of the recorder while nobody does."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from dashcam.clips.event import EventCause
from dashcam.link import messages as m
from dashcam.web import motion as motion_module
from dashcam.web.motion import MAX_MOTION_STREAMS
from tests import golden_values as golden
from tests.web.sites import Site, clip_row, wait_until


class Watching:
    """A page that draws boxes."""

    def __init__(self, site: Site) -> None:
        self._connection = site.connect()
        self._connection.request("GET", "/api/motion/stream")
        self.answer: http.client.HTTPResponse = self._connection.getresponse()

    def next(self) -> Any:
        lines = [self.answer.readline() for _ in range(3)]
        assert (lines[0], lines[2]) == (b"event: motion\n", b"\n")
        return json.loads(lines[1].removeprefix(b"data: "))

    def until(self, score: float) -> Any:
        """The first sight with this score; beats in between pass by."""
        while (seen := self.next())["score"] != score:
            pass
        return seen

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


def as_json(value: msgspec.Struct) -> Any:
    return json.loads(msgspec.json.encode(value))


@pytest.fixture
def watching(site: Site) -> Iterator[Watching]:
    page = Watching(site)
    yield page
    page.close()


def test_what_moves_now_is_told_as_the_recorder_says_it(site: Site) -> None:
    assert site.get("/api/motion").json == as_json(golden.MOTION_NOW)
    off = m.MotionStatus(state="off", words="the mode is off")
    site.recorder.say(motion=off)
    wait_until(lambda: site.get("/api/motion").json == as_json(off))


def test_the_last_minutes_are_told_a_point_a_second(site: Site) -> None:
    assert site.get("/api/motion/history").json == {
        "points": [
            {"age_seconds": 2.0, "score": 62.5, "confidence": 0.9, "is_motion": True},
            {"age_seconds": 1.0, "score": 0.0, "confidence": 0.0, "is_motion": False},
        ]
    }


@pytest.mark.parametrize("path", ["/api/motion", "/api/motion/history"])
def test_without_a_recorder_nobody_knows_what_moves(site: Site, path: str) -> None:
    site.recorder.close()
    wait_until(lambda: not site.get("/api/status").json["connected"])
    answer = site.get(path)
    assert (answer.status, answer.error_code) == (503, "unreachable")


def test_events_of_motion_are_listed_newest_first_and_nothing_else_is(site: Site) -> None:
    def add(number: int, cause: EventCause | None) -> None:
        event = msgspec.structs.replace(golden.EVENT, cause=cause) if cause else None
        site.keeper.add(clip_row(number, kind="event" if cause else "loop", event=event, motion=None), b"clip")

    causes: list[EventCause | None] = ["motion", "button", None, "motion", "impact", "motion"]
    for number, cause in enumerate(causes, 1):
        add(number, cause)
    first = site.get("/api/motion/events?limit=2").json
    assert [clip["id"] for clip in first["clips"]] == ["42-6", "42-4"]
    second = site.get(f"/api/motion/events?limit=2&before={first['next'].replace(' ', '%20')}").json
    assert ([clip["id"] for clip in second["clips"]], second["next"]) == (["42-1"], None)
    assert site.get("/api/motion/events?limit=0").error_code == "bad_request"


def test_who_listens_is_told_at_once_how_it_stands_and_then_each_sight(site: Site, watching: Watching) -> None:
    assert watching.answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"
    assert watching.next() == as_json(golden.MOTION_NOW)
    wait_until(lambda: site.recorder.motion_viewers == 1)
    box = m.MotionRegion(x=0.1, y=0.2, width=0.3, height=0.4, score=11.0)
    site.recorder.see(state="moving", score=11.0, regions=(box,))
    assert watching.until(11.0)["regions"] == [as_json(box)]


def test_while_nobody_looks_for_motion_a_page_is_told_why(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion_module, "BEAT_SECONDS", 0.05)
    watching = Watching(site)
    watching.next()
    site.recorder.say(motion=m.MotionStatus(words="the mode is off"))
    while (seen := watching.next())["state"] != "off":
        pass
    assert seen["words"] == "the mode is off"
    watching.close()


def test_all_pages_share_one_subscription_which_ends_with_the_last(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion_module, "BEAT_SECONDS", 0.05)
    assert site.recorder.motion_viewers == 0
    pages = [Watching(site) for _ in range(3)]
    for page in pages:
        page.next()
    wait_until(lambda: site.recorder.motion_viewers == 1)
    for page in pages:
        page.close()
    wait_until(lambda: site.recorder.motion_viewers == 0)


def test_a_page_too_many_is_told_so_in_words(site: Site) -> None:
    asking = f"GET /api/motion/stream HTTP/1.1\r\nHost: {site.netloc}\r\n\r\n".encode()
    held = [site.raw(asking, f"127.0.0.{2 + number % 2}") for number in range(MAX_MOTION_STREAMS)]
    for plain in held:
        assert b" 200 " in plain.recv(4096)
    refused = site.get("/api/motion/stream")
    assert (refused.status, refused.error_code) == (503, "too_many_viewers")
    assert "6 pages already" in refused.json["error"]["message"]
    for plain in held:
        plain.close()
