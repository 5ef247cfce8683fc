"""GPX beside clips: valid, the same for other programs, and read again whatever people have done to it."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import gpxpy
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.clips.clip import ClipId
from dashcam.clips.gpx import ClipTrack, clip_track, entries_in, gpx_of, gpx_pieces, tracks_as_gpx
from dashcam.clips.gpx_reader import TrackPieces, TrackPoint, open_track, parse_track, read_track
from dashcam.clips.sidecar import Sidecar
from dashcam.clips.track_line import Span, segments_of, within
from dashcam.clips.track_log import LoggedPlace
from dashcam.clock import utc_ns_of
from dashcam.errors import BadMedia
from tests.golden_values import SIDECAR
from tests.made_tracks import STARTED_MONOTONIC_NS, driven

CHECKOUT = Path(__file__).resolve().parents[2]
STARTED = "2026-11-20T14:45:00.123Z"
SPAN = Span.of(STARTED_MONOTONIC_NS, 60.0)


def sidecar(**other: object) -> Sidecar:
    facts = {"id": "42-3", "started_monotonic_ns": STARTED_MONOTONIC_NS, "started_utc": STARTED} | other
    return msgspec.structs.replace(SIDECAR, **facts)


def track(clip: Sidecar | None = None) -> ClipTrack:
    """A minute with twenty seconds of a tunnel in it."""
    entries = driven([*range(20), *range(40, 60)])
    return clip_track(clip or sidecar(), "boot0042_000003", within(segments_of(entries), SPAN))


@pytest.fixture
def is_valid(shared_data: Path, tmp_path: Path) -> Callable[[bytes], bool]:
    """Whether the schema of GPX 1.1 takes it, says libxml2."""
    if shutil.which("xmllint") is None:
        pytest.skip("xmllint is not installed (libxml2-utils)")

    def ask(content: bytes) -> bool:
        path = tmp_path / "asked.gpx"
        path.write_bytes(content)
        command = ["xmllint", "--nonet", "--noout", "--schema", str(shared_data / "gpx" / "gpx11.xsd"), str(path)]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    return ask


def as_others_read(path: Path) -> list[dict[str, str]]:
    """The points of a file as gpsbabel has them."""
    if shutil.which("gpsbabel") is None:
        pytest.skip("gpsbabel is not installed")
    command = ["gpsbabel", "-t", "-i", "gpx", "-f", str(path), "-o", "unicsv", "-F", "-"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return list(csv.DictReader(io.StringIO(found)))


def test_a_clips_file_is_valid_and_has_what_is_known(is_valid: Callable[[bytes], bool]) -> None:
    content = gpx_of(track())
    assert is_valid(content)
    found = gpxpy.parse(content.decode())
    assert found.creator == "dashcam"
    assert found.time == datetime(2026, 11, 20, 14, 45, 0, 123_000, UTC)
    assert found.bounds is not None
    assert (found.bounds.min_latitude, found.bounds.min_longitude) == (0.0, 0.0)
    [trk] = found.tracks
    assert trk.name == "2026-11-20 15:45:00 CET"
    assert [len(segment.points) for segment in trk.segments] == [20, 20]
    point = trk.segments[1].points[0]
    assert (point.elevation, point.horizontal_dilution, point.satellites) == (5.0, 0.9, 8)
    assert point.time == datetime(2026, 11, 20, 14, 45, 40, 123_000, UTC)
    garmin = {element.tag.rpartition("}")[2]: element.text for element in point.extensions[0]}
    assert garmin == {"speed": "10", "course": "90"}


def test_another_program_reads_the_same(tmp_path: Path) -> None:
    made = track()
    path = tmp_path / "a.gpx"
    path.write_bytes(gpx_of(made))
    points = [point for segment in made.segments for point in segment]
    found = as_others_read(path)
    assert len(found) == len(points)
    for point, read in zip(points, found, strict=True):
        assert float(read["Latitude"]) == pytest.approx(point.latitude, abs=1e-6)
        assert float(read["Longitude"]) == pytest.approx(point.longitude, abs=1e-6)
        assert float(read["Altitude"]) == point.altitude_m
        assert (float(read["HDOP"]), int(read["Satellites"])) == (point.hdop, point.satellites)
        time = datetime.strptime(f"{read['Date']} {read['Time']}", "%Y/%m/%d %H:%M:%S.%f").replace(tzinfo=UTC)
        assert time.timestamp() == pytest.approx((point.utc_ns or 0) / 1e9, abs=0.001)


@pytest.mark.parametrize("source", ["none", "saved"])
def test_without_a_clock_that_is_trusted_no_time_is_written(is_valid: Callable[[bytes], bool], source: str) -> None:
    content = gpx_of(track(sidecar(clock_source=source, started_utc=None if source == "none" else STARTED)))
    assert is_valid(content)
    assert b"<time>" not in content
    found = parse_track(content, "a.gpx")
    assert found.name == "boot0042_000003"
    assert found.points == 40


def test_sidecars_that_people_have_written_into_make_no_wrong_times() -> None:
    assert b"<time>" not in gpx_of(track(sidecar(started_utc="yesterday")))
    assert track(sidecar(zone="Middle/Earth")).name.startswith("2026-11-20 ")


places = st.builds(
    TrackPoint,
    latitude=st.floats(-90, 90).map(lambda number: round(number, 7)) | st.sampled_from([1e-7, -1e-7, 0.0]),
    longitude=st.floats(-180, 180).map(lambda number: round(number, 7)) | st.sampled_from([1e-7, 180.0, -180.0]),
    altitude_m=st.none() | st.floats(-500, 9000).map(lambda number: round(number, 1)),
    speed_mps=st.none() | st.floats(0, 90).map(lambda number: round(number, 3)),
    course_degrees=st.none() | st.floats(0, 359).map(lambda number: round(number, 1)),
    hdop=st.none() | st.floats(0.01, 99).map(lambda number: round(number, 2)),
    satellites=st.none() | st.integers(0, 60),
    utc_ns=st.none() | st.integers(0, 4_000_000_000_000).map(lambda milliseconds: milliseconds * 1_000_000),
    seconds=st.none() | st.floats(0, 3600).map(lambda number: round(number, 3)),
)


@given(st.lists(st.lists(places, min_size=1, max_size=4), max_size=3), st.text("<>&\"'äé🚗 a", max_size=9))
def test_what_is_written_is_read_again(segments: list[list[TrackPoint]], name: str) -> None:
    made = ClipTrack(clip_id="42-3", name=name, started_utc_ns=None, segments=segments)
    found = parse_track(gpx_of(made), "a.gpx")
    assert found.segments == segments
    assert found.clip_id == "42-3"
    assert found.name == name.strip()


def test_a_file_gives_back_the_entries_it_was_made_from() -> None:
    entries = [fix for segment in within(segments_of(driven([*range(20), *range(40, 60)])), SPAN) for fix in segment]
    for odd_ns in (0, 1, 499_999, 500_000, 999_999):
        clip = sidecar(started_monotonic_ns=STARTED_MONOTONIC_NS + odd_ns)
        content = gpx_of(clip_track(clip, "a", segments_of(entries)))
        again = segments_of(entries_in(TrackPieces([content], "a.gpx"), clip.id, STARTED_MONOTONIC_NS + odd_ns))
        assert [fix for segment in again for fix in segment] == entries
        assert len(again) == 2
        assert list(entries_in(TrackPieces([content], "a.gpx"), "42-4", STARTED_MONOTONIC_NS)) == []


def test_a_name_that_no_xml_can_hold_spoils_nothing(is_valid: Callable[[bytes], bool]) -> None:
    made = ClipTrack(clip_id="42-3", name="my\x01 tr\udcffip", started_utc_ns=None, segments=track().segments)
    assert is_valid(gpx_of(made))
    assert parse_track(gpx_of(made), "a.gpx").name == "my? tr?ip"


def peak_of(work: Callable[[], int]) -> tuple[int, int]:
    """What it answers, and how many bytes it held at most."""
    tracemalloc.start()
    try:
        return work(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_long_track_is_written_and_read_in_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    path = tmp_path / "long.gpx"
    made = clip_track(sidecar(), "a", [cast("list[LoggedPlace]", driven(range(2000)))])
    written, peak_bytes = peak_of(lambda: sum(map(len, gpx_pieces(made))))
    assert written > 800_000
    assert peak_bytes < 200_000
    path.write_bytes(gpx_of(made))

    def count() -> int:
        with open_track(path) as pieces:
            return sum(point is not None for point in pieces)

    points, peak_bytes = peak_of(count)
    assert points == 2000
    assert peak_bytes < 500_000


@pytest.mark.parametrize(
    "name",
    [
        "around-visnjan-with-car.gpx",
        "cerknicko-jezero.gpx",
        "cerknicko-without-times.gpx",
        "gpx1.1_with_all_fields.gpx",
        "gpx1.1_with_extensions.gpx",
        "gpx_with_garmin_extension.gpx",
        "track-with-empty-segment.gpx",
        "track_with_speed.gpx",
        "unicode.gpx",
    ],
)
def test_files_of_other_programs_are_read_as_gpxpy_does(shared_data: Path, name: str) -> None:
    path = shared_data / "gpx" / name
    theirs = [
        [(point.latitude, point.longitude, point.elevation) for point in segment.points]
        for trk in gpxpy.parse(path.read_text(encoding="utf-8-sig")).tracks
        for segment in trk.segments
        if segment.points
    ]
    ours = [[(point.latitude, point.longitude, point.altitude_m) for point in segment] for segment in
            read_track(path).segments]  # fmt: skip
    assert ours == theirs


def test_what_people_have_spoilt_costs_the_points_it_is_about() -> None:
    content = gpx_of(track()).decode()
    spoilt = content.replace('lat="0.0" lon="0.0"', 'lat="north" lon="0.0"')
    spoilt = spoilt.replace("<ele>5.0</ele>", "<ele>high</ele>").replace("<sat>8</sat>", "<sat/>")
    spoilt = spoilt.replace("2026-11-20T14:45:07.123000Z", "seven").replace(">10<", ">nan<")
    found = parse_track(spoilt.encode(), "a.gpx")
    assert [len(segment) for segment in found.segments] == [19, 20]
    point = found.segments[0][6]
    assert (point.altitude_m, point.satellites, point.utc_ns, point.speed_mps) == (None, None, None, None)
    assert (point.course_degrees, point.seconds) == (90.0, 7.0)


def test_of_a_file_that_is_cut_off_what_stands_before_is_read() -> None:
    content = gpx_of(track())
    found = parse_track(content[: len(content) // 2], "a.gpx")
    assert 15 < found.points < 25


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>not found</body></html>",
        b"\xff\xfe\x00garbage",
        b"<gpx",
        b'<!DOCTYPE gpx [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><gpx>&b;</gpx>',
        b'<?xml version="1.0" encoding="klingon"?><gpx/>',
    ],
)
def test_what_is_no_gpx_is_called_so(content: bytes) -> None:
    with pytest.raises(BadMedia):
        parse_track(content, "a.gpx")


def test_only_files_in_ordinary_folders_are_read(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "a.gpx").write_bytes(gpx_of(track()))
    (real / "link.gpx").symlink_to(real / "a.gpx")
    (tmp_path / "link").symlink_to(real)
    (real / "folder.gpx").mkdir()
    with pytest.raises(FileNotFoundError):
        read_track(real / "nothing.gpx")
    for path in (real / "link.gpx", tmp_path / "link" / "a.gpx", real / "folder.gpx"):
        with pytest.raises((OSError, BadMedia)):
            read_track(path)
    assert read_track(real / "a.gpx").points == 40


def test_many_clips_become_one_file_piece_by_piece(tmp_path: Path, is_valid: Callable[[bytes], bool]) -> None:
    paths = []
    for number in range(1, 6):
        clip = sidecar(id=str(ClipId(42, False, number)), started_utc=f"2026-11-20T14:4{number}:00.123Z")
        paths.append(tmp_path / f"{number}.gpx")
        paths[-1].write_bytes(gpx_of(track(clip)))
    # One that people have changed with another program, one that is spoilt, one that is gone.
    paths[2].write_bytes(paths[2].read_bytes().replace(b"dashcam:", b"d:").replace(b"xmlns:dashcam", b"xmlns:d"))
    paths[3].write_text("spoilt")
    content = b"".join(tracks_as_gpx([*paths, tmp_path / "gone.gpx"]))
    assert is_valid(content)
    found = gpxpy.parse(content.decode())
    assert [trk.name for trk in found.tracks] == [f"2026-11-20 15:4{number}:00 CET" for number in (1, 2, 3, 5)]
    points = [point for trk in found.tracks for segment in trk.segments for point in segment.points]
    assert len(points) == 160
    assert points[120].time == datetime.fromtimestamp(utc_ns_of("2026-11-20T14:45:00.123Z") / 1e9, UTC)
    assert is_valid(b"".join(tracks_as_gpx([])))


def test_a_long_track_comes_in_blocks_and_whole(tmp_path: Path, is_valid: Callable[[bytes], bool]) -> None:
    points = [TrackPoint(latitude=50 + at / 1e6, longitude=8.0, seconds=at / 2) for at in range(3000)]
    made = gpx_of(ClipTrack(clip_id="42-1", name="long", started_utc_ns=None, segments=[points]))
    (tmp_path / "a.gpx").write_bytes(made)
    (tmp_path / "b.gpx").write_bytes(made[:-1])
    (tmp_path / "c.gpx").write_bytes(made.replace(b"</trkseg>", b""))
    pieces = list(tracks_as_gpx(tmp_path / name for name in ("a.gpx", "b.gpx", "c.gpx")))
    assert len(made) > 400_000
    assert max(map(len, pieces)) <= 32 * 1024
    content = b"".join(pieces)
    assert is_valid(content)
    found = parse_track(content, "a.gpx")
    assert [point.seconds for segment in found.segments[:2] for point in segment] == [at / 2 for at in range(3000)] * 2


def test_who_reads_and_writes_tracks_loads_no_library_for_it() -> None:
    code = "import sys, dashcam.keeper.tracks, dashcam.web.tracks; print('gpxpy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert found.stdout.strip() == "False"
