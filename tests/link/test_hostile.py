"""Clients that mean harm, or are not entitled."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from dashcam.errors import BadRequest, LinkError
from dashcam.link import client_thread
from dashcam.link.client import ask
from dashcam.link.client_thread import MAX_REQUEST_BYTES
from dashcam.link.messages import (
    Done,
    Failed,
    GetStatus,
)
from dashcam.link.place import socket_path
from dashcam.link.server import MAX_CLIENTS, LinkServer
from tests.link.peers import (
    Program,
    framed,
    message_from,
    new_server,
    raw_client,
)

GARBAGE = {
    "no MessagePack": framed(b"\xc1\xff\x00garbage"),
    "nothing": framed(b""),
    "another type": framed(msgspec.msgpack.encode({"type": "Reboot"})),
    "a wrong field": framed(msgspec.msgpack.encode({"type": "Save", "cause": 7})),
    "a list nested without end": framed(b"\x91" * 100_000),
    "a promise of four billion entries": framed(b"\xdd\xff\xff\xff\xff"),
    "a pickle": framed(b"cos\nsystem\n(S'true'\ntR."),
    "a length beyond the limit": struct.pack("!i", MAX_REQUEST_BYTES + 1),
    "a length of nine exabytes": struct.pack("!iQ", -1, 2**63 - 1),
    "a negative length": struct.pack("!i", -77),
    "a request of HTTP": b"GET / HTTP/1.1\r\nHost: dashcam\r\n\r\n",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused_in_words_and_the_connection_closed(name: str, tmp_path: Path, server: LinkServer) -> None:
    with raw_client(tmp_path) as client:
        client.sendall(GARBAGE[name])
        reply = message_from(client)
        assert isinstance(reply, Failed)
        assert reply.code == BadRequest.code
        # The end, or a reset where some of the garbage was not even read.
        with contextlib.suppress(ConnectionResetError):
            assert client.recv(1) == b""
    assert ask(tmp_path, "recorder", GetStatus(), Done) == Done()


def test_half_a_message_is_cut_off_after_the_limit(
    tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_thread, "_RECEIVE_LIMIT_SECONDS", 0.05)
    server = new_server(tmp_path, program)
    server.start()
    with raw_client(tmp_path) as client:
        client.sendall(struct.pack("!i", 1000) + b"half")
        assert client.recv(1) == b""
    server.close()


def test_who_asks_for_nothing_is_sent_away(tmp_path: Path, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_thread, "_IDLE_LIMIT_SECONDS", 0.05)
    server = new_server(tmp_path, program)
    server.start()
    with raw_client(tmp_path) as client:
        assert client.recv(1) == b""
    server.close()


def test_a_client_that_leaves_mid_message_harms_nobody(tmp_path: Path, server: LinkServer) -> None:
    for _ in range(20):
        with raw_client(tmp_path) as client:
            client.sendall(struct.pack("!i", 1000) + b"half")
    assert ask(tmp_path, "recorder", GetStatus(), Done) == Done()


def test_clients_beyond_the_limit_are_told_so_and_places_come_back(tmp_path: Path, server: LinkServer) -> None:
    clients = [raw_client(tmp_path) for _ in range(MAX_CLIENTS)]
    for client in clients:
        client.sendall(framed(msgspec.msgpack.encode(GetStatus())))
        assert message_from(client) == Done()
    with pytest.raises(LinkError, match="too many clients"):
        ask(tmp_path, "recorder", GetStatus(), Done)
    for client in clients:
        client.close()
    retry_until_answered(tmp_path)


def retry_until_answered(state: Path) -> None:
    """The places come back as each client's thread notices; asking again needs no clock."""
    for _ in range(10_000):
        try:
            assert ask(state, "recorder", GetStatus(), Done) == Done()
        except LinkError:
            continue
        return
    pytest.fail("no place came back")


def test_the_socket_is_closed_to_strangers(tmp_path: Path, server: LinkServer) -> None:
    path = socket_path(tmp_path, "recorder")
    assert path.stat().st_mode & 0o777 == 0o660
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize(
    ("user", "group", "further", "is_welcome"),
    [
        (0, 0, [], True),
        (12345, 12345, [], False),
        (12345, 4321, [], True),
        (12345, 12345, [4321], True),
        (12345, 0, [0], False),
    ],
)
def test_only_the_own_user_root_and_the_folders_group_are_welcome(
    user: int, group: int, further: list[int], is_welcome: bool, tmp_path: Path, program: Program
) -> None:
    path = socket_path(tmp_path, "recorder")
    server_runs, tell = os.pipe()
    # Before the server has threads, which a fork does not go well with.
    somebody = os.fork()
    if somebody == 0:
        ask_as(user, group, further, path, server_runs)
    server = new_server(tmp_path, program)
    server.start()
    os.chown(path.parent, 0, 4321 if group or not further else 0)
    # The file modes would refuse as well; here it is the server itself that is asked.
    path.parent.chmod(0o755)
    path.chmod(0o666)
    os.write(tell, b"!")
    _, status = os.waitpid(somebody, 0)
    server.close()
    os.close(tell)
    os.close(server_runs)
    assert os.waitstatus_to_exitcode(status) == (0 if is_welcome else 1)


def ask_as(user: int, group: int, further: list[int], path: Path, server_runs: int) -> NoReturn:
    """Ends the process: 0 when it was answered, 1 when it was turned away."""
    code = 2
    try:
        os.read(server_runs, 1)
        os.setgroups(further)
        os.setgid(group)
        os.setuid(user)
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(path))
        client.sendall(framed(msgspec.msgpack.encode(GetStatus())))
        code = 0 if client.recv(1) else 1
    except (BrokenPipeError, ConnectionResetError):
        code = 1
    finally:
        os._exit(code)
