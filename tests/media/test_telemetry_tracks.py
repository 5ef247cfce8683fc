"""Tracks beside the video: other programs read them, the video neither waits for them nor suffers from them."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from msgspec.structs import replace

from dashcam.camera.base import Packet
from dashcam.clock import NANOSECONDS
from dashcam.media.clip_file import ClipFile
from dashcam.media.durable_file import DurableFile
from dashcam.media.gpmf import NO_SAMPLE
from dashcam.media.telemetry import Telemetry
from dashcam.media.telemetry_tracks import TelemetryTracks
from dashcam.moment import Moment
from dashcam.place import Place
from tests.made_clips import packet_marks
from tests.mp4_boxes import is_ordinary
from tests.packets import FPS, HEIGHT, WIDTH, packets
from tests.telemetry import (
    COMING_AND_GOING,
    DRIVES,
    PRESENT,
    STARTED_NS,
    UNDATED,
    Drive,
    MomentAt,
    exiftool,
    place_at,
    positions_by_exiftool,
    samples_in,
    texts_in,
    write_clip,
    write_drive,
)

SECONDS = 12
# Half a minute without a word on either side, and more: longer than anything waits.
TUNNEL = Drive("tunnel", lambda second: second < 3 or second >= 68)


def probed(path: Path) -> dict[str, Any]:
    asked = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)]
    found: dict[str, Any] = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)
    return found


def fragments(moment_at: MomentAt | None, path: Path, sent: Iterator[Packet]) -> list[tuple[int, int, bool]]:
    """After each packet that made the file grow: its number, what is in the file, and whether it plays."""
    file = DurableFile(path)
    telemetry = None if moment_at is None else Telemetry(moment_at, "km/h")
    clip = ClipFile(file, width=WIDTH, height=HEIGHT, template=None, comment="", telemetry=telemetry)
    found = []
    for number, packet in enumerate(sent):
        is_due = number > 0 and packet.dts_ns >= clip.fragment_due_dts_ns
        end = file.end
        clip.write(packet)
        assert (file.end > end) == (is_due or number == 0)
        if file.end > end:
            found.append((number, clip.frames_in_file, clip.has_fragment))
            assert number == 0 or len(packet_marks(path)) == clip.frames_in_file
    clip.close()
    file.close()
    return found


@pytest.mark.parametrize("drive", [*DRIVES, TUNNEL], ids=lambda drive: drive.name)
def test_fragments_are_those_of_the_video_alone_whatever_the_receiver_does(drive: Drive, tmp_path: Path) -> None:
    frames = 70 * FPS if drive is TUNNEL else SECONDS * FPS
    alone = fragments(None, tmp_path / "alone.mp4", packets(frames))
    with_tracks = fragments(drive.moment_at, tmp_path / "tracks.mp4", packets(frames))
    assert with_tracks == alone
    assert packet_marks(tmp_path / "tracks.mp4") == packet_marks(tmp_path / "alone.mp4")


@pytest.mark.parametrize("drive", DRIVES, ids=lambda drive: drive.name)
def test_a_closed_clip_says_second_by_second_what_is_known(drive: Drive, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_drive(path, drive, SECONDS * FPS)
    assert is_ordinary(path)
    texts = texts_in(path)
    assert [(told.at, told.seconds) for told in texts] == [(second, 1) for second in range(SECONDS)]
    for second, told in enumerate(texts):
        assert ("no GPS" in told.text) == (not drive.is_known(second))
        assert ("time not set" in told.text) == (not drive.has_time)
    known = [second for second in range(SECONDS) if drive.is_known(second)]
    found = positions_by_exiftool(path)
    assert [row[-1] for row in found] == known
    for second, (time, *row) in zip(known, found, strict=True):
        place = place_at(second)
        assert time == (f"2026:11:20 14:45:{second:02d}.000" if drive.has_time else "-")
        expected = [place.latitude, place.longitude, place.altitude_m, place.speed_mps]
        assert row[:2] == pytest.approx(expected[:2], abs=1e-6)
        assert row[2:4] == pytest.approx(expected[2:], abs=0.01)


def test_other_programs_see_a_video_with_subtitles_and_data(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_drive(path, COMING_AND_GOING, SECONDS * FPS)
    streams = probed(path)["streams"]
    assert [stream["codec_type"] for stream in streams] == ["video", "subtitle", "data"]
    assert [stream["codec_tag_string"] for stream in streams] == ["avc1", "tx3g", "gpmd"]
    assert streams[1]["tags"]["handler_name"] == "Time, speed and position"
    checked = subprocess.run(
        [
            "ffmpeg",
            "-v",
            "error",
            "-xerror",
            "-i",
            str(path),
            "-map",
            "0:v",
            "-map",
            "0:s",
            "-c:s",
            "srt",
            "-f",
            "null",
            "-",
        ],
        capture_output=True,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, b"")


@pytest.mark.parametrize("frames", [1, 2, FPS - 1, FPS, FPS + 1, 3 * FPS + 4])
def test_a_clip_is_as_long_as_its_pictures(frames: int, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_drive(path, PRESENT, frames)
    assert float(probed(path)["format"]["duration"]) == pytest.approx(frames / FPS, abs=0.0011)
    assert all(told.at < frames / FPS for told in texts_in(path))


def test_when_and_where_a_clip_begins_stands_in_the_usual_tags(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    place = Place(latitude=-33.85678, longitude=151.21530, altitude_m=4.5)
    write_clip(path, PRESENT.moment_at, packets(FPS), created_utc_ns=STARTED_NS, place=place)
    tags = exiftool(path, "-s", "-n", "-CreateDate", "-TrackCreateDate", "-GPSLatitude", "-GPSLongitude")
    values = dict(line.split(": ") for line in tags.replace(" :", ":").splitlines())
    values = {name.strip(): value for name, value in values.items()}
    assert values["CreateDate"] == values["TrackCreateDate"] == "2026:11:20 14:45:00"
    assert float(values["GPSLatitude"]) == pytest.approx(place.latitude, abs=2e-5)
    assert float(values["GPSLongitude"]) == pytest.approx(place.longitude, abs=2e-5)
    found = probed(path)["format"]["tags"]
    assert found["creation_time"] == "2026-11-20T14:45:00.000000Z"
    assert found["location"].startswith("-33.8568+151.2153")


def test_what_is_not_known_at_the_beginning_is_in_no_tag(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_clip(path, UNDATED.moment_at, packets(2 * FPS))
    assert "location" not in probed(path)["format"]["tags"]
    assert "creation_time" not in probed(path)["format"]["tags"]
    assert exiftool(path, "-s3", "-CreateDate").strip() in ("", "0000:00:00 00:00:00")
    assert exiftool(path, "-s3", "-LocationInformation").strip() == ""


# A short drive, and the seconds of which something is amiss.
FEW = 4
AMISS = [(0,), (1, 2), tuple(range(FEW))]


def test_values_that_cannot_be_are_left_out_and_both_tracks_go_on(tmp_path: Path) -> None:
    amiss = (0, 2)

    def moment_at(monotonic_ns: int) -> Moment:
        moment = PRESENT.moment_at(monotonic_ns)
        place = place_at(monotonic_ns // NANOSECONDS)
        is_amiss = monotonic_ns // NANOSECONDS in amiss
        return replace(moment, place=replace(place, altitude_m=9_999_999.0)) if is_amiss else moment

    path, frames = tmp_path / "clip.mp4", FEW * FPS
    assert fragments(moment_at, path, packets(frames)) == fragments(None, tmp_path / "alone.mp4", packets(frames))
    write_drive(tmp_path / "whole.mp4", PRESENT, frames)
    assert texts_in(path) == texts_in(tmp_path / "whole.mp4")
    found, whole = positions_by_exiftool(path), positions_by_exiftool(tmp_path / "whole.mp4")
    for second, (row, expected) in enumerate(zip(found, whole, strict=True)):
        height = 0.0 if second in amiss else expected[3]
        assert row == (*expected[:3], height, *expected[4:])


@pytest.mark.parametrize("amiss", AMISS)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_second_that_cannot_be_told_costs_its_samples_and_no_others(
    amiss: tuple[int, ...], is_known: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Something is amiss with the place, or nothing at all can be said."""

    def moment_at(monotonic_ns: int) -> Moment:
        moment = PRESENT.moment_at(monotonic_ns)
        if monotonic_ns // NANOSECONDS not in amiss:
            return moment
        if is_known:
            return replace(moment, place=Place(latitude=1000.0, longitude=0.0))
        raise OverflowError("date value out of range")

    path, frames = tmp_path / "clip.mp4", FEW * FPS
    assert fragments(moment_at, path, packets(frames)) == fragments(None, tmp_path / "alone.mp4", packets(frames))
    assert len(packet_marks(path)) == frames
    assert is_ordinary(path)
    good = [second for second in range(FEW) if second not in amiss]
    assert [row[-1] for row in positions_by_exiftool(path)] == good
    texts = texts_in(path)
    assert [told.at for told in texts if "km/h" in told.text] == good
    assert [told.at for told in texts if told.text.endswith("CET  no GPS")] == (list(amiss) if is_known else [])
    assert all(told.seconds == 1 for told in texts)
    assert sum("said once" in record.message for record in caplog.records) == (0 if is_known else 1)


