"""Only whole requests come in; the others wait outside, and not for ever."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest

from dashcam.web import doorman as doorman_module
from dashcam.web.doorman import Connection, Doorman, Limits, is_whole
from tests.web.sites import wait_until

LIMITS = Limits(head_bytes=200, body_bytes=50)
HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (b"", False),
        (b"GET", False),
        (HEAD, False),
        (HEAD + b"\r\n", True),
        (HEAD + b"Content-Length: 5\r\n\r\n", False),
        (HEAD + b"Content-Length: 5\r\n\r\n1234", False),
        (HEAD + b"Content-Length: 5\r\n\r\n12345", True),
        (HEAD + b"content-length:0\r\n\r\n", True),
        (HEAD + b"X-Content-Length: 5\r\n\r\n", True),
        (HEAD + b"\r\nContent-Length: 5\r\n", True),
        (HEAD + b"Content-Length: 51\r\n\r\n", True),
        (HEAD + b"Content-Length: -5\r\n\r\n", True),
        (HEAD + b"Content-Length: " + b"9" * 100 + b"\r\n\r\n", True),
        (b"x" * 199, False),
        (b"x" * 200, True),
    ],
)
def test_a_request_is_whole_when_no_byte_is_missing_or_it_will_be_refused(received: bytes, expected: bool) -> None:
    assert is_whole(received, LIMITS) == expected


class Guest:
    """A connection with both its ends."""

    def __init__(self) -> None:
        self.socket, self.client = socket.socketpair()
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True
        self.socket.close()


class House:
    """A doorman, the clock on his wall, and who was let in."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self.now = 0.0
        self.let_in: list[Connection] = []
        self.doorman = Doorman(self.let_in.append, LIMITS, arrival_seconds=10, monotonic=lambda: self.now)
        self.doorman.start()
        stack.callback(self.doorman.close)
        self._stack = stack

    def guest(self, words: bytes = b"") -> Guest:
        guest = Guest()
        self._stack.callback(guest.client.close)
        self._stack.callback(guest.close)
        guest.client.sendall(words)
        self.doorman.admit(guest)
        return guest


@pytest.fixture
def house() -> Iterator[House]:
    with contextlib.ExitStack() as stack:
        yield House(stack)


def test_a_whole_request_is_let_in_at_once(house: House) -> None:
    guest = house.guest(HEAD + b"\r\n")
    assert house.let_in == [guest]
    assert guest.socket.recv(1000) == HEAD + b"\r\n"


def test_a_request_in_many_pieces_is_let_in_when_the_last_has_come(house: House) -> None:
    guest = house.guest()
    for letter in HEAD + b"Content-Length: 2\r\n\r\n1":
        guest.client.sendall(bytes([letter]))
    other = house.guest()
    other.client.sendall(HEAD + b"\r\n")
    wait_until(lambda: house.let_in == [other])
    guest.client.sendall(b"2")
    wait_until(lambda: house.let_in == [other, guest])
    assert house.doorman.waiting == 0


def test_who_hangs_up_in_the_middle_is_forgotten(house: House) -> None:
    guest = house.guest(b"GET")
    guest.client.close()
    wait_until(lambda: guest.is_closed)
    assert house.let_in == []


def test_who_says_all_and_then_no_more_is_let_in(house: House) -> None:
    guest = house.guest(HEAD)
    guest.client.sendall(b"\r\n")
    guest.client.shutdown(socket.SHUT_WR)
    wait_until(lambda: house.let_in == [guest])


def test_who_takes_too_long_is_told_so_and_shown_out(house: House) -> None:
    silent, slow = house.guest(), house.guest(b"GET / HTT")
    house.now = 9
    late = house.guest(b"GET")
    house.now = 10.5
    wait_until(lambda: silent.is_closed and slow.is_closed)
    assert silent.client.recv(1000) == b""
    assert slow.client.recv(1000).startswith(b"HTTP/1.1 408 ")
    assert not late.is_closed
    assert house.let_in == []


def test_when_it_is_crowded_the_one_who_waits_longest_goes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorman_module, "MAX_WAITING", 3)
    guests = [house.guest() for _ in range(5)]
    assert [guest.is_closed for guest in guests] == [True, True, False, False, False]


def test_closing_shows_everybody_out_and_admits_nobody(house: House) -> None:
    guest = house.guest()
    house.doorman.close()
    late = house.guest(HEAD + b"\r\n")
    assert guest.is_closed
    assert late.is_closed
    assert house.let_in == []
