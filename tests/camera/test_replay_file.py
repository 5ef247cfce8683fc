"""Files looked at before they are replayed."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from dashcam.camera.replay_file import look_at
from dashcam.clock import NANOSECONDS
from dashcam.errors import CameraError
from tests.camera.watched import make_video

# The README of the data says which can be cut well: GOPs of at most 2 s, closed.
PASSES = {"carnd_test_video_720p", "drive_joined_720p_54s", "solidWhiteRight_540p", "gopro_karma_gpmf",
          "derived_car_detection_night_noise", "derived_still_room_shake_flicker", "one_by_one_person",
          "street_cars_trees"}  # fmt: skip
HAS_LONG_GOPS = {"night_road_1080p_5s", "solidYellowLeft_overlay_540p", "bottle_hand", "car_detection",
                 "traffic_camera", "traffic_camera_vfr"}  # fmt: skip

# Opened by a player, they still are no video that can be replayed.
MAY_PLAY = {"bitrot_400_bytes.mp4", "fragmented_ok.mp4", "moov_cut.mp4", "mpegts_cut.ts"}


def test_a_closed_gop_with_b_frames_passes(tmp_path: Path) -> None:
    file = look_at(make_video(tmp_path / "good.mp4", frames=45, fps=20))
    assert file.obstacles == ()
    assert (file.width, file.height, file.fps, len(file.pts)) == (320, 180, 20.0, 45)
    assert file.delay_ticks > 0
    assert file.time_ns(0, file.first_pts) == 0
    assert file.time_ns(1, file.first_pts) == 45 * NANOSECONDS // 20


def test_an_open_gop_is_an_obstacle(tmp_path: Path) -> None:
    x264 = "keyint=10:min-keyint=10:scenecut=0:bframes=3:b-adapt=0:open-gop=1"
    file = look_at(make_video(tmp_path / "open.mp4", x264=x264))
    assert any("open" in obstacle for obstacle in file.obstacles)


@pytest.mark.parametrize(("keyint", "is_good"), [(40, True), (60, False)])
def test_a_gop_of_more_than_two_seconds_is_an_obstacle(tmp_path: Path, keyint: int, is_good: bool) -> None:
    path = make_video(tmp_path / "long.mp4", frames=150, x264=f"keyint={keyint}:min-keyint={keyint}:scenecut=0")
    assert (look_at(path).obstacles == ()) == is_good


def test_the_last_gop_counts_to_the_end_of_the_file(tmp_path: Path) -> None:
    """One keyframe only: the next one comes when the file begins again."""
    path = make_video(tmp_path / "one.mp4", frames=60, x264="keyint=999:scenecut=0")
    assert "3.0 s pass between its keyframes" in look_at(path).obstacles[0]


def test_another_codec_is_an_obstacle(tmp_path: Path) -> None:
    file = look_at(make_video(tmp_path / "old.mp4", codec="mpeg4"))
    assert file.obstacles == ("its codec is mpeg4, not H.264",)


def test_a_picture_lasts_until_the_next_one_when_the_rate_varies(tmp_path: Path) -> None:
    times = [number + number // 3 for number in range(40)]  # every fourth is missing
    file = look_at(make_video(tmp_path / "vfr.mp4", times=times))
    shown = sorted(file.pts)
    durations = [file.duration_ns(0, pts) for pts in shown]
    assert durations[:6] == [50_000_000, 50_000_000, 100_000_000] * 2
    assert sum(durations) == file.time_ns(1, file.first_pts)


def test_annex_b_in_a_transport_stream_is_told_from_mp4(tmp_path: Path) -> None:
    file = look_at(make_video(tmp_path / "video.ts"))
    assert file.is_annex_b
    assert file.obstacles == ()


def test_every_real_recording_passes_or_says_why_not(shared_data: Path) -> None:
    recordings = [*(shared_data / "driving").glob("*.mp4"), *(shared_data / "static").glob("*.mp4"),
                  *(shared_data / "media" / "gps_video").glob("*.mp4")]  # fmt: skip
    obstacles = {path.stem: look_at(path).obstacles for path in recordings}
    assert {stem for stem, found in obstacles.items() if not found} == PASSES
    assert {stem for stem, found in obstacles.items() if found} == HAS_LONG_GOPS
    assert all("pass between its keyframes" in " ".join(obstacles[stem]) for stem in HAS_LONG_GOPS)


def test_broken_media_is_refused_with_a_cure(shared_data: Path) -> None:
    refused = {}
    for path in sorted((shared_data / "media" / "malformed").iterdir()):
        try:
            look_at(path)
        except CameraError as error:
            refused[path.name] = str(error)
    everything = {path.name for path in (shared_data / "media" / "malformed").iterdir()}
    assert everything - refused.keys() <= MAY_PLAY
    assert len(refused) >= 20
    for name, words in refused.items():
        assert name in words
        assert any(cure in words for cure in ("choose", "name a video", "put it into")), words


@pytest.mark.parametrize("kept_share", [0.3, 0.6, 0.95])
def test_a_file_cut_off_in_the_middle_is_refused(tmp_path: Path, kept_share: float) -> None:
    """With its index in front it opens well; the missing end shows only when the packets are looked at."""
    whole = make_video(tmp_path / "whole.mp4", frames=80)
    path = tmp_path / "cut.mp4"
    with av.open(str(whole)) as source, av.open(str(path), "w", options={"movflags": "faststart"}) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    path.write_bytes(path.read_bytes()[: round(path.stat().st_size * kept_share)])
    with pytest.raises(CameraError):
        look_at(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.mp4"):
        with pytest.raises(CameraError, match=r"camera\.source"):
            look_at(path)


def test_a_file_that_changes_or_goes_is_noticed_at_the_next_loop(tmp_path: Path) -> None:
    path = make_video(tmp_path / "video.mp4")
    file = look_at(path)
    assert sum(1 for packet in file.packets() if packet.size) == 40
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(CameraError, match="changed"):
        list(file.packets())
    path.unlink()
    with pytest.raises(CameraError, match="still there"):
        list(file.packets())
