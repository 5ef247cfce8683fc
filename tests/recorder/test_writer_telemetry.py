"""What the writer puts beside the video: as the settings of the clip say, and never at the cost of a picture."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import av
import msgspec
import pytest

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.clock import NANOSECONDS
from dashcam.place import Place
from dashcam.recorder.packet_queue import EndClip, NewFormat
from dashcam.settings.schema import CameraSettings, GpsSettings, RecordingSettings, Settings
from tests.packets import FACTS, FPS, packets
from tests.recorder.rig import Rig, clips_of, frames_in
from tests.telemetry import place_at, positions_by_exiftool, texts_in


def kinds_in(path: Path) -> list[str]:
    with av.open(str(path)) as container:
        return [stream.type for stream in container.streams]


def metadata_of(path: Path) -> dict[str, str]:
    with av.open(str(path)) as container:
        return dict(container.metadata)


@pytest.mark.parametrize(
    ("gps", "kinds"),
    [
        (GpsSettings(), ["video", "subtitle", "data"]),
        (GpsSettings(kind="simulated"), ["video", "subtitle", "data"]),
        (GpsSettings(telemetry=False), ["video"]),
        (GpsSettings(kind="none"), ["video"]),
    ],
)
def test_the_tracks_are_there_when_the_settings_say_so(tmp_path: Path, gps: GpsSettings, kinds: list[str]) -> None:
    rig = Rig(tmp_path, gps=gps)
    rig.record(packets(3 * FPS))
    assert [kinds_in(clip) for clip in clips_of(tmp_path)] == [kinds, kinds]
    assert [len(frames_in(clip)) for clip in clips_of(tmp_path)] == [2 * FPS, FPS]


def test_other_settings_hold_from_the_next_clip_on(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.record(packets(2 * FPS))
    rig.writer.take(Settings(camera=CameraSettings(), recording=RecordingSettings(), gps=GpsSettings(telemetry=False)))
    rig.record(packets(2 * FPS, first=2 * FPS))
    assert [kinds_in(clip) for clip in clips_of(tmp_path)] == [["video", "subtitle", "data"], ["video"]]


def test_every_clip_says_where_it_was_second_by_second_and_in_its_tags_where_it_began(tmp_path: Path) -> None:
    rig = Rig(tmp_path, segment_seconds=3.0)
    asked: list[int] = []

    def place(monotonic_ns: int) -> Place:
        asked.append(monotonic_ns)
        return place_at(monotonic_ns // NANOSECONDS)

    rig.place_at = place
    rig.record(packets(6 * FPS))
    first, second = clips_of(tmp_path)
    for clip, began in ((first, 0), (second, 3)):
        assert [row[1:3] for row in positions_by_exiftool(clip)] == [
            pytest.approx((place_at(began + number).latitude, place_at(began + number).longitude), abs=1e-6)
            for number in range(3)
        ]
        assert [told.text[:19] for told in texts_in(clip)] == [
            f"2026-11-20 12:00:{began + number:02d}" for number in range(3)
        ]
        assert metadata_of(clip)["creation_time"].startswith(f"2026-11-20T12:00:{began:02d}")
        assert metadata_of(clip)["location"].startswith(f"{place_at(began).latitude:+.4f}")
        assert read_sidecar(sidecar_of(clip)).place == place_at(began)
    # Once a second, and once more for the beginning of each clip; never for every picture.
    assert len(asked) == 6 + 2
    assert all(later >= earlier for earlier, later in pairwise(asked))


def test_without_a_clock_and_a_receiver_it_says_so_and_the_tags_are_absent(tmp_path: Path) -> None:
    rig = Rig(tmp_path, utc_ns=NANOSECONDS)
    rig.record(packets(2 * FPS))
    (clip,) = clips_of(tmp_path)
    assert {told.text for told in texts_in(clip)} == {"time not set  no GPS"}
    assert positions_by_exiftool(clip) == []
    assert not {"creation_time", "location"} & metadata_of(clip).keys()


def test_a_receiver_that_tells_nonsense_costs_no_picture(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.place_at = lambda _monotonic_ns: Place(latitude=1e9, longitude=1e9, speed_mps=1e9)
    rig.record(packets(5 * FPS))
    assert [len(frames_in(clip)) for clip in clips_of(tmp_path)] == [2 * FPS, 2 * FPS, FPS]
    assert rig.writer.frames_written == 5 * FPS
    assert rig.writer.trouble is None
    assert all("location" not in metadata_of(clip) for clip in clips_of(tmp_path))


def test_a_clip_played_ten_times_as_fast_has_a_sample_for_every_second_of_its_own(tmp_path: Path) -> None:
    rig = Rig(tmp_path, segment_seconds=10.0)
    rig.place_at = lambda monotonic_ns: place_at(monotonic_ns // (NANOSECONDS // 10))
    rig.record(
        msgspec.structs.replace(packet, captured_monotonic_ns=packet.captured_monotonic_ns // 10)
        for packet in packets(8 * FPS)
    )
    (clip,) = clips_of(tmp_path)
    assert [row[-1] for row in positions_by_exiftool(clip)] == list(range(8))
    assert [row[1] for row in positions_by_exiftool(clip)] == pytest.approx(
        [place_at(second).latitude for second in range(8)], abs=1e-6
    )


def test_a_fragment_leaves_for_the_card_with_the_packet_that_is_due_though_the_tracks_are_sparse(
    tmp_path: Path,
) -> None:
    """The writer sleeps until that packet comes: nothing else may be needed to send the fragment off."""
    rig = Rig(tmp_path, segment_seconds=60.0)
    grown: list[int] = []
    ends: list[int] = []
    take = rig.queue.take

    def watched_take(limit_seconds: float, due_dts_ns: int = 0) -> object:
        growing = rig.writer.growing
        if growing is not None:
            ends.append(growing.file.end)
            if len(ends) > 1 and ends[-1] > ends[-2]:
                grown.append(growing.clip.frames)
        return take(limit_seconds, due_dts_ns)

    rig.queue.take = watched_take  # type: ignore[method-assign,assignment]
    rig.record(packets(4 * FPS))
    assert grown[:7] == [6, 11, 16, 21, 26, 31, 36]


def test_a_clip_that_was_ended_by_hand_is_as_long_as_its_pictures(tmp_path: Path) -> None:
    rig = Rig(tmp_path, segment_seconds=60.0)
    rig.record([NewFormat(FACTS), *packets(2 * FPS + 3), EndClip(threading.Event())])
    (clip,) = clips_of(tmp_path)
    with av.open(str(clip)) as container:
        assert container.duration == pytest.approx(2_300_000, abs=1100)
    assert read_sidecar(sidecar_of(clip)).duration_seconds == pytest.approx(2.3)


def test_a_fix_that_comes_a_moment_after_the_first_frame_is_that_frame_s_place_all_the_same(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    asked: list[int] = []

    def place_once_heard(monotonic_ns: int) -> Place | None:
        asked.append(monotonic_ns)
        return place_at(monotonic_ns // NANOSECONDS) if len(asked) > 1 else None

    rig.place_at = place_once_heard
    rig.record(packets(2 * FPS))
    (clip,) = clips_of(tmp_path)
    sidecar = read_sidecar(sidecar_of(clip))
    assert sidecar.place == place_at((sidecar.started_monotonic_ns or 0) // NANOSECONDS)
    assert "location" not in metadata_of(clip)
    assert sidecar.ended_monotonic_ns == (sidecar.started_monotonic_ns or 0) + (2 * FPS - 1) * NANOSECONDS // FPS