def test_a_text_that_has_no_room_costs_no_picture_and_no_position(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashcam.media.telemetry.subtitle", lambda *_: "x" * 70_000)
    path = tmp_path / "clip.mp4"
    write_drive(path, PRESENT, 3 * FPS)
    assert len(packet_marks(path)) == 3 * FPS
    assert texts_in(path) == []


@pytest.mark.parametrize("refused_from", [0, 2])
@pytest.mark.parametrize("kind", ["subtitle", "data"])
def test_a_track_that_the_muxer_refuses_ends_and_the_other_one_goes_on(
    refused_from: int, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    mux = TelemetryTracks._mux

    def refuse(tracks: TelemetryTracks, stream: Any, data: bytes, ticks: int, duration: int) -> None:
        if stream.type == kind and len(data) > len(NO_SAMPLE) and ticks >= refused_from * 90_000:
            raise av.error.InvalidDataError(1, "Invalid data found when processing input")
        mux(tracks, stream, data, ticks, duration)

    monkeypatch.setattr(TelemetryTracks, "_mux", refuse)
    path, frames = tmp_path / "clip.mp4", FEW * FPS
    assert fragments(PRESENT.moment_at, path, packets(frames)) == fragments(
        None, tmp_path / "alone.mp4", packets(frames)
    )
    told = {
        "subtitle": [round(each.at) for each in texts_in(path)],
        "data": [round(row[-1]) for row in positions_by_exiftool(path)],
    }
    other = "data" if kind == "subtitle" else "subtitle"
    assert (told[kind], told[other]) == (list(range(refused_from)), list(range(FEW)))
    assert sum("without its track" in record.message for record in caplog.records) == 1


def test_an_error_of_the_card_is_not_taken_for_one_of_the_tracks(tmp_path: Path) -> None:
    class FullFile(DurableFile):
        def write(self, data: bytes) -> int:
            if self.end > 100_000:
                self.failure = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                raise self.failure
            return super().write(data)

    file = FullFile(tmp_path / "clip.mp4")
    clip = ClipFile(
        file, width=WIDTH, height=HEIGHT, template=None, comment="", telemetry=Telemetry(PRESENT.moment_at, "km/h")
    )

    def write_all() -> None:
        for packet in packets(60):
            clip.write(packet)

    with pytest.raises(OSError, match="No space left"):
        write_all()
    assert clip.frames_in_file < clip.frames <= clip.frames_in_file + FPS
    file.close()


def test_seconds_without_pictures_are_a_gap_in_the_tracks_too(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    sent = [*packets(25), *packets(35, first=95)]
    found = fragments(PRESENT.moment_at, path, iter(sent))
    assert found == fragments(None, tmp_path / "alone.mp4", iter(sent))
    assert [round(told.at, 3) for told in texts_in(path)] == [0, 1, 2, 9.5, 10, 11, 12]
    assert [round(row[-1], 3) for row in positions_by_exiftool(path)] == [0, 1, 2, 9.5, 10, 11, 12]


@pytest.mark.parametrize("shift_ns", [-6_000, -1, 1, 6_000])
def test_frames_that_stand_a_hair_beside_the_second_lose_nothing(shift_ns: int, tmp_path: Path) -> None:
    """A tick is 11 microseconds: such a frame and the second beside it get the same one."""
    path = tmp_path / "clip.mp4"
    sent = [
        replace(packet, pts_ns=packet.pts_ns + shift_ns, dts_ns=packet.dts_ns + shift_ns) if number else packet
        for number, packet in enumerate(packets(SECONDS * FPS))
    ]
    write_clip(path, PRESENT.moment_at, sent)
    assert len(packet_marks(path)) == SECONDS * FPS
    assert [round(told.at, 3) for told in texts_in(path)] == list(range(SECONDS))
    assert len(positions_by_exiftool(path)) == SECONDS


@pytest.mark.parametrize("frame_seconds", [1, 3])
def test_a_camera_that_sends_a_picture_in_seconds_has_its_samples(frame_seconds: int, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    slow_ns = frame_seconds * NANOSECONDS
    sent = [
        replace(packet, pts_ns=number * slow_ns, dts_ns=number * slow_ns, duration_ns=slow_ns)
        for number, packet in enumerate(packets(8))
    ]
    found = fragments(PRESENT.moment_at, path, iter(sent))
    assert found == fragments(None, tmp_path / "alone.mp4", iter(sent))
    assert [round(told.at, 3) for told in texts_in(path)] == [number * frame_seconds for number in range(8)]


def test_a_video_with_reordered_pictures_keeps_its_times(shared_data: Path, tmp_path: Path) -> None:
    drive = next(iter(sorted((shared_data / "driving").glob("*.mp4"))))
    marks = []
    for name, moment_at in (("tracks", PRESENT.moment_at), ("alone", None)):
        path = tmp_path / f"{name}.mp4"
        with av.open(str(drive)) as container:
            stream = container.streams.video[0]
            file = DurableFile(path)
            telemetry = None if moment_at is None else Telemetry(moment_at, "km/h")
            clip = ClipFile(
                file,
                width=stream.width,
                height=stream.height,
                template=stream,
                comment="",
                telemetry=telemetry,
            )
            for packet in container.demux(stream):
                if packet.size and packet.pts is not None and packet.dts is not None:
                    assert packet.time_base is not None
                    pts, dts, duration = (
                        int(time * packet.time_base * NANOSECONDS)
                        for time in (packet.pts, packet.dts, packet.duration or 0)
                    )
                    clip.write(Packet(bytes(packet), pts, dts, duration, packet.is_keyframe, pts))
            clip.close()
            file.close()
        marks.append(packet_marks(path))
    assert marks[0] == marks[1]
    assert len(samples_in(tmp_path / "tracks.mp4", "data")) == len(texts_in(tmp_path / "tracks.mp4"))
