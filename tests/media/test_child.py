"""Whatever lies on the card is opened in a child with limits; what it chokes on is blamed on that file alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from dashcam.clips.sidecar import encode_tag
from dashcam.errors import BadMedia, CardError
from dashcam.media import child as child_program
from dashcam.media.jobs import Caption, Inspect, Inspected, MakeThumbnail, MediaKind, Repair, Repaired, ThumbnailMade
from dashcam.media.media_child import MOST_JOBS, MediaChild
from tests.made_clips import clip_bytes, tag_of
from tests.packets import FPS

# A child that does not answer in this time counts as hanging; generous, for it also loads its libraries.
HANGS_SECONDS = 20.0
MAX_RESIDENT_KILOBYTES = 75 * 1024
# Photos and videos that do not open at all, or hold nothing.
HOPELESS = (
    "no_moov_power_cut.mp4", "no_moov_cut_in_mdat.mp4", "raw_annexb.mp4", "ftyp_only.mp4", "box_size_huge.mp4",
    "box_size_zero_loop.mp4", "zero_bytes.mp4", "text.mp4", "random.mp4", "all_zero_64k.mp4", "jpeg_inside.mp4",
    "mp4_inside.jpg", "zero_bytes.jpg", "truncated.jpg", "mpegts_cut.ts",
)  # fmt: skip
# What does open, and how many frames lie in it whole.
READABLE = {
    "fragmented_ok.mp4": 202, "fragmented_cut.mp4": 125, "moov_cut.mp4": 109, "bitrot_400_bytes.mp4": 221,
    "truncated_1_at_690874.mp4": 200, "truncated_2_at_305568.mp4": 84, "truncated_3_at_413666.mp4": 117,
}  # fmt: skip


@pytest.fixture
def child() -> Iterator[MediaChild]:
    asked = MediaChild(HANGS_SECONDS)
    yield asked
    asked.kill()


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip_bytes(encode_tag(tag_of("42-3")))[1])
    return path


def kind_of(path: Path) -> MediaKind:
    return "photo" if path.suffix == ".jpg" else "video"


def inspected(child: MediaChild, path: Path) -> Inspected:
    return child.ask(Inspect(path=os.fsencode(path), kind=kind_of(path)), Inspected)


def test_a_good_clip_is_told_in_full(child: MediaChild, clip: Path) -> None:
    found = inspected(child, clip)
    assert (found.frames, found.duration_seconds, found.width, found.height) == (2 * FPS, 2.0, 320, 180)
    assert (found.codec, found.comment) == ("h264", encode_tag(tag_of("42-3")))
    assert not found.is_damaged
    assert not found.is_fragmented


def test_all_malformed_files_are_covered(shared_data: Path) -> None:
    folder = shared_data / "media" / "malformed"
    assert {path.name for path in folder.iterdir() if path.suffix in (".mp4", ".jpg", ".ts")} == {*HOPELESS, *READABLE}


def test_malformed_files_neither_crash_nor_hang_the_child(child: MediaChild, shared_data: Path, tmp_path: Path) -> None:
    """One child gets through all of them: the worst that happens is that a file is refused."""
    pids = set()
    for name in HOPELESS:
        path = shared_data / "media" / "malformed" / name
        with pytest.raises(BadMedia) as refusal:
            inspected(child, path)
        assert str(path.parent) not in str(refusal.value)
        with pytest.raises(BadMedia):
            child.ask(
                MakeThumbnail(
                    path=bytes(path), target=bytes(tmp_path / "t.jpg"), kind=kind_of(path), caption=Caption(text="x")
                ),
                ThumbnailMade,
            )
        pids.add(child.pid)
    for name, frames in READABLE.items():
        path = shared_data / "media" / "malformed" / name
        assert inspected(child, path).frames == frames
        repaired = child.ask(Repair(path=bytes(path), target=bytes(tmp_path / "repaired.mp4")), Repaired)
        assert repaired.frames == frames
        thumbnail = tmp_path / "t.jpg"
        child.ask(
            MakeThumbnail(path=bytes(path), target=bytes(thumbnail), kind="video", caption=Caption(text="x")),
            ThumbnailMade,
        )
        assert Image.open(thumbnail).size == (320, 180)
        pids.add(child.pid)
    assert len(pids) == 1
    assert not (tmp_path / "t.jpg.tmp").exists()


def test_a_child_that_hangs_is_killed_and_the_next_file_is_served(tmp_path: Path, clip: Path) -> None:
    fifo = tmp_path / "endless.mp4"
    os.mkfifo(fifo)  # whoever opens it waits for ever
    child = MediaChild(1.0)
    try:
        for _ in range(2):
            with pytest.raises(BadMedia, match="no answer"):
                inspected(child, fifo)
        assert child.pid is None
    finally:
        child.kill()
    patient = MediaChild(HANGS_SECONDS)
    assert inspected(patient, clip).frames == 2 * FPS
    patient.kill()


def test_a_child_that_dies_is_blamed_on_its_file_and_replaced(child: MediaChild, clip: Path) -> None:
    inspected(child, clip)
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGSEGV)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    # It died between two jobs, so the next one is simply served by another.
    assert inspected(child, clip).frames == 2 * FPS
    assert child.pid not in (None, first)


def test_a_child_that_has_done_much_makes_room_for_another(child: MediaChild, clip: Path) -> None:
    pids = []
    for _ in range(MOST_JOBS + 2):
        child.ask(Inspect(path=bytes(clip), kind="video"), Inspected)
        pids.append(child.pid)
    first, second = pids[0], pids[-1]
    assert pids == [first] * (MOST_JOBS - 1) + [None] + [second] * 2
    assert first != second


def test_the_child_ends_when_it_is_let_go(child: MediaChild, clip: Path) -> None:
    inspected(child, clip)
    pid = child.pid
    child.close()
    child.close()
    assert child.pid is None
    assert not Path(f"/proc/{pid}").exists()


def test_the_child_is_limited_and_stands_back(child: MediaChild, clip: Path) -> None:
    inspected(child, clip)
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    values = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert values["Max address space"] == str(child_program.ADDRESS_SPACE_BYTES)
    assert int(values["Max cpu time"]) < child_program.CPU_SECONDS * 2
    assert values["Max core file size"] == "0"
    assert Path(f"/proc/{child.pid}/oom_score_adj").read_text().strip() == "1000"
    assert child.pid is not None
    assert os.getpriority(os.PRIO_PROCESS, child.pid) >= 10


def test_the_child_stays_small_over_a_full_size_picture(child: MediaChild, shared_data: Path, tmp_path: Path) -> None:
    for path in (shared_data / "driving" / "night_road_1080p_5s.mp4", shared_data / "photos" / "Landscape_1.jpg"):
        job = MakeThumbnail(
            path=bytes(path), target=bytes(tmp_path / "t.jpg"), kind=kind_of(path), caption=Caption(text="2026")
        )
        child.ask(job, ThumbnailMade)
    status = Path(f"/proc/{child.pid}/status").read_text()
    peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    print(f"child's peak: {peak / 1024:.0f} MB")
    assert peak <= MAX_RESIDENT_KILOBYTES


def test_a_photo_that_promises_a_giant_picture_is_refused(child: MediaChild, tmp_path: Path) -> None:
    path = tmp_path / "bomb.jpg"
    Image.new("RGB", (16, 16)).save(path)
    content = bytearray(path.read_bytes())
    head = content.index(b"\xff\xc0")
    content[head + 5 : head + 9] = b"\xff\xdc\xff\xdc"  # height and width in the frame header
    path.write_bytes(content)
    with pytest.raises(BadMedia, match="too large"):
        inspected(child, path)


def test_a_list_of_files_is_no_video(child: MediaChild, clip: Path, tmp_path: Path) -> None:
    """libavformat would follow playlists to other files and hosts if it were allowed to guess."""
    path = tmp_path / "list.mp4"
    for content in (f"ffconcat version 1.0\nfile '{clip}'\n", f"#EXTM3U\n#EXTINF:1\n{clip}\n", f"concat:{clip}"):
        path.write_text(content)
        with pytest.raises(BadMedia):
            inspected(child, path)


def test_names_that_are_no_text_reach_the_child(child: MediaChild, clip: Path, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/-\xff\xfe\n%03d.mp4"
    with open(path, "wb") as file:
        file.write(clip.read_bytes())
    assert child.ask(Inspect(path=path, kind="video"), Inspected).frames == 2 * FPS


def test_trouble_with_the_card_is_not_blamed_on_the_file(child: MediaChild, clip: Path, tmp_path: Path) -> None:
    with pytest.raises(CardError):
        inspected(child, tmp_path / "gone.mp4")
    nowhere = tmp_path / "no" / "folder" / "t.jpg"
    with pytest.raises(CardError):
        child.ask(
            MakeThumbnail(path=bytes(clip), target=bytes(nowhere), kind="video", caption=Caption(text="")),
            ThumbnailMade,
        )
    full = tmp_path / "full.jpg"
    full.symlink_to("/dev/full")
    with pytest.raises(CardError):
        child.ask(
            MakeThumbnail(path=bytes(clip), target=bytes(full), kind="video", caption=Caption(text="")), ThumbnailMade
        )
