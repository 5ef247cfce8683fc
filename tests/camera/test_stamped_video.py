"""Every camera with raw pictures stamps them: in the video, the live picture and photos, and nothing else changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from msgspec.structs import replace

from dashcam.camera import frame_code
from dashcam.camera.base import Camera, CameraCallbacks
from dashcam.camera.drive.dashboard import Dashboard
from dashcam.camera.guard import guarded
from dashcam.camera.pattern import PatternCamera
from dashcam.camera.planes import luma_of
from dashcam.camera.replay import ReplayCamera
from dashcam.camera.usb import _PictureSink
from dashcam.camera.usb_mode import Choice
from dashcam.camera.v4l2 import Mode as DeviceMode
from dashcam.settings.schema import CameraSettings
from tests.camera.stamped import CORNERS, FixedStamp, has_changed, stands_in
from tests.camera.watched import LIMIT_SECONDS, Watched, decoded, make_video, numbers_in

PATTERN = CameraSettings(kind="pattern", width=640, height=360, speed=100.0)
# Pictures that say this need no conversion: the camera has them as the decoder made them.
LIMITED = "range=tv:colormatrix=smpte170m"
Maker = Callable[[CameraSettings, CameraCallbacks, int], Camera]


def recorded(make: Maker, settings: CameraSettings, count: int, stamp: FixedStamp | None) -> list[VideoFrame]:
    watched = Watched()
    callbacks = watched.callbacks()
    camera = make(settings, stamp.into(callbacks) if stamp else callbacks, 320)
    try:
        facts = camera.start()
        watched.wait_for_packets(count)
    finally:
        camera.close()
    assert facts.stamp_hindrance == ""
    assert watched.failures == []
    if stamp:
        # Asked for each picture, with the moment that its packet has.
        moments = [packet.captured_monotonic_ns for packet in watched.packets]
        assert stamp.asked[: len(moments)] == moments
    return decoded(packet.data for packet in watched.packets)[:count]


@pytest.fixture
def nothing_written_on_the_dashboard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall time there makes each recording another one."""
    monkeypatch.setattr(Dashboard, "_write", lambda *_anything: None)
    monkeypatch.setattr(time, "time_ns", lambda: 0)


def kept_by_code(width: int, height: int) -> int:
    place = frame_code.block_place(width, height)
    assert place is not None
    return height - place.top + place.cell // 2


@pytest.mark.usefixtures("nothing_written_on_the_dashboard")
@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 240), (1920, 1080)])
def test_the_drive_is_stamped_in_each_corner_and_every_frame_number_is_read(width: int, height: int) -> None:
    settings = replace(PATTERN, width=width, height=height)
    plain = recorded(PatternCamera, settings, 6, None)
    for corner in CORNERS:
        stamped = recorded(PatternCamera, settings, 6, FixedStamp(corner))
        assert numbers_in(stamped) == list(range(6))
        for frame, without in zip(stamped, plain, strict=True):
            assert stands_in(frame, without, corner, kept_by_code(width, height))


@pytest.mark.usefixtures("nothing_written_on_the_dashboard")
@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_in_a_turned_picture_the_stamp_is_upright(rotation: Literal[0, 90, 180, 270]) -> None:
    settings = replace(PATTERN, rotation=rotation)
    plain = recorded(PatternCamera, settings, 3, None)
    stamped = recorded(PatternCamera, settings, 3, FixedStamp("bottom-left"))
    assert numbers_in(stamped) == [0, 1, 2]
    assert all(
        stands_in(frame, without, "bottom-left", kept_by_code(640, 360))
        for frame, without in zip(stamped, plain, strict=True)
    )


def test_nothing_is_drawn_twice_into_a_picture_that_is_drawn_again() -> None:
    """A second time would make what lies behind darker still, down to black."""
    stamp = FixedStamp("top-left")
    frames = recorded(PatternCamera, PATTERN, 40, stamp)
    levels = [float(np.median(luma_of(frame)[8:40, 8:200])) for frame in frames]
    assert max(levels) - min(levels) < 6
    assert min(levels) > 25


def test_it_goes_on_and_off_while_the_camera_runs_and_leaves_nothing_behind() -> None:
    watched, stamp = Watched(), FixedStamp("top-right", is_on=False)
    camera = PatternCamera(replace(PATTERN, speed=2.0), stamp.into(watched.callbacks()), 320)
    try:
        camera.start()
        for is_on in (False, True, False):
            stamp.is_on = is_on
            watched.wait_for_packets(len(watched.packets) + 12)
    finally:
        camera.close()
    frames = decoded(packet.data for packet in watched.packets)
    corner = [float(luma_of(frame)[10:40, 440:630].mean()) for frame in frames]
    asked = {packet.captured_monotonic_ns for packet in watched.packets} & set(stamp.asked)
    was_on = [packet.captured_monotonic_ns in asked for packet in watched.packets]
    assert [level < 100 for level in corner] == was_on
    assert was_on[0] is was_on[-1] is False
    assert sum(first != second for first, second in pairwise(was_on)) == 2
    assert numbers_in(frames) == list(range(len(frames)))


