"""Receivers behind gpsd: the real one on pseudo terminals, and what else may answer on its port."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.clock import NANOSECONDS
from dashcam.gps.assembler import SentenceAssembler
from dashcam.gps.geometry import distance_m
from dashcam.gps.gpsd import GpsdReceiver, has_receiver
from dashcam.gps.gpsd_messages import LONGEST_LINE_BYTES, GpsdParser
from dashcam.settings.schema import GpsSettings
from tests.gps.gpsd_daemon import GpsdDaemon, free_port
from tests.gps.made import Watcher, drive, sentence
from tests.gps.pty_receiver import PtyReceiver

REFERENCE = date(2026, 11, 1)
BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SKY = (
    sentence("GPGSA,A,3,01,02,03,04,,,,,,,,,2.0,1.2,1.6")
    + sentence("GPGSV,2,1,05,01,40,083,46,02,17,308,41,03,07,344,39,04,22,228,45")
    + sentence("GPGSV,2,2,05,05,55,100,")
)
DRIVE = [block + SKY for block in drive(BEGAN, 600)]


@contextmanager
def following(port: int, watcher: Watcher) -> Iterator[GpsdReceiver]:
    receiver = GpsdReceiver(GpsSettings(host="127.0.0.1", port=port), watcher.take, REFERENCE)
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.close()


def test_what_gpsd_makes_of_a_receiver_is_what_we_make_of_it(tmp_path: Path, shared_data: Path) -> None:
    """A real drive through the real gpsd, and the same bytes through our own parser.

    Driven anew in 2026: gpsd takes dates before its own making for a week rollover.
    """
    lines = [
        sentence(line[1:].split("*")[0].replace(",110416,", ",211126,")) if "*" in line else b""
        for line in (shared_data / "nmea" / "drive_city_360s.nmea").read_text().splitlines()
    ]
    starts = [number for number, line in enumerate(lines) if line.startswith(b"$GPRMC")]
    blocks = [b"".join(lines[begin:end]) for begin, end in itertools.pairwise(starts[:120])]
    assembler = SentenceAssembler(None)
    ours = {fix.utc_ns: fix for fix in assembler.feed(b"".join(blocks), 0) + assembler.flush()}
    watcher = Watcher()
    with PtyReceiver(tmp_path / "ttyUSB0", blocks) as plugged, GpsdDaemon(str(plugged.port)) as gpsd:
        receiver = GpsdReceiver(GpsSettings(port=gpsd.port), watcher.take, REFERENCE)
        receiver.start()
        try:
            watcher.wait_for_good(20)
            assert receiver.state().status == "fix"
        finally:
            receiver.close()
    compared = 0
    for fix in watcher.good[:20]:
        own = ours[fix.utc_ns]
        assert fix.latitude is not None
        assert fix.longitude is not None
        assert own.latitude is not None
        assert own.longitude is not None
        assert distance_m(fix.latitude, fix.longitude, own.latitude, own.longitude) < 0.1
        if fix.speed_mps is not None and own.speed_mps is not None:
            assert fix.speed_mps == pytest.approx(own.speed_mps, abs=0.02)
            compared += 1
    assert compared > 10


def test_gpsd_goes_away_and_comes_back(tmp_path: Path) -> None:
    watcher = Watcher()
    with PtyReceiver(tmp_path / "ttyUSB0", DRIVE) as plugged, GpsdDaemon(str(plugged.port)) as gpsd:
        with following(gpsd.port, watcher) as receiver:
            watcher.wait_for_good(3)
            watcher.wait_for(lambda: receiver.state().satellites_in_view == 5)
            assert (receiver.state().satellites, receiver.state().is_real) == (4, True)
            assert watcher.good[-1].hdop == pytest.approx(1.2, abs=0.5)
            gpsd.stop()
            watcher.wait_for(lambda: not receiver.state().is_connected)
            assert receiver.state().status == "stale"
            before = len(watcher.good)
            gpsd.start()
            watcher.wait_for_good(before + 3)
            assert receiver.state().status == "fix"
        assert receiver.state().words == "stopped"


def test_a_receiver_unplugged_behind_gpsd_is_gone(tmp_path: Path) -> None:
    watcher = Watcher()
    with (
        PtyReceiver(tmp_path / "ttyUSB0", DRIVE) as plugged,
        GpsdDaemon(str(plugged.port)) as gpsd,
        following(gpsd.port, watcher) as receiver,
    ):
        watcher.wait_for_good(2)
        plugged.unplug()
        watcher.wait_for(lambda: not receiver.state().is_connected)
        assert "plug" in receiver.state().words
        assert receiver.state().status == "stale"


def test_a_gpsd_without_a_receiver_says_so_and_is_not_taken() -> None:
    watcher = Watcher()
    with GpsdDaemon() as gpsd, following(gpsd.port, watcher) as receiver:
        watcher.wait_for(lambda: "has no receiver" in receiver.state().words)
        assert receiver.state().status == "absent"
        assert not has_receiver("127.0.0.1", gpsd.port)


def test_a_gpsd_with_a_receiver_is_taken(tmp_path: Path) -> None:
    with PtyReceiver(tmp_path / "ttyUSB0", DRIVE) as plugged, GpsdDaemon(str(plugged.port)) as gpsd:
        watcher = Watcher()
        watcher.wait_for(lambda: has_receiver("127.0.0.1", gpsd.port))


def test_nobody_there_is_a_state() -> None:
    watcher, port = Watcher(), free_port()
    with following(port, watcher) as receiver:
        watcher.wait_for(lambda: "does not answer" in receiver.state().words)
        assert receiver.state().status == "absent"
    assert not has_receiver("127.0.0.1", port)


def test_something_else_on_the_port_is_not_gpsd() -> None:
    """It accepts, sends a page, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n{}\n[1, 2]\n")

        answering = threading.Thread(target=answer)
        answering.start()
        assert not has_receiver("127.0.0.1", server.getsockname()[1])
        answering.join()


