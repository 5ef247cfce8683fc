"""What systemd hears, on sockets like its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.system.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = str(tmp_path / "notify") if request.param == "path" else f"@dashcam-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(name.replace("@", "\0"))
        receiver.settimeout(60.0)
        yield receiver, name


def test_each_message_is_one_datagram(systemd: tuple[socket.socket, str]) -> None:
    receiver, name = systemd
    notifier = Notifier({"NOTIFY_SOCKET": name})
    notifier.ready("recording")
    notifier.ready()
    notifier.status("no card:\nput one in")
    notifier.watchdog()
    notifier.stopping()
    heard = [receiver.recv(4096).decode() for _ in range(5)]
    assert heard == [
        "READY=1\nSTATUS=recording",
        "READY=1",
        "STATUS=no card: put one in",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


def test_a_status_is_one_short_line(systemd: tuple[socket.socket, str]) -> None:
    receiver, name = systemd
    Notifier({"NOTIFY_SOCKET": name}).status("long " * 1000 + "\nREADY=1")
    heard = receiver.recv(65536)
    assert b"\n" not in heard
    assert len(heard) < 500


def test_without_systemd_nothing_happens() -> None:
    notifier = Notifier({})
    assert notifier.watchdog_seconds is None
    notifier.ready("recording")
    notifier.watchdog()


def test_a_systemd_that_is_gone_or_full_disturbs_nobody(tmp_path: Path) -> None:
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "absent")}).ready()
    path = tmp_path / "full"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(path))
        notifier = Notifier({"NOTIFY_SOCKET": str(path)})
        for _ in range(5000):  # far more than any queue holds; a blocking send would stand here for ever
            notifier.watchdog()


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "1500000", "WATCHDOG_PID": str(os.getpid())}, 1.5),
        ({"WATCHDOG_USEC": "1500000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdogs_period_is_for_this_process_only(environment: dict[str, str], seconds: float | None) -> None:
    assert Notifier(environment).watchdog_seconds == seconds
