"""The network program with a radio that is simulated and lives twenty times as fast: asked as the page and the command
line ask it."""

from __future__ import annotations

import logging
import re
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.errors import BadRequest
from dashcam.link import network_messages as n
from dashcam.link.client import ask
from dashcam.link.message import Done, Message, SettingsChanged, SettingsTaken
from dashcam.network.mode_view import BACK_WITHIN_SECONDS
from dashcam.network.own_access_point import KEPT_NAME, OwnAccessPoints
from dashcam.network.own_folder import own_folder
from dashcam.network.service import Service
from dashcam.network.simulated import SimulatedWifi
from dashcam.network.simulated_radio import Hotspot, SimulatedRadio
from dashcam.network.system_clock import Machine
from dashcam.network.wifi_duty import WifiDuty, hears_its_network
from dashcam.settings import Settings
from dashcam.settings.schema import NetworkSettings
from tests.conftest import CHECKOUT
from tests.recorder.asked import wait_until

SPEED = 20.0
IPHONE = "Zoe’s iPhone".encode()
STATION = "aa:bb:cc:dd:ee:ff"


class Car:
    """The program in a car, with a phone that is not there yet."""

    def __init__(self, data: Path) -> None:
        self.data, self.state = data, data / ".state"
        self.stop = threading.Event()
        self.radio = SimulatedRadio(self._monotonic)
        self.phone = self.radio.add(Hotspot(IPHONE, key="right-key", is_on=False))
        self.settings = Settings(network=NetworkSettings(wifi=True))
        self.reached: list[str] = []
        self.opened = 0
        self.service = Service(
            self.state,
            self.stop,
            load=lambda: self.settings,
            machine=Machine(is_synchronized=lambda: True),
            bus_address="unix:path=/nowhere/bus",
        )
        self.service.wifi = WifiDuty(
            self.state, self._open, reached=self.reached.append, monotonic=self._monotonic, look_seconds=1 / SPEED
        )
        self.service.answers._duty = self.service.wifi
        self._thread = threading.Thread(target=self.service.run, daemon=True)

    def _monotonic(self) -> float:
        return time.monotonic() * SPEED

    def _open(self, _settings: NetworkSettings) -> SimulatedWifi:
        self.opened += 1
        return SimulatedWifi(
            self.radio, monotonic=self._monotonic, wait=lambda seconds: self.stop.wait(seconds / SPEED)
        )

    def start(self) -> None:
        self.state.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        # Its settings are read right after the link is open.
        wait_until(lambda: bool(self.service.wifi.mode.words) or not self.settings.network.wifi, "the settings")
        wait_until(lambda: self.service._server._is_started, "the link")

    def close(self) -> None:
        self.stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def ask(self, request: Message, reply: type[Message]) -> Message:
        return ask(self.state, "network", request, reply, 30)

    @property
    def status(self) -> n.NetworkStatus:
        return ask(self.state, "network", n.GetNetworkStatus(), n.NetworkStatus, 30)

    def wait_for(self, state: str) -> n.WifiStatus:
        wait_until(lambda: self.status.wifi.state == state, f"it is {state}")
        return self.status.wifi

    def type(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return type_in(self.data, *words, typed=typed)


def type_in(data: Path, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """At a terminal of the machine."""
    command = [sys.executable, "-m", "dashcam", "network", words[0], "--data", str(data), *words[1:]]
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=60, check=False, cwd=CHECKOUT)


@pytest.fixture
def car(tmp_path: Path) -> Iterator[Car]:
    made = Car(tmp_path / "card")
    made.start()
    yield made
    made.close()


def add(car: Car, key: str = "right-key") -> str:
    return ask(car.state, "network", n.AddNetwork(ssid_hex=IPHONE.hex(), key=key), n.NetworkAdded, 30).id


def test_alone_it_opens_its_access_point_and_tells_its_key_to_whoever_asks(car: Car) -> None:
    wifi = car.wait_for("access_point")
    assert (wifi.address, wifi.stations) == ("10.41.0.1", 0)
    assert "http://10.41.0.1/" in car.status.page_addresses
    own = ask(car.state, "network", n.GetAccessPoint(), n.AccessPoint, 30)
    assert own.ssid == wifi.ssid
    assert own.qr_text == f"WIFI:T:WPA;S:{own.ssid};P:{own.key};;"
    assert car.reached == ["access_point"]


def test_a_saved_phone_is_joined_when_it_appears_and_again_after_it_was_away(car: Car) -> None:
    car.wait_for("access_point")
    uuid = add(car)
    wait_until(lambda: bool(car.status.saved), "it is saved")
    car.radio.switch(IPHONE, is_on=True)
    wifi = car.wait_for("joined")
    assert (wifi.ssid, wifi.network_id, bool(wifi.address)) == ("Zoe’s iPhone", uuid, True)
    car.radio.switch(IPHONE, is_on=False)
    car.wait_for("access_point")
    car.radio.switch(IPHONE, is_on=True)
    car.wait_for("joined")
    assert car.reached == ["access_point", "joined"]
    assert [(saved.ssid, saved.words) for saved in car.status.saved] == [("Zoe’s iPhone", "")]


def test_a_try_is_answered_at_once_and_ends_on_the_access_point_with_the_reason(car: Car) -> None:
    car.radio.switch(IPHONE, is_on=True)
    car.wait_for("access_point")
    uuid = add(car, "wrong-key")
    begins = ask(car.state, "network", n.TryNetwork(id=uuid), n.TryBegins, 30)
    assert begins.back_within_seconds == BACK_WITHIN_SECONDS
    wait_until(lambda: "wrong" in "".join(saved.words for saved in car.status.saved), "the reason")
    car.wait_for("access_point")
    add(car)
    car.ask(n.TryNetwork(id=uuid), n.TryBegins)
    car.wait_for("joined")


def test_what_is_asked_wrongly_is_refused_with_the_cure(car: Car) -> None:
    car.wait_for("access_point")
    with pytest.raises(BadRequest, match="add one first"):
        car.ask(n.TryNetwork(), n.TryBegins)
    with pytest.raises(BadRequest, match="5 characters"):
        add(car, "short")
    add(car)
    with pytest.raises(BadRequest, match="load the list again"):
        car.ask(n.OrderNetworks(ids=("stranger",)), Done)
    with pytest.raises(BadRequest, match="scripts/install"):
        car.ask(n.SetSharePassword(password="long enough"), Done)


def test_as_the_access_point_it_tells_what_it_saw_last(car: Car) -> None:
    car.radio.switch(IPHONE, is_on=True)
    car.wait_for("access_point")
    seen = ask(car.state, "network", n.ScanNetworks(), n.NetworksSeen, 30)
    assert [each.ssid for each in seen.networks] == ["Zoe’s iPhone"]
    assert seen.age_seconds is not None
    assert "cannot look around" in seen.words


def test_switched_off_nobody_touches_the_radio(tmp_path: Path) -> None:
    car = Car(tmp_path / "card")
    car.settings = Settings()
    car.start()
    try:
        assert car.status.wifi == n.WifiStatus(words=car.status.wifi.words)
        with pytest.raises(BadRequest, match=r"switch on network\.wifi"):
            car.ask(n.ScanNetworks(), n.NetworksSeen)
        assert car.opened == 0
        car.settings = Settings(network=NetworkSettings(wifi=True))
        assert car.ask(SettingsChanged(), SettingsTaken) == SettingsTaken(pending=())
        car.wait_for("access_point")
        car.settings = Settings()
        car.ask(SettingsChanged(), SettingsTaken)
        assert car.wait_for("off").words
    finally:
        car.close()


def test_without_its_library_the_rest_goes_on(tmp_path: Path) -> None:
    def missing(_settings: NetworkSettings) -> SimulatedWifi:
        raise ModuleNotFoundError("no", name="nmcli")

    duty = WifiDuty(tmp_path, missing)
    duty.start()
    duty.take(NetworkSettings(wifi=True))
    wait_until(lambda: duty.mode.phase == "no_radio", "no radio")
    assert "nmcli is missing" in duty.mode.words
    duty.take(NetworkSettings())
    wait_until(lambda: duty.mode.phase == "off", "off")
    duty.close()


def test_a_radio_that_vanishes_is_missed(car: Car) -> None:
    car.wait_for("access_point")
    car.radio.become("absent")

    def is_missed() -> bool:
        """In one answer: a moment later it is helped, and says so."""
        status = car.status
        return status.wifi.state == "failed" and "vanished" in status.wifi.words and bool(status.warnings)

    wait_until(is_missed, "it is missed")


def test_no_key_is_ever_logged(car: Car, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        car.radio.switch(IPHONE, is_on=True)
        add(car)
        car.wait_for("joined")
        own = ask(car.state, "network", n.GetAccessPoint(), n.AccessPoint, 30)
    assert "right-key" not in caplog.text
    assert own.key not in caplog.text


def test_name_and_key_are_made_once_and_for_nobody_else(tmp_path: Path) -> None:
    own = OwnAccessPoints(tmp_path).of(NetworkSettings())
    assert re.fullmatch(rb"dashcam-[A-HJKMNP-Z2-9]{4}", own.ssid)
    assert re.fullmatch(r"([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}", own.key)
    assert stat.S_IMODE((own_folder(tmp_path) / KEPT_NAME).stat().st_mode) == 0o600
    again = OwnAccessPoints(tmp_path).of(NetworkSettings(access_point_name="Käfer", access_point_channel=11))
    assert (again.key, again.ssid, again.channel) == (own.key, "Käfer".encode(), 11)
    assert own.key not in repr(own)
    (own_folder(tmp_path) / KEPT_NAME).write_bytes(b"\0\0")
    assert OwnAccessPoints(tmp_path).of(NetworkSettings()).key != own.key


def test_the_kernel_is_believed_where_it_has_a_word(tmp_path: Path) -> None:
    (tmp_path / "wlan0").mkdir()
    carrier = tmp_path / "wlan0" / "carrier"
    carrier.write_text("0\n")
    assert not hears_its_network("wlan0", tmp_path)
    carrier.write_text("1\n")
    assert hears_its_network("wlan0", tmp_path)
    assert hears_its_network("wlan7", tmp_path)


def test_the_command_line_adds_shows_tries_and_forgets(car: Car) -> None:
    car.wait_for("access_point")
    assert "is saved" in car.type("add", IPHONE.decode(), typed="right-key\n").stdout
    assert "leaves in 3 seconds" in car.type("try", IPHONE.decode()).stdout
    wait_until(lambda: car.service.wifi.mode.wanted is None, "it has left")
    car.radio.switch(IPHONE, is_on=True)
    car.wait_for("joined")
    shown = car.type("show", "--key").stdout
    assert "joined, Zoe’s iPhone" in shown
    assert car.service.wifi.own_access_point().key in shown
    assert "The page: http://" in shown
    assert car.service.wifi.own_access_point().key not in car.type("show").stdout
    assert "1  Zoe’s iPhone (joined)" in car.type("list").stdout
    assert "no saved network is called nobody; there are: Zoe’s iPhone" in car.type("forget", "nobody").stderr
    assert car.type("forget", IPHONE.decode()).returncode == 0
    wait_until(lambda: car.status.saved == (), "it is forgotten")


def test_the_command_line_switches_shares(car: Car) -> None:
    assert "this machine has no shares" in car.type("shares", "on", "smb").stdout
    assert "smb = true" in (car.state / "settings.toml").read_text()
    wrong = car.type("shares", "on")
    assert (wrong.returncode, "which one?" in wrong.stderr) == (1, True)
    assert "scripts/install" in car.type("shares", "password", typed="long enough\n").stderr


def test_the_command_line_names_the_cure_when_nobody_is_there(tmp_path: Path) -> None:
    told = type_in(tmp_path, "show")
    assert (told.returncode, "start it" in told.stderr) == (1, True)
