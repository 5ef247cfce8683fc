"""A receiver on a port is found, with its rate, and found again; on pseudo terminals with real termios."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dashcam.gps.serial_nmea import SerialReceiver
from dashcam.settings.schema import GpsSettings
from tests.gps.made import Watcher, drive, sentence
from tests.gps.pty_receiver import PtyReceiver

BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REFERENCE = date(2026, 11, 1)
DRIVE = drive(BEGAN, 600)


@contextmanager
def listening(
    watcher: Watcher, ports: Callable[[], list[str]] | None = None, device: str = ""
) -> Iterator[SerialReceiver]:
    """A started receiver."""
    receiver = SerialReceiver(GpsSettings(device=device), watcher.take, REFERENCE, ports or list)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.close()


def in_folder(folder: Path) -> Callable[[], list[str]]:
    return lambda: sorted(str(path) for path in folder.glob("tty*"))


def test_it_is_found_among_ports_with_its_rate(tmp_path: Path) -> None:
    """The first port is silent, the second sends something else, the third speaks NMEA."""
    watcher = Watcher()
    with (
        PtyReceiver(tmp_path / "ttyUSB0", [b""]),
        PtyReceiver(tmp_path / "ttyUSB1", [b"temperature 21.5\r\n" * 40]),
        PtyReceiver(tmp_path / "ttyUSB2", DRIVE, baud=38400),
        listening(watcher, in_folder(tmp_path)) as receiver,
    ):
        first = watcher.wait_for_good(3)[0]
        state = receiver.state()
    assert first.utc_ns is not None
    assert first.speed_mps == pytest.approx(10.0, abs=0.01)
    assert state.device == f"{tmp_path}/ttyUSB2 at 38400 baud"
    assert (state.status, state.satellites, state.is_real) == ("fix", 8, True)


@pytest.mark.parametrize("baud", [4800, 115200])
def test_a_wrong_baud_rate_is_found_out(tmp_path: Path, baud: int) -> None:
    watcher = Watcher()
    port = tmp_path / "ttyUSB0"
    with PtyReceiver(port, DRIVE, baud=baud), listening(watcher, device=str(port)) as receiver:
        watcher.wait_for_good(2)
        assert receiver.state().device.endswith(f"at {baud} baud")


def test_it_is_unplugged_and_plugged_in_elsewhere(tmp_path: Path) -> None:
    watcher = Watcher()
    with (
        PtyReceiver(tmp_path / "ttyUSB0", DRIVE) as plugged,
        listening(watcher, in_folder(tmp_path)) as receiver,
    ):
        watcher.wait_for_good(3)
        plugged.unplug()
        watcher.wait_for(lambda: not receiver.state().is_connected)
        gone = receiver.state()
        # The old place is remembered, its age counts on, and nothing new comes.
        assert gone.fix is not None
        assert gone.status == "stale"
        watcher.wait_for(lambda: "plug one in" in receiver.state().words)
        before = len(watcher.good)
        plugged.port = tmp_path / "ttyUSB1"
        plugged.plug_in()
        watcher.wait_for_good(before + 3)
        assert receiver.state().device.startswith(str(tmp_path / "ttyUSB1"))
        assert receiver.state().status == "fix"
    moments = [fix.utc_ns for fix in watcher.good]
    assert moments == sorted(set(moments), key=lambda moment: moment or 0)


def test_one_that_falls_silent_or_changes_its_rate_is_looked_for_anew(tmp_path: Path) -> None:
    """As receivers do that were reset: the port stays, what comes over it does not."""
    watcher = Watcher()
    with PtyReceiver(tmp_path / "ttyUSB0", DRIVE) as plugged:
        settings = GpsSettings(device=str(plugged.port))
        receiver = SerialReceiver(settings, watcher.take, REFERENCE, silent_seconds=0.5)
        receiver.start()
        try:
            watcher.wait_for_good(2)
            plugged.set_baud(57600)
            watcher.wait_for(lambda: not receiver.state().is_connected)
            watcher.wait_for_good(len(watcher.good) + 2)
            assert receiver.state().device.endswith("at 57600 baud")
        finally:
            receiver.close()


def test_dirt_on_the_line_costs_only_what_it_hit(tmp_path: Path) -> None:
    watcher = Watcher()
    dirty = [b"\xb5b\x01\x07$\xff\x00" + block.replace(b"VTG", b"VT\x80") + b"$GPRMC,half" for block in DRIVE]
    with PtyReceiver(tmp_path / "ttyACM0", dirty), listening(watcher, in_folder(tmp_path)):
        fixes = watcher.wait_for_good(10)
    moments = [fix.utc_ns for fix in fixes if fix.utc_ns is not None]
    assert [later - earlier for earlier, later in itertools.pairwise(moments)] == [10**9] * 9


def test_without_a_fix_it_searches_and_says_what_it_sees(tmp_path: Path) -> None:
    watcher = Watcher()
    void = sentence("GPGSV,1,1,03,01,10,020,30,02,20,030,31,03,30,040,32") + sentence("GPRMC,,V,,,,,,,,,,N")
    with PtyReceiver(tmp_path / "ttyACM0", [void]), listening(watcher, in_folder(tmp_path)) as receiver:
        watcher.wait_for(lambda: len(watcher.fixes) >= 3)
        state = receiver.state()
    assert (state.status, state.is_connected, state.fix) == ("searching", True, None)
    assert state.words == "searching: 3 satellites in view"
    assert watcher.good == []


@pytest.mark.parametrize(
    ("device", "cure"), [("", "plug one in by USB"), ("/dev/ttyNOWHERE", "is not there; plug the GPS receiver in")]
)
def test_no_receiver_is_a_state_with_its_cure(device: str, cure: str) -> None:
    watcher = Watcher()
    with listening(watcher, device=device) as receiver:
        watcher.wait_for(lambda: cure in receiver.state().words)
        assert receiver.state().status == "absent"


def test_a_port_in_use_is_said_to_be(tmp_path: Path) -> None:
    watcher, second = Watcher(), Watcher()
    with PtyReceiver(tmp_path / "ttyUSB0", DRIVE), listening(watcher, in_folder(tmp_path)):
        watcher.wait_for_good(1)
        with listening(second, in_folder(tmp_path)) as refused:
            second.wait_for(lambda: "in use by another program" in refused.state().words)


def test_closing_twice_is_closing() -> None:
    with listening(Watcher()) as receiver:
        receiver.close()
        receiver.close()
    assert receiver.state().words == "stopped"
