"""The page on sockets that systemd has opened: it serves all of them, lets nobody move it, and takes no one else's."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest

from dashcam.errors import SettingsError
from dashcam.web.inherited import take_inherited
from tests.conftest import CHECKOUT
from tests.recorder.running import Systemd
from tests.web.sites import PATIENCE_SECONDS, Answer, wait_until

# As systemd does it: the sockets are numbers 3 and up, and the process knows by its own number that they are for it.
LAUNCHER = """
import os, sys
given, whose = [int(word) for word in sys.argv[1].split(",") if word], sys.argv[2]
spare = [os.dup(os.dup(number)) for number in given]
for place, number in enumerate(spare, 3):
    os.dup2(number, place)
os.environ |= {"LISTEN_FDS": str(len(given)), "LISTEN_PID": str(os.getpid()) if whose == "ours" else whose}
from dashcam.cli import main
raise SystemExit(main(sys.argv[3:]))
"""


def listening(backlog: int = 16) -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=backlog)


@contextmanager
def page_on(sockets: Sequence[socket.socket], data: Path, whose: str = "ours") -> Iterator[subprocess.Popen[str]]:
    """The web program as systemd would start it, whose own port would be any free one."""
    numbers = [given.fileno() for given in sockets]
    words = [sys.executable, "-c", LAUNCHER, ",".join(map(str, numbers)), whose, "web", "--data", str(data)]
    process = subprocess.Popen(
        [*words, "--set=web.host=127.0.0.1", "--port=0"],
        cwd=CHECKOUT,
        env={**os.environ, "XDG_RUNTIME_DIR": str(data), "NOTIFY_SOCKET": str(data / "notify"), **watched(data)},
        pass_fds=numbers,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def watched(data: Path) -> dict[str, str]:
    return {"WATCHDOG_USEC": "400000", "DASHCAM_RUNTIME": str(data)}


def address_in(data: Path) -> str:
    file = data / "web" / "web.address"
    wait_until(file.is_file)
    return file.read_text().strip()


def ask(port: int, method: str = "GET", path: str = "/api/status", changes: object = None) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    body = None if changes is None else msgspec.json.encode({"changes": changes})
    connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    try:
        return Answer(connection.getresponse())
    finally:
        connection.close()


def port_of(given: socket.socket) -> int:
    return int(given.getsockname()[1])


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    heard = Systemd(tmp_path)
    yield heard
    heard.close()


def test_it_serves_every_socket_also_clients_who_came_before_it_and_says_so(tmp_path: Path, systemd: Systemd) -> None:
    with listening() as first, listening() as second, socket.create_connection(second.getsockname()) as early:
        early.settimeout(PATIENCE_SECONDS)
        early.sendall(f"GET /api/status HTTP/1.1\r\nHost: 127.0.0.1:{port_of(second)}\r\n\r\n".encode())
        with page_on((first, second), tmp_path) as process:
            assert early.recv(13) == b"HTTP/1.1 200 "
            systemd.wait_for("READY=1")
            for _ in range(3):
                assert [ask(port_of(given)).status for given in (first, second)] == [200, 200]
            assert address_in(tmp_path) == f"http://127.0.0.1:{port_of(first)}"
            systemd.wait_for("WATCHDOG=1")
            assert "STOPPING=1" not in systemd.listen()
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
            systemd.wait_for("STOPPING=1")
        assert not (tmp_path / "web" / "web.address").exists()


def test_ending_it_leaves_the_sockets_as_they_were_for_the_next_start(tmp_path: Path, systemd: Systemd) -> None:
    """Nobody waits there whom it has called itself: that would start it again at once. A client who does is served."""
    with listening() as given:
        for _ in range(2):
            with page_on((given,), tmp_path) as process:
                systemd.wait_for("READY=1")
                assert ask(port_of(given)).status == 200
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE_SECONDS) == 0
            systemd.forget()
            given.setblocking(False)
            with pytest.raises(BlockingIOError):
                given.accept()


def test_its_address_cannot_be_changed_from_the_page_which_says_where_it_can(tmp_path: Path, systemd: Systemd) -> None:
    with listening() as given, page_on((given,), tmp_path):
        systemd.wait_for("READY=1")
        refused = ask(port_of(given), "PATCH", "/api/settings", {"web.port": 8123, "clock.zone": "UTC"})
        assert refused.status == 422
        assert "systemctl edit dashcam-web.socket" in refused.json["error"]["message"]
        taken = ask(port_of(given), "PATCH", "/api/settings", {"clock.zone": "UTC"})
        assert (taken.status, taken.json["pending"]) == (200, [])
        assert ask(port_of(given)).status == 200


def test_sockets_that_were_meant_for_another_process_are_left_alone(tmp_path: Path, systemd: Systemd) -> None:
    with listening() as given, page_on((given,), tmp_path, whose="1"):
        systemd.wait_for("READY=1")
        address = address_in(tmp_path)
        assert address != f"http://127.0.0.1:{port_of(given)}"
        assert ask(int(address.rpartition(":")[2])).status == 200


def test_what_is_no_tcp_port_is_refused_in_words(tmp_path: Path) -> None:
    with ExitStack() as closing:
        for wrong in (socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(), socket.socket(socket.AF_UNIX)):
            closing.enter_context(wrong)
            with page_on((wrong,), tmp_path) as process:
                assert process.wait(PATIENCE_SECONDS) != 0
                assert process.stderr is not None
                assert "dashcam-web.socket may have ListenStream" in process.stderr.read()


@pytest.mark.parametrize("whose", ["", "x", "1"])
def test_the_variables_are_gone_whoever_they_were_for(whose: str) -> None:
    environment = {"LISTEN_PID": whose, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "web", "HOME": "/"}
    assert take_inherited(environment) == ()
    assert environment == {"HOME": "/"}


def test_an_impossible_number_of_sockets_is_refused() -> None:
    with pytest.raises(SettingsError, match="at most"):
        take_inherited({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "100000"})
