"""One address may hold only so many places, whoever else is there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from dashcam.web import clip_files, events
from dashcam.web.fair_share import FairShare, Places
from tests.web.sites import PATIENCE_SECONDS, Site, Sites, clip_row, settings


def test_one_address_gets_no_more_than_its_share_and_others_get_theirs() -> None:
    share = FairShare(2)
    assert [share.take("10.0.0.1") for _ in range(3)] == [True, True, False]
    assert share.take("10.0.0.2")
    share.give_back("10.0.0.1")
    assert [share.take("10.0.0.1") for _ in range(2)] == [True, False]


def test_who_has_gone_is_forgotten() -> None:
    share = FairShare(1)
    for number in range(1000):
        assert share.take(str(number))
        share.give_back(str(number))
    assert not share._held


@pytest.mark.parametrize(("most", "expected"), [(1, 1), (2, 2), (3, 3), (4, 3), (10, 8), (16, 12), (24, 18)])
def test_one_address_alone_may_have_most_places_and_leaves_some(most: int, expected: int) -> None:
    places = Places(most)
    assert sum(places.take("10.0.0.1") is not None for _ in range(2 * most)) == expected
    assert sum(places.take("10.0.0.2") is not None for _ in range(2 * most)) == most - expected
    assert places.taken == most


@pytest.mark.parametrize("most", [4, 10, 16, 24])
def test_half_of_the_places_is_for_anybody_while_there_are_any(most: int) -> None:
    places = Places(most)
    for number in range(most // 2):
        assert places.take(str(number))
    assert sum(places.take("10.0.0.1") is not None for _ in range(most)) == most // 2
    assert places.take("10.0.0.2") is None


def test_a_place_is_given_back_once_however_often_it_is_said() -> None:
    places = Places(2)
    give_back, _ = places.take("10.0.0.1"), places.take("10.0.0.1")
    assert give_back is not None
    give_back()
    give_back()
    assert places.taken == 1
    assert places.take("10.0.0.1")
    assert places.take("10.0.0.1") is None


def test_whoever_found_no_place_or_has_gone_is_forgotten() -> None:
    places = Places(1)
    give_back = places.take("10.0.0.1")
    assert give_back is not None
    for number in range(1000):
        assert places.take(str(number)) is None
    give_back()
    assert not places._held


@contextmanager
def asking(site: Site, path: str, address: str) -> Iterator[bytes]:
    """The status of an answer that stays under way, to a client at an address of this machine."""
    with socket.create_connection(("127.0.0.1", site.port), PATIENCE_SECONDS, source_address=(address, 0)) as plain:
        plain.sendall(f"GET {path} HTTP/1.1\r\nHost: {site.netloc}\r\n\r\n".encode())
        yield plain.recv(12)[-3:]


@pytest.mark.parametrize("path", ["/stream.mjpg", "/api/live", "/api/events", "/media/42-1", "/api/clips.zip?ids=42-1"])
def test_one_device_cannot_take_all_places_of_the_page(
    sites: Sites, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(clip_files, "MAX_TRANSFERS", 4)
    monkeypatch.setattr(events, "MAX_EVENT_STREAMS", 4)
    site = sites.make(settings(max_viewers=4))
    site.keeper.add(clip_row(1), bytes(12_000_000))
    with ExitStack() as held:
        answers = [held.enter_context(asking(site, path, "127.0.0.2")) for _ in range(4)]
        assert answers == [b"200", b"200", b"200", b"503"]
        with asking(site, path, "127.0.0.3") as answer:
            assert answer == b"200"
