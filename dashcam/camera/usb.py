"""A webcam (V4L2) through PyAV: its own H.264 as it is where offered, else its pictures encoded here.

Untested on real hardware so far: the machines this is built on have no V4L2 device. Tested is what is pure: the
reading of the driver's answers and the choice of a mode.
"""

from __future__ import annotations

import errno
import logging
import threading
import time
from typing import TYPE_CHECKING

import av
from av.error import FFmpegError
from av.video.frame import VideoFrame

from dashcam.camera.base import CameraCallbacks, CameraFacts, Packet, Picture
from dashcam.camera.encoder import Encoder, open_encoder
from dashcam.camera.frames import FramePipeline
from dashcam.camera.guard import guarded
from dashcam.camera.replay_pictures import GopPictures
from dashcam.camera.upright import Upright
from dashcam.camera.usb_mode import DEFAULT_FPS, Choice, choose_mode, sizes_of
from dashcam.camera.v4l2 import Device, list_devices, list_modes
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraAbsent, CameraError
from dashcam.media.h264 import HeaderRepeater, has_idr, parameter_sets_of, split_annex_b
from dashcam.settings.schema import CameraSettings
from dashcam.worker import Worker

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet as DevicePacket
    from av.video.stream import VideoStream

log = logging.getLogger(__name__)

_JOIN_SECONDS = 5.0
# A driver's time stamp farther than this from now is on another clock than CLOCK_MONOTONIC.
_PLAUSIBLE_AGE_NS = 5 * NANOSECONDS


class UsbCamera:
    """The webcam that `camera.source` names (a node, its number or part of its name), else the first."""

    def __init__(self, settings: CameraSettings, callbacks: CameraCallbacks, small_width: int) -> None:
        self._settings = settings
        self._callbacks = guarded(callbacks)
        self._small_width = small_width
        self._worker: Worker | None = None
        self._sink: _H264Sink | _PictureSink | None = None

    def start(self) -> CameraFacts:
        """Opens the webcam and begins to record. Raises CameraAbsent when there is none, CameraError when it fails."""
        device = find_device(self._settings.source)
        try:
            modes = list_modes(device)
            choice = choose_mode(modes, self._settings)
            container = _open(device, choice)
        except OSError as error:
            raise _opening_error(device, error) from error
        try:
            sink = self._sink = self._sink_for(choice)
        except CameraError:
            container.close()
            raise
        self._worker = Worker("usb camera", lambda stopping: self._read(stopping, container, sink), self._died)
        self._worker.start()
        return CameraFacts(
            kind="usb",
            description=f"webcam {device.name} ({device.path})",
            width=sink.width,
            height=sink.height,
            fps=choice.mode.fps or DEFAULT_FPS,
            encoder=sink.encoder_name,
            notes=choice.notes,
            modes=sizes_of(modes, is_turned=bool(self._settings.rotation)),
            stamp_hindrance=sink.stamp_hindrance,
        )

    def take_photo(self, limit_seconds: float) -> Picture:
        """The newest (H.264) or next picture. Raises CameraError when none came within the limit."""
        if self._sink is None:
            raise CameraError("the camera is not started; start it first")
        return self._sink.take_photo(limit_seconds)

    def close(self) -> None:
        """Stops within the time of one picture; a device that hangs is left behind. May be called twice."""
        if self._worker is not None:
            self._worker.stop(_JOIN_SECONDS)
        if self._sink is not None:
            self._sink.close()

    def _sink_for(self, choice: Choice) -> _H264Sink | _PictureSink:
        if choice.is_h264:
            return _H264Sink(choice, self._callbacks, self._small_width)
        return _PictureSink(choice, self._settings, self._callbacks, self._small_width)

    def _read(self, stopping: threading.Event, container: InputContainer, sink: _H264Sink | _PictureSink) -> None:
        """The camera's thread."""
        clock = _DeviceClock()
        try:
            for packet in container.demux(video=0):
                if stopping.is_set():
                    return
                if packet.size:
                    sink.take(packet, *clock.times_of(packet))
            raise CameraError("the webcam ended the video; is it still connected?")
        except (FFmpegError, OSError) as error:
            if not stopping.is_set():
                raise CameraError(f"the webcam is gone ({error.strerror}); connect it again") from error
        finally:
            sink.close()
            container.close()

    def _died(self, error: BaseException) -> None:
        known = error if isinstance(error, CameraError) else CameraError(f"the webcam's thread ended: {error!r}")
        self._callbacks.failed(known)


def find_device(source: str) -> Device:
    """The webcam that `source` means: `/dev/video2`, `2`, part of its name, or empty for the first.

    Raises CameraAbsent.
    """
    devices = list_devices()
    if not devices:
        raise CameraAbsent("no webcam found (no /dev/video* that is a camera and may be opened; group video?)")
    wanted = source.strip()
    for device in devices:
        names = (str(device.path), device.path.name.removeprefix("video"))
        if not wanted or wanted in names or wanted.lower() in device.name.lower():
            return device
    found = ", ".join(f"{device.path} ({device.name})" for device in devices)
    raise CameraAbsent(f"no webcam is called {wanted!r}; found: {found}. Change camera.source")


