"""One status of everything, whatever of it is there."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from dashcam.link import messages as m
from dashcam.settings import LoadedSettings, Settings
from dashcam.system.health import WEAK_SUPPLY, Health, Machine
from dashcam.web.status import KeeperWord
from tests import golden_values as golden
from tests.web.sites import Site, Sites, settings, wait_until
from tests.web.stand_ins import StandInKeeper


def test_status_tells_of_recorder_keeper_and_catalogue(site: Site) -> None:
    status = site.get("/api/status").json
    assert (status["connected"], status["is_recording"], status["state"], status["reason"]) == (
        True,
        True,
        "recording",
        "",
    )
    assert status["recorder"]["open_clip"]["id"] == "42-18"
    assert status["recorder"]["camera"]["is_fallback"] is True
    assert "type" not in status["recorder"]
    assert status["keeper"]["state"] == "idle"
    assert status["live"] == {"viewers": 0, "max_viewers": 10}
    assert status["accounts"] == "off"
    assert status["speed_unit"] == "km/h"
    assert status["is_building"] is False


def test_status_answers_under_the_name_people_know(site: Site) -> None:
    assert site.get("/status").json.keys() == site.get("/api/status").json.keys()
    assert site.get("/status").headers["Cache-Control"] == "no-store"


def test_a_recorder_that_does_not_record_says_why(site: Site) -> None:
    site.recorder.say(is_recording=False, state="card_full", reason="The card is full; delete clips.", open_clip=None)
    wait_until(lambda: site.get("/api/status").json["state"] == "card_full")
    status = site.get("/api/status").json
    assert (status["is_recording"], status["reason"]) == (False, "The card is full; delete clips.")


def test_without_a_recorder_it_is_not_said_to_record(site: Site) -> None:
    site.recorder.close()
    wait_until(lambda: not site.get("/api/status").json["connected"])
    status = site.get("/api/status").json
    assert (status["is_recording"], status["state"], status["recorder"]) == (False, "unreachable", None)
    assert "restart the dashcam" in status["reason"]


def test_a_recorder_that_comes_back_is_found(site: Site) -> None:
    site.recorder.close()
    wait_until(lambda: not site.get("/api/status").json["connected"])
    again = type(site.recorder)(site.state)
    again.start()
    try:
        wait_until(lambda: site.get("/api/status").json["connected"])
    finally:
        again.close()


def test_warnings_of_all_are_told_once(sites: Sites) -> None:
    mistakes = ("--set: there is no setting 'web.prt'; did you mean 'web.port'?",)
    site = sites.make(LoadedSettings(settings().settings, mistakes))
    site.keeper.progress = msgspec.structs.replace(golden.PROGRESS, warnings=("The card is nearly full.",))
    site.recorder.say(warnings=("The card is nearly full.", "The camera is warm.", *mistakes))
    expected = ["The card is nearly full.", "The camera is warm.", *mistakes]
    wait_until(lambda: site.get("/api/status").json["warnings"] == expected)


def test_the_machine_tells_of_itself(site: Site) -> None:
    machine = site.get("/api/status").json["machine"]
    assert machine["memory_total_bytes"] > machine["memory_free_bytes"] > 0
    assert machine["model"]
    assert set(machine) == set(Health.__struct_fields__)


def test_a_weak_supply_is_a_warning(sites: Sites, tmp_path: Path) -> None:
    alarm = tmp_path / "root" / "sys/class/hwmon/hwmon0"
    alarm.mkdir(parents=True)
    (alarm / "name").write_text("rpi_volt\n")
    (alarm / "in0_lcrit_alarm").write_text("1\n")
    site = sites.make(machine=Machine(tmp_path / "root"))
    status = site.get("/api/status").json
    assert status["machine"]["is_under_voltage"] is True
    assert status["warnings"] == [WEAK_SUPPLY]


def test_settings_that_wait_are_named(site: Site) -> None:
    site.recorder.say(pending_settings=("camera.fps",))
    wait_until(lambda: "camera.fps" in site.get("/api/status").json["pending_settings"])
    site.recorder.say(pending_settings=())
    wait_until(lambda: site.get("/api/status").json["pending_settings"] == [])


def test_without_a_keeper_a_warning_says_what_is_missing(site: Site) -> None:
    site.keeper.close()
    wait_until(lambda: site.get("/api/status").json["keeper"] is None)
    assert "keeper" in site.get("/api/status").json["warnings"][0]


def test_the_keeper_is_not_asked_more_often_than_its_word_is_fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    keeper = StandInKeeper(tmp_path / "state", tmp_path)
    keeper.start()
    now = 100.0
    word = KeeperWord(tmp_path / "state", monotonic=lambda: now)
    try:
        for _ in range(5):
            assert word() == keeper.progress
        assert keeper.asked == [m.GetProgress()]
        now = 102.5
        word()
        assert len(keeper.asked) == 2
    finally:
        keeper.close()
    assert word() is not None
    now = 105.0
    assert word() is None


def test_limits_of_viewers_come_from_the_settings(sites: Sites) -> None:
    site = sites.make(settings(max_viewers=3))
    assert site.get("/api/status").json["live"]["max_viewers"] == 3
    assert Settings().preview.max_viewers == 10
