"""Settings on the page: all of them with their facts, saved all or none, in force as far as they can be."""

from __future__ import annotations

import http.client
import socket
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dashcam.errors import AlreadyRunning, CameraError
from dashcam.link import messages as m
from dashcam.link.place import Program, page_address_path
from dashcam.settings import LoadedSettings
from dashcam.settings.describe import every_section, every_setting
from dashcam.settings.schema import Settings, WebSettings
from dashcam.web.settings import _SUGGESTIONS, _seen_from_outside
from dashcam.web.settings_in_force import SettingsBusy, SettingsInForce, Taken
from tests.web.sites import Answer, Site, Sites, wait_until


def change(site: Site, **changes: Any) -> Answer:
    """`__` in the names stands for the dot."""
    return site.ask("PATCH", "/api/settings", {"changes": {k.replace("__", "."): v for k, v in changes.items()}})


def shown(answer: Answer) -> dict[str, dict[str, Any]]:
    return {setting["name"]: setting for section in answer.json["sections"] for setting in section["settings"]}


def saved(site: Site) -> dict[str, Any]:
    return tomllib.loads((site.state / "settings.toml").read_text())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_the_serial_ports_that_are_there_are_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_SUGGESTIONS, "gps.device", lambda: ["/dev/ttyACM0", "/dev/serial0"])
    settings = shown(site.get("/api/settings"))
    assert settings["gps.device"]["suggestions"] == ["/dev/ttyACM0", "/dev/serial0"]
    assert settings["gps.source"]["suggestions"] == []


def test_every_setting_is_there_with_what_a_form_needs(site: Site) -> None:
    answer = site.get("/api/settings")
    assert answer.status == 200
    assert [section["name"] for section in answer.json["sections"]] == [section.name for section in every_section()]
    assert list(shown(answer)) == [fact.name for fact in every_setting()]
    fps = shown(answer)["camera.fps"]
    assert fps == {
        "name": "camera.fps",
        "label": "Frame rate",
        "help": fps["help"],
        "unit": "frames/s",
        "type": "float",
        "choices": None,
        "low": 0,
        "high": 240,
        "low_is_excluded": False,
        "longest": None,
        "suggestions": [],
        "value": 0.0,
        "default": 0.0,
        "saved": None,
        "origin": "default",
        "applies": "camera",
    }
    assert shown(answer)["web.port"]["origin"] == "command"
    assert "applied" not in answer.json
    assert [profile["name"] for profile in answer.json["profiles"]] == ["dashcam", "surveillance", "low-power", "night"]
    assert (answer.json["mistakes"], answer.json["pending"]) == ([], ["camera.width"])


def test_what_is_saved_is_in_force_where_it_can_be(site: Site) -> None:
    answer = change(site, photo__quality=70, camera__fps=25, camera__name="rear", web__port=8080)
    assert answer.status == 200
    assert answer.json["applied"] == ["photo.quality", "camera.name"]
    assert answer.json["pending"] == ["camera.fps"]
    quality = shown(answer)["photo.quality"]
    assert (quality["value"], quality["default"], quality["saved"], quality["origin"]) == (70, 90, 70, "saved")
    # Given with --set: saved, but not in force until that is dropped.
    port = shown(answer)["web.port"]
    assert (port["value"], port["saved"], port["origin"]) == (0, 8080, "command")
    told = m.SettingsChanged(may_interrupt=False)
    assert told in site.recorder.asked
    assert told in site.keeper.asked
    assert saved(site)["photo"] == {"quality": 70}


def test_null_goes_back_to_the_default(site: Site) -> None:
    change(site, photo__quality=70, camera__fps=25)
    answer = change(site, photo__quality=None)
    assert answer.json["applied"] == ["photo.quality"]
    assert shown(answer)["photo.quality"]["origin"] == "default"
    assert saved(site) == {"camera": {"fps": 25.0}}


def test_every_bad_field_is_named_and_nothing_is_saved(site: Site) -> None:
    answer = change(site, camera__fps=-1, camera__knd="usb", photo__quality=70, recording__queue="lots")
    assert answer.status == 422
    error = answer.json["error"]
    assert error["code"] == "bad_settings"
    assert list(error["fields"]) == ["camera.fps", "camera.knd", "recording.queue"]
    assert "did you mean 'camera.kind'?" in error["fields"]["camera.knd"]
    assert all(name in error["message"] for name in error["fields"])
    assert not (site.state / "settings.toml").exists()
    assert not any(isinstance(request, m.SettingsChanged) for request in site.recorder.asked)


@pytest.mark.parametrize("body", [{}, {"changes": []}, {"changes": {"photo.quality": 1}, "more": 1}, [], "changes"])
def test_a_body_of_another_shape_is_refused(site: Site, body: Any) -> None:
    answer = site.ask("PATCH", "/api/settings", body)
    assert (answer.status, answer.json["error"]["code"]) == (400, "bad_request")
    assert "fields" not in answer.json["error"]


