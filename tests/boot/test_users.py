"""Recorder, keeper, page and network program as the users that their units name, on one card and one state."""

from __future__ import annotations

import http.client
import json
import stat
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar
from tests.boot.household import Household
from tests.conftest import skip_unless_in_ci
from tests.endurance.clip_files import frame_numbers
from tests.endurance.loop_card import missing_ability
from tests.mp4_boxes import is_ordinary
from tests.recorder.asked import wait_until
from tests.recorder.rig import clips_of
from tests.web.sites import PATIENCE_SECONDS, Answer

PATTERN = (
    "--set=camera.kind=pattern",
    "--set=camera.width=320",
    "--set=camera.height=180",
    "--set=recording.segment_seconds=2",
    "--set=gps.kind=none",
)
PAGE = ("--set=web.host=127.0.0.1", "--port=0")

WRITE_INTO = "import sys; open(sys.argv[1], 'r+b').close()"
MAKE_IN = "import sys; open(sys.argv[1] + '/made', 'w').close()"
READ = "import sys; print(len(open(sys.argv[1], 'rb').read()))"
CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
SAVE = """
import sys
from pathlib import Path
from dashcam.settings.save import save_changes
print(save_changes(Path(sys.argv[1]), {"network.country": sys.argv[2]}, Path("/nowhere")))
"""


@pytest.fixture
def house() -> Iterator[Household]:
    if reason := missing_ability():
        skip_unless_in_ci(reason)
    made = Household()
    yield made
    made.close()


@pytest.fixture
def full_house(house: Household) -> Household:
    """With recorder, keeper and page."""
    house.start("recorder", *PATTERN)
    house.start("keeper")
    house.start("web", *PAGE)
    return house


