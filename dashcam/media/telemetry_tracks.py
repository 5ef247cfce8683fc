"""The two tracks beside the video of a growing clip: subtitles and GPMF.

They are sparse, and libavformat 8 makes that difficult. It holds the video back for what
may still come in another track, and without limit before the first sample of each. Of the first sample in a fragment it
believes that it follows the last one before without a gap, wherever its own time is. And a text that ends a fragment
spoils the time of the next picture. So
- each track begins with a sample, whatever is known;
- behind every sample stands an empty packet, which goes into no file, at the time of the next: nothing is waited for up
  to there, and there the sample ends if a fragment does before it;
- a sample begins with its second where that is such a next time, and otherwise with its picture, which then is what
  ends the fragment; and a text lasts until something else is said of it.
"""

from __future__ import annotations

import logging
import struct
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
# Longer than pictures are ever missing within a clip; the muxer takes 31 bits of ticks.
_UNTIL_SAID_SECONDS = 6 * 3600


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
        self._has_begun = self._has_ended = False
        self._next_ticks = 0
        self._text_at_bytes = -1
        self.due_ns = 0
        """With a packet at this time of the clip, or at a later one, belongs a sample: `write`, the packet, `go_on`."""

    def write(self, media_ns: int, ticks: int, packet: Packet) -> None:
        """Writes what is known of the second that begins with this packet of the video, at these ticks."""
        second_ns = media_ns // NANOSECONDS * NANOSECONDS
        follows = self._ticks(second_ns) == self._next_ticks and self._file.end > self._text_at_bytes
        begin = self._next_ticks if follows else ticks
        self.due_ns = second_ns + NANOSECONDS
        self._next_ticks = self._ticks(self.due_ns)
        try:
            if not self._has_ended:
                self._write(begin, self._telemetry.sample(packet.captured_monotonic_ns))
        except Exception:
            if self._file.failure is not None:
                raise
            log.exception("the clip goes on without time and position beside the video")
            self._has_ended = True
        if not self._has_begun:
            self._write(begin, Sample("", None))

    def go_on(self) -> None:
        """Lets go of the video up to the next sample."""
        for stream in (self._text, self._gps):
            self._mux(stream, b"", self._next_ticks, 0)
        self._text_at_bytes = self._file.end

    def close(self) -> None:
        """Says how long the last text is, if nothing has been said of it."""
        if self._has_begun and self._file.end == self._text_at_bytes:
            self._mux(self._text, _text_sample(""), self._next_ticks, 0)

    def _write(self, begin: int, sample: Sample) -> None:
        gps = sample.gps or (None if self._has_begun else NO_SAMPLE)
        text = _text_sample(sample.text)
        if gps is not None:
            self._mux(self._gps, gps, begin, max(self._next_ticks - begin, 1))
        self._mux(self._text, text, begin, _UNTIL_SAID_SECONDS * self._time_base.denominator)
        self._has_begun = True

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
