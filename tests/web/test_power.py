"""Off and on again: the clip is closed first, and what is refused changes nothing. On a bus of our own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashcam.errors import CameraError
from dashcam.link import messages as m
from dashcam.web import power
from tests import golden_values as golden
from tests.system.stand_in_logind import StandInLogind, stand_in_logind
from tests.web.sites import Site, wait_until


@pytest.fixture
def logind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInLogind]:
    with stand_in_logind(tmp_path, monkeypatch) as made:
        yield made


def told(site: Site) -> list[type[m.Message]]:
    """What the recorder was asked to do."""
    return [type(message) for message in site.recorder.asked]


@pytest.mark.parametrize(("address", "method"), [("off", "PowerOff"), ("restart", "Reboot")])
def test_the_clip_is_closed_before_the_machine_goes_off(
    site: Site, logind: StandInLogind, address: str, method: str
) -> None:
    assert site.get("/api/power").json == {"can_power_off": True, "can_restart": True, "reason": ""}
    order: list[str] = []
    site.recorder.answering = lambda message: order.append(type(message).__name__)
    logind.asking = order.append
    answer = site.post(f"/api/power/{address}")
    assert (answer.status, answer.json) == (200, {"unplug_after_seconds": power.UNPLUG_SECONDS})
    assert [step for step in order if not step.startswith("Can")] == ["StopRecording", method]


def test_the_keeper_gets_a_moment_and_no_more(
    site: Site, logind: StandInLogind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power, "_KEEPER_MOMENT_SECONDS", 0.7)
    site.keeper.progress = msgspec.structs.replace(golden.PROGRESS, state="working")
    site.recorder.answering = lambda _message: site.keeper.asked.clear()
    asked: list[int] = []
    logind.asking = lambda _method: asked.append(len(site.keeper.asked))
    assert site.post("/api/power/off").status == 200
    assert asked[-1] > 0
    assert logind.done == ["PowerOff"]


@pytest.mark.parametrize("answer", ["no", "challenge", "na"])
def test_what_is_not_allowed_is_refused_without_touching_the_recording(
    site: Site, logind: StandInLogind, answer: str
) -> None:
    logind.answers["CanPowerOff"] = answer
    assert site.get("/api/power").json["can_power_off"] is False
    refused = site.post("/api/power/off")
    assert (refused.status, refused.error_code) == (409, "power_refused")
    assert told(site) == []
    assert logind.done == []


def test_a_refusal_at_the_last_moment_lets_the_recording_go_on(site: Site, logind: StandInLogind) -> None:
    logind.error = "org.freedesktop.login1.OperationInProgress"
    refused = site.post("/api/power/off")
    assert (refused.status, refused.error_code) == (409, "power_refused")
    assert told(site) == [m.StopRecording, m.StartRecording]
    wait_until(lambda: site.get("/api/status").json["is_recording"])


def test_what_was_not_recording_is_not_started_by_a_refusal(site: Site, logind: StandInLogind) -> None:
    logind.error = "org.freedesktop.DBus.Error.AccessDenied"
    site.recorder.say(is_recording=False, state="stopped", reason="Stopped by hand.", open_clip=None)
    wait_until(lambda: not site.get("/api/status").json["is_recording"])
    assert site.post("/api/power/restart").error_code == "power_refused"
    assert told(site) == []


def test_without_recorder_and_keeper_it_goes_off_too(site: Site, logind: StandInLogind) -> None:
    site.recorder.close()
    site.keeper.close()
    wait_until(lambda: not site.get("/api/status").json["connected"])
    assert site.post("/api/power/off").status == 200
    assert logind.done == ["PowerOff"]


def test_on_a_machine_without_logind_it_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
    ability: Any = site.get("/api/power").json
    assert (ability["can_power_off"], ability["can_restart"]) == (False, False)
    assert "by hand" in ability["reason"]
    assert site.post("/api/power/off").json["error"]["message"] == ability["reason"]
    assert told(site) == []


def warnings_of(site: Site) -> str:
    """All that the page warns of."""
    return " ".join(site.get("/api/status").json["warnings"])


@pytest.mark.parametrize(("address", "order"), [("off", "switch off"), ("restart", "restart")])
def test_a_machine_that_stays_on_records_again_and_says_so(
    site: Site, logind: StandInLogind, monkeypatch: pytest.MonkeyPatch, address: str, order: str
) -> None:
    monkeypatch.setattr(power, "STILL_ON_SECONDS", 0.1)
    assert site.post(f"/api/power/{address}").status == 200
    wait_until(lambda: site.get("/api/status").json["is_recording"] and "still on" in warnings_of(site))
    assert told(site) == [m.StopRecording, m.StartRecording]
    assert f"told to {order} and is still on; it records again" in warnings_of(site)
    monkeypatch.setattr(power, "STILL_ON_SECONDS", 3600.0)
    assert site.post(f"/api/power/{address}").status == 200
    assert "still on" not in warnings_of(site)


def test_a_recorder_that_does_not_begin_again_is_asked_until_it_does(
    site: Site, logind: StandInLogind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power, "STILL_ON_SECONDS", 0.1)
    monkeypatch.setattr(power, "_AGAIN_SECONDS", 0.1)

    def fail_twice(_message: m.Message) -> None:
        starts = told(site).count(m.StartRecording)
        site.recorder.failure = CameraError("The camera is gone.") if 0 < starts < 3 else None

    site.recorder.answering = fail_twice
    assert site.post("/api/power/off").status == 200
    wait_until(lambda: "it records again" in warnings_of(site))
    assert told(site) == [m.StopRecording, *[m.StartRecording] * 3]


def test_what_was_not_recording_stays_so_on_a_machine_that_stays_on(
    site: Site, logind: StandInLogind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power, "STILL_ON_SECONDS", 0.1)
    site.recorder.say(is_recording=False, state="stopped", reason="Stopped by hand.", open_clip=None)
    wait_until(lambda: not site.get("/api/status").json["is_recording"])
    assert site.post("/api/power/off").status == 200
    wait_until(lambda: "still on" in warnings_of(site))
    assert "record" not in warnings_of(site).partition("still on")[2]
    assert told(site) == []


def test_a_second_order_has_its_own_minute_and_the_recording_is_still_owed(
    site: Site, logind: StandInLogind, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site.post("/api/power/off").status == 200
    wait_until(lambda: not site.get("/api/status").json["is_recording"])
    monkeypatch.setattr(power, "STILL_ON_SECONDS", 0.1)
    assert site.post("/api/power/restart").status == 200
    wait_until(lambda: "told to restart and is still on; it records again" in warnings_of(site))
    assert told(site) == [m.StopRecording, m.StartRecording]


def test_its_threads_end_with_the_page(site: Site, logind: StandInLogind) -> None:
    def names() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name in ("power-watch", "power-sync")]

    assert site.post("/api/power/off").status == 200
    assert "power-watch" in names()
    site.website.close()
    assert names() == []
    assert told(site) == [m.StopRecording]
