"""The Raspberry Pi camera, through the real picamera2 (0.3.3x).

picamera2 runs callbacks and encoders in its own thread; an exception of ours in there would end it without a word and
hang its `stop()`. So everything it calls catches all, hands on and returns; the age of the newest packet is watched
from outside. What only a Raspberry Pi can show is untested: the hardware encoder, real sensors, flips and autofocus.
"""

from __future__ import annotations

import contextlib
import logging
import time
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dashcam.camera.base import CameraCallbacks, CameraFacts, Mode, Packet, Picture
from dashcam.camera.frames import Shrinker, even
from dashcam.camera.planes import luma_of
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraAbsent, CameraError
from dashcam.settings.bit_rate import bits_per_second_for
from dashcam.settings.resolutions import STANDARD_SIZES
from dashcam.settings.schema import CameraSettings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

DEFAULT_WIDTH, DEFAULT_HEIGHT, DEFAULT_FPS = 1920, 1080, 30.0
# The encoder of the Zero 2 W, 3 and 4 (bcm2835-codec) has this device node and ends at 1080p; a Pi 5 has none.
HARDWARE_ENCODER = Path("/dev/video11")
HARDWARE_MAX_PIXELS = 1920 * 1088
HARDWARE_PIXELS_PER_SECOND = 1920 * 1080 * 30
_MOST_FPS = 60.0
# Strides of the camera's image processor: a width that fits them needs no cropping.
_STRIDE_PIXELS = 64
# A sensor timestamp older than this is on another clock than the one it was compared with.
_PLAUSIBLE_AGE_NS = 5 * NANOSECONDS


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked of the camera, and what is to be said about it."""

    width: int
    height: int
    fps: float
    rotated_by_180: bool
    notes: tuple[str, ...]


def wish_for(settings: CameraSettings, *, has_hardware_encoder: bool) -> Wish:
    """Size, rate and rotation as this kind of board can have them; what cannot be is noted."""
    notes: list[str] = []
    width = even(settings.width or round((settings.height or DEFAULT_HEIGHT) * 16 / 9))
    height = even(settings.height or round(width * 9 / 16))
    if has_hardware_encoder and width * height > HARDWARE_MAX_PIXELS:
        notes.append(f"{width}x{height} is more than this board's encoder can do; recording 1920x1080")
        width, height = DEFAULT_WIDTH, DEFAULT_HEIGHT
    if settings.rotation in (90, 270):
        notes.append(f"this camera cannot turn the picture by {settings.rotation} degrees; it is recorded as it comes")
    return Wish(width, height, settings.fps or DEFAULT_FPS, settings.rotation == 180, tuple(notes))


def modes_of(sensor_size: tuple[int, int] | None, *, has_hardware_encoder: bool) -> tuple[Mode, ...]:
    """The usual sizes that the sensor fills and the encoder can do, with the rate that the encoder can do them at.

    Which rates the sensor has is known only by opening it in each of its modes; one that is too high becomes a note.
    """
    if sensor_size is None:
        return ()
    modes = []
    for width, height in STANDARD_SIZES:
        is_encodable = not has_hardware_encoder or width * height <= HARDWARE_MAX_PIXELS
        if width <= sensor_size[0] and height <= sensor_size[1] and is_encodable:
            most = HARDWARE_PIXELS_PER_SECOND / (width * height) if has_hardware_encoder else _MOST_FPS
            modes.append(Mode(width=width, height=height, fps=min(most, _MOST_FPS)))
    return tuple(modes)


def choose_camera(found: list[dict[str, Any]], source: str) -> int:
    """The number of the camera that `source` names: a number, a model, an id or its end; empty takes the first.

    `found` is `Picamera2.global_camera_info()`; webcams, which libcamera lists too, are left to the usb kind. Raises
    CameraAbsent.
    """
    own = [(number, facts) for number, facts in enumerate(found) if "usb" not in str(facts.get("Id", "")).lower()]
    if not own:
        raise CameraAbsent("picamera: no Raspberry Pi camera is connected; check the ribbon cable at both ends")
    if not source:
        return own[0][0]
    for number, facts in own:
        identity = str(facts.get("Id"))
        if source in (str(number), facts.get("Model"), identity, identity.rpartition("/")[2]):
            return number
    models = ", ".join(str(facts.get("Model")) for _, facts in own)
    raise CameraAbsent(f"picamera: no camera {source!r}; connected: {models}; set camera.source to one of them")


class PiCamera:
    """Main stream for the encoder, a small one for preview and motion, photos from the main stream."""

    def __init__(self, settings: CameraSettings, callbacks: CameraCallbacks, small_width: int) -> None:
        self._settings = settings
        self._callbacks = callbacks
        self._small_width = small_width
        self._camera: Any = None
        self._encoder: Any = None
        self._small_size = (0, 0)
        self._size = (0, 0)
        self._complained = False
        # Requests whose main picture carries the stamp: one that becomes a photo is asked for it.
        self._stamped: weakref.WeakSet[Any] = weakref.WeakSet()

    def start(self) -> CameraFacts:
        """Opens the camera and its encoder. Raises ImportError without picamera2, CameraAbsent, CameraError."""
        from picamera2 import Picamera2

        Picamera2.set_logging(logging.WARNING)
        wish = wish_for(self._settings, has_hardware_encoder=HARDWARE_ENCODER.exists())
        found = Picamera2.global_camera_info()
        number = choose_camera(found, self._settings.source)
        try:
            self._camera = Picamera2(number)
            return self._begin(wish, str(found[number].get("Model", "unknown model")))
        except Exception as error:
            self.close()
            raise CameraError(f"the Pi camera does not start ({error}); is another program using it?") from error

    def take_photo(self, limit_seconds: float) -> Picture:
        """The next picture of the main stream. Raises CameraError."""
        camera = self._camera
        if camera is None:
            raise CameraError("the Pi camera is closed")
        try:
            request = camera.capture_request(wait=limit_seconds)
        except Exception as error:
            raise CameraError(f"the Pi camera gave no picture in time ({error}); try again") from error
        try:
            return self._picture(request, "main", self._size)
        finally:
            request.release()

    def close(self) -> None:
        """Stops everything. Hangs if the library does: the owner calls it with a limit."""
        camera, self._camera = self._camera, None
        if camera is None:
            return
        camera.pre_callback = camera.post_callback = None
        encoder, self._encoder = self._encoder, None
        try:
            if encoder is not None:
                camera.stop_encoder(encoder)
            camera.stop()
        finally:
            # Whatever went wrong before: a camera left open is busy for the next one that opens it.
            camera.close()

    def _begin(self, wish: Wish, model: str) -> CameraFacts:
        camera = self._camera
        camera.configure(camera.create_video_configuration(**self._configuration(wish)))
        # Read back: a size that a camera does not have becomes another one without a word.
        actual = camera.camera_configuration()
        self._size = tuple(actual["main"]["size"])
        self._small_size = tuple(actual["lores"]["size"])
        width, height = self._size
        encoder, words = self._make_encoder(width, height, wish.fps)
        encoder.output = _output(self, encoder, wish.fps)
        # In this order: stamped, taken as a photo, shown, encoded.
        camera.pre_callback = self._stamp_main_picture
        camera.post_callback = self._offer_small_picture
        self._encoder = encoder
        camera.start_encoder(encoder, name="main")
        camera.start()
        notes = list(wish.notes)
        if self._size != (wish.width, wish.height):
            notes.append(f"{wish.width}x{wish.height} is not possible with {model}; recording {width}x{height}")
        notes += self._rate_notes(wish.fps)
        modes = modes_of(camera.camera_properties.get("PixelArraySize"), has_hardware_encoder=HARDWARE_ENCODER.exists())
        return CameraFacts("picamera", f"Pi camera {model}", width, height, wish.fps, words, tuple(notes), modes)

    def _configuration(self, wish: Wish) -> dict[str, Any]:
        from libcamera import Transform

        small_width = max(min(self._small_width, wish.width) // _STRIDE_PIXELS * _STRIDE_PIXELS, _STRIDE_PIXELS)
        # YUV420 takes 3.1 MB a 1080p picture where the default takes 8.3: memory that a 512 MB board lacks.
        return {
            "main": {"size": (wish.width, wish.height), "format": "YUV420"},
            "lores": {"size": (small_width, even(small_width * wish.height / wish.width)), "format": "YUV420"},
            "controls": {"FrameRate": wish.fps},
            "transform": Transform(hflip=int(wish.rotated_by_180), vflip=int(wish.rotated_by_180)),
        }

    def _make_encoder(self, width: int, height: int, fps: float) -> tuple[Any, str]:
        """Hardware where there is one, libx264 where not; one-second GOPs with headers before every keyframe."""
        from picamera2.encoders import H264Encoder, LibavH264Encoder

        bitrate = bits_per_second_for(width, height, fps, self._settings.bitrate)
        options = {"bitrate": bitrate, "repeat": True, "iperiod": max(round(fps), 1), "framerate": fps}
        if HARDWARE_ENCODER.exists():
            return H264Encoder(**options), "hardware H.264"
        return LibavH264Encoder(**{**options, "framerate": round(fps)}), "libx264 ultrafast"

    def _rate_notes(self, fps: float) -> list[str]:
        limits = self._camera.camera_controls.get("FrameDurationLimits")
        shortest_us = limits[0] if limits else 0
        if shortest_us and fps > 1_000_000 / shortest_us * 1.01:
            return [f"{fps:g} frames/s are more than this camera gives; it gives {1_000_000 / shortest_us:.0f}"]
        return []

    def _stamp_main_picture(self, request: Any) -> None:
        """picamera2's thread, before anybody else has the picture."""
        try:
            if self._callbacks.wishes_stamp():
                from picamera2 import MappedArray

                width, height = self._size
                with MappedArray(request, "main") as mapped:
                    if self._stamp(mapped.array[:height, :width], self._captured_ns_of(request)):
                        self._stamped.add(request)
        except Exception as error:  # noqa: BLE001 - raising here would end picamera2's thread
            self._give_up_stamp(error)

    def _stamp(self, luma: NDArray[np.uint8], captured_ns: int) -> bool:
        try:
            return self._callbacks.wishes_stamp() and self._callbacks.stamp(luma, captured_ns, 0)
        except Exception as error:  # noqa: BLE001 - a picture without a stamp is better than none
            self._give_up_stamp(error)
            return False

    def _give_up_stamp(self, error: Exception) -> None:
        try:
            self._callbacks.stamp_failed(error)
        except Exception as second:  # noqa: BLE001 - raising here would end picamera2's thread
            self._complain_once("a picture is not stamped", second)

    def _offer_small_picture(self, request: Any) -> None:
        """picamera2's thread, after each frame."""
        try:
            # The clock of its pictures; the request's own time costs more than asking does.
            if self._callbacks.wishes_pictures(time.monotonic_ns()):
                self._callbacks.picture(self._picture(request, "lores", self._small_size))
        except Exception as error:  # noqa: BLE001 - raising here would end picamera2's thread
            self._complain_once("a small picture was lost", error)

    def _picture(self, request: Any, stream: str, size: tuple[int, int]) -> Picture:
        """A copy of one stream of a request, so that the request can be given back at once."""
        from av.video.frame import VideoFrame

        array = request.make_array(stream)
        frame = VideoFrame.from_ndarray(cropped_yuv420(array, *size), format="yuv420p")
        captured_ns = self._captured_ns_of(request)
        if stream == "main":
            return Picture(frame, captured_ns, captured_ns, request in self._stamped)
        small = Shrinker(self._small_width).shrink(frame)
        return Picture(small, captured_ns, captured_ns, self._stamp(luma_of(small), captured_ns))

    def _captured_ns_of(self, request: Any) -> int:
        return self._captured_ns(int(request.get_metadata().get("SensorTimestamp", 0)))

    def hand_on(self, data: bytes, *, is_keyframe: bool, pts_us: int, sensor_us: int, fps: float) -> None:
        """The encoder's thread: one encoded frame."""
        try:
            pts_ns = pts_us * 1000
            self._callbacks.packet(
                Packet(
                    data=bytes(data),
                    pts_ns=pts_ns,
                    dts_ns=pts_ns,
                    duration_ns=round(NANOSECONDS / fps),
                    is_keyframe=is_keyframe,
                    captured_monotonic_ns=self._captured_ns(sensor_us * 1000),
                )
            )
        except Exception as error:  # noqa: BLE001 - raising here would end picamera2's thread
            self._complain_once("a packet was lost", error)
            with contextlib.suppress(Exception):
                self._callbacks.lost()

    def _captured_ns(self, sensor_ns: int) -> int:
        """A sensor's timestamp as CLOCK_MONOTONIC.

        libcamera documents CLOCK_BOOTTIME; some pipelines use CLOCK_MONOTONIC. They differ only on machines that sleep.
        """
        now_ns = time.monotonic_ns()
        asleep_ns = time.clock_gettime_ns(time.CLOCK_BOOTTIME) - now_ns
        for candidate_ns in (sensor_ns - asleep_ns, sensor_ns):
            if 0 <= now_ns - candidate_ns < _PLAUSIBLE_AGE_NS:
                return candidate_ns
        return now_ns

    def _complain_once(self, text: str, error: Exception) -> None:
        """Called where an exception is held back; its trace goes to the log, once."""
        if not self._complained:
            self._complained = True
            log.error("%s; said once", text, exc_info=error)


