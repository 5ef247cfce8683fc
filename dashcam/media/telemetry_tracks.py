"""The two tracks beside the video of a growing clip: subtitles and GPMF.

They are sparse, and libavformat holds the video back for what may still come in another track: by what
`max_interleave_delta` says, and without limit before the first sample of each. So each begins with a sample whatever is
known, and an empty packet, which goes into no file, lets go of what is held back.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING

import av

from dashcam.clock import NANOSECONDS
from dashcam.media.gpmf import NO_SAMPLE
from dashcam.media.telemetry import Sample

if TYPE_CHECKING:
    from fractions import Fraction

    from av.container import OutputContainer
    from av.stream import Stream

    from dashcam.camera.base import Packet
    from dashcam.media.durable_file import DurableFile
    from dashcam.media.telemetry import Telemetry

log = logging.getLogger(__name__)

_HANDLER = "Time, speed and position"
# Later than every clip.
_NEVER_NS = 2**63


class TelemetryTracks:
    """Used by the thread of its ClipFile. What is wrong with a sample ends the tracks and costs no picture.

    Errors of the card come through: then the file is the same as lost, whoever wrote to it.
    """

    def __init__(
        self, container: OutputContainer, file: DurableFile, telemetry: Telemetry, time_base: Fraction
    ) -> None:
        """`time_base` is that of the video: with any other the video's own times get corrupted."""
        self._container = container
        self._file = file
        self._telemetry = telemetry
        self._time_base = time_base
        self._text: Stream = container.add_mux_stream("mov_text")
        self._gps: Stream = container.add_data_stream("bin_data")  # the muxer calls it `gpmd` by itself
        self._text.time_base = self._gps.time_base = time_base
        self._text.metadata["handler_name"] = _HANDLER
        self._has_begun = False
        self._last_ticks = 0
        self._text_ends_ticks = 0
        self.due_ns = 0
        """Before a packet at this time of the clip, or at a later one, belongs a sample."""

    def write(self, media_ns: int, packet: Packet) -> None:
        """Writes what is known of the second that begins with this packet of the video."""
        self._guard(lambda: self._write(self._sample(media_ns, packet)))
        if not self._has_begun:
            self._write(Sample(0, NANOSECONDS, "", None))

    def release(self, ticks: int) -> None:
        """Lets go of all packets of the video up to this decoding time."""
        self._last_ticks = max(self._last_ticks, ticks + 1)
        self._mux(self._gps, b"", self._last_ticks, 0)

    def end(self, ticks: int) -> None:
        """Cuts the last text short where the video ends: the clip is not to last longer than its pictures."""
        if self._text_ends_ticks > ticks:
            self._guard(lambda: self._mux(self._text, _text_sample(""), max(ticks, self._last_ticks), 0))

    def _sample(self, media_ns: int, packet: Packet) -> Sample:
        sample = self._telemetry.sample(media_ns, packet.duration_ns, packet.captured_monotonic_ns)
        self.due_ns = self._telemetry.due_ns
        return sample

    def _write(self, sample: Sample) -> None:
        begin, duration = self._ticks(sample.begin_ns), self._ticks(sample.duration_ns)
        begin = self._last_ticks = max(begin, self._last_ticks)
        self._mux(self._text, _text_sample(sample.text), begin, duration)
        self._text_ends_ticks = begin + duration
        gps = sample.gps or (None if self._has_begun else NO_SAMPLE)
        if gps is not None:
            # Not to last longer than the video: between two of them the muxer knows how long it is.
            self._mux(self._gps, gps, begin, 1)
        self._has_begun = True

    def _guard(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception:
            if self._file.failure is not None:
                raise
            log.exception("the clip goes on without time and position beside the video")
            self.due_ns = _NEVER_NS

    def _mux(self, stream: Stream, data: bytes, ticks: int, duration: int) -> None:
        packet = av.Packet(data)
        packet.stream, packet.time_base = stream, self._time_base
        packet.pts = packet.dts = ticks
        packet.duration, packet.is_keyframe = duration, True
        self._container.mux_one(packet)

    def _ticks(self, time_ns: int) -> int:
        return round(time_ns / (NANOSECONDS * self._time_base))


def _text_sample(text: str) -> bytes:
    """A sample of mov_text (3GPP TS 26.245, 5.17): the length and the text."""
    content = text.encode()
    return struct.pack(">H", len(content)) + content
