"""The API is as its description says, whatever it is asked."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from bottle import Bottle
from schemathesis.core.failures import FailureGroup

from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.openapi import is_of_api, refuse_routes_without_description
from tests import golden_values as golden
from tests.golden_network import NETWORK_ID
from tests.web.api_fuzz import STREAMS, ApiFuzz, Known
from tests.web.sites import Site, Sites, clip_row
from tests.web.stand_in_network import golden_status

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "openapi.json").read_bytes())
NAMES = ApiFuzz(GOLDEN, "http://127.0.0.1").names()
# Enough for every kind of answer; scripts/endurance asks longer.
EXAMPLES = 20
_IDS = ("42-1", "42-2")
# Nothing here can be switched off, so that this is refused.
WITHOUT_LOGIND = ("POST /api/power/off", "POST /api/power/restart")
DAY_FILES = ("map", "track.geojson", "track.gpx", "timeline", "counters")
KNOWN: tuple[Known, ...] = (
    *(
        (f"GET {path}", {"path_parameters": {"clip_id": clip_id}})
        for path in (
            "/api/clips/{clip_id}",
            "/api/clips/{clip_id}/motion",
            "/api/clips/{clip_id}/neighbours",
            "/media/{clip_id}",
            "/thumb/{clip_id}",
        )
        for clip_id in _IDS
    ),
    *(
        (f"GET /api/clips/{{clip_id}}/track.{kind}", {"path_parameters": {"clip_id": "42-1"}})
        for kind in ("gpx", "geojson")
    ),
    *((f"GET /api/days/{{day}}/{what}", {"path_parameters": {"day": "2026-11-20"}}) for what in DAY_FILES),
    ("GET /api/logs/{program}", {"path_parameters": {"program": "recorder"}}),
    *((f"GET /api/{name}", {"query": {"ids": ",".join(_IDS)}}) for name in ("clips.zip", "tracks.gpx")),
    *((f"POST /api/clips/{change}", {"body": {"ids": ["42-3"]}}) for change in ("lock", "unlock", "delete")),
    ("GET /api/clips/{clip_id}/loop", {"path_parameters": {"clip_id": "42-9"}}),
    (
        "POST /api/clips/cut",
        {"body": {"from_id": "42-3", "from_seconds": 0.5, "to_id": "42-4", "to_seconds": 0.25}},
    ),
    ("POST /api/motion/search", {"body": {"day": "2026-11-20", "cut": True}}),
    ("POST /api/jobs/{job_id}/stop", {"path_parameters": {"job_id": "search-1"}}),
    ("POST /api/announcements/seen", {"body": {"ids": ["42-3"]}}),
    ("POST /api/time", {"body": {"utc_ms": 1_795_185_960_123, "zone": "Asia/Kathmandu", "round_trip_ms": 40.5}}),
    ("POST /api/save", {"body": {"before_seconds": 60.0, "after_seconds": 10.0, "cause": "api"}}),
    ("POST /api/network/networks", {"body": {"ssid": "Zoe’s iPhone", "key": "correct horse"}}),
    ("DELETE /api/network/networks/{network_id}", {"path_parameters": {"network_id": NETWORK_ID}}),
    ("POST /api/network/order", {"body": {"ids": [NETWORK_ID]}}),
    ("POST /api/network/try", {"body": {"id": NETWORK_ID}}),
    ("POST /api/shares/password", {"body": {"password": "correct horse"}}),
    ("PATCH /api/settings", {"body": {"changes": {"recording.segment_seconds": 30}}}),
)
# Made in the loop's clip 42-3.
EVENT = msgspec.structs.replace(golden.EVENT, loop_id="42-3")


@pytest.fixture
def fuzz(sites: Sites, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ApiFuzz:
    """Of a site of its own: what one operation leaves behind is nothing to the others."""
    site = sites.make(has_network=True)
    site.network.status = golden_status()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    return ApiFuzz(site.get("/api/openapi.json").json, filled(site).website.address, KNOWN)


def filled(site: Site) -> Site:
    """A site with a clip and a photo that have the known ids, and more clips."""
    site.keeper.add(clip_row(1), b"a clip of some bytes", thumbnail=b"a picture", track=b"<gpx/>")
    site.keeper.add(
        clip_row(2, kind="photo", path="PHOTO/2026-11-20/dcp_20261120150002.jpg"), b"\xff\xd8", b"a picture"
    )
    for number in range(3, 9):
        site.keeper.add(clip_row(number), b"clip")
    site.keeper.add(clip_row(9, kind="event", path="EVENT/2026-11-20/dcp_20261120150009.mp4", event=EVENT), b"clip")
    assert site.post("/api/motion/search", {}).json == {"job": "search-1"}
    return site


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_is_as_described(fuzz: ApiFuzz, name: str) -> None:
    fuzz.ask_for_what_is_known(name)
    if name not in WITHOUT_LOGIND:
        assert fuzz.answered.keys() <= {f"{name} 200"}
        assert fuzz.answered, "it was never asked for what is there"
    fuzz.run(name, EXAMPLES, start=20261120)


def test_an_answer_that_is_not_as_described_is_noticed(site: Site) -> None:
    document = json.loads(json.dumps(GOLDEN))
    document["components"]["schemas"]["Storage"]["properties"]["folder"] = {"type": "integer"}
    del document["paths"]["/api/clips/{clip_id}"]["get"]["responses"]["404"]
    fuzz = ApiFuzz(document, site.website.address)
    for name in ("GET /api/storage", "GET /api/clips/{clip_id}"):
        with pytest.raises(FailureGroup):
            fuzz.run(name, EXAMPLES, start=1)


def test_the_description_is_told_and_is_that_of_the_golden_file(site: Site) -> None:
    answer = site.get("/api/openapi.json")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json == GOLDEN


def test_streams_answer_as_described(site: Site) -> None:
    for path in GOLDEN["paths"].keys() & STREAMS:
        connection = site.connect()
        connection.request("GET", path)
        answer = connection.getresponse()
        [described] = GOLDEN["paths"][path]["get"]["responses"]["200"]["content"]
        assert (answer.status, (answer.getheader("Content-Type") or "").split(";")[0]) == (200, described)
        connection.close()


def test_a_route_of_the_api_without_description_keeps_the_app_from_starting() -> None:
    app = Bottle()
    app.route("/style.css", "GET", needs("viewer")(lambda: ""))
    app.route("/api/told", "GET", describes(content=["text/plain"])(lambda: ""))
    refuse_routes_without_description(app.routes)
    app.route("/api/forgotten", "GET", lambda: "")
    with pytest.raises(TypeError, match="GET /api/forgotten"):
        refuse_routes_without_description(app.routes)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("/api/status", True),
        ("/status", True),
        ("/stream", True),
        ("/media/<clip_id>", True),
        ("/", False),
        ("/js/api.js", False),
        ("/status.css", False),
    ],
)
def test_pages_are_not_of_the_api(rule: str, expected: bool) -> None:
    assert is_of_api(rule) == expected
