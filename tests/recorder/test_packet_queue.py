"""The queue holds what fits and loses whole GOPs beyond it, counted."""

from __future__ import annotations

import threading
from collections.abc import Callable

from dashcam.camera.base import Packet
from dashcam.recorder.packet_queue import EndClip, Gap, PacketQueue

FRAMES_A_GOP = 10
FRAME_BYTES = 1000
COST = FRAME_BYTES + 400


def packet(number: int, size: int = FRAME_BYTES) -> Packet:
    start = number * 33_333_333
    return Packet(bytes(size), start, start, 33_333_333, number % FRAMES_A_GOP == 0, start)


def opened(limit_bytes: int) -> PacketQueue:
    queue = PacketQueue(limit_bytes)
    queue.open()
    return queue


def drain(queue: PacketQueue) -> list[object]:
    entries: list[object] = []
    while (entry := queue.take(0)) is not None:
        entries.append(entry)
    return entries


def test_packets_come_out_in_the_order_they_went_in() -> None:
    queue = opened(10**6)
    packets = [packet(number) for number in range(25)]
    for one in packets:
        queue.put(one)
    assert drain(queue) == packets
    assert queue.used_bytes == 0
    assert queue.high_water_bytes == 25 * COST
    assert queue.dropped_frames == 0


def test_a_frame_that_never_came_is_counted_and_told_where_it_is_missing() -> None:
    queue = PacketQueue(10**6)
    queue.miss()
    queue.open()
    queue.miss()
    assert (queue.frames_received, queue.dropped_frames) == (0, 0), "nothing is recorded before the first keyframe"
    packets = [packet(number) for number in range(2 * FRAMES_A_GOP)]
    for one in packets[:4] + packets[6:]:
        queue.put(one)
        if one is packets[3]:
            queue.miss()
            queue.miss()
    kept = drain(queue)
    assert kept == [*packets[:4], Gap(1, 0), Gap(1, 0), *packets[6:]]
    assert (queue.frames_received, queue.dropped_frames, queue.dropped_gops) == (2 * FRAMES_A_GOP, 2, 0)


def test_what_does_not_fit_is_lost_in_whole_gops_and_counted() -> None:
    queue = opened(5 * FRAMES_A_GOP * COST)
    for number in range(9 * FRAMES_A_GOP):
        queue.put(packet(number))
    kept = drain(queue)
    assert [entry.pts_ns for entry in kept if isinstance(entry, Packet)] == [
        packet(number).pts_ns for number in range(5 * FRAMES_A_GOP)
    ]
    assert (queue.dropped_frames, queue.dropped_gops) == (4 * FRAMES_A_GOP, 4)
    for number in range(9 * FRAMES_A_GOP, 10 * FRAMES_A_GOP):
        queue.put(packet(number))
    first, *rest = drain(queue)
    assert first == Gap(4 * FRAMES_A_GOP, 4)
    assert len(rest) == FRAMES_A_GOP
    assert isinstance(rest[0], Packet)
    assert rest[0].is_keyframe


def test_a_gop_larger_than_all_before_goes_whole() -> None:
    queue = opened(3 * FRAMES_A_GOP * COST)
    for number in range(2 * FRAMES_A_GOP):
        queue.put(packet(number))
    for number in range(2 * FRAMES_A_GOP, 3 * FRAMES_A_GOP):
        queue.put(packet(number, 3 * FRAME_BYTES))
    kept = drain(queue)
    assert len(kept) == 2 * FRAMES_A_GOP
    assert (queue.dropped_frames, queue.dropped_gops) == (FRAMES_A_GOP, 1)
    assert queue.used_bytes == 0


def test_the_limit_is_never_passed() -> None:
    queue = opened(40 * COST)
    for number in range(500):
        queue.put(packet(number, FRAME_BYTES + 13 * (number % 7)))
        if number % 3 == 0:
            queue.take(0)
        assert queue.used_bytes <= queue.limit_bytes
    received = len([entry for entry in drain(queue) if isinstance(entry, Packet)])
    assert received > 0
    assert queue.dropped_frames > 0


def test_a_shut_queue_ignores_packets_and_begins_again_with_a_keyframe() -> None:
    queue = opened(10**6)
    queue.shut()
    queue.put(packet(0))
    assert drain(queue) == []
    queue.open()
    for number in range(5, 12):
        queue.put(packet(number))
    assert [entry.pts_ns for entry in drain(queue) if isinstance(entry, Packet)] == [
        packet(10).pts_ns,
        packet(11).pts_ns,
    ]
    assert queue.dropped_frames == 0
    assert queue.frames_received == 2


def test_a_marker_stays_behind_what_came_before_it() -> None:
    queue = opened(10**6)
    queue.put(packet(0))
    marker = EndClip(threading.Event())
    queue.put_marker(marker)
    queue.put(packet(1))
    assert drain(queue) == [packet(0), marker, packet(1)]


class CountingCondition(threading.Condition):
    """Counts how often somebody would be woken."""

    def __init__(self) -> None:
        super().__init__()
        self.wakings = 0

    def notify(self, n: int = 1) -> None:
        self.wakings += 1
        super().notify(n)


def test_the_writer_is_woken_for_what_is_due_for_keyframes_and_for_markers() -> None:
    queue = opened(10**6)
    queue._changed = condition = CountingCondition()
    queue.put(packet(0))
    assert condition.wakings == 1  # a keyframe: a clip may begin here
    assert queue.take(0, due_dts_ns=packet(6).dts_ns) == packet(0)
    for number in range(1, 6):
        queue.put(packet(number))
    assert condition.wakings == 1
    queue.put(packet(6))
    assert condition.wakings == 2
    assert queue.take(0, due_dts_ns=packet(12).dts_ns) == packet(1)
    queue.put(packet(7))
    assert condition.wakings == 2
    queue.put(packet(10))
    assert condition.wakings == 3  # the next keyframe
    queue.put_marker(EndClip(threading.Event()))
    assert condition.wakings == 4


def test_who_waits_can_be_woken_for_nothing() -> None:
    queue = opened(10**6)
    queue._changed = TimeIsOver(queue.wake)
    assert queue.take(30) is None


class TimeIsOver(threading.Condition):
    """Somebody puts a packet while the writer waits, and nothing wakes it before its limit."""

    def __init__(self, put: Callable[[], None]) -> None:
        super().__init__()
        self._put = put

    def wait(self, timeout: float | None = None) -> bool:
        self._put()
        return False


def test_a_packet_that_woke_nobody_is_taken_when_the_limit_is_over() -> None:
    queue = opened(10**6)
    queue.put(packet(0))
    assert queue.take(0) == packet(0)
    queue._changed = TimeIsOver(lambda: queue.put(packet(1)))
    assert queue.take(0.5) == packet(1)
