"""Files as cameras: packets untouched, loops without a seam, pictures for whoever wishes them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from dashcam.camera.base import CameraFacts, Packet
from dashcam.camera.replay import ReplayCamera
from dashcam.camera.replay_file import look_at
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraError
from dashcam.settings.schema import CameraSettings
from tests.camera.watched import (
    LIMIT_SECONDS,
    Watched,
    decoded,
    ends_meet,
    make_video,
    number_in,
    numbers_in,
    wait_until,
)
from tests.conftest import CHECKOUT


def settings_for(path: Path, speed: float = 100.0) -> CameraSettings:
    return CameraSettings(kind="replay", source=str(path), speed=speed)


def replayed(path: Path, watched: Watched, count: int) -> tuple[CameraFacts, list[Packet]]:
    camera = ReplayCamera(settings_for(path), watched.callbacks(), 160)
    try:
        facts = camera.start()
        return facts, watched.wait_for_packets(count)
    finally:
        camera.close()


def packets_in(path: Path) -> list[tuple[bytes, bool]]:
    with av.open(str(path)) as container:
        return [(bytes(packet), packet.is_keyframe) for packet in container.demux(video=0) if packet.size]


def dts_rise(packets: Sequence[Packet]) -> bool:
    return all(first.dts_ns < second.dts_ns for first, second in pairwise(packets))


def assert_loops_untouched(path: Path, packets: list[Packet], loops: int) -> None:
    """Every packet is the file's, loop after loop, each loop beginning exactly where the one before ended."""
    own = packets_in(path)
    assert [(packet.data, packet.is_keyframe) for packet in packets] == own * loops
    assert dts_rise(packets)
    assert ends_meet(packets)
    starts = [packets[loop * len(own)].pts_ns for loop in range(loops)]
    file = look_at(path)
    assert starts == [file.time_ns(loop, file.first_pts) for loop in range(loops)]
    for loop in range(1, loops):
        before = packets[(loop - 1) * len(own) : loop * len(own)]
        assert max(packet.pts_ns + packet.duration_ns for packet in before) == starts[loop]


