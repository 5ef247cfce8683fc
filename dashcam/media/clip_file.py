"""One growing clip: hybrid MP4, fragments of half a second while it grows, an ordinary MP4 once it is closed.

The options and why each is needed are in design.md ("On the card") and were found by breaking it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av

from dashcam.clock import NANOSECONDS
from dashcam.media.clip_index import MuxerFile
from dashcam.media.metadata import clip_metadata
from dashcam.media.telemetry_tracks import TelemetryTracks

if TYPE_CHECKING:
    from typing import BinaryIO

    from av.packet import Packet as MuxedPacket
    from av.stream import Stream
    from av.video.stream import VideoStream

    from dashcam.camera.base import Packet
    from dashcam.media.durable_file import DurableFile
    from dashcam.media.telemetry import Telemetry
    from dashcam.place import Place

# What libavformat raises when it refuses a packet; errors of the card come through as the OSError they are.
MuxError = av.error.FFmpegError

# Divides by every frame rate in use; one time base for all tracks, or the video's timestamps get corrupted.
TICKS = 90_000
TIME_BASE = Fraction(1, TICKS)
FRAGMENT_MICROSECONDS = 500_000
# A time may be rounded down by half a tick.
_FRAGMENT_NS = FRAGMENT_MICROSECONDS * 1000 - NANOSECONDS // TICKS
# A fragment leaves in one go, and not as its packets come: killed in between, it would end inside a picture. Half a
# second at 16 Mbit/s.
_BUFFER_BYTES = 1024 * 1024
_OPTIONS = {
    "movflags": "hybrid_fragmented",
    "frag_duration": str(FRAGMENT_MICROSECONDS),
    # Without it a fragment waits in a buffer until the next one pushes it out.
    "flush_packets": "1",
    # In microseconds: a silent track would hold the video back for 10 s, the default.
    "max_interleave_delta": "1",
}


def _ticks(time_ns: int) -> int:
    return (time_ns * TICKS + NANOSECONDS // 2) // NANOSECONDS


class ClipFile:
    """Muxes packets into a DurableFile. Used by one thread; any OSError of the card comes through.

    After an error nothing more can be written and `close()` must not be called: the file is left for repair.
    """

    def __init__(
        self,
        file: DurableFile,
        *,
        width: int,
        height: int,
        template: VideoStream | None,
        comment: str,
        created_utc_ns: int | None = None,
        place: Place | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        """`template`: as in CameraFacts. `comment` stands in the file from its first fragment on.

        So do when and where it begins, as far as that is known. `telemetry`: what further tracks say of every second.
        """
        self._file = file
        self._container = av.open(
            cast("BinaryIO", MuxerFile(file)), "w", format="mp4", options=_OPTIONS, buffer_size=_BUFFER_BYTES
        )
        self._container.metadata.update(clip_metadata(comment, created_utc_ns, place))
        if template is None:
            self._stream = cast(
                "VideoStream",
                self._container.add_mux_stream("h264", width=width, height=height, time_base=TIME_BASE),
            )
        else:
            self._stream = self._container.add_stream_from_template(template)
            self._stream.time_base = TIME_BASE
        self._tracks = None if telemetry is None else TelemetryTracks(self._container, file, telemetry, TIME_BASE)
        self._base_ns = 0
        self._last_dts: int | None = None
        self._header_bytes = 0
        self.frames = 0
        self.frames_in_file = 0
        """Frames that have left the muxer; the rest waits for its fragment and is lost with an error of the card."""
        self.fragment_due_dts_ns = 0
        """A packet with this decoding time or a later one ends the fragment that those before it are in."""
        self.start_ns = 0
        self.end_ns = 0

    @property
    def has_fragment(self) -> bool:
        """True once the first fragment is in the file: from then on it plays as far as it goes."""
        return 0 < self._header_bytes < self._file.end

    @property
    def duration_seconds(self) -> float:
        """Length of what was written."""
        return (self.end_ns - self.start_ns) / NANOSECONDS

    def write(self, packet: Packet) -> None:
        """Adds one packet; the first must be a keyframe, and its time becomes zero."""
        if self.frames == 0:
            self._base_ns = self.start_ns = self.end_ns = packet.pts_ns
        muxed = av.Packet(packet.data)
        muxed.stream = self._stream
        muxed.time_base = TIME_BASE
        muxed.pts = _ticks(packet.pts_ns - self._base_ns)
        muxed.dts = self._next_dts(_ticks(packet.dts_ns - self._base_ns))
        muxed.duration = _ticks(packet.duration_ns)
        muxed.is_keyframe = packet.is_keyframe
        end_bytes = self._file.end
        self._mux(packet, muxed)
        if self._file.end > end_bytes or self.frames == 0:
            # A fragment is written before the packet that is too much for it is taken.
            self.frames_in_file = self.frames
            self.fragment_due_dts_ns = packet.dts_ns + _FRAGMENT_NS
        if self.frames == 0:
            # The header has been written and nothing else: a fragment comes half a second later.
            self._header_bytes = max(self._file.end, 1)
        self.frames += 1
        self.end_ns = max(self.end_ns, packet.pts_ns + packet.duration_ns)

    def close(self) -> None:
        """Turns the file into an ordinary MP4. The bytes are handed to the card, not yet durable."""
        if self._tracks is not None:
            self._tracks.close()
        self._container.close()

    def _mux(self, packet: Packet, muxed: MuxedPacket[Stream]) -> None:
        tracks, media_ns = self._tracks, max(packet.dts_ns - self._base_ns, 0)
        if tracks is None or media_ns < tracks.due_ns:
            self._container.mux_one(muxed)
            return
        tracks.write(media_ns, max(muxed.dts or 0, 0), packet)
        self._container.mux_one(muxed)
        tracks.go_on()

    def _next_dts(self, dts: int) -> int:
        """Decoding times must grow; two frames may round to the same tick only if the camera's clock stumbled."""
        if self._last_dts is not None and dts <= self._last_dts:
            dts = self._last_dts + 1
        self._last_dts = dts
        return dts
