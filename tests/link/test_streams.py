"""Streams: in order, newest wins, and nobody who stands still holds up the producer."""

from __future__ import annotations

import select
import threading
from pathlib import Path

import msgspec
import pytest

from dashcam.errors import LinkError
from dashcam.link import client_thread
from dashcam.link.messages import (
    GetStatus,
    PreviewPicture,
    WatchPreview,
)
from dashcam.link.server import LinkServer
from dashcam.link.stream import OUTBOX_MESSAGES, Stream
from tests.link.peers import (
    Program,
    framed,
    picture,
    raw_client,
    watch_pictures,
)


def test_a_stream_hands_on_what_is_offered_in_order(tmp_path: Path, server: LinkServer, program: Program) -> None:
    with watch_pictures(tmp_path) as pictures:
        stream = program.wait_for_subscriber()
        for number in range(100):
            stream.offer(picture(number))
            assert next(pictures).captured_monotonic_ns == number


def test_the_newest_messages_win(tmp_path: Path) -> None:
    stream = Stream()
    for number in range(10):
        stream.offer(picture(number))
    taken = [message for message in (stream.take() for _ in range(10)) if isinstance(message, PreviewPicture)]
    assert [message.captured_monotonic_ns for message in taken] == [8, 9]
    assert len(taken) == OUTBOX_MESSAGES
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
    tmp_path: Path, server: LinkServer, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_thread, "_SEND_LIMIT_SECONDS", 0.1)
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
        # Never resumed mid-message: what the stuck client finds is cut off, then the end.
        received = b""
        while part := stuck.recv(1 << 20):
            received += part
        assert len(received) % len(framed(msgspec.msgpack.encode(picture(0, size=200_000)))) != 0


def test_a_producer_offers_without_waiting_even_if_no_client_thread_ever_runs() -> None:
    stream = Stream()
    for number in range(50_000):
        stream.offer(picture(number))
    assert [stream.take() for _ in range(OUTBOX_MESSAGES + 1)] == [picture(49_998), picture(49_999), None]
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
