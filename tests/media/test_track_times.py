"""Whenever pictures come, and whatever is known with them: beside the tracks the video is what it is without them."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import av
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dashcam.camera.base import Packet
from dashcam.clock import NANOSECONDS
from tests.mp4_boxes import holds_fragment
from tests.packets import packets
from tests.telemetry import Drive, Told, samples_in, texts_in, write_clip

MILLISECOND = NANOSECONDS // 1000

# Milliseconds from one picture to the next: even, uneven, few, and missing ones.
_STEPS = st.one_of(
    st.just(33),
    st.integers(20, 60),
    st.integers(100, 700),
    st.integers(900, 1100),
    st.sampled_from([999, 1000, 1001, 1999, 2000, 2001, 5000, 7300]),
)


def _video(steps: list[int]) -> list[Packet]:
    """Each picture says that it lasts as long as an even one, as cameras do."""
    at_ns, found = 0, []
    for packet, step in zip(packets(len(steps)), steps, strict=True):
        found.append(replace(packet, pts_ns=at_ns, dts_ns=at_ns, captured_monotonic_ns=at_ns, duration_ns=33_000_000))
        at_ns += step * MILLISECOND
    return found


def _times(path: Path) -> list[tuple[int | None, int | None, bool]]:
    with av.open(str(path)) as container:
        return [(packet.pts, packet.dts, packet.is_keyframe) for packet in container.demux(video=0) if packet.size]


def _firsts(sent: list[Packet]) -> dict[int, float]:
    """Of every second that has a picture the time of its first."""
    found: dict[int, float] = {}
    for packet in sent:
        found.setdefault(packet.dts_ns // NANOSECONDS, packet.dts_ns / NANOSECONDS)
    return found


def _check(told: list[Told], firsts: dict[int, float]) -> None:
    """Each stands in its own second, not after its picture."""
    assert [int(sample.at + 0.0001) for sample in told] == list(firsts)
    for sample, picture in zip(told, firsts.values(), strict=True):
        assert sample.at <= picture + 0.0001


@settings(max_examples=25, deadline=None)
@given(st.lists(_STEPS, min_size=1, max_size=90), st.sets(st.integers(0, 30)))
def test_the_times_of_the_video_are_those_of_the_video_alone(steps: list[int], known: set[int]) -> None:
    sent = _video(steps)
    drive = Drive("by chance", lambda second: second in known)
    with TemporaryDirectory() as folder:
        alone, tracks = Path(folder, "alone.mp4"), Path(folder, "tracks.mp4")
        growing_alone = write_clip(alone, None, sent)
        growing = write_clip(tracks, drive.moment_at, sent)
        assert _times(tracks) == _times(alone)
        firsts = _firsts(sent)
        _check(texts_in(tracks), firsts)
        positions = [sample for sample in samples_in(tracks, "data") if b"GPS5" in sample.content]
        _check(positions, {second: at for second, at in firsts.items() if second in known})
        alone.write_bytes(growing_alone)
        tracks.write_bytes(growing)
        assert holds_fragment(tracks) == holds_fragment(alone)
        if holds_fragment(alone):
            assert _times(tracks) == _times(alone)
