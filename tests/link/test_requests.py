"""Requests and replies, and one server at a time."""

from __future__ import annotations

import select
import socket
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashcam.errors import AlreadyRunning, ClipBusy, LinkError
from dashcam.link.client import ask
from dashcam.link.messages import (
    ClipsDone,
    DeleteClips,
    Done,
    GetStatus,
    Save,
    Saved,
    ScanCard,
    StopRecording,
    TakePhoto,
)
from dashcam.link.place import socket_path
from dashcam.link.server import LinkServer
from dashcam.system.runtime_folder import socket_folder
from tests.link.peers import (
    LONG_SECONDS,
    Program,
    framed,
    message_from,
    new_server,
    open_handles,
    raw_client,
    watch_pictures,
)


def test_a_request_is_answered_with_its_reply(tmp_path: Path, server: LinkServer) -> None:
    reply = ask(tmp_path, "recorder", Save(cause="hand"), Saved)
    assert reply == Saved(id="hand", clip_ids=("1-2", "1-3"))


def test_one_connection_serves_many_requests(tmp_path: Path, server: LinkServer) -> None:
    with raw_client(tmp_path) as client:
        for cause in ("hand", "button", "motion"):
            client.sendall(framed(msgspec.msgpack.encode(Save(cause=cause))))
            assert message_from(client).id == cause


def test_the_longest_allowed_request_arrives_whole(tmp_path: Path, server: LinkServer) -> None:
    ids = tuple(f"4711-{number}" for number in range(20_000))
    assert ask(tmp_path, "recorder", DeleteClips(ids=ids), ClipsDone, LONG_SECONDS).done == ids


def test_a_named_error_is_raised_again_as_what_it_was(tmp_path: Path, server: LinkServer) -> None:
    with pytest.raises(ClipBusy, match="try again"):
        ask(tmp_path, "recorder", StopRecording(), Done)


def test_a_mistake_of_the_program_is_told_logged_and_the_server_lives_on(
    tmp_path: Path, server: LinkServer, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Exception, match="a mistake"):
        ask(tmp_path, "recorder", TakePhoto(), Done)
    assert "TakePhoto could not be answered" in caplog.text
    assert ask(tmp_path, "recorder", GetStatus(), Done) == Done()


def test_an_absent_program_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(LinkError, match="the keeper is not running"):
        ask(tmp_path, "keeper", GetStatus(), Done)


def test_a_silent_program_is_given_up_after_the_limit(tmp_path: Path, server: LinkServer) -> None:
    with pytest.raises(LinkError, match=r"does not answer within 0\.05 s"):
        ask(tmp_path, "recorder", ScanCard(), Done, limit_seconds=0.05)


def test_a_slow_answer_holds_up_nobody_else(tmp_path: Path, server: LinkServer, program: Program) -> None:
    with raw_client(tmp_path) as slow:
        slow.sendall(framed(msgspec.msgpack.encode(ScanCard())))
        assert ask(tmp_path, "recorder", GetStatus(), Done) == Done()
        assert not select.select([slow], [], [], 0)[0]
        program.go_on.set()
        assert message_from(slow) == Done()


def test_a_reply_of_another_type_is_said_to_be_another_version(tmp_path: Path, server: LinkServer) -> None:
    with pytest.raises(LinkError, match="another version"):
        ask(tmp_path, "recorder", GetStatus(), Saved)


def test_a_second_server_on_the_same_folder_refuses_and_the_first_goes_on(
    tmp_path: Path, server: LinkServer, program: Program
) -> None:
    second = new_server(tmp_path, program)
    with pytest.raises(AlreadyRunning, match="another recorder already runs"):
        second.start()
    second.close()
    assert ask(tmp_path, "recorder", GetStatus(), Done) == Done()


def test_servers_on_different_folders_do_not_meet(tmp_path: Path, server: LinkServer) -> None:
    other = new_server(tmp_path / "other", Program())
    other.start()
    other.close()
    assert ask(tmp_path, "recorder", GetStatus(), Done) == Done()


def test_a_stale_socket_is_replaced(tmp_path: Path, program: Program) -> None:
    path = socket_path(tmp_path, "recorder")
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    path.with_suffix(".lock").touch()
    server = new_server(tmp_path, program)
    server.start()
    assert ask(tmp_path, "recorder", GetStatus(), Done) == Done()
    server.close()


def test_a_server_can_come_again_after_closing(tmp_path: Path, program: Program) -> None:
    for _ in range(5):
        server = new_server(tmp_path, program)
        server.start()
        assert ask(tmp_path, "recorder", GetStatus(), Done) == Done()
        server.close()
        server.close()
        assert not socket_folder(tmp_path).exists()


def test_close_ends_idle_clients_and_streams_and_leaves_no_thread_or_handle(tmp_path: Path, program: Program) -> None:
    threads, handles = threading.active_count(), open_handles()
    server = new_server(tmp_path, program)
    server.start()
    idle = [raw_client(tmp_path) for _ in range(5)]
    with watch_pictures(tmp_path), watch_pictures(tmp_path):
        program.wait_for_subscriber()
        program.wait_for_subscriber()
        server.close()
        assert threading.active_count() == threads
    for client in idle:
        assert client.recv(1) == b""
        client.close()
    assert program.unsubscribed == 2
    assert open_handles() == handles


def test_the_wire_is_what_multiprocessing_speaks(tmp_path: Path, server: LinkServer) -> None:
    client = raw_client(tmp_path)
    client.setblocking(True)
    connection: Connection[Any, Any] = Connection(client.detach())
    connection.send_bytes(msgspec.msgpack.encode(Save(cause="hand")))
    assert msgspec.msgpack.decode(connection.recv_bytes(1000))["type"] == "Saved"
    connection.close()
