"""A range over clips becomes one clip: exactly from the keyframe before to the last frame within, nothing changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import pytest

from dashcam.camera.base import Packet
from dashcam.clock import NANOSECONDS
from dashcam.errors import BadMedia
from dashcam.media import new_mp4
from dashcam.media.clip_file import ClipFile
from dashcam.media.cut import TOLERANCE_SECONDS, cut, plan_cut
from dashcam.media.durable_file import DurableFile
from dashcam.media.inspect import inspect_video
from dashcam.media.jobs import Cut, CutMade, CutPart, CutPlanned, NotOfOneKind, PlanCut
from dashcam.media.media_child import MediaChild, NotJoined
from tests.packets import FPS, packets
from tests.telemetry import PRESENT, positions_by_exiftool, samples_in, texts_in, write_clip, write_drive

MAX_RESIDENT_KILOBYTES = 75 * 1024
FRAME_NS = NANOSECONDS // FPS


@dataclass(frozen=True, slots=True)
class Mark:
    """A picture in a file: its time, whether it is a keyframe, and a digest of what it is sent as."""

    at: float
    is_keyframe: bool
    digest: str


def marks(path: Path) -> list[Mark]:
    """All pictures in the order in which they are decoded."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.time_base is not None
        return [
            Mark(float((packet.pts or 0) * video.time_base), packet.is_keyframe, digest(bytes(packet)))
            for packet in container.demux(video)
            if packet.size
        ]


