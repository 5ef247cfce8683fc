"""What a cut leaves behind becomes an ordinary MP4 with every frame that is whole."""

from __future__ import annotations

import os
from pathlib import Path

import av
import pytest

from dashcam.clips.sidecar import decode_tag, encode_tag
from dashcam.errors import BadMedia
from dashcam.media import repair as repair_module
from dashcam.media.boxes import boxes
from dashcam.media.durable_file import DurableFile
from dashcam.media.inspect import inspect_video
from dashcam.media.repair import repair
from tests.made_clips import clip_bytes, packet_marks, tag_of
from tests.packets import FPS

TAG = tag_of("42-3")
FRAMES = 4 * FPS


@pytest.fixture(scope="module")
def growing() -> bytes:
    return clip_bytes(encode_tag(TAG), FRAMES)[0]


@pytest.fixture(scope="module")
def whole_frames(growing: bytes, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[float, bool, str]]:
    path = tmp_path_factory.mktemp("whole") / "closed.mp4"
    path.write_bytes(clip_bytes(encode_tag(TAG), FRAMES)[1])
    return packet_marks(path)


def frame_ends(content: bytes, tmp_path: Path) -> list[int]:
    """Where each frame ends in a growing file: what lies before a cut must come back."""
    path = tmp_path / "ends.mp4"
    path.write_bytes(content)
    with av.open(str(path)) as container:
        return sorted((packet.pos or 0) + packet.size for packet in container.demux(video=0) if packet.size)


def test_every_whole_frame_is_kept_wherever_the_cut_is(
    growing: bytes, whole_frames: list[tuple[float, bool, str]], tmp_path: Path
) -> None:
    ends = frame_ends(growing, tmp_path)
    source, target = tmp_path / "cut.mp4", tmp_path / ".tmp-repair-cut.mp4"
    # At, just before and just after the end of every frame, and in between.
    offsets = {end + shift for end in ends for shift in (-1, 0, 1, 777)}
    for offset in sorted(offset for offset in offsets if offset <= len(growing)):
        source.write_bytes(growing[:offset])
        whole = sum(end <= offset for end in ends)
        if not whole:
            continue
        assert inspect_video(source).frames == whole
        kept = repair(source, target)
        assert kept.frames == whole
        assert packet_marks(target) == whole_frames[:whole]
        ordinary = inspect_video(target)
        assert not ordinary.is_fragmented
        assert not ordinary.is_damaged
        assert ordinary.frames == whole
        assert decode_tag(ordinary.comment) == TAG
        assert kept.bytes == target.stat().st_size
        assert kept.duration_seconds == pytest.approx(whole / FPS, abs=0.001)


