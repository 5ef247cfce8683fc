"""The Raspberry Pi camera on the real picamera2, with libcamera's virtual camera in place of a sensor."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import av
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from dashcam.camera import frame_code
from dashcam.camera.base import CameraFacts, Packet
from dashcam.camera.picamera import PiCamera, choose_camera, cropped_yuv420, wish_for
from dashcam.camera.planes import luma_of
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraAbsent, CameraError
from dashcam.media.h264 import nal_type, split_annex_b
from dashcam.recorder.packet_queue import NewFormat
from dashcam.recorder.program import EXIT_BROKEN
from dashcam.settings.schema import CameraSettings
from tests.camera.stamped import FixedStamp, shows_stamp
from tests.camera.taken import LIMIT_SECONDS, Taken
from tests.camera.watched import decoded
from tests.mp4_boxes import is_ordinary
from tests.recorder.rig import Rig, clips_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.virtual_camera.camera import VirtualPicamera2

SETTINGS = CameraSettings(kind="picamera", width=640, height=360)
SPS, PPS = 7, 8


@pytest.fixture
def numbered_picamera2(virtual_picamera2: type[VirtualPicamera2], monkeypatch: pytest.MonkeyPatch) -> None:
    """The class that the product imports draws grey pictures, and the number of each into it, before it is encoded."""
    import picamera2

    def draw(numbers: Iterator[int]) -> Callable[[Any], None]:
        def into(request: Any) -> None:
            for stream in ("main", "lores"):
                with picamera2.MappedArray(request, stream) as mapped:
                    width, height = request.picam2.camera_configuration()[stream]["size"]
                    luma = mapped.array[:height, :width]
                    luma[:] = 128
                    if stream == "main":
                        frame_code.draw(luma, next(numbers), 0)

        return into

    class Numbered(virtual_picamera2):  # type: ignore[misc, valid-type]
        """Draws first, and then calls whom the camera has set."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            self.number = draw(itertools.count())
            self.then: Callable[[Any], None] | None = None
            super().__init__(*arguments, **options)

        @property
        def pre_callback(self) -> Callable[[Any], None]:
            def draw_and_call(request: Any) -> None:
                self.number(request)
                if self.then is not None:
                    self.then(request)

            return draw_and_call

        @pre_callback.setter
        def pre_callback(self, callback: Callable[[Any], None] | None) -> None:
            self.then = callback

    monkeypatch.setattr(picamera2, "Picamera2", Numbered)


@pytest.fixture
def plain_picamera2(virtual_picamera2: type[VirtualPicamera2], monkeypatch: pytest.MonkeyPatch) -> None:
    """The class that the product imports works on the virtual camera."""
    import picamera2

    monkeypatch.setattr(picamera2, "Picamera2", virtual_picamera2)


def number_of(frame: av.VideoFrame) -> int:
    picture = frame.to_ndarray(format="yuv420p").astype(np.uint8, copy=False)
    code = frame_code.read(picture[: frame.height, : frame.width])
    assert code is not None
    return code.number


def without_code(frame: av.VideoFrame) -> NDArray[np.uint8]:
    """The luma with nothing where the number may be."""
    place = frame_code.block_place(frame.width, frame.height)
    assert place is not None
    luma = luma_of(frame).copy()
    luma[place.top :, place.left :] = 0
    return luma


def numbers_in(path: Path) -> list[int]:
    """The numbers drawn into the frames of a clip, in the order they are shown."""
    with av.open(str(path)) as container:
        return [number_of(frame) for frame in container.decode(video=0)]