def test_a_card_that_takes_nothing_is_told(site: Site) -> None:
    (site.state / ".settings.lock").mkdir()
    answer = change(site, photo__quality=70)
    assert (answer.status, answer.json["error"]["code"]) == (503, "card_failed")
    assert "Nothing was changed" in answer.json["error"]["message"]


def test_mistakes_of_a_file_are_shown_and_can_be_saved_away(site: Site) -> None:
    (site.state / "settings.toml").write_text("[photo]\nquality = 700\n")
    answer = site.get("/api/settings")
    assert len(answer.json["mistakes"]) == 1
    assert "photo.quality = 700" in answer.json["mistakes"][0]
    assert shown(answer)["photo.quality"]["value"] == Settings().photo.quality
    assert change(site, photo__quality=None).json["mistakes"] == []


def test_without_recorder_and_keeper_settings_are_saved_all_the_same(site: Site) -> None:
    site.recorder.close()
    site.keeper.close()
    wait_until(lambda: not site.get("/api/status").json["connected"])
    answer = change(
        site, photo__quality=70, storage__photo_quota="5 GB", preview__max_viewers=3, clock__zone="Asia/Tokyo"
    )
    assert answer.json["applied"] == ["preview.max_viewers"]
    assert answer.json["later"] == ["photo.quality", "storage.photo_quota", "clock.zone"]
    assert saved(site)["photo"] == {"quality": 70}
    applied = site.post("/api/settings/apply", {})
    assert (applied.status, applied.error_code) == (503, "unreachable")
    assert "once it is back" in applied.json["error"]["message"]


def test_only_what_the_absent_keeper_has_to_know_comes_later(site: Site) -> None:
    site.keeper.close()
    answer = change(site, photo__quality=70, storage__photo_quota="5 GB")
    assert (answer.json["applied"], answer.json["later"]) == (["photo.quality"], ["storage.photo_quota"])


@pytest.mark.parametrize(
    ("name", "waits_for"),
    [
        ("gps.kind", {"recorder"}),
        ("gps.log_quota", {"recorder"}),
        ("gps.speed_unit", {"recorder", "keeper"}),
        ("stamp.video", {"recorder"}),
        ("clock.zone", {"recorder", "keeper"}),
        ("storage.loop_quota", {"keeper"}),
        ("map.tiles", set()),
        ("web.port", set()),
        ("preview.max_viewers", set()),
    ],
)
def test_a_setting_comes_later_when_a_program_is_absent_that_reads_it(name: str, waits_for: set[Program]) -> None:
    programs: tuple[Program, ...] = ("recorder", "keeper")
    assert {each for each in programs if Taken(LoadedSettings(Settings()), (), (each,)).is_later(name)} == waits_for


def test_while_settings_are_applied_another_phone_is_told_so_and_nothing_is_saved(tmp_path: Path) -> None:
    in_force = SettingsInForce(
        tmp_path,
        (),
        took=lambda _loaded: None,
        listening=WebSettings,
        move=lambda _wanted, _mover: "",
        recorder_pending=tuple,
        turn_seconds=0.01,
    )
    with in_force.turn(), pytest.raises(SettingsBusy, match="Try again in a moment"), in_force.turn():
        pytest.fail("two at once")
    with in_force.turn():
        assert in_force.take_saved().absent == ("recorder", "keeper", "network")


def test_the_choices_of_resolution_tell_what_they_cost_here(site: Site) -> None:
    before = {choice["label"]: choice for choice in site.get("/api/settings").json["resolutions"]}
    current = [choice for choice in before.values() if choice["is_current"]]
    assert [(choice["width"], choice["height"], choice["fps"]) for choice in current] == [(1280, 720, 30)]
    assert [label for label, choice in before.items() if choice["is_possible"]] == [
        "720p, 15 frames/s",
        "720p, 30 frames/s",
    ]
    hours = before["720p, 30 frames/s"]["loop_hours"]
    assert hours > 0
    # What the new quota means is told with the answer, long before the keeper has looked.
    after = change(site, storage__loop_quota="25 %").json["resolutions"]
    assert next(choice for choice in after if choice["is_current"])["loop_hours"] == pytest.approx(hours / 3, rel=0.05)


def test_more_viewers_may_watch_at_once(sites: Sites) -> None:
    site = sites.make()
    assert change(site, preview__max_viewers=3).json["applied"] == ["preview.max_viewers"]
    assert site.get("/api/status").json["live"]["max_viewers"] == 3
    change(site, preview__max_viewers=50)
    assert site.get("/api/status").json["live"]["max_viewers"] == 50


def test_applying_opens_the_camera_anew(site: Site) -> None:
    assert change(site, camera__fps=25).json["pending"] == ["camera.fps"]
    answer = site.post("/api/settings/apply", {})
    assert (answer.status, answer.json) == (200, {"pending": [], "address": None})
    assert m.SettingsChanged(may_interrupt=True) in site.recorder.asked
    wait_until(lambda: site.get("/api/settings").json["pending"] == [])