def test_the_reports_of_gpsd_become_fixes() -> None:
    parser = GpsdParser(REFERENCE)
    fixes = parser.feed(
        b'{"class":"SKY","hdop":0.8,"satellites":[{"PRN":1,"used":true},{"PRN":2,"used":false}]}\r\n'
        b'{"class":"TPV","mode":3,"status":2,"time":"2026-11-21T12:00:00.500Z","lat":52.5,"lon":13.4,"altMSL":40.5,'
        b'"alt":99,"speed":10.5,"track":91.0}\r\n'
        b'{"class":"TPV","mode":1,"time":"1980-01-06T00:00:00.000Z"}\r\n'
        b'{"class":"TPV","mode":3,"time":"2007-04-07T12:00:00.000Z","lat":52.5,"lon":13.4}\n'
        b'{"class":"TPV","mode":2,"lat":1e308,"lon":13.4}\n{"class":"TPV","mo',
        7,
    )
    first, nothing, rolled, nowhere = fixes
    assert (first.verdict, first.quality, first.received_monotonic_ns) == ("good", "dgps", 7)
    assert (first.latitude, first.longitude, first.altitude_m) == (52.5, 13.4, 40.5)
    assert (first.speed_mps, first.course_degrees, first.hdop) == (10.5, 91.0, 0.8)
    assert (first.satellites, first.satellites_in_view) == (1, 2)
    assert first.utc_ns == round((BEGAN.timestamp() + 0.5) * NANOSECONDS)
    assert (nothing.verdict, nothing.utc_ns) == ("no_fix", None)
    assert rolled.utc_ns == round(datetime(2026, 11, 21, 12, 0, tzinfo=UTC).timestamp()) * NANOSECONDS
    assert nowhere.verdict == "implausible"


def test_a_moment_told_again_is_passed_over_unless_the_receiver_stands_still() -> None:
    parser = GpsdParser(REFERENCE)
    line = b'{"class":"TPV","mode":3,"time":"2026-11-21T12:00:%02d.000Z","lat":52.5,"lon":13.4}\n'
    told = [
        [fix.verdict for fix in parser.feed(line % second, round(received * NANOSECONDS))]
        for second, received in ((0, 0.0), (0, 0.1), (0, 0.2), (1, 1.0), (1, 1.1), (1, 3.5), (2, 4.0))
    ]
    assert told == [["good"], [], [], ["good"], [], ["stale"], ["good"]]


@given(st.lists(st.binary(max_size=300)))
def test_no_answer_is_too_strange(pieces: list[bytes]) -> None:
    parser = GpsdParser(REFERENCE)
    for piece in pieces:
        assert not [fix for fix in parser.feed(piece, 0) if fix.is_good]


def test_a_line_without_an_end_is_not_kept() -> None:
    parser = GpsdParser(REFERENCE)
    for _ in range(50):
        parser.feed(b"x" * 10_000, 0)
        assert parser.kept_bytes <= LONGEST_LINE_BYTES
    assert len(parser.feed(b'\n{"class":"TPV","mode":3,"lat":1,"lon":1}\n', 0)) == 1
