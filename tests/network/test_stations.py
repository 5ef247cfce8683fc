"""What `iw` prints is read as it prints it; what it cannot tell is not taken for an empty access point."""

from __future__ import annotations

from pathlib import Path

from dashcam.network.base import Station
from dashcam.network.stations import Iw, country_in, stations_in

# iw 5.19, two phones
DUMP = """Station 02:00:00:00:01:00 (on wlan0)
\tinactive time:\t1240 ms
\trx bytes:\t3482
\tsignal:  \t-30 [-30] dBm
\tauthorized:\tyes
\tconnected time:\t35 seconds
Station aa:bb:cc:dd:ee:ff (on wlan0)
\tinactive time:\t0 ms
\tconnected time:\t3 seconds
"""
GLOBAL = "global\ncountry DE: DFS-ETSI\n\t(2400 - 2483 @ 40), (N/A, 20), (N/A)\n\nphy#0\ncountry 99: DFS-UNSET\n"
OWN = "global\ncountry 00: DFS-UNSET\n\t(755 - 928 @ 2), (N/A, 20), (N/A)\n\nphy#0 (self-managed)\ncountry US: X\n"


def program(folder: Path, script: str) -> Iw:
    path = folder / "iw"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Iw(paths=(str(folder / "missing"), str(path)))


def test_every_station_is_listed_with_when_it_was_heard() -> None:
    assert stations_in(DUMP) == (Station("02:00:00:00:01:00", 1.24), Station("aa:bb:cc:dd:ee:ff", 0.0))
    assert stations_in("") == ()
    assert stations_in("Station nonsense\n\tinactive time:\t5 ms\n") == ()


def test_the_country_is_that_of_the_machine_else_that_of_the_radio() -> None:
    assert country_in(GLOBAL) == "DE"
    assert country_in(OWN) == "US"
    assert country_in("global\ncountry 00: DFS-UNSET\n") == ""


def test_the_program_is_asked_about_the_interface(tmp_path: Path) -> None:
    iw = program(
        tmp_path, 'case "$*" in "dev wlan7 station dump") echo "Station aa:bb:cc:dd:ee:ff (on wlan7)";; *) exit 9; esac'
    )
    assert iw.stations("wlan7") == (Station("aa:bb:cc:dd:ee:ff", 0.0),)
    assert iw.stations("wlan8") is None
    assert iw.country() == ""


def test_without_the_program_nobody_knows() -> None:
    assert Iw(paths=("/nowhere/iw",)).stations("wlan0") is None
    assert Iw(paths=("/nowhere/iw",)).country() == ""