def test_a_file_cut_while_it_was_being_closed_keeps_everything(
    growing: bytes, whole_frames: list[tuple[float, bool, str]], tmp_path: Path
) -> None:
    """The index is written behind the fragments, and only then does the head of the file point at it."""
    closed = clip_bytes(encode_tag(TAG), FRAMES)[1]
    head, source, target = growing[:64], tmp_path / "cut.mp4", tmp_path / "repaired.mp4"
    source.write_bytes(closed)
    assert not inspect_video(source).is_fragmented
    with open(source, "rb") as file:
        index = next(box.content_start - 8 for box in boxes(file, 0, len(closed)) if box.type == b"moov")
    assert len(growing) < index, "the last fragment is written first"
    for end in (index, index + 5, (index + len(closed)) // 2, len(closed) - 1, len(closed)):
        source.write_bytes(head + closed[64:end])
        assert inspect_video(source).is_fragmented
        repair(source, target)
        assert packet_marks(target) == whole_frames


def test_a_file_that_points_at_an_index_that_is_not_there_keeps_everything(
    whole_frames: list[tuple[float, bool, str]], tmp_path: Path
) -> None:
    """The worst that a card can do that does not keep the order of writes: the file opens in no player."""
    closed = clip_bytes(encode_tag(TAG), FRAMES)[1]
    source, target = tmp_path / "cut.mp4", tmp_path / "repaired.mp4"
    source.write_bytes(closed)
    with open(source, "rb") as file:
        index = next(box.content_start - 8 for box in boxes(file, 0, len(closed)) if box.type == b"moov")
    source.write_bytes(closed[:index])
    with pytest.raises(av.error.InvalidDataError):
        av.open(str(source))
    found = inspect_video(source)
    assert (found.frames, found.is_fragmented) == (FRAMES, True)
    assert decode_tag(found.comment) == TAG
    repair(source, target)
    assert packet_marks(target) == whole_frames
    # A part of the index is as good as none.
    source.write_bytes(closed[: index + 40] + bytes(len(closed) - index - 40))
    repair(source, target)
    assert packet_marks(target) == whole_frames


def test_blocks_that_were_never_written_cost_only_the_frames_in_them(
    growing: bytes, whole_frames: list[tuple[float, bool, str]], tmp_path: Path
) -> None:
    """A power cut may leave zeros where the file system had not written yet."""
    ends = frame_ends(growing, tmp_path)
    source, target = tmp_path / "holes.mp4", tmp_path / "repaired.mp4"
    start, stop = ends[10], ends[12]
    source.write_bytes(growing[:start] + bytes(stop - start) + growing[stop:])
    repaired = repair(source, target)
    assert repaired.frames == inspect_video(source).frames
    assert packet_marks(target) == whole_frames[:11] + whole_frames[13 : len(ends)]


def test_a_tail_of_zeros_is_dropped(
    growing: bytes, whole_frames: list[tuple[float, bool, str]], tmp_path: Path
) -> None:
    ends = frame_ends(growing, tmp_path)
    source, target = tmp_path / "tail.mp4", tmp_path / "repaired.mp4"
    source.write_bytes(growing[: ends[20]] + bytes(len(growing) - ends[20]))
    repair(source, target)
    assert packet_marks(target) == whole_frames[:21]


def test_nothing_to_keep_is_refused_and_leaves_nothing_behind(growing: bytes, tmp_path: Path) -> None:
    first_frame = frame_ends(growing, tmp_path)[0]
    source, target = tmp_path / "cut.mp4", tmp_path / "repaired.mp4"
    for end in (0, 1, 36, 500, first_frame - 1):
        source.write_bytes(growing[:end])
        with pytest.raises(BadMedia):
            repair(source, target)
        assert not target.exists()


def test_the_new_file_is_durable_before_it_is_told(
    growing: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []

    def sync(descriptor: int) -> None:
        os.fdatasync(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(repair_module, "DurableFile", lambda path: DurableFile(path, sync))
    source = tmp_path / "cut.mp4"
    source.write_bytes(growing)
    kept = repair(source, tmp_path / "repaired.mp4")
    assert synced[-1] == kept.bytes


def test_what_an_older_repair_left_is_overwritten(growing: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "cut.mp4", tmp_path / "repaired.mp4"
    source.write_bytes(growing)
    target.write_bytes(b"half a repair")
    assert repair(source, target).frames == len(packet_marks(target)) > 0


def test_audio_and_data_come_along(shared_data: Path, tmp_path: Path) -> None:
    source, target = shared_data / "media" / "gps_video" / "gopro_karma_gpmf.mp4", tmp_path / "repaired.mp4"
    repair(source, target)

    def counts(path: Path) -> dict[str, int]:
        with av.open(str(path)) as container:
            found: dict[str, int] = {}
            for packet in container.demux():
                if packet.size:
                    found[packet.stream.type] = found.get(packet.stream.type, 0) + 1
            return found

    assert {"video", "audio", "data"} <= counts(source).keys()
    assert counts(target)["video"] == counts(source)["video"]
    assert counts(target)["audio"] == counts(source)["audio"]
    assert counts(target)["data"] == counts(source)["data"]


def test_box_sizes_that_lie_end_the_walk(tmp_path: Path) -> None:
    path = tmp_path / "boxes.mp4"
    for content in (
        b"\0\0\0\0free",
        b"\0\0\0\1free" + b"\xff" * 8,
        b"\0\0\0\1free\0\0\0\0\0\0\0\3",
        b"\0\0\0\7free",
        b"\0\0\0\x08free" * 5 + b"\0\0",
        b"\xff\xff\xff\xffmoov",
        b"",
    ):
        path.write_bytes(content)
        with open(path, "rb") as file:
            assert len(list(boxes(file, 0, len(content)))) <= 5
