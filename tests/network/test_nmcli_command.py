"""What is wrong with the package `nmcli` 1.8 does not reach us: the real nmcli, and programs that behave as badly."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import nmcli
import pytest

from dashcam.network.base import NetworkTrouble, NewNetwork, OwnAccessPoint, TroubleKind
from dashcam.network.nmcli_command import ListedDevice, Nmcli
from dashcam.system.command_output import CommandOutput, Utf8Bytes, command_output
from tests.network.mocked_radio import MockedRadio, Recorder, mocked_radio, need_network_manager

UUID = "00000000-0000-4000-8000-000000000000"
KEY = "correct horse"
Call = Callable[[Nmcli], object]
EVERYTHING: dict[str, Call] = {
    "up": lambda asked: asked.up(UUID, 5.0),
    "down": lambda asked: asked.down(UUID, 5.0),
    "delete": lambda asked: asked.delete(UUID),
    "off": lambda asked: asked.switch_radio(is_on=False),
    "on": lambda asked: asked.switch_radio(is_on=True),
    "devices": lambda asked: asked.devices(),
}


@pytest.fixture
def mocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockedRadio]:
    with mocked_radio(tmp_path, monkeypatch) as made:
        yield made


def program(folder: Path, patch: pytest.MonkeyPatch, script: str) -> None:
    """A program that is called nmcli, before all others."""
    path = folder / "nmcli"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    patch.setenv("PATH", str(folder), prepend=":")


def trouble(kind: TroubleKind, call: Callable[[], object]) -> str:
    with pytest.raises(NetworkTrouble) as caught:
        call()
    assert caught.value.kind == kind
    return caught.value.detail


@pytest.mark.parametrize(
    ("state", "words"), [(70, "connecting (getting IP configuration)"), (60, "connecting (need authentication)")]
)
def test_states_with_blanks_and_names_with_anything_are_read_exactly(
    mocked: MockedRadio, state: int, words: str
) -> None:
    uuid = mocked.wifi.save_profile(NewNetwork(b"a: b\\", KEY))
    mocked.switch_on(b"a: b\\", KEY)
    mocked.wifi.activate(uuid, 30.0)
    mocked.tell("SetRadio", "uu", state, 0)
    assert Nmcli().devices() == (ListedDevice("wlan0", "wifi", words, "dashcam a: b\\"),)


def test_what_the_package_would_make_of_it_is_the_reason() -> None:
    """The day this fails there is something to be simplified."""
    torn = nmcli.Device.parse("wlan0  wifi  connecting (getting IP configuration)  phone")
    assert torn.state == "connecting"
    with pytest.raises(ValueError, match="Parse failed"):
        nmcli.DeviceWifi.parse("second half of a name:00\\:11:Infra:1:2412 MHz:54 Mbit/s:70:WPA2")


@pytest.mark.parametrize("name", EVERYTHING)
def test_every_command_is_nmcli_itself_with_neither_sudo_nor_a_shell(name: str) -> None:
    recorder = Recorder()

    def run(words: list[bytes], limit: float, stop: threading.Event | None) -> CommandOutput:
        recorder.started.append(list(words))
        assert 0 < limit < 60
        return CommandOutput(0, Utf8Bytes(b""), Utf8Bytes(b""))

    EVERYTHING[name](Nmcli(run=run))  # type: ignore[arg-type]
    assert [words[0] for words in recorder.started] == [b"nmcli"]


@pytest.mark.parametrize("name", EVERYTHING)
def test_an_nmcli_that_hangs_is_ended(name: str) -> None:
    """As by a runner whose limits are short: those of the commands are seconds."""

    def run(_words: object, _limit: float, stop: threading.Event | None) -> CommandOutput:
        return command_output([b"sleep", b"600"], 0.2, stop)

    assert "took longer" in trouble("timeout", lambda: EVERYTHING[name](Nmcli(run=run)))


def test_it_waits_as_long_as_it_may_and_not_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "exec sleep 600")
    assert "longer than 2.1 s" in trouble("timeout", lambda: Nmcli().up(UUID, 0.1))


def test_who_ends_does_not_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "exec sleep 600")
    stop = threading.Event()
    stop.set()
    trouble("unknown", lambda: Nmcli(stop).up(UUID, 60.0))


def test_it_is_asked_in_english_whatever_the_machine_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    program(tmp_path, monkeypatch, 'echo "$LC_ALL $LANGUAGE-" >&2; exit 1')
    assert trouble("unknown", lambda: Nmcli().devices()) == "C.UTF-8 -"


def test_bytes_that_are_no_text_cost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, r"printf 'wlan0:wifi:connected:\377\\:x\nlo:loopback:unmanaged:\n'")
    assert [device.profile.encode(errors="surrogateescape") for device in Nmcli().devices()] == [b"\xff:x", b""]
    program(tmp_path, monkeypatch, r"printf 'Error: \377' >&2; exit 1")
    trouble("unknown", lambda: Nmcli().devices())


@pytest.mark.parametrize("exit_code", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 65, 127, 255])
def test_every_failure_is_one_error_that_keeps_what_was_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exit_code: int
) -> None:
    program(tmp_path, monkeypatch, f"echo 'Error: the moon is full' >&2; exit {exit_code}")
    kinds: dict[int, TroubleKind] = {3: "timeout", 8: "no_service", 10: "not_found"}
    detail = trouble(kinds.get(exit_code, "unknown"), lambda: Nmcli().up(UUID, 5.0))
    assert "NetworkManager does not run" in detail if exit_code == 8 else detail == "the moon is full"


def test_a_signal_is_a_failure_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, monkeypatch, "kill -9 $$")
    trouble("unknown", lambda: Nmcli().devices())


def test_where_it_is_not_installed_the_cure_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "install network-manager" in trouble("no_service", lambda: Nmcli().devices())


def test_without_a_bus_or_networkmanager_it_is_said_that_it_does_not_run() -> None:
    need_network_manager("nmcli")
    assert "does not run" in trouble("no_service", lambda: Nmcli().devices())


def test_what_is_not_there_is_forgotten_already(mocked: MockedRadio) -> None:
    Nmcli().delete(UUID)
    trouble("not_found", lambda: Nmcli().up(UUID, 5.0))
    assert mocked.wifi.profiles() == ()


def test_no_key_is_ever_on_a_command_line_in_an_environment_or_in_a_log(
    mocked: MockedRadio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    note, real = tmp_path / "started", shutil.which("nmcli")
    program(tmp_path, monkeypatch, f'cat /proc/$$/cmdline /proc/$$/environ >> {note}; echo >> {note}; exec {real} "$@"')
    wrong, own = "geheimnis of nobody", "battery staple"
    mocked.switch_on(b"phone", KEY)
    uuid = mocked.wifi.save_profile(NewNetwork(b"phone", wrong))
    with pytest.raises(NetworkTrouble) as caught:
        mocked.wifi.activate(uuid, 30.0)
    mocked.wifi.save_profile(NewNetwork(b"phone", KEY))
    mocked.wifi.activate(uuid, 30.0)
    mocked.wifi.save_profile(NewNetwork(b"home", wrong))
    mocked.wifi.order([uuid])
    mocked.wifi.activate_access_point(OwnAccessPoint(b"own", own), 30.0)
    mocked.wifi.deactivate(30.0)
    mocked.wifi.forget(uuid)
    started = note.read_bytes()
    assert started.count(b"connection\0up") == 3
    told = started + caplog.text.encode() + str(caught.value).encode()
    assert [secret for secret in (KEY, wrong, own) if secret.encode() in told] == []
    assert b"hotspot\0" not in started
