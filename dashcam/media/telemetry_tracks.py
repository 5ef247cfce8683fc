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


def _text_sample(text: str) -> bytes:
    """A sample of mov_text (3GPP TS 26.245, 5.17): the length and the text."""
    content = text.encode()
    return struct.pack(">H", len(content)) + content


_NO_TEXT = _text_sample("")


class TelemetryTracks:
    """Used by the thread of its ClipFile. What is wrong with a sample costs this one, and no picture.

    A track ends where the muxer refuses one of its samples. Errors of the card come through: then the file is the same
    as lost, whoever wrote to it.
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
        self._has_begun = self._has_missed = False
        self._ended: set[int] = set()
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
        text, gps = self._known_of(packet)
        if gps is not None or not self._has_begun:
            self._put(self._gps, gps or NO_SAMPLE, begin, max(self._next_ticks - begin, 1), NO_SAMPLE)
        self._put(self._text, text, begin, _UNTIL_SAID_SECONDS * self._time_base.denominator, _NO_TEXT)
        self._has_begun = True

    def go_on(self) -> None:
        """Lets go of the video up to the next sample."""
        for stream in (self._text, self._gps):
            self._mux(stream, b"", self._next_ticks, 0)
        self._text_at_bytes = self._file.end

    def close(self) -> None:
        """Says how long the last text is, if nothing has been said of it."""
        if self._has_begun and self._file.end == self._text_at_bytes:
            self._mux(self._text, _NO_TEXT, self._next_ticks, 0)

    def _known_of(self, packet: Packet) -> tuple[bytes, bytes | None]:
        """A sample of text, and one of GPMF if there is a place. Nothing of a moment of which something is amiss."""
        try:
            sample = self._telemetry.sample(packet.captured_monotonic_ns)
            return _text_sample(sample.text), sample.gps
        except Exception:
            if not self._has_missed:
                log.exception("a second of the clip has no time and position beside the video; said once")
            self._has_missed = True
            return _NO_TEXT, None

    def _put(self, stream: Stream, data: bytes, begin: int, duration: int, nothing: bytes) -> None:
        """A sample, unless the muxer has refused one of this track before. Then `nothing` is what it begins with."""
        if stream.index in self._ended:
            return
        try:
            self._mux(stream, data, begin, duration)
        except Exception:
            if self._file.failure is not None:
                raise
            log.exception("the clip goes on without its track %d beside the video", stream.index)
            self._ended.add(stream.index)
            if not self._has_begun:
                self._mux(stream, nothing, begin, duration)

    def _mux(self, stream: Stream, data: bytes, ticks: int, duration: int) -> None:
        packet = av.Packet(data)
        packet.stream, packet.time_base = stream, self._time_base
        packet.pts = packet.dts = ticks
        packet.duration, packet.is_keyframe = duration, True
        self._container.mux_one(packet)

    def _ticks(self, time_ns: int) -> int:
        return round(time_ns / (NANOSECONDS * self._time_base))
