"""What `dashcam check` says of GPS: which receiver there is, and what helps; none is no failure."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from dashcam.check.finding import Finding
from dashcam.check.gps import check_gps, finding_of_running_gps
from dashcam.clock import local_time
from dashcam.link.messages import GpsStatus
from dashcam.settings.schema import GpsSettings
from tests.gps.made import second
from tests.recorder.rig import NOON


def checked(
    *,
    plugged_in: list[str] | None = None,
    pins: list[str] | None = None,
    gpsd: bool = False,
    may_open: bool = True,
    **settings: str,
) -> Finding:
    """On a machine with these ports."""
    usb = plugged_in or []
    return check_gps(
        msgspec.convert(settings, GpsSettings),
        ports=lambda: [*usb, *(pins or [])],
        plugged_in=lambda: usb,
        gpsd_has_receiver=lambda _host, _port: gpsd,
        may_open=lambda _port: may_open,
    )


def port(folder: Path, name: str = "ttyACM0") -> str:
    path = folder / name
    path.touch()
    return str(path)


@pytest.mark.parametrize("kind", ["none", "simulated"])
def test_what_needs_no_receiver_is_fine(kind: str) -> None:
    assert checked(kind=kind).mark == "ok"


def test_a_machine_without_a_receiver_records_all_the_same() -> None:
    found = checked()
    assert (found.mark, found.words.partition(";")[0]) == ("ok", "no receiver")


def test_a_receiver_on_usb_is_found(tmp_path: Path) -> None:
    device = port(tmp_path)
    found = checked(plugged_in=[device])
    assert (found.mark, found.words) == ("ok", f"a receiver is listened for on {device} while it records")


def test_the_pins_may_have_a_receiver_or_not(tmp_path: Path) -> None:
    assert checked(pins=[port(tmp_path, "ttyS0")]).words.startswith("none on USB; a receiver is listened for")


def test_a_port_that_may_not_be_opened_says_which_group_helps(tmp_path: Path) -> None:
    found = checked(plugged_in=[port(tmp_path)], may_open=False)
    assert found.mark == "warn"
    assert "group dialout" in found.words


def test_a_port_at_the_back_that_may_not_be_opened_is_nobodys_receiver(tmp_path: Path) -> None:
    assert checked(pins=[port(tmp_path, "ttyS0")], may_open=False).mark == "ok"


@pytest.mark.parametrize("kind", ["serial", "auto"])
def test_a_receiver_that_was_named_is_missed(tmp_path: Path, kind: str) -> None:
    found = checked(kind=kind, device=str(tmp_path / "ttyUSB7"), pins=[port(tmp_path)], gpsd=kind == "auto")
    assert (found.mark, found.words) == ("warn", f"{tmp_path}/ttyUSB7 is not there; plug the receiver in")


@pytest.mark.parametrize(
    ("kind", "has_receiver", "mark"), [("gpsd", True, "ok"), ("gpsd", False, "warn"), ("auto", True, "ok")]
)
def test_gpsd_is_asked(kind: str, has_receiver: bool, mark: str) -> None:
    found = checked(kind=kind, gpsd=has_receiver)
    assert (found.mark, found.words.partition(" has")[0].partition(" does")[0]) == (mark, "gpsd at 127.0.0.1:2947")


def test_a_replay_needs_a_drive(tmp_path: Path) -> None:
    drive, letter = tmp_path / "drive.nmea", tmp_path / "letter.txt"
    drive.write_bytes(b"".join(second(local_time(NOON, None)) for _ in range(3)))
    letter.write_text("Dear driver,\n")
    assert checked(kind="replay", source=str(drive)) == Finding("ok", "GPS", "drive.nmea is replayed")
    for source in ("", str(letter), str(tmp_path / "gone.gpx")):
        found = checked(kind="replay", source=source)
        assert (found.mark, "gps.source" in found.words) == ("warn", True)


@pytest.mark.parametrize(
    ("status", "mark", "words"),
    [
        (GpsStatus(), "ok", "no GPS receiver"),
        (GpsStatus(kind="serial", words="/dev/ttyACM0 is in use"), "warn", "/dev/ttyACM0 is in use"),
        (
            GpsStatus(
                kind="serial", device="/dev/ttyACM0 at 9600 baud", is_connected=True, words="fix from 8 satellites"
            ),
            "ok",
            "/dev/ttyACM0 at 9600 baud: fix from 8 satellites",
        ),
        (
            GpsStatus(kind="simulated", device="simulated drive", is_connected=True, is_fallback=True, words="fix"),
            "ok",
            "simulated drive: fix; it stands in, because no receiver was found",
        ),
    ],
)
def test_a_running_recorder_knows_its_receiver(status: GpsStatus, mark: str, words: str) -> None:
    assert (finding_of_running_gps(status).mark, finding_of_running_gps(status).words) == (mark, words)
