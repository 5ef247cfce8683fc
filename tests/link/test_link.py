"""The link: requests and replies, streams, and clients that mean harm or stand still."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dashcam.errors import AlreadyRunning, BadRequest, ClipBusy, LinkError
from dashcam.link import client_thread
from dashcam.link.client import Watch, ask, watch
from dashcam.link.client_thread import MAX_REQUEST_BYTES
from dashcam.link.messages import (
    ClipsDone,
    DeleteClips,
    Done,
    Failed,
    GetStatus,
    Message,
    PreviewPicture,
    RecorderRequest,
    Save,
    Saved,
    ScanCard,
    StopRecording,
    TakePhoto,
    WatchPreview,
)
from dashcam.link.place import socket_folder, socket_path
from dashcam.link.server import MAX_CLIENTS, LinkServer
from dashcam.link.stream import OUTBOX_MESSAGES, Stream

# Only to end what would hang; nothing is measured by it.
LONG_SECONDS = 60.0

Requests = RecorderRequest | ScanCard | DeleteClips


def picture(number: int, size: int = 10) -> PreviewPicture:
    return PreviewPicture(jpeg=b"j" * size, width=1, height=1, captured_monotonic_ns=number)


class Program:
    """What stands behind the server: one answer a request, and streams of pictures."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.has_subscriber = threading.Semaphore(0)
        self.has_lost_subscriber = threading.Semaphore(0)
        self.unsubscribed = 0
        self.go_on = threading.Event()

    def answer(self, request: Any) -> Message:
        match request:
            case Save(cause=cause):
                return Saved(id=cause, clip_ids=("1-2", "1-3"))
            case StopRecording():
                raise ClipBusy("the clip is still open; try again")
            case TakePhoto():
                raise ZeroDivisionError("a mistake")
            case ScanCard():
                self.go_on.wait(LONG_SECONDS)
                return Done()
            case DeleteClips(ids=ids):
                return ClipsDone(done=ids, failed={})
        return Done()

    def subscribe(self, request: Any, stream: Stream) -> Callable[[], None] | None:
        if not isinstance(request, WatchPreview):
            return None
        self.streams.append(stream)
        self.has_subscriber.release()
        return self.unsubscribe

    def unsubscribe(self) -> None:
        self.unsubscribed += 1
        self.has_lost_subscriber.release()

    def wait_for_subscriber(self) -> Stream:
        assert self.has_subscriber.acquire(timeout=LONG_SECONDS)
        return self.streams[-1]

    def wait_for_loss(self) -> None:
        assert self.has_lost_subscriber.acquire(timeout=LONG_SECONDS)


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
def server(tmp_path: Path, program: Program) -> Iterator[LinkServer]:
    server = new_server(tmp_path, program)
    server.start()
    yield server
    program.go_on.set()
    server.close()


def new_server(state: Path, program: Program) -> LinkServer:
    return LinkServer(state, "recorder", requests=Requests, answer=program.answer, subscribe=program.subscribe)


