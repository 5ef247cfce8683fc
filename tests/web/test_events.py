"""Pages are told what changes, without asking."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from dashcam.web import events
from dashcam.web.events import noticeable
from dashcam.web.status import LiveFacts, Status
from tests.web.sites import Site, Sites, clip_row, wait_until


class Listener:
    """A page that listens."""

    def __init__(self, site: Site) -> None:
        self._connection = site.connect()
        self._connection.request("GET", "/api/events")
        self.answer: http.client.HTTPResponse = self._connection.getresponse()

    def next(self) -> Any:
        """The next status."""
        lines = [self.answer.readline() for _ in range(3)]
        assert lines[0] == b"event: status\n"
        assert lines[2] == b"\n"
        return json.loads(lines[1].removeprefix(b"data: "))

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


def test_a_new_clip_shows_as_another_generation(site: Site, listener: Listener) -> None:
    before = listener.next()["generation"]
    site.keeper.add(clip_row(1), b"clip")
    while listener.next()["generation"] == before:
        pass


def test_a_page_hears_a_sign_of_life_although_nothing_changes(
    listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "SIGN_OF_LIFE_SECONDS", 0.1)
    assert [listener.next()["state"] for _ in range(3)] == ["recording"] * 3


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
    recorder={"open_clip": {"id": "42-1", "seconds": 1.0}, "uptime_seconds": 5, "camera": None},
    keeper={"state": "idle", "catalogued": 5},
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"reason": "why"}, True),
        ({"warnings": ("w",)}, True),
        ({"generation": 2}, True),
        ({"recorder": {"open_clip": {"id": "42-2", "seconds": 0.0}, "camera": None}}, True),
        ({"recorder": None}, True),
        ({"recorder": {"open_clip": {"id": "42-1", "seconds": 9.0}, "uptime_seconds": 6, "camera": None}}, False),
        ({"keeper": {"state": "idle", "catalogued": 6}}, False),
        ({"live": LiveFacts(viewers=1, max_viewers=10)}, False),
    ],
)
def test_only_what_a_person_would_notice_is_told_at_once(change: dict[str, Any], expected: bool) -> None:
    assert (noticeable(msgspec.structs.replace(STATUS, **change)) != noticeable(STATUS)) == expected
