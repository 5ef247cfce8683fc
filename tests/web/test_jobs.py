"""Cuts, searches and announcements: what people ask of the keeper, and what they are told of it."""

from __future__ import annotations

import msgspec
import pytest

from dashcam.errors import ClipBusy
from dashcam.link import messages as m
from tests.web.sites import Site

RANGE = {"from_id": "42-16", "from_seconds": 31.5, "to_id": "42-17", "to_seconds": 12.25}


def test_a_range_is_cut_by_the_keeper_and_its_job_is_told(site: Site) -> None:
    answer = site.post("/api/clips/cut", RANGE)
    assert (answer.status, answer.json) == (200, {"job": "cut-1"})
    assert m.CutRange(from_id="42-16", from_seconds=31.5, to_id="42-17", to_seconds=12.25) in site.keeper.asked
    site.keeper.tell_job("cut-1", state="done", words="Saved 41 s", share=1.0, result_ids=("42-k1",))
    [job] = site.get("/api/jobs").json["jobs"]
    assert (job["id"], job["state"], job["result_ids"]) == ("cut-1", "done", ["42-k1"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"to_id": "42-16"},
        {"to_id": "42-16", "to_seconds": 31.5},
        {"from_id": "../42-16"},
        {"from_seconds": -1},
        {"to_seconds": 1e9},
        {"more": 1},
    ],
)
def test_a_range_that_is_none_is_refused_in_words(site: Site, wrong: dict[str, object]) -> None:
    assert site.post("/api/clips/cut", RANGE | wrong).error_code == "bad_request"
    assert not [found for found in site.keeper.asked if isinstance(found, m.CutRange)]


def test_what_the_keeper_refuses_is_told_as_it_says_it(site: Site) -> None:
    site.keeper.failure = ClipBusy("The last clip is still being recorded; cut it once it is closed.")
    answer = site.post("/api/clips/cut", RANGE)
    assert (answer.status, answer.error_code) == (409, "clip_busy")
    assert "still being recorded" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, m.SearchMotion()),
        ({"day": "2026-11-20", "cut": True}, m.SearchMotion(day="2026-11-20", cut=True)),
        ({"ids": ["42-16", "42-17"]}, m.SearchMotion(ids=("42-16", "42-17"))),
    ],
)
def test_motion_is_searched_in_clips_a_day_or_everything(
    site: Site, body: dict[str, object], expected: m.SearchMotion
) -> None:
    assert site.post("/api/motion/search", body).json == {"job": "search-1"}
    assert expected in site.keeper.asked


def test_a_search_is_asked_either_for_clips_or_for_a_day(site: Site) -> None:
    answer = site.post("/api/motion/search", {"ids": ["42-16"], "day": "2026-11-20"})
    assert answer.error_code == "bad_request"


def test_a_job_is_stopped_and_one_that_is_not_there_is_told(site: Site) -> None:
    job = site.post("/api/motion/search", {}).json["job"]
    assert site.post(f"/api/jobs/{job}/stop").json == {"done": True}
    assert [found["state"] for found in site.get("/api/jobs").json["jobs"]] == ["stopped"]
    assert site.post("/api/jobs/cut-77/stop").error_code == "not_found"
    assert site.post("/api/jobs/what%20else/stop").error_code == "bad_request"


def test_announcements_are_told_in_the_status_and_seen_only_when_a_page_says_so(site: Site) -> None:
    announcement = m.Announcement(id="42-3", clip_id="42-3", words="Saved on 20 November, goes from tomorrow.")
    site.keeper.progress = msgspec.structs.replace(site.keeper.progress, announcements=(announcement,))
    assert site.post("/api/announcements/seen", {"ids": ["42-3"]}).json == {"done": True}
    assert [one.is_seen for one in site.keeper.progress.announcements] == [True]
    assert site.post("/api/announcements/seen", {"ids": []}).error_code == "bad_request"