def raw_client(state: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(LONG_SECONDS)
    client.connect(str(socket_path(state, "recorder")))
    return client


def message_from(client: socket.socket) -> Any:
    """The next message, read by hand: the format of multiprocessing.connection is part of the contract."""
    length = struct.unpack("!i", client.recv(4, socket.MSG_WAITALL))[0]
    return msgspec.msgpack.decode(client.recv(length, socket.MSG_WAITALL), type=Done | Failed | Saved | PreviewPicture)


def open_handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def framed(content: bytes) -> bytes:
    return struct.pack("!i", len(content)) + content


def watch_pictures(state: Path) -> Watch[PreviewPicture]:
    return watch(state, "recorder", WatchPreview(), PreviewPicture, LONG_SECONDS)


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


def test_a_stream_hands_on_what_is_offered_in_order(tmp_path: Path, server: LinkServer, program: Program) -> None:
    with watch_pictures(tmp_path) as pictures:
        stream = program.wait_for_subscriber()
        for number in range(100):
            stream.offer(picture(number))
            assert next(pictures).captured_monotonic_ns == number
        assert stream.dropped_messages == 0


def test_the_newest_messages_win(tmp_path: Path) -> None:
    stream = Stream()
    for number in range(10):
        stream.offer(picture(number))
    taken = [message for message in (stream.take() for _ in range(10)) if isinstance(message, PreviewPicture)]
    assert [message.captured_monotonic_ns for message in taken] == [8, 9]
    assert len(taken) == OUTBOX_MESSAGES
    assert stream.dropped_messages == 8
    stream.close()


def test_an_emptied_stream_is_not_readable_and_a_filled_one_is() -> None:
    stream = Stream()

    def is_readable() -> bool:
        return bool(select.select([stream], [], [], 0)[0])

    assert not is_readable()
    stream.offer(picture(1))
    stream.offer(picture(2))
    assert is_readable()
    assert stream.take() is not None
    assert is_readable()
    assert stream.take() is not None
    assert stream.take() is None
    assert not is_readable()
    stream.close()


def test_a_stuck_client_never_holds_up_the_producer_and_is_dropped(
    tmp_path: Path, server: LinkServer, program: Program
) -> None:
    with raw_client(tmp_path) as stuck, watch_pictures(tmp_path) as pictures:
        quick_stream = program.wait_for_subscriber()
        stuck.sendall(framed(msgspec.msgpack.encode(WatchPreview())))
        stuck_stream = program.wait_for_subscriber()
        # No single offer waits for the stuck one: the quick client gets every picture, one for one, although far
        # more is offered to the other than any buffer holds.
        rounds = 0
        while not stuck_stream.is_closed:
            stuck_stream.offer(picture(rounds, size=200_000))
            quick_stream.offer(picture(rounds))
            assert next(pictures).captured_monotonic_ns == rounds
            rounds += 1
        program.wait_for_loss()
        assert stuck_stream.dropped_messages > 0
        assert quick_stream.dropped_messages == 0
        # Never resumed mid-message: what the stuck client finds is cut off, then the end.
        received = b""
        while part := stuck.recv(1 << 20):
            received += part
        assert len(received) % len(framed(msgspec.msgpack.encode(picture(0, size=200_000)))) != 0


def test_a_producer_offers_without_waiting_even_if_no_client_thread_ever_runs() -> None:
    stream = Stream()
    for number in range(50_000):
        stream.offer(picture(number))
    assert stream.dropped_messages == 50_000 - OUTBOX_MESSAGES
    stream.close()


def test_a_subscriber_that_leaves_is_noticed_although_nothing_is_sent(
    tmp_path: Path, server: LinkServer, program: Program
) -> None:
    with watch_pictures(tmp_path):
        stream = program.wait_for_subscriber()
    program.wait_for_loss()
    assert stream.is_closed
    stream.offer(picture(1))  # forgotten, without an error
    assert program.unsubscribed == 1


def test_a_subscriber_that_speaks_is_dropped(tmp_path: Path, server: LinkServer, program: Program) -> None:
    with raw_client(tmp_path) as client:
        client.sendall(framed(msgspec.msgpack.encode(WatchPreview())))
        program.wait_for_subscriber()
        client.sendall(framed(msgspec.msgpack.encode(GetStatus())))
        program.wait_for_loss()


def test_a_stream_ends_with_a_link_error_when_the_server_goes(
    tmp_path: Path, server: LinkServer, program: Program
) -> None:
    with watch_pictures(tmp_path) as pictures:
        program.wait_for_subscriber()
        server.close()
        with pytest.raises(LinkError, match="hung up"):
            next(pictures)
    assert program.unsubscribed == 1


def test_cancel_ends_a_wait_in_another_thread(tmp_path: Path, server: LinkServer, program: Program) -> None:
    with watch_pictures(tmp_path) as pictures:
        program.wait_for_subscriber()
        canceller = threading.Timer(0.05, pictures.cancel)
        canceller.start()
        assert list(pictures) == []
        canceller.join()


def test_cancel_before_the_start_is_not_forgotten(tmp_path: Path, server: LinkServer) -> None:
    pictures = watch_pictures(tmp_path)
    pictures.cancel()
    with pictures:
        assert list(pictures) == []


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
    user: int, group: int, further: list[int], is_welcome: bool, tmp_path: Path, server: LinkServer
) -> None:
    folder = socket_folder(tmp_path)
    os.chown(folder, 0, 4321 if group or not further else 0)
    # The file modes would refuse as well; here it is the server itself that is asked.
    folder.chmod(0o755)
    path = socket_path(tmp_path, "recorder")
    path.chmod(0o666)
    if os.fork() == 0:
        code = 2
        try:
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
    assert os.waitstatus_to_exitcode(os.wait()[1]) == (0 if is_welcome else 1)


def test_the_wire_is_what_multiprocessing_speaks(tmp_path: Path, server: LinkServer) -> None:
    client = raw_client(tmp_path)
    client.setblocking(True)
    connection: Connection[Any, Any] = Connection(client.detach())
    connection.send_bytes(msgspec.msgpack.encode(Save(cause="hand")))
    assert msgspec.msgpack.decode(connection.recv_bytes(1000))["type"] == "Saved"
    connection.close()
