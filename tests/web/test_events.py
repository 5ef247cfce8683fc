"""Pages are told what changes, without asking."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from dashcam.system.health import Machine
from dashcam.web import events
from dashcam.web.events import EventStream, noticeable
from dashcam.web.status import LiveFacts, NetworkFacts, Status
from tests.web.sites import Site, Sites, clip_row, wait_until
from tests.web.stand_in_network import OWN


class Listener:
    """A page that listens."""

    def __init__(self, site: Site) -> None:
        self._connection = site.connect()
        self._connection.request("GET", "/api/events")
        self.answer: http.client.HTTPResponse = self._connection.getresponse()

    def event(self) -> tuple[str, Any]:
        """The next event and its data."""
        lines = [self.answer.readline() for _ in range(3)]
        assert lines[2] == b"\n"
        name = lines[0].removeprefix(b"event: ").rstrip(b"\n").decode()
        return name, json.loads(lines[1].removeprefix(b"data: "))

    def next(self, wanted: str = "status") -> Any:
        """The next event of a kind; others pass by."""
        while True:
            name, data = self.event()
            if name == wanted:
                return data

    def until(self, state: str) -> Any:
        """The first status of a state; what comes before it passes by."""
        while (status := self.next())["state"] != state:
            pass
        return status

    def close(self) -> None:
        self.answer.close()
        self._connection.close()


@pytest.fixture
def listener(site: Site) -> Iterator[Listener]:
    listening = Listener(site)
    yield listening
    listening.close()


def test_a_page_gets_the_status_at_once_and_every_change_of_it(site: Site, listener: Listener) -> None:
    assert listener.answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"
    assert listener.next()["state"] == "recording"
    site.recorder.say(is_recording=False, state="no_card", reason="There is no card; put one in.")
    assert listener.until("no_card")["reason"] == "There is no card; put one in."
    site.recorder.say(is_recording=True, state="recording", reason="")
    listener.until("recording")
    site.recorder.close()
    assert listener.until("unreachable")["connected"] is False


def test_a_new_clip_is_told_with_the_newest_and_without_the_whole_status(site: Site, listener: Listener) -> None:
    before = listener.next()["generation"]
    site.keeper.add(clip_row(1), b"clip")
    name, first = listener.event()
    assert (name, first["newest"]) == ("clips", site.get("/api/clips/42-1").json)
    site.keeper.add(clip_row(2), b"clip")
    second = listener.next("clips")
    assert second["newest"]["id"] == "42-2"
    assert len({before, first["generation"], second["generation"]}) == 3


def test_a_list_that_is_gone_is_told_without_a_newest(site: Site, listener: Listener) -> None:
    listener.next()
    site.keeper.add(clip_row(1), b"clip")
    assert site.post("/api/clips/delete", {"ids": ["42-1"]}).status == 200
    while listener.next("clips")["newest"] is not None:
        pass


def test_a_page_hears_a_sign_of_life_of_some_bytes_although_nothing_changes(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "SIGN_OF_LIFE_SECONDS", 0.1)
    listener.next()
    assert [listener.event() for _ in range(3)] == [("alive", {})] * 3


def test_counters_come_now_and_then(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "STATUS_SECONDS", 0.1)
    assert [listener.event()[0] for _ in range(3)] == ["status"] * 3


class Quiet:
    """A board on which time passes and nothing else happens, until it is told to."""

    def __init__(self) -> None:
        self.now_seconds = 1000.0
        self.status = STATUS

    def now(self) -> Status:
        return self.status

    def wait_for_news(self, _version: int, limit_seconds: float) -> int:
        self.now_seconds += limit_seconds
        return 0


def test_a_minute_of_nothing_costs_a_phone_next_to_nothing() -> None:
    quiet = Quiet()
    stream = stream_of(quiet)
    spoken: list[bytes] = []
    while quiet.now_seconds < 1060:
        spoken.append(next(stream))
    names = [event.partition(b"\n")[0].removeprefix(b"event: ") for event in spoken]
    assert names.count(b"status") == 4 + 1
    assert sum(len(event) for event in spoken if event.startswith(b"event: alive")) < 1000
    assert len(spoken) == 60 // 3 + 1


def test_a_list_that_changes_all_the_time_is_told_once_a_second() -> None:
    quiet = Quiet()
    stream = stream_of(quiet)
    next(stream)
    told = []
    for generation in range(2, 42):
        quiet.status = msgspec.structs.replace(STATUS, generation=generation)
        quiet.now_seconds += 0.25
        told.append((stream._due(quiet.status, quiet.now_seconds) or b"").startswith(b"event: clips"))
    assert sum(told) == 10


def stream_of(quiet: Quiet) -> EventStream:
    board: Any = quiet
    return EventStream(board, lambda: None, threading.Event(), lambda: None, lambda: quiet.now_seconds)


def test_too_many_pages_are_refused_and_places_come_back(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_EVENT_STREAMS", 2)
    monkeypatch.setattr(events, "SIGN_OF_LIFE_SECONDS", 0.1)  # who has gone is noticed by talking to him
    site = sites.make()
    listeners = [Listener(site) for _ in range(2)]
    for listening in listeners:
        listening.next()
    refused = site.get("/api/events")
    assert (refused.status, refused.error_code) == (503, "too_many_viewers")
    for listening in listeners:
        listening.close()

    def has_place() -> bool:
        again = Listener(site)
        is_served = again.answer.status == 200
        again.close()
        return is_served

    wait_until(has_place)


def test_head_takes_no_place(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MAX_EVENT_STREAMS", 1)
    site = sites.make()
    for _ in range(3):
        assert site.ask("HEAD", "/api/events").status == 200


RECORDER: dict[str, Any] = {
    "open_clip": {"id": "42-1", "seconds": 1.0},
    "uptime_seconds": 5,
    "camera": None,
    "gps": {"kind": "serial", "is_connected": True, "status": "fix", "age_seconds": 0.2},
    "clock": {"source": "saved", "utc": "2026-11-20T14:45:00Z"},
    "mode": {"wanted": "auto", "mode": "drive", "words": "the car drives"},
    "motion": {"state": "still", "score": 3.5, "words": ""},
    "ring": {"seconds": 9.5, "words": ""},
    "event": {"id": "42-3", "cause": "motion", "seconds": 2.0, "score": 50.0, "is_durable": True},
    "events": 1,
}
GPS, CLOCK, MOTION, EVENT = (RECORDER[name] for name in ("gps", "clock", "motion", "event"))
JOB = {"id": "cut-1", "state": "running", "share": 0.5, "words": "12 of 60 clips"}
NETWORK = NetworkFacts(wifi=OWN, page_addresses=("http://dashcam.local/",))
STATUS = Status(
    connected=True,
    is_recording=True,
    state="recording",
    reason="",
    warnings=(),
    generation=1,
    is_building=False,
    version="1",
    accounts="off",
    live=LiveFacts(viewers=0, max_viewers=10),
    machine=Machine(Path("/nothing")).health(),
    pending_settings=(),
    speed_unit="km/h",
    recorder=RECORDER,
    keeper={"state": "idle", "catalogued": 5, "jobs": [JOB]},
    network=NETWORK,
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"reason": "why"}, True),
        ({"warnings": ("w",)}, True),
        ({"generation": 2}, False),
        ({"is_building": True}, True),
        ({"pending_settings": ("camera.fps",)}, True),
        ({"machine": Machine(Path("/")).health()}, False),
        ({"speed_unit": "mph"}, True),
        ({"network": replace(NETWORK, wifi=replace(OWN, state="looking"))}, True),
        ({"network": replace(NETWORK, wifi=replace(OWN, since_seconds=201.0, signal_percent=50))}, False),
        ({"network": None}, True),
        ({"recorder": {**RECORDER, "open_clip": {"id": "42-2", "seconds": 0.0}}}, True),
        ({"recorder": {**RECORDER, "open_clip": {"id": "42-1", "seconds": 1.0, "is_saved": True}}}, True),
        ({"recorder": {**RECORDER, "gps": {**GPS, "status": "stale"}}}, True),
        ({"recorder": {**RECORDER, "gps": {**GPS, "is_connected": False}}}, True),
        ({"recorder": {**RECORDER, "gps": {**GPS, "age_seconds": 1.2}}}, False),
        ({"recorder": {**RECORDER, "clock": {**CLOCK, "source": "gps"}}}, True),
        ({"recorder": {**RECORDER, "clock": {**CLOCK, "utc": "2026-11-20T14:45:01Z"}}}, False),
        ({"recorder": {**RECORDER, "mode": {"wanted": "auto", "mode": "park", "words": "it stands"}}}, True),
        ({"recorder": {**RECORDER, "motion": {**MOTION, "state": "moving"}}}, True),
        ({"recorder": {**RECORDER, "motion": {**MOTION, "score": 9.5}}}, False),
        ({"recorder": {**RECORDER, "ring": {"seconds": 6.0, "words": "the memory for them is full"}}}, True),
        ({"recorder": {**RECORDER, "ring": {"seconds": 9.0, "words": ""}}}, False),
        ({"recorder": {**RECORDER, "event": None}}, True),
        ({"recorder": {**RECORDER, "event": {**EVENT, "seconds": 3.0, "score": 70.0}}}, False),
        ({"recorder": {**RECORDER, "events": 2}}, True),
        ({"recorder": None}, True),
        ({"recorder": {**RECORDER, "open_clip": {"id": "42-1", "seconds": 9.0}, "uptime_seconds": 6}}, False),
        ({"keeper": {"state": "idle", "catalogued": 6, "jobs": [JOB]}}, False),
        ({"keeper": {"state": "idle", "jobs": [{**JOB, "share": 0.6, "words": "36 of 60 clips"}]}}, False),
        ({"keeper": {"state": "idle", "jobs": [{**JOB, "state": "done"}]}}, True),
        ({"keeper": {"state": "idle", "jobs": [JOB], "announcements": [{"id": "42-3"}]}}, True),
        ({"live": LiveFacts(viewers=1, max_viewers=10)}, False),
    ],
)
def test_only_what_a_person_would_notice_is_told_at_once(change: dict[str, Any], expected: bool) -> None:
    assert (noticeable(msgspec.structs.replace(STATUS, **change)) != noticeable(STATUS)) == expected
