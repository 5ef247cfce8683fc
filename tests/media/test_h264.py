"""NAL units and parameter sets, checked on what libx264 and libavformat make."""

from __future__ import annotations

import io
from collections.abc import Iterable
from fractions import Fraction

import av
import pytest

from dashcam.errors import BadMedia
from dashcam.media.h264 import (
    IDR_SLICE,
    PPS,
    SPS,
    HeaderRepeater,
    ParameterSets,
    has_idr,
    is_avcc,
    join_annex_b,
    nal_type,
    parameter_sets_of,
    read_avcc,
    split_annex_b,
    split_length_prefixed,
)
from tests.packets import FPS, HEIGHT, WIDTH, encoded_frames, packets


def keyframe_and_follower() -> tuple[bytes, bytes]:
    frames = encoded_frames(3 * FPS)
    return frames[0][0], frames[1][0]


def length_prefixed(units: Iterable[bytes], prefix_bytes: int = 4) -> bytes:
    """As they lie in an MP4."""
    return b"".join(len(unit).to_bytes(prefix_bytes, "big") + unit for unit in units)


def test_a_keyframe_of_the_encoder_is_told_from_the_others() -> None:
    keyframe, follower = (split_annex_b(data) for data in keyframe_and_follower())
    assert {SPS, PPS, IDR_SLICE} <= {nal_type(unit) for unit in keyframe}
    assert has_idr(keyframe)
    assert not has_idr(follower)


def test_both_ways_to_write_units_give_the_same_units_back() -> None:
    units = split_annex_b(keyframe_and_follower()[0])
    assert split_annex_b(join_annex_b(units)) == units
    for prefix_bytes in (2, 4):
        assert split_length_prefixed(length_prefixed(units, prefix_bytes), prefix_bytes) == units


def test_short_start_codes_and_zeros_after_a_unit_are_understood() -> None:
    assert split_annex_b(b"\0\0\1\x67ab\0\0\0\0\1\x65cd\0\0") == [b"\x67ab", b"\x65cd"]
    assert split_annex_b(b"no start code") == []
    assert split_annex_b(b"") == []


@pytest.mark.parametrize("cut_bytes", [1, 2, 3, 5])
def test_a_packet_that_was_cut_off_is_noticed(cut_bytes: int) -> None:
    whole = length_prefixed([b"\x65" + bytes(20)])
    with pytest.raises(BadMedia):
        split_length_prefixed(whole[:-cut_bytes])
    with pytest.raises(BadMedia):
        split_length_prefixed(whole + bytes([0, 0, 1])[:cut_bytes])


def test_the_parameter_sets_are_read_from_what_libavformat_writes() -> None:
    """A stream written as MP4 and read back has libavformat's own `avcC` as extradata."""
    sets = parameter_sets_of(split_annex_b(keyframe_and_follower()[0]))
    memory = io.BytesIO()
    with av.open(memory, "w", format="mp4") as container:
        stream = container.add_mux_stream("h264", width=WIDTH, height=HEIGHT)
        for packet in packets(3):
            coded = av.Packet(packet.data)
            coded.stream, coded.is_keyframe = stream, packet.is_keyframe
            coded.time_base = Fraction(1, 1000)
            coded.pts = coded.dts = packet.pts_ns // 1_000_000
            container.mux(coded)
    memory.seek(0)
    with av.open(memory) as container:
        extradata = container.streams.video[0].codec_context.extradata
    assert extradata is not None
    assert read_avcc(extradata) == (sets, 4)


# One set of each kind: version, profile, compatibility, level, length size, then count, length and unit twice.
AVCC = b"\x01\x64\x00\x1f\xff" + b"\xe1\x00\x14\x67\x64\x00\x1f" + bytes(16) + b"\x01\x00\x09\x68" + bytes(8)


@pytest.mark.parametrize("length", range(len(AVCC)))
def test_a_cut_avcc_is_refused(length: int) -> None:
    assert read_avcc(AVCC) == (ParameterSets((b"\x67\x64\x00\x1f" + bytes(16),), (b"\x68" + bytes(8),)), 4)
    with pytest.raises(BadMedia):
        read_avcc(AVCC[:length])


def test_extradata_of_annex_b_is_no_avcc() -> None:
    assert not is_avcc(keyframe_and_follower()[0])
    assert not is_avcc(None)
    assert not is_avcc(b"")


def test_parameter_sets_are_put_before_a_keyframe_that_lacks_them() -> None:
    """An encoder that says them once is made one whose stream can be cut anywhere."""
    first = keyframe_and_follower()[0]
    sets = parameter_sets_of(split_annex_b(first))
    bare = join_annex_b(unit for unit in split_annex_b(first) if nal_type(unit) not in (SPS, PPS))
    repeater = HeaderRepeater()
    assert repeater.complete(bare) == bare  # none seen yet: nothing can be done
    assert repeater.complete(first) == first
    assert repeater.complete(bare) == sets.annex_b() + bare
    assert HeaderRepeater(sets).complete(bare) == sets.annex_b() + bare
