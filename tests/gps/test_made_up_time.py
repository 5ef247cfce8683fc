"""A receiver that simulates, or that was told where it is, sets no clock, whichever way its word comes."""

from __future__ import annotations

import socket
import threading
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Quality
from dashcam.gps.gpsd import GpsdReceiver
from dashcam.gps.gpsd_messages import GpsdParser
from dashcam.gps.time_trust import TimeTrust
from dashcam.settings.schema import GpsSettings
from tests.gps.made import Watcher, fix, sentence
from tests.gps.scripted_port import heard

REFERENCE = date(2026, 11, 1)
BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def said(number: int, *, mode: str = "", quality: str = "") -> bytes:
    """RMC with this mode and GGA with this quality, each if there is one."""
    moment = f"{BEGAN + timedelta(seconds=number):%H%M%S}.00"
    rmc = sentence(f"GPRMC,{moment},A,5230.0,N,01324.0,E,0.0,,211126,,,{mode}")
    gga = sentence(f"GPGGA,{moment},5230.0,N,01324.0,E,{quality},08,1.1,40.0,M,45.0,M,,")
    return (rmc if mode else b"") + (gga if quality else b"")


def reported(number: int, status: int) -> bytes:
    """TPV with this status."""
    time = f"{BEGAN + timedelta(seconds=number):%Y-%m-%dT%H:%M:%S}.000Z"
    return b'{"class":"TPV","mode":3,"status":%d,"time":"%s","lat":52.5,"lon":13.4}\n' % (status, time.encode())


@pytest.mark.parametrize(
    ("mode", "quality", "is_believed"),
    [
        ("A", "1", True),
        ("S", "8", False),
        ("S", "", False),
        # Of the two sentences one alone says so.
        ("S", "1", False),
        ("A", "8", False),
        ("M", "7", False),
        ("M", "1", False),
    ],
)
def test_a_receiver_on_a_port(mode: str, quality: str, is_believed: bool) -> None:
    trust, watcher = TimeTrust(), Watcher()
    arrivals = [(100.0 + number, said(number, mode=mode, quality=quality)) for number in range(8)]
    with heard(arrivals, watcher.take, REFERENCE) as receiver:
        words = receiver.state().words
    anchors = [trust.take(each) for each in watcher.fixes]
    assert len(anchors) == 8
    assert any(anchors) == is_believed
    assert words.startswith("the receiver simulates: fix") == ("S" in mode or quality == "8")
    # They are shown and stored all the same; what somebody has typed in is none.
    assert all(each.is_good for each in watcher.fixes) == (mode != "M")


@pytest.mark.parametrize(("status", "is_believed"), [(1, True), (6, True), (8, False)])
def test_a_receiver_behind_gpsd(status: int, is_believed: bool) -> None:
    trust, parser = TimeTrust(), GpsdParser(REFERENCE)
    fixes = [each for number in range(8) for each in parser.feed(reported(number, status), number * NANOSECONDS)]
    assert len(fixes) == 8
    assert any(trust.take(each) for each in fixes) == is_believed


def test_gpsd_s_simulating_receiver_says_so_in_words() -> None:
    watcher = Watcher()
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = threading.Event()

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b'{"class":"DEVICES","devices":[{"path":"/dev/ttyACM0"}]}\n' + reported(0, 8))
                told.wait(60)

        answering = threading.Thread(target=answer)
        answering.start()
        receiver = GpsdReceiver(GpsSettings(port=server.getsockname()[1]), watcher.take, REFERENCE)
        receiver.start()
        try:
            watcher.wait_for_good(1)
            assert receiver.state().words == "the receiver simulates: fix"
        finally:
            told.set()
            receiver.close()
            answering.join()


@pytest.mark.parametrize("quality", ["simulated", "manual"])
def test_one_that_is_made_up_begins_the_count_anew(quality: Quality) -> None:
    trust = TimeTrust()
    fixes = [fix(number, utc_seconds=100 + number) for number in range(6)]
    fixes[2] = msgspec.structs.replace(fixes[2], quality=quality)
    assert [trust.take(each) is not None for each in fixes] == [False] * 5 + [True]
