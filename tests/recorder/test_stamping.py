"""The words on the video are those of the moment, change with the settings at once, and never cost a frame."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest

from dashcam.camera import frame_code
from dashcam.camera.base import Camera, CameraCallbacks
from dashcam.camera.choose import OpenedCamera
from dashcam.camera.planes import luma_of
from dashcam.camera.stamp import Letters, Stamp
from dashcam.clock import NANOSECONDS, RELEASE_UTC_NS, WallClock
from dashcam.link import messages as m
from dashcam.link.client import watch
from dashcam.place import Place
from dashcam.recorder.moments import Moments
from dashcam.recorder.stamping import Stamping
from dashcam.settings import Settings
from dashcam.settings.schema import CameraSettings, GpsSettings, StampSettings
from dashcam.settings.zones import Zone
from tests.camera.watched import make_video
from tests.conftest import CHECKOUT
from tests.packets import FACTS
from tests.recorder.rig import clips_of
from tests.recorder.running import RunningRecorder
from tests.recorder.test_tuning import RealCameras, save

# The clocks of these tests read this; a bit less than half a second of it is over.
NOW_NS, UTC_NS = 100 * NANOSECONDS, RELEASE_UTC_NS + 3 * NANOSECONDS // 5
HERE = Place(latitude=53.35122, longitude=-6.26031, speed_mps=13.4)
ON = StampSettings(video=True)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[tuple[str, ...], str]]:
    """What was written, and into which corner."""
    seen: list[tuple[tuple[str, ...], str]] = []
    write = Stamp.write

    def note(self: Stamp, groups: tuple[str, ...], corner: Any) -> None:
        seen.append((groups, corner))
        write(self, groups, corner)

    monkeypatch.setattr(Stamp, "write", note)
    return seen


def moments(utc_ns: int = UTC_NS) -> Moments:
    return Moments(WallClock(lambda: NOW_NS, lambda: utc_ns), "UTC")


def picture() -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.full((360, 640), 200, np.uint8)


def test_the_words_change_with_the_second_of_the_clips_clock(written: list[tuple[tuple[str, ...], str]]) -> None:
    stamping = Stamping(Settings(stamp=ON), moments())
    seconds = []
    for milliseconds in (0, 399, 400, 999, 1399, 1400, 900):
        assert stamping.draw(picture(), NOW_NS + milliseconds * 1_000_000)
        seconds.append(written[-1][0][0][-6:-4])
    assert seconds == ["00", "00", "01", "01", "01", "02", "01"]
    assert written[0][0][0].endswith(" 00:00:00 UTC")


def test_a_fix_is_shown_within_a_quarter_of_a_second(written: list[tuple[tuple[str, ...], str]]) -> None:
    known = moments()
    stamping = Stamping(Settings(stamp=ON), known)
    stamping.draw(picture(), NOW_NS)
    known.put(NOW_NS + 1, HERE)
    stamping.draw(picture(), NOW_NS + NANOSECONDS // 4)
    assert [words[1:] for words, _ in written] == [
        ("no GPS", "front"),
        ("48 km/h", "53.35122, -6.26031", "front"),
    ]


def test_what_is_not_known_is_said(written: list[tuple[tuple[str, ...], str]]) -> None:
    stamping = Stamping(Settings(stamp=ON), moments(utc_ns=0))
    stamping.draw(picture(), NOW_NS)
    assert written == [(("time not set", "no GPS", "front"), "bottom-right")]


def test_corner_unit_name_and_place_are_those_of_the_settings_at_once(
    written: list[tuple[tuple[str, ...], str]],
) -> None:
    known = moments()
    known.put(NOW_NS, HERE)
    stamping = Stamping(Settings(stamp=ON), known)
    stamping.draw(picture(), NOW_NS)
    stamping.take(
        Settings(
            stamp=StampSettings(video=True, corner="top-left", place=False),
            gps=GpsSettings(speed_unit="mph"),
            camera=CameraSettings(name="rear"),
        )
    )
    stamping.draw(picture(), NOW_NS)
    assert written[-1] == ((written[0][0][0], "30 mph", "rear"), "top-left")


def test_off_nothing_is_drawn_and_nobody_is_asked_to() -> None:
    stamping = Stamping(Settings(), moments())
    luma = picture()
    assert not stamping.wishes()
    assert not stamping.draw(luma, NOW_NS)
    assert (luma == 200).all()
    stamping.take(Settings(stamp=ON))
    assert stamping.wishes()
    assert stamping.draw(luma, NOW_NS)
    assert (luma != 200).any()


def test_a_stamp_that_fails_is_told_once_and_off_until_the_settings_are_saved_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stamping = Stamping(Settings(stamp=ON), moments())
    monkeypatch.setattr(Stamp, "draw", fail)
    assert [stamping.draw(picture(), NOW_NS) for _ in range(3)] == [False] * 3
    assert not stamping.wishes()
    assert "no ink" in stamping.trouble
    assert len(caplog.records) == 1
    monkeypatch.undo()
    stamping.take(Settings(stamp=ON))
    assert (stamping.draw(picture(), NOW_NS), stamping.trouble) == (True, "")


def fail(*_anything: object) -> None:
    raise RuntimeError("no ink")


def test_a_picture_that_cannot_be_drawn_into_is_told_once_and_the_stamp_is_off(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stamping = Stamping(Settings(stamp=ON), moments())
    for _ in range(2):
        stamping.give_up(MemoryError("no luma"))
    assert not stamping.wishes()
    assert "no luma" in stamping.trouble
    assert len(caplog.records) == 1
    stamping.take(Settings(stamp=ON))
    assert (stamping.wishes(), stamping.trouble) == (True, "")


def test_without_what_draws_it_is_recorded_without_a_stamp(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "dashcam.camera.stamp", None)
    stamping = Stamping(Settings(stamp=ON), moments())
    assert not stamping.wishes()
    assert "dashcam.camera.stamp" in stamping.trouble
    assert len(caplog.records) == 1
    monkeypatch.undo()
    stamping.take(Settings(stamp=ON))
    assert stamping.draw(picture(), NOW_NS)


def opened_with(stamping: Stamping, width: int, height: int) -> CameraCallbacks:
    """What a camera of this size gets, that is open now."""
    given: list[CameraCallbacks] = []

    def open_camera(
        settings: CameraSettings, callbacks: CameraCallbacks, *, small_width: int, or_pattern: bool
    ) -> OpenedCamera:
        given.append(callbacks)
        return OpenedCamera(cast(Camera, None), replace(FACTS, width=width, height=height), is_fallback=False)

    nothing: Any = lambda *_anything: None  # noqa: E731
    callbacks = CameraCallbacks(packet=nothing, picture=nothing, wishes_pictures=nothing, failed=nothing)
    stamping.into(open_camera)(CameraSettings(), callbacks, small_width=320, or_pattern=False)
    return given[0]


@pytest.mark.parametrize("is_on_before", [True, False])
def test_fonts_are_loaded_by_who_saves_settings_or_opens_a_camera_and_never_by_the_camera(
    monkeypatch: pytest.MonkeyPatch, is_on_before: bool
) -> None:
    wished: list[bool] = []
    draw_ahead = Letters.draw_ahead

    def note(letters: Letters, text: str) -> Letters:
        wished.append(stamping.wishes())
        return draw_ahead(letters, text)

    stamping = Stamping(Settings(stamp=StampSettings(video=is_on_before)), moments())
    monkeypatch.setattr(Letters, "draw_ahead", note)
    camera = opened_with(stamping, 1280, 720)
    if not is_on_before:
        assert wished == []
        stamping.take(Settings(stamp=ON))
        assert set(wished) == {False}
    assert len(wished) == 2
    monkeypatch.setattr(Letters, "__init__", fail)
    monkeypatch.setattr(Letters, "_drawn", fail)
    for height, width in ((720, 1280), (180, 320)):
        assert camera.stamp(np.full((height, width), 200, np.uint8), NOW_NS, 0)
    assert stamping.trouble == ""


def test_what_draws_is_loaded_before_the_first_picture() -> None:
    program = (
        "import sys\nfrom dashcam.recorder.moments import Moments\nfrom dashcam.recorder.stamping import Stamping\n"
        "from dashcam.clock import WallClock\nfrom dashcam.settings import Settings\n"
        "from dashcam.settings.schema import StampSettings\n"
        "Stamping(Settings(stamp=StampSettings(video=True)), Moments(WallClock(), ''))\nbefore = set(sys.modules)\n"
        "from dashcam.camera.planes import luma_of\nfrom dashcam.camera.stamp import Stamp\n"
        "Stamp(1920, 1080).write(('2026', 'no GPS'), 'top-left')\nassert set(sys.modules) == before"
    )
    subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, check=True)


def test_without_a_stamp_nothing_that_draws_is_loaded() -> None:
    program = (
        "import sys\nfrom dashcam.recorder.moments import Moments\nfrom dashcam.recorder.stamping import Stamping\n"
        "from dashcam.clock import WallClock\nfrom dashcam.settings import Settings\n"
        "Stamping(Settings(), Moments(WallClock(), ''))\nassert not {'numpy', 'PIL', 'av'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, check=True)


def frames_of(data: Path) -> list[av.VideoFrame]:
    frames: list[av.VideoFrame] = []
    for clip in clips_of(data):
        with av.open(str(clip)) as container:
            frames += container.decode(video=0)
    return frames


def is_stamped(luma: np.ndarray[Any, Any]) -> bool:
    """The drive's sky is bright in the corner at the top."""
    rows, columns = luma.shape
    return bool(luma[rows // 45 : rows // 9, columns // 80 : columns // 4].mean() < 100)


DRIVE = ("camera.kind=pattern", "camera.width=640", "camera.speed=2", "gps.kind=none")


def test_it_goes_on_and_off_while_it_is_recorded_without_another_camera(tmp_path: Path) -> None:
    opened: list[CameraSettings] = []

    class Counting(RealCameras):
        def __call__(self, settings: CameraSettings, *arguments: Any, **options: Any) -> Any:
            opened.append(settings)
            return super().__call__(settings, *arguments, **options)

    with RunningRecorder(tmp_path, Counting(), *DRIVE, "stamp.corner=top-left") as recorder:
        recorder.wait_until_recording(20)
        for is_on in (True, False):
            assert save(recorder, {"stamp.video": is_on}) == ()
            recorder.wait_until_recording(recorder.status().frames_written + 30)
        status = recorder.status()
    assert len(opened) == 1
    assert status.camera is not None
    assert (status.camera.stamp_hindrance, status.queue.dropped_frames) == ("", 0)
    lumas = [luma_of(frame) for frame in frames_of(tmp_path)]
    codes = [frame_code.read(luma) for luma in lumas]
    assert [code and code.number for code in codes] == list(range(len(lumas)))
    assert [is_on for is_on, _ in groupby(is_stamped(luma) for luma in lumas)] == [False, True, False]


def test_the_live_picture_carries_it_too(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, RealCameras(), *DRIVE, "stamp.corner=top-left", "stamp.video=true") as recorder:
        recorder.wait_until_recording(5)
        with watch(recorder.state, "recorder", m.WatchPreview(), m.PreviewPicture, 30.0) as pictures:
            jpeg = next(pictures).jpeg
    decoder = av.CodecContext.create("mjpeg", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    (frame,) = [*decoder.decode(av.Packet(jpeg)), *decoder.decode(None)]
    assert is_stamped(luma_of(frame.reformat(format="yuv420p")))


def test_the_picture_changes_with_the_second(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, RealCameras(), *DRIVE, "stamp.corner=top-left", "stamp.video=true") as recorder:
        recorder.wait_until_recording(120)
    lumas = [luma_of(frame).copy() for frame in frames_of(tmp_path)]
    codes = [frame_code.read(luma) for luma in lumas]
    # The block has the wall time of its frame, modulo 2**32 milliseconds.
    now_ms = time.time_ns() // 1_000_000
    seconds = [(now_ms - (now_ms - code.milliseconds) % 2**32) // 1000 for code in codes if code]
    words = [luma[8:28, 8:200].astype(np.int16) for luma in lumas]
    changes = [float(np.abs(one - other).max()) for one, other in pairwise(words)]
    # Both read the clock a moment apart.
    new_second = {number for number, (one, other) in enumerate(pairwise(seconds)) if one != other}
    changed = {number for number, change in enumerate(changes) if change > 100}
    assert new_second
    assert all(min(abs(number - second) for second in new_second) <= 1 for number in changed)
    assert all(min(abs(number - second) for number in changed) <= 1 for second in new_second)


def test_what_cannot_be_stamped_says_so_in_the_status_and_is_recorded_untouched(tmp_path: Path) -> None:
    path = make_video(tmp_path / "drive.mp4", frames=40)
    settings = ("camera.kind=replay", f"camera.source={path}", "stamp.video=true", "gps.kind=none")
    with RunningRecorder(tmp_path / "card", RealCameras(), *settings) as recorder:
        status = recorder.wait_until_recording(60)
    assert status.camera is not None
    assert "passed on as it is" in status.camera.stamp_hindrance
    with av.open(str(path)) as container:
        own = {bytes(packet) for packet in container.demux(video=0) if packet.size}
    with av.open(str(clips_of(tmp_path / "card")[0])) as container:
        assert {bytes(packet) for packet in container.demux(video=0) if packet.size} <= own


def test_a_stamp_that_fails_costs_no_frame_and_is_seen_in_the_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stamp, "draw", fail)
    with RunningRecorder(tmp_path, RealCameras(), *DRIVE, "stamp.video=true") as recorder:
        status = recorder.wait_until_recording(40)
    assert status.camera is not None
    assert "no ink" in status.camera.stamp_hindrance
    codes = [frame_code.read(luma_of(frame)) for frame in frames_of(tmp_path)]
    assert [code and code.number for code in codes] == list(range(len(codes)))


def test_what_the_stamp_covers_is_known_as_a_zone_that_seldom_grows() -> None:
    stamping = Stamping(Settings(stamp=ON), moments())
    assert stamping.zone is None
    zones = set[Zone]()
    for second in range(100):
        stamping.draw(picture(), NOW_NS + second * NANOSECONDS)
        assert stamping.zone is not None
        zones.add(stamping.zone)
    (zone,) = zones
    assert zone.kind == "ignore"
    before = picture()
    after = before.copy()
    stamping.draw(after, NOW_NS + 100 * NANOSECONDS)
    (left, top), _, (right, bottom), _ = zone.corners
    rows, columns = np.nonzero(before != after)
    assert top <= rows.min() / 360
    assert bottom >= (rows.max() + 1) / 360
    assert left <= columns.min() / 640
    assert right >= (columns.max() + 1) / 640
    # Not the whole picture for some words.
    assert (right - left) * (bottom - top) < 0.2
    stamping.take(Settings())
    stamping.take(Settings(stamp=ON))
    assert stamping.zone is None
