"""What the recorder's watchdog makes of what it sees."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from dashcam.recorder.watch import PacketPulse, Sighting, judge

WELL = Sighting(
    packet_age_seconds=0.03,
    keyframe_age_seconds=0.5,
    longest_gop_seconds=1.0,
    frame_seconds=1 / 30,
    writer_busy_seconds=0.0,
)


@pytest.mark.parametrize(
    ("seen", "alarms"),
    [
        (WELL, []),
        (replace(WELL, packet_age_seconds=None, keyframe_age_seconds=None), []),
        (replace(WELL, packet_age_seconds=2.1), [("camera_silent", False)]),
        (replace(WELL, packet_age_seconds=2.1, frame_seconds=1.0), []),
        (replace(WELL, packet_age_seconds=4.1, frame_seconds=1.0), [("camera_silent", False)]),
        (replace(WELL, keyframe_age_seconds=9.9), []),
        (replace(WELL, keyframe_age_seconds=10.1), [("no_keyframe", False)]),
        (replace(WELL, keyframe_age_seconds=15.9, longest_gop_seconds=8.0), []),
        (replace(WELL, keyframe_age_seconds=16.1, longest_gop_seconds=8.0), [("no_keyframe", False)]),
        (replace(WELL, packet_age_seconds=11.0, keyframe_age_seconds=11.0), [("camera_silent", False)]),
        (replace(WELL, opening_seconds=59.0), []),
        (replace(WELL, opening_seconds=61.0), [("camera_hangs", True)]),
        (replace(WELL, packet_age_seconds=None, keyframe_age_seconds=None, waiting_seconds=19.0), []),
        (replace(WELL, packet_age_seconds=None, waiting_seconds=21.0), [("camera_silent", False)]),
        (replace(WELL, packet_age_seconds=None, waiting_seconds=21.0, frame_seconds=10.0), []),
        (replace(WELL, writer_busy_seconds=3.1), [("writer_slow", False)]),
        (replace(WELL, writer_busy_seconds=59.0), [("writer_slow", False)]),
        (replace(WELL, writer_busy_seconds=61.0), [("writer_stuck", True)]),
    ],
)
def test_verdicts(seen: Sighting, alarms: list[tuple[str, bool]]) -> None:
    assert [(verdict.alarm, verdict.is_fatal) for verdict in judge(seen)] == alarms


def test_the_pulse_knows_the_longest_gop() -> None:
    pulse = PacketPulse()
    for now, is_keyframe in ((1.0, True), (1.5, False), (2.0, True), (3.0, False), (5.5, True)):
        pulse.saw(now, 100, is_keyframe=is_keyframe)
    assert pulse.longest_gop_seconds == 3.5
    assert (pulse.packets, pulse.bytes, pulse.last_packet, pulse.last_keyframe) == (5, 500, 5.5, 5.5)
