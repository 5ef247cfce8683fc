"""Looks at recorded videos: at the right times, as small as live, and as many as can be read of what is broken."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import av
import pytest

from dashcam.camera.frames import Shrinker
from dashcam.errors import BadMedia
from dashcam.media.looks import Look, looks_of
from tests.made_videos import counting, write_video

RATE = 5.0
# The encoder rounds a little.
WITHIN = 2


def numbers(looks: list[Look]) -> list[float]:
    """Of `counting` pictures: which ones these are."""
    return [(look.luma[0] - 20) / 2 for look in looks]


def looks(path: Path, width: int = 320, *, keyframes_only: bool = False, start: float = 0.0) -> list[Look]:
    return list(looks_of(path, RATE, width, keyframes_only=keyframes_only, start=start))


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
def test_so_many_a_second_each_with_its_time(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"video.{kind}"
    write_video(path, counting(100, 25.0), bf="2")
    found = looks(path)
    assert [look.seconds for look in found] == pytest.approx([number / 5 for number in range(20)], abs=0.002)
    assert numbers(found) == pytest.approx(range(0, 100, 5), abs=WITHIN)


def test_pictures_come_when_they_are_shown_not_when_they_were_due(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    times = [0.0, 0.05, 0.5, 0.51, 0.52, 3.0, 3.3]
    write_video(path, zip(times, (luma for _, luma in counting(7, 1)), strict=True))
    found = looks(path)
    assert [look.seconds for look in found] == pytest.approx([0.0, 0.5, 3.0, 3.3])
    assert numbers(found) == pytest.approx([0, 2, 5, 6], abs=WITHIN)


def test_they_are_the_cameras_small_pictures(shared_data: Path) -> None:
    path = shared_data / "static" / "car_detection.mp4"
    shrinker = Shrinker(320)
    with av.open(str(path)) as container:
        frames = [frame for frame, _ in zip(container.decode(video=0), range(12), strict=False)]
    with closing(looks_of(path, 12.5, 320)) as found:
        for frame, look in zip(frames, found, strict=False):
            small = shrinker.shrink(frame)
            assert (look.width, look.height) == (small.width, small.height) == (320, 180)
            assert look.luma == small.to_ndarray()[:180].tobytes()


def test_a_small_video_stays_as_it_is_without_padding(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    write_video(path, counting(30, 10.0, height=62, width=98), rate=10)
    found = looks(path)
    assert {(look.width, look.height, len(look.luma)) for look in found} == {(98, 62, 98 * 62)}
    assert numbers(found) == pytest.approx(range(0, 30, 2), abs=WITHIN)
    assert all(max(look.luma) - min(look.luma) <= WITHIN for look in found)


def test_keyframes_alone_are_the_pictures_they_are_in_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    write_video(path, counting(90, 25.0), bf="2")
    found = looks(path, keyframes_only=True)
    assert [look.seconds for look in found] == [0.0, 1.0, 2.0, 3.0]
    assert numbers(found) == pytest.approx([0, 25, 50, 75], abs=WITHIN)


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_from_a_moment_on_it_gives_that_moment_and_all_after_it(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"video.{kind}"
    write_video(path, counting(100, 25.0))
    found = looks(path, start=1.8)
    assert numbers(found) == pytest.approx(range(45, 100, 5), abs=WITHIN)
    assert looks(path, start=50.0) == []


def test_a_growing_clip_is_found_in_too(shared_data: Path) -> None:
    path = shared_data / "media" / "malformed" / "fragmented_ok.mp4"
    assert looks(path, start=5.0) == looks(path)[25:]


# What lies in the file: how many looks a whole one of its kind has, or fewer.
PARTS: dict[str, Callable[[int], bool]] = {
    "truncated_1_at_690874.mp4": lambda count: count == 40,
    "truncated_2_at_305568.mp4": lambda count: count == 17,
    "fragmented_cut.mp4": lambda count: count == 25,
    "mpegts_cut.ts": lambda count: count == 18,
    "raw_annexb.mp4": lambda count: count == 16,
    "bitrot_400_bytes.mp4": lambda count: 20 < count < 45,
}


@pytest.mark.parametrize("name", PARTS)
def test_what_can_be_read_is_given(shared_data: Path, name: str) -> None:
    found = looks(shared_data / "media" / "malformed" / name)
    assert PARTS[name](len(found))
    assert all(before.seconds < after.seconds for before, after in pairwise(found))


def test_damaged_pictures_are_not_shown(shared_data: Path) -> None:
    """A decoder makes grey patches of what it cannot read, and they would move."""
    whole, damaged = (
        {look.seconds: look.luma for look in looks(shared_data / "media" / "malformed" / name)}
        for name in ("fragmented_ok.mp4", "fragmented_cut.mp4")
    )
    assert damaged
    assert damaged.items() <= whole.items()


NO_VIDEOS = ("all_zero_64k.mp4", "ftyp_only.mp4", "no_moov_power_cut.mp4", "random.mp4", "text.mp4", "zero_bytes.mp4",
             "jpeg_inside.mp4", "box_size_huge.mp4", "box_size_zero_loop.mp4")  # fmt: skip


@pytest.mark.parametrize("name", NO_VIDEOS)
def test_what_is_no_video_is_told_with_the_cure(shared_data: Path, name: str) -> None:
    with pytest.raises(BadMedia, match=f"choose another file.*ffmpeg -i {name}"):
        looks(shared_data / "media" / "malformed" / name)


def test_a_playlist_opens_nothing_else(tmp_path: Path) -> None:
    write_video(tmp_path / "video.ts", counting(10, 25.0))
    playlist = tmp_path / "video.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.4,\n{tmp_path}/video.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(BadMedia, match="does not open"):
        looks(playlist)