def ask(house: Household, method: str, path: str, body: Any = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", house.page_port(), timeout=PATIENCE_SECONDS)
    try:
        content = None if body is None else msgspec.json.encode(body)
        connection.request(method, path, content, {} if body is None else {"Content-Type": "application/json"})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def listed(house: Household, query: str = "") -> list[dict[str, Any]]:
    """What the page finds in the catalogue; nothing while that is being built."""
    answer = ask(house, "GET", f"/api/clips?limit=500{query}")
    return list(answer.json["clips"]) if answer.status == 200 else []


def oldest(house: Household) -> str:
    """The id of a clip that is closed and catalogued."""
    wait_until(lambda: len(listed(house)) >= 2, "clips in the catalogue")
    return str(listed(house)[-1]["id"])


def kind_of(house: Household, clip_id: str) -> str:
    answer = ask(house, "GET", f"/api/clips/{clip_id}")
    return str(answer.json["kind"]) if answer.status == 200 else ""


def test_what_is_recorded_is_catalogued_shown_locked_saved_and_deleted(full_house: Household) -> None:
    """All that one program does to what another has made."""
    house = full_house
    wait_until(lambda: bool(ask(house, "GET", "/api/status").json["connected"]), "the recorder's word")
    locked, deleted = oldest(house), ""
    assert ask(house, "POST", "/api/clips/lock", {"ids": [locked]}).json["done"] == [locked]
    assert kind_of(house, locked) == "event"
    assert ask(house, "POST", "/api/photo").status == 200
    assert ask(house, "POST", "/api/save", {"before_seconds": 5, "after_seconds": 0}).status == 200
    wait_until(
        lambda: (
            {"event", "photo"} <= {clip["kind"] for clip in listed(house)}
            and any(clip["thumb"] for clip in listed(house))
            and any((clip.get("event") or {}).get("cause") == "button" for clip in listed(house))
        ),
        "the photo, the saved moment and a thumbnail",
    )
    deleted = next(clip["id"] for clip in reversed(listed(house)) if clip["kind"] == "loop")
    assert ask(house, "POST", "/api/clips/delete", {"ids": [deleted]}).json["done"] == [deleted]
    newest = listed(house)[0]
    assert ask(house, "GET", newest["media"]).status == 200
    for program in ("recorder", "keeper", "web"):
        assert ask(house, "GET", f"/api/logs/{program}").json["lines"]
    house.stop("web")
    house.stop("recorder")
    house.stop("keeper")
    clips = [clip for clip in clips_of(house.data) if clip.is_relative_to(house.data / "DCIM" / "VIDEO")]
    assert all(is_ordinary(clip) and read_sidecar(sidecar_of(clip)).integrity == "closed" for clip in clips)
    for earlier, later in pairwise(clips):
        if read_sidecar(sidecar_of(later)).id not in (locked, deleted):
            numbers = [*frame_numbers(earlier), *frame_numbers(later)]
            assert numbers == sorted(set(numbers))
    check_modes(house)


def check_modes(house: Household) -> None:
    """Whom the folders above let in may read; the card's group may move and delete, and alter no file."""
    card, state = house.number_of("dashcam-card"), house.number_of("dashcam-state")
    makers = {house.number_of("dashcam-recorder"), house.number_of("dashcam-keeper")}
    below_card = [*(house.data / "DCIM").rglob("*")]
    assert len(below_card) > 10
    for path in below_card:
        facts = path.lstat()
        assert (facts.st_uid in makers, facts.st_gid) == (True, card), path
        if path.is_dir():
            assert stat.S_IMODE(facts.st_mode) == 0o2775, path
        else:
            assert stat.S_IMODE(facts.st_mode) == 0o644, path
    assert {path.lstat().st_uid for path in below_card if path.is_file()} == makers
    for path in house.state.rglob("*"):
        facts = path.lstat()
        assert facts.st_gid == state, path
        wanted = stat.S_IRGRP | ((stat.S_IWGRP | stat.S_ISGID) if path.is_dir() else 0)
        assert facts.st_mode & wanted == wanted, path


def test_nobody_alters_what_another_has_recorded_and_the_page_nothing_on_the_card(full_house: Household) -> None:
    house = full_house
    oldest(house)
    clip = str(clips_of(house.data)[0])
    assert house.run_python("recorder", WRITE_INTO, clip)[0] == 0
    for who in ("keeper", "web", "network", "nobody"):
        code, printed = house.run_python(who, WRITE_INTO, clip)
        assert code != 0, who
        assert "PermissionError" in printed
    for folder in (str(Path(clip).parent), str(house.data / "DCIM"), str(house.data)):
        code, printed = house.run_python("web", MAKE_IN, folder)
        assert code != 0, folder
        assert "PermissionError" in printed
    assert house.run_python("web", READ, clip)[0] == 0
    # Who is of none of the groups gets neither to the card nor to the state, nor to a link.
    for place in (clip, str(house.state / "catalogue.sqlite3"), str(house.runtime / "recorder" / "log")):
        code, printed = house.run_python("nobody", READ, place)
        assert code != 0, place
        assert "PermissionError" in printed
    for program in ("recorder", "keeper"):
        link = str(house.runtime / program / f"{program}.sock")
        assert house.run_python("web", CONNECT, link)[0] == 0
        code, printed = house.run_python("nobody", CONNECT, link)
        assert code != 0
        assert "PermissionError" in printed


def test_the_page_reads_the_catalogue_while_the_keeper_is_dead_and_the_keeper_writes_it_afterwards(
    full_house: Household,
) -> None:
    """A reader of SQLite's shared memory makes files, too; they must not shut the writer out."""
    house = full_house
    known = oldest(house)
    house.kill("keeper")
    assert known in [clip["id"] for clip in listed(house)]
    house.stop("web")
    house.start("web", *PAGE)
    assert known in [clip["id"] for clip in listed(house)]
    house.start("keeper")
    before = len(listed(house))
    wait_until(lambda: len(listed(house)) > before, "new clips after the keeper was killed")
    # In good order: then SQLite has taken its files away, and the page makes them anew.
    house.stop("web")
    house.stop("keeper")
    house.start("web", *PAGE)
    assert known in [clip["id"] for clip in listed(house)]
    house.start("keeper")
    before = len(listed(house))
    wait_until(lambda: len(listed(house)) > before, "new clips after the keeper has ended")
    assert "built anew" not in house.log.read_text()


def test_settings_saved_by_page_and_network_program_are_taken_by_all(full_house: Household) -> None:
    house = full_house
    for country, zone in (("DE", "Europe/Berlin"), ("US", "America/New_York")):
        changed = ask(house, "PATCH", "/api/settings", {"changes": {"clock.zone": zone}})
        assert (changed.status, changed.json["applied"]) == (200, ["clock.zone"])
        assert house.run_python("network", SAVE, str(house.state), country) == (0, "True\n")
        sections = {section["name"]: section for section in ask(house, "GET", "/api/settings").json["sections"]}
        values = {setting["name"]: setting["value"] for name in sections for setting in sections[name]["settings"]}
        assert (values["clock.zone"], values["network.country"]) == (zone, country)


def test_boots_are_counted_and_a_recorder_that_was_killed_goes_on_beside_the_others(full_house: Household) -> None:
    house = full_house
    boot = int(oldest(house).partition("-")[0])
    house.kill("recorder")
    house.start("recorder", *PATTERN)
    wait_until(
        lambda: any(int(clip["id"].partition("-")[0]) == boot + 1 for clip in listed(house)), "a clip of the next start"
    )
    assert json.loads((house.state / "anchors.jsonl").read_text().splitlines()[-1])
    house.stop("recorder")
    house.stop("keeper")


def test_without_a_camera_the_page_is_there_and_says_why(house: Household) -> None:
    """The recorder is ready all the same: it is as it should be, and told."""
    house.start("web", *PAGE)
    house.start("recorder", "--set=camera.kind=usb", "--set=camera.source=/dev/no-camera-here")
    wait_until(lambda: bool(ask(house, "GET", "/api/status").json["connected"]), "the recorder's word")
    status = ask(house, "GET", "/api/status").json
    assert not status["recorder"]["is_recording"]