def digest(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def decoded(path: Path) -> int:
    """How many pictures a player shows; an error of the decoder comes through."""
    with av.open(str(path)) as container:
        times = [frame.pts or 0 for frame in container.decode(video=0)]
    assert times == sorted(times)
    return len(times)


def part(path: Path, from_seconds: float | None = None, to_seconds: float | None = None, at: float = 0.0) -> CutPart:
    return CutPart(path=os.fsencode(path), from_seconds=from_seconds, to_seconds=to_seconds, shift_seconds=at)


def cut_out(target: Path, paths: Sequence[Path], starts: Sequence[float], from_: float, to: float) -> CutMade:
    """As the keeper asks for it: from a moment of the first file to one of the last; `starts`: where each begins."""
    last = len(paths) - 1
    plan = plan_cut([part(path, from_ if number == 0 else None) for number, path in enumerate(paths)])
    assert isinstance(plan, CutPlanned)
    assert plan.start_seconds <= max(from_, 0.0) + TOLERANCE_SECONDS
    parts = [
        part(
            path,
            plan.start_seconds if number == 0 else None,
            to if number == last else None,
            starts[number] - starts[0] - plan.start_seconds,
        )
        for number, path in enumerate(paths)
    ]
    return cut(parts, target, {"comment": "what is known of it"})


def sent_like(path: Path) -> Iterator[Packet]:
    """The packets of a file as a camera would send them."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.time_base is not None
        second_ns = NANOSECONDS * video.time_base
        for packet in container.demux(video):
            if packet.size and packet.pts is not None and packet.dts is not None:
                times = [round(ticks * second_ns) for ticks in (packet.pts, packet.dts, packet.duration or 0)]
                yield Packet(bytes(packet), times[0], times[1], times[2], packet.is_keyframe, times[0])


def split(source: Path, folder: Path, seconds: float) -> tuple[list[Path], list[float]]:
    """Clips of a length as the recorder makes them of a replayed file, and where each begins."""
    paths: list[Path] = []
    starts: list[float] = []
    with av.open(str(source)) as template:
        clip: ClipFile | None = None
        file: DurableFile | None = None
        for packet in sent_like(source):
            if clip is None or (packet.is_keyframe and packet.pts_ns - clip.start_ns >= seconds * NANOSECONDS):
                if clip is not None and file is not None:
                    clip.close()
                    file.close()
                paths.append(folder / f"{len(paths)}.mp4")
                starts.append(packet.pts_ns / NANOSECONDS)
                file = DurableFile(paths[-1])
                video = template.streams.video[0]
                clip = ClipFile(file, width=video.width, height=video.height, template=video, comment="")
            clip.write(packet)
        assert clip is not None
        assert file is not None
        clip.close()
        file.close()
    return paths, starts


REAL = (
    "driving/drive_joined_720p_54s.mp4",
    "driving/carnd_test_video_720p.mp4",
    "static/traffic_camera_vfr.mp4",
    "static/street_cars_trees.mp4",
    "media/malformed/fragmented_ok.mp4",
)


@pytest.mark.parametrize("name", REAL)
def test_a_cut_of_a_real_file_has_exactly_the_pictures_from_the_keyframe_before(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    source, target = shared_data / name, tmp_path / "cut.mp4"
    known = marks(source)
    assert known[0].is_keyframe
    known = [Mark(mark.at - known[0].at, mark.is_keyframe, mark.digest) for mark in known]
    end = max(mark.at for mark in known)
    for from_, to in ((0.0, 0.1 * end), (0.31 * end, 0.36 * end), (0.58 * end, 0.63 * end), (0.97 * end, end + 9)):
        made = cut_out(target, [source], [0.0], from_, to)
        before = [number for number, mark in enumerate(known) if mark.is_keyframe and mark.at <= from_]
        first = max(before, key=lambda number: known[number].at)
        found = marks(target)
        expected = known[first : first + len(found)]
        assert [mark.digest for mark in found] == [mark.digest for mark in expected]
        assert [mark.at for mark in found] == pytest.approx([mark.at - known[first].at for mark in expected], abs=2e-4)
        assert {mark.digest for mark in known[first:] if mark.at <= to} <= {mark.digest for mark in found}
        # No more beyond the end than the pictures of one group that are sent before they are shown.
        assert sum(mark.at > to for mark in expected) <= 4
        assert (made.frames, made.bytes) == (len(found), target.stat().st_size)
        assert found[0].is_keyframe
        assert found[0].at == 0
        assert decoded(target) == len(found)
        ordinary = inspect_video(target)
        assert (ordinary.is_fragmented, ordinary.is_damaged, ordinary.comment) == (False, False, "what is known of it")
        assert made.duration_seconds == pytest.approx(ordinary.duration_seconds)


@pytest.mark.parametrize("name", REAL[1:3])
def test_clips_that_continue_each_other_are_joined_as_if_they_had_never_been_apart(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    """With pictures that are sent in another order than shown, and with steps in time that vary."""
    source, target = shared_data / name, tmp_path / "cut.mp4"
    known = marks(source)
    paths, starts = split(source, tmp_path, max(mark.at for mark in known) / 5)
    assert len(paths) >= 2
    cut_out(target, paths, starts, 0.0, 1e6)
    found = marks(target)
    assert [mark.digest for mark in found] == [mark.digest for mark in known]
    assert [mark.at for mark in found] == pytest.approx([mark.at - known[0].at for mark in known], abs=2e-5)
    assert decoded(target) == len(found)


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], Path]:
    """A drive in three clips of 4, 3 and 5 seconds with texts and positions, and the same in one."""
    folder = tmp_path_factory.mktemp("drive")
    lengths, first, paths = (4, 3, 5), 0, []
    for seconds in lengths:
        paths.append(folder / f"{first}.mp4")
        write_clip(paths[-1], PRESENT.moment_at, packets(seconds * FPS, first))
        first += seconds * FPS
    write_drive(folder / "whole.mp4", PRESENT, first)
    return paths, folder / "whole.mp4"


STARTS = (0.0, 4.0, 7.0)


def test_texts_and_positions_are_those_of_the_range(drive: tuple[list[Path], Path], tmp_path: Path) -> None:
    paths, whole = drive
    target = tmp_path / "cut.mp4"
    made = cut_out(target, paths, STARTS, 2.35, 3.05)
    frames = list(packets(82, 20))  # from second 2, a keyframe, to 10.05
    assert [mark.at for mark in marks(target)] == pytest.approx([number / FPS for number in range(82 - 1)], abs=2e-5)
    assert made.frames == 81
    assert decoded(target) == 81
    assert (made.last_seconds, made.duration_seconds) == (8.0, 8.1)
    assert len(frames) == 82
    texts = [told.text for told in texts_in(whole)]
    assert [told.text for told in texts_in(target)] == texts[2:11]
    assert [told.at for told in texts_in(target)] == pytest.approx(range(9), abs=2e-5)
    data = [told.content for told in samples_in(whole, "data")]
    assert [told.content for told in samples_in(target, "data")] == data[2:11]
    positions = positions_by_exiftool(target)
    assert [row[0] for row in positions] == [f"2026:11:20 14:45:{second:02d}.000" for second in range(2, 11)]
    assert [row[-1] for row in positions] == pytest.approx(range(9), abs=2e-5)
    with av.open(str(target)) as container:
        # It is as long as its video, although the last text stands for a second that has only begun.
        assert container.duration == pytest.approx(8_100_000, abs=1100)


def test_what_was_said_of_the_second_in_which_it_begins_is_said_from_its_first_frame(
    shared_data: Path, tmp_path: Path
) -> None:
    """Where keyframes come at odd moments the second has begun before."""
    source, clip, target = shared_data / "static" / "traffic_camera_vfr.mp4", tmp_path / "clip.mp4", tmp_path / "c.mp4"
    with av.open(str(source)) as template:
        file = DurableFile(clip)
        video = template.streams.video[0]
        from dashcam.media.telemetry import Telemetry

        telemetry = Telemetry(PRESENT.moment_at, "km/h")
        writer = ClipFile(file, width=video.width, height=video.height, template=video, comment="", telemetry=telemetry)
        for packet in sent_like(source):
            writer.write(packet)
        writer.close()
        file.close()
    key = next(mark.at for mark in marks(clip) if mark.is_keyframe and mark.at % 1 > 0.2)
    cut_out(target, [clip], [0.0], key + 0.01, key + 3)
    said = [told for told in texts_in(clip) if told.at <= key][-1]
    assert (texts_in(target)[0].at, texts_in(target)[0].text) == (0.0, said.text)
    assert samples_in(target, "data")[0].at == 0.0


def test_a_gap_stays_in_time_as_it_is(drive: tuple[list[Path], Path], tmp_path: Path) -> None:
    paths, _ = drive
    target = tmp_path / "cut.mp4"
    cut_out(target, [paths[0], paths[2]], [0.0, 7.0], 1.0, 0.5)
    expected = [number / FPS for number in (*range(30), *range(60, 66))]
    assert [mark.at for mark in marks(target)] == pytest.approx(expected, abs=2e-5)
    assert decoded(target) == 36


@pytest.mark.parametrize(
    ("from_", "to", "first", "last"),
    [
        (2.0, 3.0, 20, 30),
        (2.003, 3.003, 20, 30),
        (1.997, 2.997, 20, 30),
        (1.99, 2.99, 10, 29),
        (-1.0, 0.0, 0, 0),
        (3.99, 99.0, 30, 39),
    ],
)
def test_frames_at_the_very_edge_are_in_it(
    from_: float, to: float, first: int, last: int, drive: tuple[list[Path], Path], tmp_path: Path
) -> None:
    target = tmp_path / "cut.mp4"
    cut_out(target, drive[0][:1], [0.0], from_, to)
    assert [mark.digest for mark in marks(target)] == [mark.digest for mark in marks(drive[0][0])[first : last + 1]]


def test_parts_of_another_size_are_not_joined_and_it_is_said_where(
    drive: tuple[list[Path], Path], shared_data: Path
) -> None:
    other = shared_data / "driving" / "carnd_test_video_720p.mp4"
    assert plan_cut([part(drive[0][0]), part(drive[0][1]), part(other)]) == NotOfOneKind(part=2)
    child = MediaChild()
    try:
        with pytest.raises(NotJoined, match="change their size") as refusal:
            child.ask(PlanCut(path=b"", parts=(part(drive[0][0]), part(other))), CutPlanned)
        assert refusal.value.part == 1
    finally:
        child.kill()


def test_a_range_without_a_picture_leaves_nothing_behind(drive: tuple[list[Path], Path], tmp_path: Path) -> None:
    target = tmp_path / "cut.mp4"
    with pytest.raises(BadMedia):
        cut([part(drive[0][0], 99.0, 100.0)], target, {})
    assert not target.exists()


def test_the_new_clip_is_durable_before_it_is_told(
    drive: tuple[list[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []

    def sync(descriptor: int) -> None:
        os.fdatasync(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(new_mp4, "DurableFile", lambda path: DurableFile(path, sync))
    made = cut_out(tmp_path / "cut.mp4", drive[0], STARTS, 1.0, 2.0)
    assert synced[-1] == made.bytes


def test_the_child_cuts_a_long_range_in_little_memory(tmp_path: Path, make_long: Callable[[Path, int], None]) -> None:
    """Seventy seconds at 8 Mbit/s over two boundaries."""
    paths = [tmp_path / f"{number}.mp4" for number in range(3)]
    for path in paths:
        make_long(path, 30)
    child = MediaChild()
    try:
        parts = tuple(part(path, None, None, 30.0 * number) for number, path in enumerate(paths))
        made = child.ask(Cut(path=parts[0].path, parts=parts, target=bytes(tmp_path / "c.mp4"), metadata={}), CutMade)
        assert made.frames == 3 * 30 * FPS
        assert made.bytes > 80 * 1_000_000
        status = Path(f"/proc/{child.pid}/status").read_text()
        peak = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
        assert peak <= MAX_RESIDENT_KILOBYTES
    finally:
        child.kill()


@pytest.fixture
def make_long() -> Callable[[Path, int], None]:
    """Clips of 8 Mbit/s: filler, which decoders pass over (Rec. ITU-T H.264, 7.3.2.7), makes pictures larger."""
    filler = b"\0\0\0\1\x0c" + b"\xff" * (1_000_000 // FPS) + b"\x80"

    def make(path: Path, seconds: int) -> None:
        larger = (
            Packet(sent.data + filler, sent.pts_ns, sent.dts_ns, sent.duration_ns, sent.is_keyframe, sent.pts_ns)
            for sent in packets(seconds * FPS)
        )
        write_clip(path, PRESENT.moment_at, larger)

    return make
