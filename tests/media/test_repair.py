"""What a cut leaves behind becomes an ordinary MP4 with every frame that is whole."""

from __future__ import annotations

import os
from pathlib import Path

import av
import pytest

from dashcam.clips.sidecar import decode_tag, encode_tag
from dashcam.errors import BadMedia
from dashcam.media import new_mp4
from dashcam.media.boxes import boxes
from dashcam.media.durable_file import DurableFile
from dashcam.media.inspect import inspect_video
from dashcam.media.repair import repair
from dashcam.place import Place
from tests.made_clips import clip_bytes, packet_marks, tag_of
from tests.packets import FPS, packets
from tests.telemetry import (
    DRIVES,
    PRESENT,
    STARTED_NS,
    Drive,
    exiftool,
    place_at,
    positions_by_exiftool,
    samples_in,
    texts_in,
    write_clip,
    write_drive,
)

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


@pytest.mark.parametrize("drive", [None, PRESENT], ids=["video alone", "with tracks"])
def test_a_cut_inside_the_head_of_a_fragment_costs_only_that_fragment(drive: Drive | None, tmp_path: Path) -> None:
    whole, source, target = tmp_path / "whole.mp4", tmp_path / "cut.mp4", tmp_path / "repaired.mp4"
    growing = write_drive(whole, drive, 3 * FPS)
    source.write_bytes(growing)
    with open(source, "rb") as file:
        heads = [box for box in boxes(file, 0, len(growing)) if box.type == b"moof"]
    ends, marks = frame_ends(growing, tmp_path), packet_marks(whole)
    assert len(heads) >= 3
    for offset in range(heads[1].content_start - 8, heads[1].end + 8, 3):
        source.write_bytes(growing[:offset])
        kept = sum(end <= offset for end in ends)
        assert kept == FPS
        assert inspect_video(source).frames == kept
        repair(source, target)
        assert packet_marks(target) == marks[:kept]


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

    monkeypatch.setattr(new_mp4, "DurableFile", lambda path: DurableFile(path, sync))
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


SILENT = Drive("silent for 65 s", lambda second: second < 1 or second >= 66)


@pytest.mark.parametrize("drive", [*DRIVES, SILENT], ids=lambda drive: drive.name)
def test_texts_and_positions_of_the_frames_that_are_kept_are_kept(drive: Drive, tmp_path: Path) -> None:
    frames = 68 * FPS if drive is SILENT else 7 * FPS
    whole, source, target = tmp_path / "whole.mp4", tmp_path / "cut.mp4", tmp_path / "repaired.mp4"
    growing = write_drive(whole, drive, frames)
    ends = frame_ends(growing, tmp_path)
    marks, texts = packet_marks(whole), texts_in(whole)
    data = [told for told in samples_in(whole, "data") if b"GPS5" in told.content]
    # Just before and at the end of frames, and in what lies behind the last one of a fragment: the other tracks.
    offsets = {end + shift for end in ends[:: 137 if drive is SILENT else 7] for shift in (-1, 0, 40, 90, 777)}
    for offset in sorted(offset for offset in offsets if offset <= len(growing)):
        source.write_bytes(growing[:offset])
        kept = sum(end <= offset for end in ends)
        if not kept:
            continue
        assert inspect_video(source).frames == kept
        assert repair(source, target).frames == kept
        assert packet_marks(target) == marks[:kept]
        ordinary = inspect_video(target)
        assert not ordinary.is_fragmented
        assert not ordinary.is_damaged
        seconds = kept / FPS
        found = texts_in(target)
        assert [(told.at, told.text) for told in found] == [(told.at, told.text) for told in texts[: len(found)]]
        positions = [(told.at, told.content) for told in samples_in(target, "data") if b"GPS5" in told.content]
        assert positions == [(told.at, told.content) for told in data[: len(positions)]]
        # Of a torn fragment the tracks beside the video are lost: they lie behind it.
        assert all(told.at < seconds for told in found)
        assert len(found) >= int(seconds - 0.6)
        assert len(positions) >= sum(told.at < seconds - 1.1 for told in data)


def test_a_repaired_clip_is_as_long_as_its_video_and_says_when_and_where_it_began(tmp_path: Path) -> None:
    source, target = tmp_path / "cut.mp4", tmp_path / "repaired.mp4"
    place = Place(latitude=-33.85678, longitude=151.21530)
    growing = write_clip(
        source, PRESENT.moment_at, packets(3 * FPS + 7), created_utc_ns=STARTED_NS, place=place, comment=encode_tag(TAG)
    )
    source.unlink()
    source.write_bytes(growing)
    repaired = repair(source, target)
    with av.open(str(target)) as container:
        assert container.duration == pytest.approx(repaired.duration_seconds * 1_000_000, abs=1100)
        assert container.metadata["creation_time"].startswith("2026-11-20T14:45:00")
    for second, row in enumerate(positions_by_exiftool(target)):
        assert row[0] == f"2026:11:20 14:45:{second:02d}.000"
        assert row[1:3] == pytest.approx((place_at(second).latitude, place_at(second).longitude), abs=1e-6)
        assert row[-1] == second
    latitude, longitude = exiftool(target, "-s3", "-n", "-GPSLatitude", "-GPSLongitude").split()
    assert (float(latitude), float(longitude)) == pytest.approx((place.latitude, place.longitude), abs=1e-4)


def test_zeros_in_place_of_a_sample_are_no_sample(tmp_path: Path) -> None:
    """A power cut may leave blocks that were never written; at 0 degrees north and east nobody was."""
    whole, source, target = tmp_path / "whole.mp4", tmp_path / "holes.mp4", tmp_path / "repaired.mp4"
    growing = write_drive(whole, PRESENT, 4 * FPS)
    start = growing.rindex(b"DEVC")
    length = 8 + int.from_bytes(growing[start + 6 : start + 8], "big")
    source.write_bytes(growing[:start] + bytes(length) + growing[start + length :])
    frames = repair(source, target).frames
    assert packet_marks(target) == packet_marks(whole)[:frames]
    found = positions_by_exiftool(target)
    assert [row[-1] for row in found] == [0, 1, 2]
