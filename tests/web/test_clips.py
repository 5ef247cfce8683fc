"""The gallery's lists and what is done with clips."""

from __future__ import annotations

from typing import Any

import pytest

from dashcam.link import messages as m
from tests.web.sites import Site, clip_row


@pytest.fixture
def filled(site: Site) -> Site:
    """A site with seven clips, one of them locked, and a photo, on two days and without one."""
    for number in range(1, 6):
        site.keeper.add(clip_row(number), b"clip")
    locked = "EVENT/2026-11-20/dcp_20261120150006.mp4"
    site.keeper.add(clip_row(6, kind="event", lock_cause="button", path=locked), b"clip")
    site.keeper.add(clip_row(7, kind="photo", path="PHOTO/2026-11-20/dcp_20261120150007.jpg"), b"photo")
    site.keeper.add(clip_row(8, "2026-11-21"), b"clip")
    site.keeper.add(clip_row(9, path="VIDEO/undated/boot0042_000009.mp4", day="undated", started_utc_ms=None), b"clip")
    return site


def ids(answer: Any) -> list[str]:
    return [clip["id"] for clip in answer.json["clips"]]


def test_days_are_counted(filled: Site) -> None:
    days = filled.get("/api/days").json["days"]
    assert [day["day"] for day in days] == ["undated", "2026-11-21", "2026-11-20"]
    assert days[2] == {"day": "2026-11-20", "loops": 5, "events": 1, "photos": 1, "bytes": 29}


def test_pages_follow_each_other_newest_first_without_gap(filled: Site) -> None:
    found: list[str] = []
    address = "/api/clips?limit=2"
    for _ in range(5):
        answer = filled.get(address)
        found += ids(answer)
        if answer.json["next"] is None:
            break
        address = f"/api/clips?limit=2&before={answer.json['next'].replace(' ', '%20')}"
    assert found == ["42-9", "42-8", "42-7", "42-6", "42-5", "42-4", "42-3", "42-2", "42-1"]


FILTERS = [
    ("day=2026-11-21", ["42-8"]),
    ("day=undated", ["42-9"]),
    ("day=2026-11-19", []),
    ("kind=photo", ["42-7"]),
    ("kind=event", ["42-6"]),
    ("locked=true", ["42-6"]),
    ("locked=1&day=2026-11-21", []),
    ("locked=false&kind=loop&day=2026-11-20", ["42-5", "42-4", "42-3", "42-2", "42-1"]),
    ("day=2026-11-20&limit=1", ["42-7"]),
    ("from=2026-11-21", ["42-8"]),
    ("to=2026-11-20T15:00:03", ["42-2", "42-1"]),
    ("from=2026-11-20T15:00:05&to=2026-11-21&locked=false", ["42-7", "42-5"]),
    ("day=2026-11-20&from=2026-11-20T16:00", []),
    ("kind=&locked=&from=&to=&day=2026-11-21&before=&limit=", ["42-8"]),
]

BAD_QUERIES = [
    "day=today",
    "day=../..",
    "day=%00",
    "kind=all",
    "locked=maybe",
    "limit=0",
    "limit=501",
    "limit=-1",
    "limit=x",
    "limit=%D9%A1",
    "limit=" + "9" * 5000,
    "kind=null",
    "day=2026-11-20T15:45",
    "from=20.11.2026",
    "from=2026-11-20T15",
    "to=2026-11-20%2015:45",
    "to=undated",
    "from=%D9%A2026-11-20",
    "kind=%ff",
    "before=%ff%00;--",
    "before=" + "a" * 200,
]


def test_lists_are_filtered(filled: Site) -> None:
    for query, expected in FILTERS:
        assert ids(filled.get(f"/api/clips?{query}")) == expected, query


def test_days_count_what_the_filter_lets_through(filled: Site) -> None:
    days = filled.get("/api/days?kind=loop&to=2026-11-20T15:00:04").json["days"]
    assert days == [{"day": "2026-11-20", "loops": 3, "events": 0, "photos": 0, "bytes": 12}]
    assert [day["day"] for day in filled.get("/api/days?locked=true").json["days"]] == ["2026-11-20"]
    assert filled.get("/api/days?from=2027-01-01").json == {"days": []}


def test_neighbours_are_those_of_the_filter(filled: Site) -> None:
    found = filled.get("/api/clips/42-6/neighbours").json
    assert (found["older"]["id"], found["newer"]["id"]) == ("42-5", "42-7")
    found = filled.get("/api/clips/42-6/neighbours?kind=loop&day=2026-11-20").json
    assert (found["older"]["id"], found["newer"]) == ("42-5", None)
    assert filled.get("/api/clips/42-9/neighbours").json["newer"] is None
    assert filled.get("/api/clips/42-99/neighbours").error_code == "not_found"
    assert filled.get("/api/clips/42-9/neighbours?day=x").error_code == "bad_request"


def test_what_cannot_be_understood_is_refused_with_the_cure(filled: Site) -> None:
    assert filled.get("/api/clips?kind=all").json["error"]["message"] == (
        "kind: 'all' is none; write one of loop, event, photo"
    )
    assert "a number from 1 to 500" in filled.get("/api/clips?limit=501").json["error"]["message"]