def test_no_frame_is_lost_over_twelve_boundaries(numbered_picamera2: None, tmp_path: Path) -> None:
    rig = Rig(tmp_path, segment_seconds=1.0)
    enough = threading.Event()

    def put(packet: Packet) -> None:
        rig.queue.put(packet)
        if len(rig.writer.session_ids) > 13:
            enough.set()

    camera = PiCamera(SETTINGS, Taken().callbacks(put), 320)
    rig.queue.open()
    rig.queue.put_marker(NewFormat(CameraFacts("picamera", "virtual", 640, 360, 30.0, "libx264")))
    stop = threading.Event()
    writing = threading.Thread(target=rig.writer.work, args=(stop,))
    writing.start()
    facts = camera.start()
    assert (facts.width, facts.height, facts.encoder) == (640, 360, "libx264 ultrafast")
    is_enough = enough.wait(LIMIT_SECONDS * 2)
    camera.close()
    stop.set()
    writing.join(LIMIT_SECONDS)
    assert is_enough
    clips = clips_of(tmp_path)
    assert len(clips) >= 13
    numbers = [number for clip in clips for number in numbers_in(clip)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(numbers) == rig.queue.frames_received == rig.writer.frames_written


def test_packets_are_one_second_gops_with_headers_and_rising_times(plain_picamera2: None) -> None:
    taken = Taken()
    camera = PiCamera(SETTINGS, taken.callbacks(), 320)
    camera.start()
    taken.wait_for_packets(66)
    camera.close()
    keyframes = [number for number, packet in enumerate(taken.packets) if packet.is_keyframe]
    assert keyframes[:3] == [0, 30, 60]
    for number in keyframes:
        assert {SPS, PPS} <= {nal_type(unit) for unit in split_annex_b(taken.packets[number].data)}
    times = [packet.pts_ns for packet in taken.packets]
    assert times == sorted(set(times))
    captured = [packet.captured_monotonic_ns for packet in taken.packets]
    assert captured == sorted(set(captured))


def test_small_pictures_come_only_while_they_are_wished(plain_picamera2: None) -> None:
    taken = Taken()
    camera = PiCamera(SETTINGS, taken.callbacks(), 320)
    camera.start()
    taken.wait_for_packets(6)
    assert taken.pictures == []
    taken.wants_pictures = True
    taken.wait_for_pictures(3)
    camera.close()
    frame = taken.pictures[0].frame
    assert (frame.width, frame.height, frame.format.name) == (320, 180, "yuv420p")
    assert taken.asked_ns == sorted(set(taken.asked_ns))
    # Asked on the clock of the pictures, a moment after the sensor's.
    for picture in taken.pictures:
        assert any(0 <= asked_ns - picture.pts_ns < LIMIT_SECONDS * NANOSECONDS for asked_ns in taken.asked_ns)


def test_photos_come_from_the_main_stream_and_lose_no_frame(numbered_picamera2: None) -> None:
    taken = Taken()
    camera = PiCamera(SETTINGS, taken.callbacks(), 320)
    camera.start()
    taken.wait_for_packets(6)
    photos = [camera.take_photo(LIMIT_SECONDS) for _ in range(3)]
    camera.close()
    shown = [number_of(photo.frame) for photo in photos]
    assert shown == sorted(set(shown))
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    numbers = [
        number_of(frame)
        for unit in [*(av.Packet(packet.data) for packet in taken.packets), None]
        for frame in decoder.decode(unit)
    ]
    assert numbers == list(range(numbers[0], numbers[0] + len(taken.packets)))


def test_the_stamp_is_in_the_video_in_photos_and_in_small_pictures_and_goes_on_and_off_at_once(
    numbered_picamera2: None,
) -> None:
    taken, stamp = Taken(wants_pictures=True), FixedStamp("top-left", is_on=False)
    camera = PiCamera(SETTINGS, stamp.into(taken.callbacks()), 320)
    facts = camera.start()
    photos = []
    for is_on in (False, True, False):
        stamp.is_on = is_on
        taken.wait_for_packets(len(taken.packets) + 10)
        photos.append(camera.take_photo(LIMIT_SECONDS))
    camera.close()
    assert (facts.stamp_hindrance, taken.failures) == ("", [])
    assert stamp.sizes == {(640, 360), (320, 180)}
    assert [photo.is_stamped for photo in photos] == [False, True, False]
    frames = decoded(packet.data for packet in taken.packets)
    numbers = [number_of(frame) for frame in frames]
    assert numbers == list(range(numbers[0], numbers[0] + len(taken.packets)))
    was_on = [shows_stamp(without_code(frame), without_code(frames[0]), "top-left") for frame in frames]
    off, on, off_again = (list(group) for _, group in itertools.groupby(was_on))
    assert (off[0], on[0], off_again[0]) == (False, True, False)
    assert len(on) >= 8
    for pictures in (photos, taken.pictures):
        for picture in pictures:
            luma, plain = without_code(picture.frame), without_code(pictures[0].frame)
            assert shows_stamp(luma, plain, "top-left") == picture.is_stamped


@pytest.mark.parametrize("has_memory", [True, False])
def test_a_stamp_that_fails_is_told_once_and_does_not_end_the_camera(
    plain_picamera2: None, monkeypatch: pytest.MonkeyPatch, has_memory: bool
) -> None:
    def fail(*_arguments: object) -> NoReturn:
        raise RuntimeError("no ink")

    if not has_memory:
        monkeypatch.setattr("picamera2.MappedArray", fail)
    taken = Taken(wants_pictures=True)
    errors: list[Exception] = []
    callbacks = msgspec.structs.replace(
        taken.callbacks(), wishes_stamp=lambda: not errors, stamp=fail, stamp_failed=errors.append
    )
    camera = PiCamera(SETTINGS, callbacks, 320)
    camera.start()
    taken.wait_for_packets(20)
    taken.wait_for_pictures(3)
    assert not camera.take_photo(LIMIT_SECONDS).is_stamped
    camera.close()
    assert taken.failures == []
    assert [str(error) for error in errors] == ["no ink"]


def test_a_sink_that_raises_does_not_end_the_camera_and_its_losses_are_counted(plain_picamera2: None) -> None:
    taken, failures = Taken(), itertools.count(1)

    def fail(_packet: Packet) -> None:
        next(failures)
        raise RuntimeError("a broken sink")

    camera = PiCamera(SETTINGS, taken.callbacks(fail), 320)
    camera.start()
    with taken.changed:
        assert taken.changed.wait_for(lambda: taken.lost >= 10, LIMIT_SECONDS)
    camera.close()
    assert taken.lost == next(failures) - 1


def test_it_starts_again_after_it_was_closed_and_closing_twice_is_closing_once(plain_picamera2: None) -> None:
    for _ in range(2):
        taken = Taken()
        camera = PiCamera(SETTINGS, taken.callbacks(), 320)
        camera.start()
        taken.wait_for_packets(2)
        camera.close()
        camera.close()
        with pytest.raises(CameraError):
            camera.take_photo(1.0)


def test_a_size_that_the_camera_does_not_have_is_noted(plain_picamera2: None) -> None:
    camera = PiCamera(CameraSettings(kind="picamera", width=800, height=600, rotation=90), Taken().callbacks(), 320)
    facts = camera.start()
    camera.close()
    assert (facts.width, facts.height) == (1920, 1080)
    assert any("800x600" in note for note in facts.notes)
    assert any("90 degrees" in note for note in facts.notes)


@pytest.mark.parametrize(
    ("settings", "hardware", "expected", "notes"),
    [
        (CameraSettings(), True, (1920, 1080, 30.0, False), 0),
        (CameraSettings(height=720), True, (1280, 720, 30.0, False), 0),
        (CameraSettings(width=640, height=480, fps=60), True, (640, 480, 60, False), 0),
        (CameraSettings(width=3840, height=2160), True, (1920, 1080, 30.0, False), 1),
        (CameraSettings(width=3840, height=2160), False, (3840, 2160, 30.0, False), 0),
        (CameraSettings(rotation=180), False, (1920, 1080, 30.0, True), 0),
        (CameraSettings(rotation=270), False, (1920, 1080, 30.0, False), 1),
    ],
)
def test_wishes(settings: CameraSettings, hardware: bool, expected: tuple[int, int, float, bool], notes: int) -> None:
    wish = wish_for(settings, has_hardware_encoder=hardware)
    assert (wish.width, wish.height, wish.fps, wish.rotated_by_180) == expected
    assert len(wish.notes) == notes


FOUND = [
    {"Model": "C920", "Id": "/base/soc/usb@7e980000/usb-port@1-1.3:1.0-046d:082d"},
    {"Model": "imx708", "Id": "/base/soc/i2c0mux/i2c@1/imx708@1a"},
    {"Model": "ov5647", "Id": "/base/soc/i2c0mux/i2c@0/ov5647@36"},
]


@pytest.mark.parametrize(("source", "number"), [("", 1), ("2", 2), ("ov5647", 2), ("imx708@1a", 1)])
def test_a_camera_is_chosen_by_number_model_or_id(source: str, number: int) -> None:
    assert choose_camera(FOUND, source) == number


@pytest.mark.parametrize(("found", "source"), [([], ""), (FOUND[:1], ""), (FOUND, "imx219"), (FOUND, "0")])
def test_a_camera_that_is_not_there_is_named_with_its_cure(found: list[dict[str, Any]], source: str) -> None:
    with pytest.raises(CameraAbsent, match=r"cable|camera\.source"):
        choose_camera(found, source)


def test_row_padding_is_cut_off() -> None:
    width, height, stride = 6, 4, 8
    padded = np.full((height * 3 // 2, stride), 255, np.uint8)
    padded[:height, :width] = np.arange(height * width).reshape(height, width)
    chroma = padded[height:].reshape(height, stride // 2)
    chroma[:, : width // 2] = np.arange(100, 100 + height * width // 2).reshape(height, width // 2)
    flat = cropped_yuv420(padded, width, height).reshape(-1)
    assert flat.tolist() == [*range(height * width), *range(100, 100 + height * width // 2)]


def test_a_library_that_dies_ends_the_process_with_a_clear_message(
    virtual_picamera2: type[VirtualPicamera2], tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.camera.hanging_camera", "40", "record", "--data", str(tmp_path)]
    command += ["--set", "camera.kind=picamera", "--set", "camera.width=320", "--set", "camera.height=180"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS * 2, check=False)
    assert ended.returncode == EXIT_BROKEN
    assert "the camera has sent nothing for" in ended.stderr
    assert "the camera hangs and cannot be closed" in ended.stderr
    (clip,) = (tmp_path / "DCIM" / "VIDEO").rglob("*.mp4")
    assert is_ordinary(clip)
    with av.open(str(clip)) as container:
        assert len([packet for packet in container.demux(video=0) if packet.size]) == 40
