"""Logs are read through the page: by level, by words, and on from where one was."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from dashcam.system.log_file import LogProgram, log_folder
from dashcam.system.log_writer import LogFile, LogFileHandler
from tests.web.sites import Site


class Talker:
    """A program that logs."""

    def __init__(self, site: Site, program: LogProgram) -> None:
        self._handler = LogFileHandler(LogFile(site.state, program))

    def say(self, text: str, level: int = logging.INFO) -> None:
        self._handler.handle(logging.LogRecord("dashcam.recorder", level, "", 0, text, None, None))
        self._handler.flush()

    def close(self) -> None:
        self._handler.close()


@pytest.fixture
def talker(site: Site) -> Iterator[Talker]:
    talking = Talker(site, "recorder")
    yield talking
    talking.close()


def texts(site: Site, query: str = "") -> list[str]:
    return [line["text"] for line in site.get(f"/api/logs/recorder{query}").json["lines"]]


def test_programs_that_have_a_log_are_told(site: Site, talker: Talker) -> None:
    assert site.get("/api/logs").json == {"programs": []}
    talker.say("camera fine")
    assert site.get("/api/logs").json == {"programs": ["recorder"]}


def test_lines_come_oldest_first_with_all_that_is_known(site: Site, talker: Talker) -> None:
    for number in range(5):
        talker.say(f"clip {number} closed")
    page = site.get("/api/logs/recorder?limit=2").json
    assert [line["text"] for line in page["lines"]] == ["clip 3 closed", "clip 4 closed"]
    assert set(page["lines"][0]) == {"utc", "level", "area", "text", "pid"}
    assert site.get(f"/api/logs/recorder?after={page['next']}").json["lines"] == []
    talker.say("news")
    assert texts(site, f"?after={page['next']}") == ["news"]


def test_lines_are_chosen_by_level_and_words(site: Site, talker: Talker) -> None:
    talker.say("card slow", logging.WARNING)
    talker.say("camera fine")
    talker.say("null", logging.ERROR)
    talker.say("Kamera zu heiß", logging.ERROR)
    assert texts(site, "?level=warning") == ["card slow", "null", "Kamera zu heiß"]
    assert texts(site, "?text=CAM") == ["camera fine"]
    assert texts(site, "?text=null") == ["null"]
    assert texts(site, "?level=error&text=hei%C3%9F") == ["Kamera zu heiß"]


BAD = [
    "/api/logs/recorder?level=loud",
    "/api/logs/recorder?limit=0",
    "/api/logs/recorder?limit=1001",
    "/api/logs/recorder?text=" + "a" * 201,
    "/api/logs/recorder?after=../etc/passwd",
    "/api/logs/recorder?after=%00",
    "/api/logs/..",
    "/api/logs/%2e%2e%2fpasswd",
    "/api/logs/passwd",
    "/api/logs/recorder.jsonl",
    "/api/logs/recorder%00",
]


def test_what_is_no_log_and_no_question_is_refused(site: Site, talker: Talker) -> None:
    talker.say("secret")
    for path in BAD:
        answer = site.get(path)
        assert (answer.status, answer.error_code) in ((400, "bad_request"), (404, "not_found")), path
        assert b"secret" not in answer.body


def test_a_log_that_is_not_there_is_empty(site: Site) -> None:
    assert site.get("/api/logs/keeper").json["lines"] == []
    assert not log_folder(site.state, "recorder").exists()
