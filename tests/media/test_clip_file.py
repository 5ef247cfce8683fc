"""A growing clip plays as far as it goes, and is an ordinary MP4 once it is closed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import av
from msgspec.structs import replace

from dashcam.clips.sidecar import ClipTag, decode_tag, encode_tag
from dashcam.media.clip_file import ClipFile
from dashcam.media.durable_file import DurableFile
from tests.mp4_boxes import boxes_of, is_ordinary
from tests.packets import FPS, HEIGHT, WIDTH, packets

TAG = ClipTag(id="7-3", camera="front", started_utc=None, started_monotonic_ns=5, clock_source="none")


def new_clip(path: Path) -> tuple[DurableFile, ClipFile]:
    file = DurableFile(path)
    return file, ClipFile(file, width=WIDTH, height=HEIGHT, template=None, comment=encode_tag(TAG))


def pts_seconds(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        found = [(packet.pts, packet.time_base) for packet in container.demux(video=0) if packet.size]
    return [float(pts * time_base) for pts, time_base in found if pts is not None and time_base is not None]


def test_a_closed_clip_is_an_ordinary_mp4_with_every_frame(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    file, clip = new_clip(path)
    sent = list(packets(55, first=20, start_ns=10**12))
    for packet in sent:
        clip.write(packet)
    clip.close()
    file.close()
    assert is_ordinary(path)
    assert pts_seconds(path) == [number / FPS for number in range(55)]
    assert (clip.frames, clip.duration_seconds, clip.start_ns) == (55, 5.5, sent[0].pts_ns)
    checked = subprocess.run(
        ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"], capture_output=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, b"")


def test_a_growing_clip_loses_at_most_its_last_fragment(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    file, clip = new_clip(path)
    copy = tmp_path / "copy.mp4"
    for number, packet in enumerate(packets(40)):
        clip.write(packet)
        if clip.has_fragment:
            copy.write_bytes(path.read_bytes())
            assert len(pts_seconds(copy)) >= number + 1 - FPS // 2 - 1
        else:
            assert number < FPS
    clip.close()
    file.close()


def test_a_packet_that_is_due_sends_the_fragment_before_it_to_the_file(tmp_path: Path) -> None:
    file, clip = new_clip(tmp_path / "clip.mp4")
    for packet in packets(40):
        is_due = clip.frames > 0 and packet.dts_ns >= clip.fragment_due_dts_ns
        frames, bytes_before = clip.frames, file.end
        clip.write(packet)
        assert (file.end > bytes_before) == (is_due or frames == 0)
        assert clip.frames_in_file == (frames if is_due else clip.frames_in_file)
    assert clip.frames_in_file >= 40 - FPS // 2 - 1
    clip.close()
    file.close()


def test_a_fragment_leaves_in_one_write_so_that_a_kill_does_not_tear_it(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    pieces: list[bool] = []

    class WatchedFile(DurableFile):
        def write(self, data: bytes) -> int:
            written = super().write(data)
            pieces.append(all(box.is_whole for box in boxes_of(path)))
            return written

    file = WatchedFile(path)
    clip = ClipFile(file, width=WIDTH, height=HEIGHT, template=None, comment=encode_tag(TAG))
    # Padded with a filler NAL unit (H.264, 7.3.2.7): half a second of 8 Mbit/s.
    filler = b"\0\0\0\1\x0c" + b"\xff" * (500_000 * 2 // FPS) + b"\x80"
    for packet in packets(3 * FPS):
        clip.write(replace(packet, data=packet.data + filler))
    clip.close()
    file.close()
    assert path.stat().st_size > 3_000_000
    assert len(pieces) >= 6
    assert all(pieces)


def test_the_tag_stands_in_the_clip_from_its_first_fragment_on(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    file, clip = new_clip(path)
    sent = packets(100)
    while not clip.has_fragment:
        clip.write(next(sent))
    with av.open(str(path)) as container:
        assert decode_tag(container.metadata["comment"]) == TAG
    clip.close()
    file.close()
    with av.open(str(path)) as container:
        assert decode_tag(container.metadata["comment"]) == TAG


def test_length_prefixed_packets_come_through_unchanged(tmp_path: Path) -> None:
    first, second = tmp_path / "first.mp4", tmp_path / "second.mp4"
    file, clip = new_clip(first)
    for packet in packets(30):
        clip.write(packet)
    clip.close()
    file.close()
    with av.open(str(first)) as source:
        stream = source.streams.video[0]
        copied = DurableFile(second)
        copy = ClipFile(copied, width=WIDTH, height=HEIGHT, template=stream, comment="")
        payloads = [bytes(packet) for packet in source.demux(stream) if packet.size]
        for packet, payload in zip(packets(30), payloads, strict=True):
            copy.write(type(packet)(payload, packet.pts_ns, packet.dts_ns, packet.duration_ns, packet.is_keyframe, 0))
        copy.close()
        copied.close()
    with av.open(str(second)) as result:
        assert [bytes(packet) for packet in result.demux(video=0) if packet.size] == payloads
