"""Which receiver is taken, when another one is, and what is said when there is none."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dashcam.gps import choose
from dashcam.gps.auto import AutoReceiver, next_kind
from dashcam.gps.base import GpsState, Receiver, ReceiverKind
from dashcam.gps.choose import open_receiver
from dashcam.settings.schema import GpsSettings
from tests.gps.gpsd_daemon import GpsdDaemon, free_port
from tests.gps.made import Watcher, drive
from tests.gps.pty_receiver import PtyReceiver

BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REFERENCE = date(2026, 11, 1)
DRIVE = drive(BEGAN, 600)


@contextmanager
def opened(settings: GpsSettings, watcher: Watcher, **options: Any) -> Iterator[Receiver]:
    receiver = open_receiver(settings, watcher.take, reference=REFERENCE, **options)
    try:
        yield receiver
    finally:
        receiver.close()
        receiver.close()


@pytest.fixture
def no_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without serial ports."""
    monkeypatch.setattr(choose, "all_ports", list)
    monkeypatch.setattr(choose, "usb_ports", list)


@pytest.mark.parametrize(
    ("gpsd", "ports", "in_vain", "or_simulated", "kind"),
    [
        (True, True, False, True, "gpsd"),
        (True, False, False, False, "gpsd"),
        (False, True, False, False, "serial"),
        (False, True, True, False, "serial"),
        (False, True, False, True, "serial"),
        (False, True, True, True, "simulated"),
        (False, False, False, True, "simulated"),
        (False, False, False, False, "none"),
        (True, True, True, True, "gpsd"),
    ],
)
def test_what_is_tried_next(gpsd: bool, ports: bool, in_vain: bool, or_simulated: bool, kind: str) -> None:
    chosen = next_kind(gpsd_has_receiver=gpsd, has_ports=ports, listened_in_vain=in_vain, or_simulated=or_simulated)
    assert chosen == kind


@pytest.mark.usefixtures("no_ports")
def test_nothing_is_there_and_then_a_receiver_is_plugged_in(tmp_path: Path) -> None:
    watcher, port = Watcher(), tmp_path / "ttyUSB0"
    with opened(GpsSettings(device=str(port), port=free_port()), watcher) as receiver:
        watcher.wait_for(lambda: "no GPS receiver was found" in receiver.state().words)
        assert (receiver.state().kind, receiver.state().status) == ("none", "absent")
        with PtyReceiver(port, DRIVE):
            watcher.wait_for_good(2)
            assert (receiver.state().kind, receiver.state().status) == ("serial", "fix")


@pytest.mark.usefixtures("no_ports")
def test_gpsd_is_taken_where_it_has_a_receiver(tmp_path: Path) -> None:
    watcher = Watcher()
    with PtyReceiver(tmp_path / "ttyUSB0", DRIVE) as plugged, GpsdDaemon(str(plugged.port)) as gpsd:
        # Another one on a port would be there, too.
        settings = GpsSettings(port=gpsd.port, device=str(tmp_path / "ttyUSB0"))
        with opened(settings, watcher, or_simulated=True) as receiver:
            watcher.wait_for_good(2)
            assert receiver.state().kind == "gpsd"


@pytest.mark.usefixtures("no_ports")
def test_beside_the_synthetic_camera_the_drive_is_simulated_and_said_to_be(caplog: pytest.LogCaptureFixture) -> None:
    watcher = Watcher()
    with (
        caplog.at_level(logging.WARNING),
        opened(GpsSettings(port=free_port()), watcher, or_simulated=True) as receiver,
    ):
        watcher.wait_for_good(1)
        state = receiver.state()
    assert (state.kind, state.is_fallback, state.is_real) == ("simulated", True, False)
    assert "simulated drive stands in" in caplog.text


class StandIn:
    """A receiver that is there or not, as the test says."""

    def __init__(self, kind: ReceiverKind, log: list[str]) -> None:
        self.kind, self.is_there, self._log = kind, False, log

    def start(self) -> None:
        self._log.append(f"start {self.kind}")

    def state(self) -> GpsState:
        return GpsState(kind=self.kind, is_connected=self.is_there)

    def close(self) -> None:
        self._log.append(f"close {self.kind}")


def test_one_that_is_gone_for_good_is_replaced_by_another() -> None:
    log: list[str] = []
    made: list[StandIn] = []
    machine = {"gpsd": True, "ports": True}

    def make(kind: ReceiverKind) -> Receiver:
        made.append(StandIn(kind, log))
        return made[-1]

    watcher = Watcher()
    receiver = AutoReceiver(
        make,
        gpsd_has_receiver=lambda: machine["gpsd"],
        has_ports=lambda: machine["ports"],
        or_simulated=False,
        look_seconds=0.02,
    )
    receiver.start()
    try:
        watcher.wait_for(lambda: receiver.state().kind == "gpsd")
        made[0].is_there = True
        watcher.wait_for(lambda: receiver.state().is_connected)
        machine["gpsd"] = made[0].is_there = False
        watcher.wait_for(lambda: receiver.state().kind == "serial")
        machine["ports"] = False
        watcher.wait_for(lambda: receiver.state().kind == "none")
        machine["gpsd"] = True
        watcher.wait_for(lambda: receiver.state().kind == "gpsd")
    finally:
        receiver.close()
    assert log == ["start gpsd", "close gpsd", "start serial", "close serial", "start none", "close none",
                   "start gpsd", "close gpsd"]  # fmt: skip


def test_what_is_chosen_by_hand_is_never_replaced() -> None:
    watcher = Watcher()
    with opened(GpsSettings(kind="gpsd", port=free_port()), watcher, or_simulated=True) as receiver:
        watcher.wait_for(lambda: "does not answer" in receiver.state().words)
        assert (receiver.state().kind, receiver.state().status) == ("gpsd", "absent")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (GpsSettings(kind="none"), "GPS is switched off in the settings"),
        (GpsSettings(kind="replay"), "name it in gps.source"),
        (GpsSettings(kind="replay", source="/nonexistent/drive.gpx"), "cannot be read"),
    ],
)
def test_what_cannot_work_is_absent_and_says_why(settings: GpsSettings, words: str) -> None:
    with opened(settings, Watcher()) as receiver:
        assert words in receiver.state().words
        assert receiver.state().status == "absent"


def test_a_missing_library_costs_only_the_gps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "serial", None)
    monkeypatch.delitem(sys.modules, "dashcam.gps.serial_nmea", raising=False)
    with opened(GpsSettings(kind="serial"), Watcher()) as receiver:
        assert "software for serial receivers is not installed" in receiver.state().words


@pytest.mark.parametrize("kind", ["replay", "simulated"])
def test_drives_that_are_none_are_known_to_be(tmp_path: Path, kind: str) -> None:
    (tmp_path / "drive.nmea").write_bytes(b"".join(DRIVE))
    settings = GpsSettings(kind=kind, source=str(tmp_path / "drive.nmea"))  # type: ignore[arg-type]
    watcher = Watcher()
    with opened(settings, watcher, speed=50.0) as receiver:
        watcher.wait_for_good(1)
        state = receiver.state()
    assert (state.kind, state.is_real, state.is_fallback) == (kind, False, False)
