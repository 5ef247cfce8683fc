"""The ring holds the last seconds from a keyframe on, never more bytes than it may, and says what it keeps."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from dashcam.camera.base import Packet
from dashcam.clock import NANOSECONDS
from dashcam.recorder.packet_queue import PACKET_OVERHEAD_BYTES, Gap
from dashcam.recorder.ring import LATE_SECONDS, PacketRing

FPS = 10
FRAME_NS = NANOSECONDS // FPS
COST = 1000
PLENTY = 10**9


def packet(number: int, gop: int = FPS) -> Packet:
    data = bytes(COST - PACKET_OVERHEAD_BYTES)
    return Packet(data, number * FRAME_NS, number * FRAME_NS, FRAME_NS, number % gop == 0, number * FRAME_NS)


def filled(frames: int, *, seconds: float = 5.0, limit_bytes: int = PLENTY, gop: int = FPS) -> PacketRing:
    ring = PacketRing(seconds, limit_bytes)
    for number in range(frames):
        ring.put(packet(number, gop))
    return ring


def numbers(entries: Iterable[Packet | Gap]) -> list[int]:
    return [-1 if isinstance(entry, Gap) else entry.pts_ns // FRAME_NS for entry in entries]


@pytest.mark.parametrize("gop", [1, 5, 10, 23])
@pytest.mark.parametrize("frames", [1, 40, 100, 311])
def test_the_asked_seconds_are_always_in_it_and_hardly_more(frames: int, gop: int) -> None:
    ring = filled(frames, gop=gop)
    held = numbers(ring.since(0))
    assert held == list(range(held[0], frames))
    assert held[0] % gop == 0
    wanted = int((5 + LATE_SECONDS) * FPS)
    assert min(wanted, frames - 1) <= frames - 1 - held[0] < wanted + gop
    assert ring.used_bytes == len(held) * COST
    assert (ring.words == "") == (frames > 5 * FPS)


def test_an_event_begins_at_the_keyframe_before_the_moment() -> None:
    ring = filled(100)
    assert numbers(ring.since(60 * FRAME_NS)) == list(range(60, 100))
    assert numbers(ring.since(69 * FRAME_NS)) == list(range(60, 100))
    assert numbers(ring.since(100 * FRAME_NS)) == list(range(90, 100))
    assert numbers(ring.since(-1)) == numbers(ring.since(0))


def test_what_the_camera_sent_long_before_belongs_to_no_event() -> None:
    ring = filled(100)
    soon, late = (99 + round(LATE_SECONDS * FPS)) * FRAME_NS, (100 + round(LATE_SECONDS * FPS)) * FRAME_NS
    assert numbers(ring.since(soon)) == list(range(90, 100))
    assert numbers(ring.since(late)) == []


def test_bytes_win_over_seconds_and_it_is_said() -> None:
    ring = filled(200, limit_bytes=33 * COST)
    assert numbers(ring.since(0)) == list(range(170, 200))
    assert ring.used_bytes <= ring.limit_bytes
    assert ring.words == "2 of 5 seconds: the memory for them is full"


def test_it_never_holds_more_than_it_may_not_for_a_moment() -> None:
    ring = PacketRing(5.0, 33 * COST)
    for number in range(200):
        ring.put(packet(number))
        assert ring.used_bytes <= 33 * COST


def test_a_gop_larger_than_the_memory_leaves_nothing_and_that_is_said() -> None:
    ring = filled(99, limit_bytes=20 * COST, gop=50)
    assert numbers(ring.since(0)) == []
    assert ring.used_bytes == 0
    assert ring.words == "0 of 5 seconds: from one keyframe to the next is more than the memory for them holds"
    ring.put(packet(100, 50))
    assert numbers(ring.since(0)) == [100]


def test_missing_frames_are_known_where_they_are_missing() -> None:
    ring = filled(15)
    ring.miss()
    ring.put(packet(16))
    assert numbers(ring.since(FPS * FRAME_NS)) == [10, 11, 12, 13, 14, -1, 16]


def test_before_the_first_keyframe_there_is_nothing() -> None:
    ring = PacketRing(5.0, PLENTY)
    ring.miss()
    ring.put(packet(3))
    assert (numbers(ring.since(0)), ring.seconds, ring.from_ns) == ([], 0.0, None)
    assert ring.words == "0 of 5 seconds: the memory for them is being filled"
    assert ring.reason(5) == "the camera has not sent for longer"


def test_begun_anew_it_knows_nothing_of_before() -> None:
    ring = filled(100)
    ring.clear()
    assert (numbers(ring.since(0)), ring.used_bytes, ring.seconds) == ([], 0, 0.0)


def test_other_settings_count_at_once() -> None:
    ring = filled(100, seconds=8.0)
    ring.take(2.0, PLENTY)
    assert numbers(ring.since(0))[0] == 60
    ring.take(2.0, 15 * COST)
    assert numbers(ring.since(0)) == list(range(90, 100))
    assert ring.words == "0 of 2 seconds: the memory for them is full"


def test_nothing_asked_for_is_nothing_to_complain_of() -> None:
    assert filled(0, seconds=0.0).words == ""
