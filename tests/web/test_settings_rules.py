"""Whoever is on the network may set much, but neither take the page away nor look at this machine's files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashcam.settings import Settings
from dashcam.settings.schema import CameraSettings
from dashcam.settings.schema_events import EventsSettings
from dashcam.web.settings_rules import refusals
from dashcam.web.visitor import answers_at
from tests.web.sites import Site, Sites


def refused(data: Path, changes: dict[str, Any], *, below: Settings | None = None, called_at: str = "") -> list[str]:
    """The names that are refused when these are changed."""
    settings = below or Settings()
    for name, value in changes.items():
        section, _, field = name.partition(".")
        content = msgspec.structs.replace(getattr(settings, section), **{field: value})
        settings = msgspec.structs.replace(settings, **{section: content})
    return list(refusals(settings, changes, below=below or Settings(), data=data, called_at=called_at))


@pytest.mark.parametrize(
    ("host", "called_at", "answers"),
    [
        ("0.0.0.0", "192.168.1.7", True),
        ("0.0.0.0", "::ffff:192.168.1.7", True),
        ("0.0.0.0", "fe80::1", False),
        ("::", "192.168.1.7", True),
        ("::", "fe80::1%wlan0", True),
        ("192.168.1.7", "::ffff:192.168.1.7", True),
        ("fd00:0::7", "fd00::7", True),
        ("127.0.0.1", "192.168.1.7", False),
        ("192.168.1.8", "192.168.1.7", False),
        ("localhost", "127.0.0.1", False),
        ("0.0.0.0", "", False),
        ("", "192.168.1.7", False),
    ],
)
def test_a_page_is_served_only_where_the_phone_that_asks_finds_it_again(
    host: str, called_at: str, answers: bool
) -> None:
    assert answers_at(host, called_at) is answers
    assert (refused(Path("/card"), {"web.host": host}, called_at=called_at) == []) is answers


@pytest.mark.parametrize(
    ("kind", "source", "may_be"),
    [
        ("replay", "{data}/drive.mp4", True),
        ("replay", "{data}/DCIM/VIDEO/drive.mp4", True),
        ("replay", "{data}/.state/settings.toml", False),
        ("replay", "{data}/../secret.mp4", False),
        ("replay", "{data}/way_out/secret.mp4", False),
        ("replay", "/etc/passwd", False),
        ("replay", "~/drive.mp4", False),
        ("replay", "~nobody-of-that-name/drive.mp4", False),
        ("replay", "drive.mp4", False),
        ("replay", "{data}/\0", False),
        ("usb", "/dev/video0", True),
        ("usb", "/dev/video0/../../etc/passwd", False),
        ("usb", "/dev/mem", False),
        ("usb", "/etc/passwd", False),
        ("auto", "1", True),
        ("picamera", "imx708", True),
        ("auto", "", True),
    ],
)
def test_of_files_only_what_lies_on_the_card_may_be_a_camera(
    tmp_path: Path, kind: str, source: str, may_be: bool
) -> None:
    data = tmp_path / "card"
    data.mkdir()
    (data / "way_out").symlink_to(tmp_path)
    changes = {"camera.kind": kind, "camera.source": source.format(data=data)}
    assert refused(data, changes) == ([] if may_be else ["camera.source"])


def test_what_the_machine_itself_has_named_may_be_used_and_come_back(tmp_path: Path) -> None:
    below = Settings(camera=CameraSettings(source="/home/film.mp4"))
    assert refused(tmp_path, {"camera.kind": "replay"}, below=below) == []
    assert refused(tmp_path, {"camera.source": "/home/film.mp4"}, below=below) == []


def test_a_name_saved_for_a_webcam_is_no_file_later(tmp_path: Path) -> None:
    changes = {"camera.source": "setup.cfg", "camera.kind": "usb"}
    assert refused(tmp_path, changes) == []
    settings = Settings(camera=CameraSettings(kind="replay", source="setup.cfg"))
    assert list(refusals(settings, ["camera.kind"], below=Settings(), data=tmp_path, called_at="")) == ["camera.source"]


@pytest.mark.parametrize(
    ("name", "value", "may_be"),
    [
        ("gps.device", "/dev/ttyACM0", True),
        ("gps.device", "/dev/serial/by-id/usb-u-blox_7-if00", True),
        ("gps.device", "/dev/sda", False),
        ("gps.device", "/dev/tty/../sda", False),
        ("gps.device", "/home/film.mp4", False),
        ("gps.source", "/etc/passwd", False),
        ("gps.host", "127.0.0.1", True),
        ("gps.host", "192.168.43.1", True),
        ("gps.host", "203.0.114.9", False),
        ("gps.host", "elsewhere.example", False),
    ],
)
def test_a_receiver_is_a_serial_port_or_near(tmp_path: Path, name: str, value: str, may_be: bool) -> None:
    assert refused(tmp_path, {name: value}) == ([] if may_be else [name])


@pytest.mark.parametrize(
    ("name", "value", "may_be"),
    [
        ("events.command", "touch /tmp/x", False),
        ("events.command", "", True),
        ("events.webhook", "http://192.168.43.1:8123/api/webhook/dashcam", True),
        ("events.webhook", "https://[fd00::7]/hook", True),
        ("events.webhook", "http://localhost/hook", True),
        ("events.webhook", "https://elsewhere.example/hook", False),
        ("events.webhook", "http://192.168.43.1@elsewhere.example/", False),
        ("events.webhook", "", True),
    ],
)
def test_nobody_in_the_network_runs_commands_here_or_sends_places_away(
    tmp_path: Path, name: str, value: str, may_be: bool
) -> None:
    assert refused(tmp_path, {name: value}) == ([] if may_be else [name])


def test_what_the_machine_itself_runs_may_come_back(tmp_path: Path) -> None:
    below = Settings(events=EventsSettings(command="notify", webhook="https://example.org/"))
    names = ["events.command", "events.webhook"]
    assert refusals(below, names, below=below, data=tmp_path, called_at="") == {}


def test_a_refusal_tells_nothing_of_files_and_names_the_cure(site: Site) -> None:
    there, absent = (
        site.ask("PATCH", "/api/settings", {"changes": {"camera.kind": "replay", "camera.source": source}})
        for source in ("/etc/passwd", "/etc/nothing-of-that-name")
    )
    assert (there.status, there.json) == (422, absent.json)
    assert "with --set" in there.json["error"]["fields"]["camera.source"]
    assert not (site.state / "settings.toml").exists()


def test_an_address_that_would_lose_this_phone_is_refused_and_one_for_every_network_is_not(sites: Sites) -> None:
    site = sites.make(assignments=())
    answer = site.ask("PATCH", "/api/settings", {"changes": {"web.host": "127.0.0.2", "web.port": 0}})
    assert answer.status == 422
    assert list(answer.json["error"]["fields"]) == ["web.host", "web.port"]
    assert "127.0.0.1, where it was opened" in answer.json["error"]["fields"]["web.host"]
    for host in ("127.0.0.1", "0.0.0.0", "::", None):
        assert site.ask("PATCH", "/api/settings", {"changes": {"web.host": host}}).status == 200
