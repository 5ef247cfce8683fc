"""H.264 as it lies in files and streams: NAL units, parameter sets, and the two ways to tell where a unit ends.

Annex B puts a start code before each unit (cameras, encoders); MP4 puts its length there and keeps the parameter sets
apart, in the `avcC` box that libavformat calls extradata (ISO/IEC 14496-15, 5.2.4.1).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dashcam.errors import BadMedia

START_CODE = b"\x00\x00\x00\x01"

# nal_unit_type, Rec. ITU-T H.264 table 7-1
IDR_SLICE, SPS, PPS = 5, 7, 8

_AVCC_VERSION = 1
_AVCC_HEAD_BYTES = 6


def nal_type(unit: bytes) -> int:
    """The type of one NAL unit (without start code or length); 0 when it is empty."""
    return unit[0] & 0x1F if unit else 0


def split_annex_b(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B stream, without start codes and the zero bytes that may follow a unit."""
    units = []
    start = data.find(b"\x00\x00\x01")
    while start >= 0:
        following = data.find(b"\x00\x00\x01", start + 3)
        unit = data[start + 3 : following if following >= 0 else len(data)].rstrip(b"\x00")
        if unit:
            units.append(unit)
        start = following
    return units


def split_length_prefixed(data: bytes, prefix_bytes: int = 4) -> list[bytes]:
    """The NAL units of a packet as it lies in an MP4. Raises BadMedia when the lengths do not add up."""
    units = []
    position, end = 0, len(data)
    while position < end:
        start = position + prefix_bytes
        position = start + int.from_bytes(data[position:start], "big")
        if start > end or position > end:
            raise BadMedia("a picture is cut off: the lengths of its parts do not add up")
        units.append(data[start:position])
    return units


def join_annex_b(units: Iterable[bytes]) -> bytes:
    """The units with a start code before each."""
    return b"".join(START_CODE + unit for unit in units)


def has_idr(units: Iterable[bytes]) -> bool:
    """True when decoding may start here and nothing after refers to anything before."""
    return any(nal_type(unit) == IDR_SLICE for unit in units)


def is_avcc(extradata: bytes | None) -> bool:
    """True for extradata as in an MP4, whose packets are length-prefixed; false for Annex B and for none."""
    return extradata is not None and len(extradata) > _AVCC_HEAD_BYTES and extradata[0] == _AVCC_VERSION


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What a decoder needs before the first picture: sequence and picture parameter sets, without start codes."""

    sps: tuple[bytes, ...] = ()
    pps: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sps and self.pps)

    def annex_b(self) -> bytes:
        """The sets with start codes, to be put before a keyframe."""
        return join_annex_b((*self.sps, *self.pps))


def parameter_sets_of(units: Iterable[bytes]) -> ParameterSets:
    """The parameter sets among the units of a packet; empty when there are none."""
    units = list(units)
    return ParameterSets(
        tuple(unit for unit in units if nal_type(unit) == SPS),
        tuple(unit for unit in units if nal_type(unit) == PPS),
    )


def read_avcc(extradata: bytes) -> tuple[ParameterSets, int]:
    """The parameter sets of an `avcC` box, and how many bytes its packets' lengths have. Raises BadMedia."""
    if not is_avcc(extradata):
        raise BadMedia("the video's description holds no H.264 parameter sets")
    position, kinds = _AVCC_HEAD_BYTES - 1, []
    for mask in (0x1F, 0xFF):
        count = extradata[position] & mask if position < len(extradata) else 0
        position += 1
        units = []
        for _ in range(count):
            start = position + 2
            position = start + int.from_bytes(extradata[start - 2 : start], "big")
            units.append(extradata[start:position])
        kinds.append(tuple(units))
    if position > len(extradata) or not all(kinds):
        raise BadMedia("the video's description is cut off: its parameter sets are not whole")
    return ParameterSets(kinds[0], kinds[1]), (extradata[4] & 3) + 1


class HeaderRepeater:
    """Makes sure that parameter sets stand before every keyframe of an Annex B stream, so that it can be cut there.

    Some encoders and webcams send them once, before the first picture.
    """

    def __init__(self, sets: ParameterSets | None = None) -> None:
        self._sets = sets if sets is not None else ParameterSets()

    def complete(self, keyframe: bytes) -> bytes:
        """The keyframe with the newest sets before it; unchanged when it carries them, or none were ever seen."""
        own = parameter_sets_of(split_annex_b(keyframe))
        if own:
            self._sets = own
            return keyframe
        return self._sets.annex_b() + keyframe