def test_live_pictures_and_photos_carry_it_and_say_so() -> None:
    watched, stamp = Watched(wishes=lambda _pts_ns: True), FixedStamp("top-left")
    camera = PatternCamera(replace(PATTERN, speed=2.0), stamp.into(watched.callbacks()), 320)
    try:
        camera.start()
        photo = camera.take_photo(LIMIT_SECONDS)
        stamp.is_on = False
        watched.wait_for(lambda: not watched.pictures[-1].is_stamped)
        watched.wait_for_packets(len(watched.packets) + 5)
        later = camera.take_photo(LIMIT_SECONDS)
    finally:
        camera.close()
    assert (photo.is_stamped, later.is_stamped) == (True, False)
    assert luma_of(photo.frame)[8:40, 8:200].mean() < 100 < luma_of(later.frame)[8:40, 8:200].mean()
    for picture in watched.pictures:
        assert (luma_of(picture.frame)[4:20, 4:100].mean() < 100) == picture.is_stamped


@pytest.mark.parametrize("codec", ["mpeg4", "libx264", "mjpeg"])
@pytest.mark.parametrize("rotation", [0, 180])
def test_a_file_that_is_encoded_again_is_stamped_and_its_decoder_sees_nothing_of_it(
    tmp_path: Path, codec: str, rotation: Literal[0, 90, 180, 270]
) -> None:
    """P-frames take what is in the pictures before them: with a stamp in there its ghost would stay."""
    path = make_video(
        tmp_path / "video.mkv",
        codec=codec,
        frames=60,
        x264=f"keyint=999:scenecut=0:bframes=0:{LIMITED}",
        size=(640, 360),
    )
    settings = CameraSettings(kind="replay", source=str(path), speed=100.0, rotation=rotation)
    plain = recorded(ReplayCamera, settings, 60, None)
    watched, stamp = Watched(), FixedStamp("top-right")
    stamp_first = replace(
        stamp.into(watched.callbacks()), wishes_stamp=lambda: len(watched.packets) < 20
    )  # the first 20 pictures only
    camera = ReplayCamera(settings, stamp_first, 320)
    try:
        facts = camera.start()
        watched.wait_for_packets(60)
    finally:
        camera.close()
    assert "libx264" in facts.encoder or "hardware" in facts.encoder
    frames = decoded(packet.data for packet in watched.packets)
    assert all(stands_in(frame, without, "top-right") for frame, without in zip(frames[:20], plain, strict=False))
    assert not any(has_changed(frame, without) for frame, without in zip(frames[20:60], plain[20:], strict=True))
    assert len(stamp.asked) == 20


def test_what_is_passed_on_as_it_is_says_that_it_cannot_be_stamped(tmp_path: Path) -> None:
    watched, stamp = Watched(wishes=lambda _pts_ns: True), FixedStamp()
    path = make_video(tmp_path / "video.mp4")
    camera = ReplayCamera(
        CameraSettings(kind="replay", source=str(path), speed=10.0), stamp.into(watched.callbacks()), 160
    )
    try:
        facts = camera.start()
        watched.wait_for(lambda: bool(watched.pictures))
        photo = camera.take_photo(LIMIT_SECONDS)
    finally:
        camera.close()
    assert "nothing can be written into its pictures" in facts.stamp_hindrance
    assert stamp.asked == []
    assert not photo.is_stamped
    assert not watched.pictures[0].is_stamped


@pytest.mark.parametrize("rotation", [0, 90])
def test_what_a_webcam_sends_as_pictures_is_stamped(tmp_path: Path, rotation: Literal[0, 90, 180, 270]) -> None:
    """The part behind the device, which these machines do not have."""
    path = make_video(tmp_path / "webcam.mkv", codec="mjpeg", frames=6, size=(640, 360))
    choice = Choice(DeviceMode("MJPG", 640, 360, 20.0), "mjpeg", ())
    runs: list[list[VideoFrame]] = []
    for stamp in (None, FixedStamp("top-left")):
        watched = Watched()
        callbacks = stamp.into(watched.callbacks()) if stamp else watched.callbacks()
        sink = _PictureSink(choice, CameraSettings(kind="usb", rotation=rotation), guarded(callbacks), 320)
        with av.open(str(path)) as container:
            for number, packet in enumerate(container.demux(video=0)):
                if packet.size:
                    sink.take(packet, number * 50_000_000, number + 1)
        sink.close()
        runs.append(decoded(packet.data for packet in watched.packets))
        assert stamp is None or stamp.asked == [1, 2, 3, 4, 5, 6]
    plain, stamped = runs
    assert (stamped[0].width, stamped[0].height) == ((360, 640) if rotation else (640, 360))
    assert [stands_in(frame, without, "top-left") for frame, without in zip(stamped, plain, strict=True)] == [True] * 6
    assert _PictureSink.stamp_hindrance == ""


def test_a_stamp_that_raises_costs_no_frame(caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_arguments: Any) -> bool:
        raise RuntimeError("no ink")

    watched = Watched(wishes=lambda _pts_ns: True)
    callbacks = replace(watched.callbacks(), wishes_stamp=lambda: True, stamp=fail)
    camera = PatternCamera(PATTERN, callbacks, 320)
    try:
        camera.start()
        watched.wait_for_packets(20)
    finally:
        camera.close()
    frames = decoded(packet.data for packet in watched.packets)
    assert numbers_in(frames) == list(range(len(frames)))
    assert not any(picture.is_stamped for picture in watched.pictures)
    assert len([record for record in caplog.records if "'stamp' fails" in record.message]) == 1