def test_what_cannot_be_understood_is_refused_in_words(filled: Site) -> None:
    for query in BAD_QUERIES:
        answer = filled.get(f"/api/clips?{query}")
        assert (answer.status, answer.error_code) == (400, "bad_request"), query


def test_a_clip_is_told_whole(filled: Site) -> None:
    clip = filled.get("/api/clips/42-6").json
    assert clip["name"] == "dcp_20261120150006.mp4"
    assert clip["local_time"] == "2026-11-20T15:00:06"
    assert clip["started_utc"] == "2026-11-20T15:00:06.000Z"
    assert (clip["is_locked"], clip["lock_cause"]) == (True, "button")
    assert (clip["media"], clip["thumb"]) == ("/media/42-6", None)
    undated = filled.get("/api/clips/42-9").json
    assert (undated["local_time"], undated["started_utc"]) == (None, None)
    assert filled.get("/api/clips/42-99").error_code == "not_found"


def test_lock_unlock_and_delete_go_to_the_keeper(filled: Site) -> None:
    locked = filled.post("/api/clips/lock", {"ids": ["42-1", "42-99"]}).json
    assert locked["done"] == ["42-1"]
    assert list(locked["failed"]) == ["42-99"]
    assert filled.get("/api/clips/42-1").json["kind"] == "event"
    assert filled.post("/api/clips/unlock", {"ids": ["42-1"]}).json["done"] == ["42-1"]
    assert filled.get("/api/clips/42-1").json["is_locked"] is False
    assert filled.post("/api/clips/delete", {"ids": ["42-1"]}).json["done"] == ["42-1"]
    assert filled.get("/api/clips/42-1").status == 404
    changes = [message for message in filled.keeper.asked if not isinstance(message, m.GetProgress)]
    assert changes == [
        m.LockClips(ids=("42-1", "42-99"), cause="hand"),
        m.UnlockClips(ids=("42-1",)),
        m.DeleteClips(ids=("42-1",)),
    ]


def test_a_locked_clip_is_deleted_only_if_it_is_named_as_such(filled: Site) -> None:
    refused = filled.post("/api/clips/delete", {"ids": ["42-6", "42-1"]}).json
    assert (refused["done"], refused["locked"], list(refused["failed"])) == (["42-1"], ["42-6"], ["42-6"])
    assert filled.get("/api/clips/42-6").status == 200
    again = filled.post("/api/clips/delete", {"ids": ["42-6"], "locked": ["42-6"]}).json
    assert again == {"done": ["42-6"], "failed": {}, "locked": []}
    for locked in ("42-6", ["../42-6"], ["42-6"] * 501, [6]):
        assert filled.post("/api/clips/delete", {"ids": ["42-2"], "locked": locked}).status == 400
    assert filled.get("/api/clips/42-2").status == 200
    assert filled.post("/api/clips/lock", {"ids": ["42-2"], "locked": []}).status == 400


BAD_BODIES: list[Any] = [
    None,
    [],
    {},
    {"ids": []},
    {"ids": "42-1"},
    {"ids": [1]},
    {"ids": ["../42-1"]},
    {"ids": ["42-1"], "more": 1},
    {"ids": ["42-1"] * 501},
    {"ids": ["x" * 20_000]},
]
BAD_CONTENTS = [
    (b'{"ids": ["42-1"]}', "text/plain"),
    (b"ids=42-1", "application/x-www-form-urlencoded"),
    (b"{", "application/json"),
    (b"\xff\xfe", "application/json"),
    (b"[" * 10_000, "application/json"),
]


def test_bodies_that_are_not_a_list_of_ids_change_nothing(filled: Site) -> None:
    for body in BAD_BODIES:
        for change in ("lock", "unlock", "delete"):
            assert filled.post(f"/api/clips/{change}", body).status in (400, 413), body
    assert {type(message) for message in filled.keeper.asked} <= {m.GetProgress}


def test_bodies_that_a_form_could_send_or_nobody_can_read_are_refused(filled: Site) -> None:
    for content, kind in BAD_CONTENTS:
        connection = filled.connect()
        connection.request("POST", "/api/clips/delete", content, {"Content-Type": kind})
        assert connection.getresponse().status == 400, content[:20]
        connection.close()
    assert {type(message) for message in filled.keeper.asked} <= {m.GetProgress}


def test_without_a_keeper_changes_are_refused_and_lists_go_on(filled: Site) -> None:
    filled.keeper.close()
    answer = filled.post("/api/clips/delete", {"ids": ["42-1"]})
    assert (answer.status, answer.error_code) == (503, "unreachable")
    assert len(ids(filled.get("/api/clips"))) == 9


def test_without_a_catalogue_the_lists_say_that_it_is_being_built(filled: Site) -> None:
    filled.keeper.close()
    for path in filled.state.glob("catalogue.sqlite*"):
        path.unlink()
    answer = filled.get("/api/clips")
    assert (answer.status, answer.error_code) == (503, "catalogue_not_ready")
    assert filled.get("/api/status").json["is_building"] is True