def test_a_camera_that_does_not_open_like_that_is_told(site: Site) -> None:
    change(site, camera__fps=25)
    site.recorder.failure = CameraError("it goes on with the former ones: no such rate")
    answer = site.post("/api/settings/apply", {})
    assert (answer.status, answer.json["error"]["code"]) == (503, "camera_failed")
    assert "former ones" in answer.json["error"]["message"]


def moving_site(sites: Sites) -> Site:
    """One whose address is not given with --set."""
    site = sites.make(assignments=())
    save_by_hand(site, port=0)
    return site


def save_by_hand(site: Site, *, port: int, host: str = "127.0.0.1") -> None:
    """As somebody on the machine itself may."""
    (site.state / "settings.toml").write_text(f'[web]\nhost = "{host}"\nport = {port}\n')


def test_the_page_moves_to_another_port_and_then_gives_up_the_old_one(sites: Sites) -> None:
    site, port = moving_site(sites), free_port()
    old_port = site.port
    with site.raw(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n") as stream:
        assert stream.recv(12) == b"HTTP/1.1 200"
        assert "web.port" in change(site, web__port=port).json["pending"]
        answer = site.post("/api/settings/apply", {})
        assert answer.json["address"] == f"http://127.0.0.1:{port}"
        assert "web.port" not in answer.json["pending"]
        assert site.port == port
        assert site.get("/api/status").status == 200
        assert page_address_path(site.state).read_text() == f"http://127.0.0.1:{port}\n"
        # A stream of the old place ends; the page opens it anew at the new one.
        while stream.recv(65536):
            pass
    wait_until(lambda: is_free(old_port))
    assert site.get("/api/settings").status == 200


def is_free(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_port_that_is_taken_is_refused_and_the_old_one_goes_on(sites: Sites) -> None:
    site = moving_site(sites)
    old_port = site.port
    with socket.create_server(("127.0.0.1", 0)) as other:
        change(site, web__port=other.getsockname()[1])
        answer = site.post("/api/settings/apply", {})
        assert (answer.status, answer.json["error"]["code"]) == (409, "already_running")
        assert "is taken" in answer.json["error"]["message"]
    assert site.port == old_port
    assert "web.port" in site.get("/api/settings").json["pending"]
    assert page_address_path(site.state).read_text() == f"http://127.0.0.1:{old_port}\n"


def test_an_address_that_is_not_ours_is_refused_and_the_old_one_goes_on(sites: Sites) -> None:
    site = moving_site(sites)
    save_by_hand(site, host="192.0.2.77", port=0)
    answer = site.post("/api/settings/apply", {})
    assert (answer.status, answer.json["error"]["code"]) == (422, "bad_settings")
    assert site.get("/api/status").status == 200


def test_the_page_moves_to_every_address_on_its_own_port(sites: Sites) -> None:
    site = moving_site(sites)
    port = site.port
    change(site, web__host="0.0.0.0", web__port=port)
    answer = site.ask("POST", "/api/settings/apply", {}, {"Host": "dashcam.local"})
    assert answer.status == 200, answer.json
    assert answer.json["address"] == f"http://dashcam.local:{port}"
    assert site.website.address == f"http://0.0.0.0:{port}"
    # And no other dashcam may have that port now.
    with pytest.raises(OSError, match="in use"):
        socket.create_server(("127.0.0.1", port))


def test_a_saved_address_that_has_turned_out_bad_locks_nobody_out(sites: Sites) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        wanted = LoadedSettings(Settings(web=WebSettings(host="127.0.0.1", port=taken)), (), {"web.port": "saved"})
        site = sites.make(wanted)
    assert site.port != taken
    assert any("is taken" in warning for warning in site.get("/api/status").json["warnings"])
    assert site.post("/api/settings/apply", {}).status == 200


def test_an_address_given_on_the_command_line_is_no_matter_of_choice(sites: Sites) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        wanted = LoadedSettings(Settings(web=WebSettings(host="127.0.0.1", port=port)))
        with pytest.raises(AlreadyRunning, match="is taken"):
            sites.make(wanted, assignments=("web.host=127.0.0.1", f"web.port={port}"))


@pytest.mark.parametrize(
    ("address", "host", "expected"),
    [
        ("http://127.0.0.1:81", "dashcam.local", "http://127.0.0.1:81"),
        ("http://0.0.0.0:81", "192.168.1.7:8000", "http://192.168.1.7:81"),
        ("http://0.0.0.0:81", "", "http://0.0.0.0:81"),
        ("http://[::]:81", "[fe80::1]:8000", "http://[fe80::1]:81"),
    ],
)
def test_the_new_address_is_one_that_the_phone_can_open(address: str, host: str, expected: str) -> None:
    assert _seen_from_outside(address, host) == expected


def test_other_pages_may_not_change_settings(site: Site) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port)
    headers = {"Content-Type": "application/json", "Origin": "http://elsewhere.example"}
    connection.request("PATCH", "/api/settings", '{"changes":{"photo.quality":70}}', headers)
    assert connection.getresponse().status == 403
    connection.close()
    assert not Path(site.state / "settings.toml").exists()
    assert urlsplit(site.website.address).hostname == "127.0.0.1"