def cropped_yuv420(array: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The picture without the padding of its rows.

    `array` is (height * 3/2, stride): luma rows, then the U and V rows of stride/2 each, two to a row of the array.
    Gives (height * 3/2, width), what PyAV takes for yuv420p.
    """
    import numpy as np

    stride = array.shape[1]
    if stride == width:
        return array
    luma = array[:height, :width]
    chroma = array[height : height * 3 // 2].reshape(height, stride // 2)[:, : width // 2]
    return np.concatenate((luma.reshape(-1), chroma.reshape(-1))).reshape(height * 3 // 2, width)


def _output(camera: PiCamera, encoder: Any, fps: float) -> Any:
    """Our own small picamera2 Output: hands packets on and can never raise into the library."""
    from picamera2.outputs import Output

    class _HandOn(Output):  # type: ignore[misc]
        """Called by the encoder for every frame."""

        def outputframe(
            self,
            frame: bytes,
            keyframe: bool = True,
            timestamp: int | None = None,
            packet: Any = None,
            audio: bool = False,
        ) -> None:
            """`timestamp` is in microseconds since the encoder's first frame."""
            del packet
            if not audio:
                pts_us = timestamp or 0
                camera.hand_on(
                    frame,
                    is_keyframe=bool(keyframe),
                    pts_us=pts_us,
                    sensor_us=int(encoder.firsttimestamp or 0) + pts_us,
                    fps=fps,
                )

        def _add_stream(self, *_arguments: Any, **_options: Any) -> None:
            """Outputs that mux want to know the stream; ours does not."""

    return _HandOn()
