"""Every clip gets its track from the log: GPX beside it, and what is known of it in sidecar and catalogue."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import correlation

import gpxpy
import msgspec
import pytest

from dashcam.clips.gpx_reader import read_track
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import encode_tag, read_sidecar, write_sidecar
from dashcam.clips.track_log import gap
from dashcam.clips.track_summary import TrackSummary
from dashcam.clock import NANOSECONDS
from tests.clips.rows import event
from tests.keeper.rig import Rig
from tests.keeper.test_dating import put_photo
from tests.keeper.track_clips import MINUTE_NS, gpx_path, points, put_minute, track
from tests.made_clips import STARTED_NS, clip_bytes, put_clip, tag_of
from tests.made_tracks import STARTED_MONOTONIC_NS, driven, put_log, recorded
from tests.packets import FPS

MPS_PER_KNOT = 1852 / 3600


def told_by_receiver(path: Path) -> Iterator[tuple[float, float, float]]:
    """Latitude, longitude and speed of each valid RMC sentence, read by hand."""
    for line in path.read_text().splitlines():
        fields = line.split(",")
        if fields[0].endswith("RMC") and fields[2] == "A":
            yield (
                _degrees(fields[3], 2) * (-1 if fields[4] == "S" else 1),
                _degrees(fields[5], 3) * (-1 if fields[6] == "W" else 1),
                float(fields[7]) * MPS_PER_KNOT,
            )


def _degrees(text: str, digits: int) -> float:
    return int(text[:digits]) + float(text[digits:]) / 60


def speed_of_line(found: TrackSummary, seconds: float) -> float:
    """What the map shows at a moment of a clip without a gap."""
    after = next((at for at, point in enumerate(found.line) if point.seconds >= seconds), len(found.line) - 1)
    a, b = found.line[max(after - 1, 0)], found.line[after]
    share = (seconds - a.seconds) / (b.seconds - a.seconds) if after else 0.0
    return (a.speed_mps or 0.0) + share * ((b.speed_mps or 0.0) - (a.speed_mps or 0.0))


def test_a_real_drive_is_in_the_tracks_as_the_receiver_told_it(rig: Rig, shared_data: Path) -> None:
    drive = shared_data / "nmea" / "drive_city_360s.nmea"
    for number in range(6):
        put_minute(rig.data, number)
    put_log(rig.data, recorded(drive))
    rig.start().scan().assert_whole()
    told = list(told_by_receiver(drive))
    assert len(told) == 360
    shown = []
    for number in range(6):
        clip_id = f"42-{number + 1}"
        found, of_clip = points(rig, clip_id), told[number * 60 : number * 60 + 60]
        for at, (point, (latitude, longitude, speed_mps)) in enumerate(zip(found, of_clip, strict=True)):
            assert math.isclose(point.latitude, latitude, abs_tol=1e-7)
            assert math.isclose(point.longitude, longitude, abs_tol=1e-7)
            assert math.isclose(point.speed_mps or 0.0, speed_mps, abs_tol=0.0006)
            assert point.seconds == at
            assert point.utc_ns == STARTED_NS + (number * 60 + at) * NANOSECONDS, "the clip's clock, not the log's"
            shown.append(speed_of_line(track(rig, clip_id), at))
        assert track(rig, clip_id).points == 60
        assert track(rig, clip_id).gap_seconds <= 0.5
    written = [point.speed_mps or 0.0 for number in range(6) for point in points(rig, f"42-{number + 1}")]
    speeds = [speed_mps for _, _, speed_mps in told]
    print(f"correlation with the receiver's speed: GPX {correlation(written, speeds):.6f}, "
          f"line {correlation(shown, speeds):.4f}")  # fmt: skip
    assert correlation(written, speeds) > 0.9999
    assert correlation(shown, speeds) > 0.99


@pytest.mark.parametrize(
    "name",
    ["drive_city_360s.nmea", "derived_tunnel_void_120_165s.nmea", "derived_gap_silent_200_230s.nmea",
     "derived_dirty_serial.bin", "derived_cold_start_45s_date_060180.nmea"],
)  # fmt: skip
def test_the_file_of_every_clip_is_valid(rig: Rig, shared_data: Path, name: str) -> None:
    if shutil.which("xmllint") is None:
        pytest.skip("xmllint is not installed (libxml2-utils)")
    for number in range(6):
        put_minute(rig.data, number)
    put_log(rig.data, recorded(shared_data / "nmea" / name))
    rig.start().scan()
    files = [str(path) for path in rig.folders.tracks.rglob("*.gpx")]
    assert len(files) == sum(track(rig, clip_id).points > 0 for clip_id in rig.rows()) >= 2
    schema = str(shared_data / "gpx" / "gpx11.xsd")
    found = subprocess.run(
        ["xmllint", "--nonet", "--noout", "--schema", schema, *files], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize(
    ("name", "tunnels"),
    [
        ("derived_tunnel_void_120_165s.nmea", {3: (45, 15)}),
        ("derived_gap_silent_200_230s.nmea", {4: (30, 30)}),
    ],
)
def test_tunnels_and_silences_are_gaps_of_their_clips(
    rig: Rig, shared_data: Path, name: str, tunnels: dict[int, tuple[int, int]]
) -> None:
    for number in range(6):
        put_minute(rig.data, number)
    put_log(rig.data, recorded(shared_data / "nmea" / name))
    rig.start().scan()
    for number in range(1, 6):
        gap_seconds, fixes = tunnels.get(number, (0, 60))
        found = track(rig, f"42-{number}")
        assert found.gap_seconds == pytest.approx(gap_seconds, abs=1)
        assert found.points == fixes
    whole = gpxpy.parse("".join(path.read_text() for path in [gpx_path(rig, f"42-{max(tunnels)}")]))
    assert all(len(segment.points) > 1 for segment in whole.tracks[0].segments)


def test_a_silence_within_a_clip_parts_its_track(rig: Rig) -> None:
    put_minute(rig.data, 0)
    put_log(rig.data, driven([*range(20), *range(40, 60)]))
    rig.start().scan()
    assert [len(segment) for segment in read_track(gpx_path(rig, "42-1")).segments] == [20, 20]
    assert [point.seconds for point in track(rig, "42-1").line if point.begins] == [0.0, 40.0]


def test_without_a_trusted_clock_the_track_has_no_times(rig: Rig) -> None:
    put_minute(rig.data, 0, is_dated=False)
    put_log(rig.data, driven(range(60)))
    rig.start().scan()
    assert gpx_path(rig, "42-1") == rig.folders.tracks / "undated" / "boot0042_000001.gpx"
    assert b"<time>" not in gpx_path(rig, "42-1").read_bytes()
    assert track(rig, "42-1").points == 60


def test_a_boot_without_a_log_costs_the_card_nothing(rig: Rig) -> None:
    paths = [put_minute(rig.data, number) for number in range(20)]
    before = [sidecar_of(path).read_bytes() for path in paths]
    rig.start()
    changed = rig.session.catalogue.state().generation
    rig.scan()
    assert [sidecar_of(path).read_bytes() for path in paths] == before
    assert {row.track.points if row.track else None for row in rig.rows().values()} == {0}
    assert rig.reader.get("42-1").track == TrackSummary(
        points=0, gap_seconds=60.0, distance_m=0.0, moving_seconds=0.0, top_speed_mps=None
    )
    assert not rig.folders.tracks.exists()
    assert rig.session.catalogue.state().generation - changed < 8, "many at once"


def test_a_clip_in_a_long_tunnel_is_known_to_have_no_track(rig: Rig) -> None:
    put_minute(rig.data, 2)
    put_log(rig.data, [*driven(range(60)), gap("no_fix", 161 * NANOSECONDS), *driven(range(300, 310))])
    rig.start().scan()
    assert (track(rig, "42-3").points, track(rig, "42-3").gap_seconds) == (0, 60.0)
    assert not gpx_path(rig, "42-3").exists()


def test_photos_and_what_people_dropped_in_have_no_tracks(rig: Rig) -> None:
    put_photo(rig.data, "42-5")
    copied = put_clip(rig.data, "42-1")
    copied.rename(rig.folders.of_kind("loop") / "holiday.mp4")
    sidecar_of(copied).unlink()
    put_minute(rig.data, 1)
    put_log(rig.data, driven(range(200)))
    rig.start().scan()
    assert {row.id: row.track is not None for row in rig.rows().values() if row.kind == "photo"} == {"42-5": False}
    assert len(list(rig.folders.tracks.rglob("*.gpx"))) == sum(row.track is not None for row in rig.rows().values())


def test_the_open_end_of_the_log_is_waited_for_and_not_for_ever(rig: Rig) -> None:
    """The newest boot: its log may not be written yet as far as the clip reaches."""
    put_minute(rig.data, 0)
    put_minute(rig.data, 0, boot=41, is_dated=False)
    put_log(rig.data, driven(range(30)))
    put_log(rig.data, driven(range(30)), boot=41)
    now_ns = STARTED_MONOTONIC_NS + MINUTE_NS
    rig.session._tracks._monotonic_ns = lambda: now_ns
    rig.start().scan()
    assert rig.reader.get("42-1").track is None
    assert track(rig, "41-1").points == 30, "that boot is over"
    put_log(rig.data, driven(range(60)))
    rig.settle()
    assert rig.reader.get("42-1").track is None
    now_ns += 10 * NANOSECONDS
    rig.settle()
    assert track(rig, "42-1").points == 60


def test_a_log_that_goes_on_behind_the_clip_is_not_waited_for(rig: Rig) -> None:
    put_minute(rig.data, 0)
    rig.session._tracks._monotonic_ns = lambda: STARTED_MONOTONIC_NS + MINUTE_NS
    put_log(rig.data, driven(range(61)))
    rig.start().scan()
    assert track(rig, "42-1").points == 60


def test_a_replay_that_was_played_faster_is_over_sooner(rig: Rig) -> None:
    path = put_minute(rig.data, 0)
    fast = msgspec.structs.replace(
        read_sidecar(sidecar_of(path)), frames=1800, ended_monotonic_ns=STARTED_MONOTONIC_NS + MINUTE_NS // 4
    )
    write_sidecar(sidecar_of(path), fast)
    rig.session._tracks._monotonic_ns = lambda: STARTED_MONOTONIC_NS + MINUTE_NS // 4 + 11 * NANOSECONDS
    put_log(rig.data, driven([at / 4 for at in range(60)]))
    rig.start().scan()
    assert [point.seconds for point in points(rig, "42-1")] == pytest.approx(list(range(60)), abs=0.05)


def test_a_clip_that_was_cut_off_gets_its_track_too(rig: Rig) -> None:
    path = put_clip(rig.data, "42-1", is_closed=False)
    put_log(rig.data, driven(range(100)))
    rig.start().scan().assert_whole()
    assert rig.sidecar("42-1").integrity == "repaired"
    assert track(rig, "42-1").points in (1, 2)
    assert rig.folders.track_of(path).is_file()


def test_a_replay_that_was_cut_off_has_its_places_where_its_video_shows_them(rig: Rig) -> None:
    path = put_clip(rig.data, "42-1", is_closed=False)
    tag = msgspec.structs.replace(tag_of("42-1"), speed=4.0)
    path.write_bytes(clip_bytes(encode_tag(tag), 5 * FPS)[0])
    put_log(rig.data, driven([at / 4 for at in range(60)]))
    rig.start().scan().assert_whole()
    seconds = [point.seconds for point in points(rig, "42-1")]
    assert len(seconds) >= 4
    assert seconds == pytest.approx(range(len(seconds)), abs=0.05)


def test_the_clip_of_an_event_gets_its_own_part_of_the_track(rig: Rig, shared_data: Path) -> None:
    """It begins in the middle of one clip of the loop and ends in the next."""
    for number in range(2):
        put_minute(rig.data, number)
    path = put_clip(
        rig.data, "42-3", started_ns=STARTED_NS + 40 * NANOSECONDS, kind="EVENT", event=event("motion", "42-3")
    )
    sidecar = msgspec.structs.replace(
        read_sidecar(sidecar_of(path)),
        duration_seconds=35.0,
        started_monotonic_ns=STARTED_MONOTONIC_NS + 40 * NANOSECONDS,
    )
    write_sidecar(sidecar_of(path), sidecar)
    put_log(rig.data, recorded(shared_data / "nmea" / "drive_city_360s.nmea"))
    rig.start().scan().assert_whole()
    of_loop = [point for number in (1, 2) for point in points(rig, f"42-{number}")]
    of_event = points(rig, "42-3")
    assert [point.utc_ns for point in of_event] == [STARTED_NS + second * NANOSECONDS for second in range(40, 75)]
    assert [(point.latitude, point.longitude) for point in of_event] == [
        (point.latitude, point.longitude) for point in of_loop[40:75]
    ]
    assert track(rig, "42-3").points == 35
    assert rig.reader.get("42-3").event == event("motion", "42-3")