def _open(device: Device, choice: Choice) -> InputContainer:
    options = {
        "input_format": choice.input_format,
        "video_size": f"{choice.mode.width}x{choice.mode.height}",
    }
    if choice.mode.fps:
        options["framerate"] = f"{choice.mode.fps:g}"
    return av.open(str(device.path), format="v4l2", options=options)


def _opening_error(device: Device, error: OSError) -> CameraError:
    if error.errno == errno.EBUSY:
        return CameraError(f"{device.name} ({device.path}) is used by another program; end that first")
    if error.errno in (errno.ENODEV, errno.ENOENT, errno.ENXIO):
        return CameraAbsent(f"{device.name} ({device.path}) was disconnected")
    return CameraError(f"{device.name} ({device.path}) cannot be used: {error.strerror}")


class _DeviceClock:
    """Media time from the driver's time stamps, which are CLOCK_MONOTONIC with nearly all webcams."""

    def __init__(self) -> None:
        self._first_ns: int | None = None
        self._newest_ns = -1

    def times_of(self, packet: DevicePacket[VideoStream]) -> tuple[int, int]:
        """Media time and CLOCK_MONOTONIC of a packet, both in nanoseconds; media time always rises."""
        now_ns = time.monotonic_ns()
        captured_ns = now_ns
        if packet.pts is not None and packet.time_base is not None:
            stamp_ns = round(packet.pts * packet.time_base * NANOSECONDS)
            if 0 <= now_ns - stamp_ns < _PLAUSIBLE_AGE_NS:
                captured_ns = stamp_ns
        if self._first_ns is None:
            self._first_ns = captured_ns
        self._newest_ns = max(captured_ns - self._first_ns, self._newest_ns + 1)
        return self._newest_ns, captured_ns


class _H264Sink:
    """Passes the webcam's own packets on, from its first keyframe."""

    stamp_hindrance = "this webcam sends ready H.264; nothing can be written into its pictures"

    def __init__(self, choice: Choice, callbacks: CameraCallbacks, small_width: int) -> None:
        self.width, self.height = choice.mode.width, choice.mode.height
        self.encoder_name = "the webcam's own H.264"
        self._duration_ns = round(NANOSECONDS / (choice.mode.fps or DEFAULT_FPS))
        self._callbacks = callbacks
        self._headers = HeaderRepeater()
        self._has_begun = False
        self._pictures = GopPictures(None, callbacks, small_width)
        self._pictures.start()

    def take(self, packet: DevicePacket[VideoStream], pts_ns: int, captured_monotonic_ns: int) -> None:
        """Hands on one packet."""
        data = bytes(packet)
        units = split_annex_b(data)
        is_keyframe = has_idr(units)
        if is_keyframe:
            data = self._headers.complete(data)
        if not self._has_begun and not (is_keyframe and parameter_sets_of(split_annex_b(data))):
            return
        self._has_begun = True
        coded = Packet(data, pts_ns, pts_ns, self._duration_ns, is_keyframe, captured_monotonic_ns)
        self._callbacks.packet(coded)
        self._pictures.take(coded)

    def take_photo(self, limit_seconds: float) -> Picture:
        return self._pictures.newest(limit_seconds)

    def close(self) -> None:
        self._pictures.close()


class _PictureSink:
    """Decodes what the webcam sends (MJPEG or raw) and encodes it as H.264."""

    stamp_hindrance = ""

    def __init__(self, choice: Choice, settings: CameraSettings, callbacks: CameraCallbacks, small_width: int) -> None:
        fps = choice.mode.fps or DEFAULT_FPS
        self._duration_ns = round(NANOSECONDS / fps)
        self._upright = Upright(settings.rotation, choice.mode.width, choice.mode.height)
        self.width, self.height = self._upright.width, self._upright.height
        encoder: Encoder = open_encoder(self.width, self.height, fps, settings.bitrate)
        self.encoder_name = encoder.name
        self._pipeline = FramePipeline(encoder, callbacks, small_width)

    def take(self, packet: DevicePacket[VideoStream], pts_ns: int, captured_monotonic_ns: int) -> None:
        """Hands on one picture; a damaged one (a bad cable does that) is left out."""
        try:
            frames = packet.decode()
        except FFmpegError as error:
            log.debug("a damaged picture is left out: %s", error)
            return
        for frame in frames:
            if isinstance(frame, VideoFrame):
                self._pipeline.take(
                    self._upright.turn(frame),
                    pts_ns=pts_ns,
                    duration_ns=self._duration_ns,
                    captured_monotonic_ns=captured_monotonic_ns,
                )

    def take_photo(self, limit_seconds: float) -> Picture:
        return self._pipeline.desk.wait(limit_seconds)

    def close(self) -> None:
        self._pipeline.desk.close()