def test_three_loops_are_the_files_own_packets_without_a_seam(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mp4", frames=50)
    facts, packets = replayed(path, Watched(), 150)
    assert_loops_untouched(path, packets, 3)
    assert facts.encoder == "as it is in the file"
    assert (facts.width, facts.height, facts.fps, facts.notes) == (320, 180, 20.0, ())
    assert facts.template is not None


def test_three_loops_of_a_real_drive_are_untouched(shared_data: Path) -> None:
    path = shared_data / "driving" / "drive_joined_720p_54s.mp4"
    facts, packets = replayed(path, Watched(), 3 * 1353)
    assert_loops_untouched(path, packets, 3)
    assert (facts.width, facts.height, facts.fps, facts.notes) == (1280, 720, 25.0, ())
    assert packets[1353].pts_ns == 54_120_000_000


def test_a_varying_frame_rate_loops_without_a_seam(tmp_path: Path) -> None:
    times = [number + number // 3 + number // 7 for number in range(30)]
    path = make_video(tmp_path / "vfr.mp4", frames=30, times=times)
    _, packets = replayed(path, Watched(), 90)
    assert_loops_untouched(path, packets, 3)


def test_the_template_opens_clips_also_after_the_camera_was_closed(tmp_path: Path) -> None:
    """The writer may still have packets in its queue then."""
    path = make_video(tmp_path / "video.mp4")
    facts, packets = replayed(path, Watched(), 60)
    assert facts.template is not None
    clip = tmp_path / "clip.mp4"
    with av.open(str(clip), "w") as target:
        stream = target.add_stream_from_template(facts.template)
        for packet in packets[20:40]:  # the second GOP
            coded = av.Packet(packet.data)
            coded.stream, coded.is_keyframe, coded.time_base = stream, packet.is_keyframe, Fraction(1, 1000)
            coded.pts = (packet.pts_ns - NANOSECONDS) // 1_000_000
            coded.dts = (packet.dts_ns - NANOSECONDS) // 1_000_000
            target.mux(coded)
    with av.open(str(clip)) as container:
        assert numbers_in(container.decode(video=0)) == list(range(20, 40))


def test_annex_b_is_handed_on_as_such_with_headers_before_each_keyframe(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.ts")
    facts, packets = replayed(path, Watched(), 120)
    assert facts.template is None
    keyframes = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert keyframes == [0, 20, 40, 60, 80, 100]
    for start in keyframes:
        gop = decoded(packet.data for packet in packets[start : start + 20])
        assert numbers_in(gop) == [number % 40 for number in range(start, start + 20)]
    assert dts_rise(packets)


@pytest.mark.parametrize("what", ["mpeg4", "open GOP", "long GOP"])
def test_what_cannot_be_cut_is_encoded_again_and_said_so(tmp_path: Path, what: str) -> None:
    x264 = {"open GOP": "keyint=10:scenecut=0:bframes=3:b-adapt=0:open-gop=1", "long GOP": "keyint=999:scenecut=0"}
    path = make_video(
        tmp_path / "video.mp4",
        frames=50,
        codec="mpeg4" if what == "mpeg4" else "libx264",
        x264=x264.get(what, ""),
    )
    facts, packets = replayed(path, Watched(), 150)
    assert "libx264" in facts.encoder or "hardware" in facts.encoder
    assert facts.template is None
    assert facts.notes[0].startswith("encoded again, because ")
    assert numbers_in(decoded(packet.data for packet in packets)) == list(range(50)) * 3
    assert dts_rise(packets)
    assert ends_meet(packets)
    assert packets[100].pts_ns == 5 * NANOSECONDS
    assert [number for number, packet in enumerate(packets) if packet.is_keyframe] == list(range(0, 150, 20))


def test_passing_packets_on_needs_no_numpy() -> None:
    """It is a tenth of a second and several megabytes that most replays have no use for."""
    code = "import sys, dashcam.camera.replay; print('numpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_a_turned_replay_is_encoded_again(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mp4")
    watched = Watched()
    camera = ReplayCamera(
        CameraSettings(kind="replay", source=str(path), speed=100.0, rotation=90), watched.callbacks(), 160
    )
    try:
        facts = camera.start()
        frames = decoded(packet.data for packet in watched.wait_for_packets(5))
    finally:
        camera.close()
    assert (facts.width, facts.height) == (frames[0].width, frames[0].height) == (180, 320)
    assert "rotation" in facts.notes[0]


def test_every_real_recording_gives_decodable_packets(shared_data: Path) -> None:
    recordings = [*(shared_data / "driving").glob("*.mp4"), *(shared_data / "static").glob("*.mp4"),
                  *(shared_data / "media" / "gps_video").glob("*.mp4")]  # fmt: skip
    for path in recordings:
        facts, packets = replayed(path, Watched(), 30)
        extradata = facts.template.codec_context.extradata if facts.template else None
        assert len(decoded((packet.data for packet in packets), extradata)) == 30, path.name
        assert dts_rise(packets), path.name
        assert (facts.template is None) == bool(facts.notes), path.name


def test_media_time_is_played_in_real_time(tmp_path: Path) -> None:
    """Each picture was captured before its packet came, and captures lie as far apart as the media times."""
    path = make_video(tmp_path / "video.mp4", frames=20, fps=40)
    watched = Watched()
    camera = ReplayCamera(settings_for(path, speed=1.0), watched.callbacks(), 160)
    try:
        camera.start()
        packets = watched.wait_for_packets(30)
    finally:
        camera.close()
    first = packets[0]
    drifts = {p.captured_monotonic_ns - first.captured_monotonic_ns - (p.pts_ns - first.pts_ns) for p in packets}
    # Whole seconds only if the machine stood still for that long.
    assert max(drifts) - min(drifts) < 2 or max(drifts) > NANOSECONDS


def test_pictures_are_decoded_only_for_those_who_wish_them(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mp4")
    watched = Watched()
    replayed(path, watched, 100)
    assert watched.pictures == []


@pytest.mark.parametrize("suffix", ["mp4", "ts"])
def test_pictures_are_the_frames_that_they_say_they_are(tmp_path: Path, suffix: str) -> None:
    """The number in each picture is the one that its time says, at any moment of the GOP and across loops."""
    path = make_video(tmp_path / f"video.{suffix}", frames=50, size=(640, 360))
    watched = Watched(wishes=lambda _pts_ns: True)
    camera = ReplayCamera(settings_for(path, speed=4.0), watched.callbacks(), 320)
    try:
        camera.start()
        watched.wait_for(lambda: len(watched.pictures) >= 60)
    finally:
        camera.close()
    for picture in watched.pictures:
        assert (picture.frame.width, picture.frame.height) == (320, 180)
        assert number_in(picture.frame) == picture.pts_ns * 20 // NANOSECONDS % 50
    times = [picture.pts_ns for picture in watched.pictures]
    assert times == sorted(set(times))


def test_wishes_that_come_and_go_are_answered(tmp_path: Path) -> None:
    """Decoding sleeps in between, and wakes up in the middle of a GOP."""
    path = make_video(tmp_path / "video.mp4", frames=50, size=(640, 360))
    wished = threading.Event()
    watched = Watched(wishes=lambda _pts_ns: wished.is_set())
    camera = ReplayCamera(settings_for(path, speed=5.0), watched.callbacks(), 320)
    try:
        camera.start()
        for _ in range(3):
            watched.wait_for_packets(len(watched.packets) + 70)
            before = len(watched.pictures)
            wished.set()
            watched.wait_for(lambda before=before: len(watched.pictures) > before)  # type: ignore[misc]
            wished.clear()
    finally:
        camera.close()
    for picture in watched.pictures:
        assert number_in(picture.frame) == picture.pts_ns * 20 // NANOSECONDS % 50


def test_a_photo_is_the_newest_full_picture(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mp4", frames=50)
    watched = Watched()
    camera = ReplayCamera(settings_for(path, speed=2.0), watched.callbacks(), 160)
    try:
        camera.start()
        for count in (5, 33, 60):
            watched.wait_for_packets(count)
            seen = {packet.pts_ns: packet for packet in watched.packets}
            photo = camera.take_photo(LIMIT_SECONDS)
            assert (photo.frame.width, photo.frame.height, photo.frame.format.name) == (320, 180, "yuv420p")
            assert number_in(photo.frame) == photo.pts_ns * 20 // NANOSECONDS % 50
            # Of the GOP that was there when it was asked for, or newer.
            assert photo.pts_ns >= max(pts_ns for pts_ns, packet in seen.items() if packet.is_keyframe)
    finally:
        camera.close()


def test_a_photo_while_encoding_again_is_a_full_picture(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mp4", codec="mpeg4")
    watched = Watched()
    camera = ReplayCamera(settings_for(path), watched.callbacks(), 160)
    try:
        camera.start()
        photo = camera.take_photo(LIMIT_SECONDS)
    finally:
        camera.close()
    assert number_in(photo.frame) == photo.pts_ns * 20 // NANOSECONDS % 40


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_a_file_that_goes_away_is_a_failure_that_is_told_once(tmp_path: Path, codec: str) -> None:
    path = make_video(tmp_path / "video.mp4", codec=codec)
    watched = Watched()
    camera = ReplayCamera(settings_for(path, speed=20.0), watched.callbacks(), 160)
    try:
        camera.start()
        path.unlink()
        watched.wait_for(lambda: bool(watched.failures))
    finally:
        camera.close()
    assert [type(error) for error in watched.failures] == [CameraError]
    assert "still there" in str(watched.failures[0])


def test_nothing_stays_behind_a_closed_camera(tmp_path: Path) -> None:
    for codec in ("libx264", "mpeg4"):
        path = make_video(tmp_path / f"{codec}.mp4", codec=codec)
        watched = Watched()
        replayed(path, watched, 10)
        assert watched.failures == []
    wait_until(lambda: not any(thread.name.startswith("replay") for thread in threading.enumerate()))


def test_no_source_and_no_start_are_said() -> None:
    camera = ReplayCamera(CameraSettings(kind="replay"), Watched().callbacks(), 160)
    with pytest.raises(CameraError, match=r"camera\.source"):
        camera.start()
    with pytest.raises(CameraError, match="not started"):
        camera.take_photo(1.0)
    camera.close()
    camera.close()


def test_wishes_that_a_replay_cannot_fulfil_are_noted(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mp4")
    camera = ReplayCamera(
        CameraSettings(kind="replay", source=str(path), width=640, speed=100.0), Watched().callbacks(), 160
    )
    try:
        assert "as they are in the file" in camera.start().notes[0]
    finally:
        camera.close()
