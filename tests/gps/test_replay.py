"""A recorded drive as a receiver: its pace, its seams, and files that are none."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dashcam.clock import NANOSECONDS
from dashcam.errors import GpsError
from dashcam.gps.recording import fixes_of
from dashcam.gps.replay import Onward, ReplayReceiver
from dashcam.settings.schema import GpsSettings
from tests.gps.made import Watcher, drive, fix, second

BEGAN = datetime(2020, 2, 2, 12, 0, tzinfo=UTC)


def written(path: Path, *blocks: bytes) -> Path:
    path.write_bytes(b"".join(blocks))
    return path


def test_a_short_drive_goes_round_and_round_and_never_back_in_time(tmp_path: Path) -> None:
    source = written(tmp_path / "drive.nmea", *drive(BEGAN, 5))
    watcher = Watcher()
    receiver = ReplayReceiver(GpsSettings(source=str(source)), watcher.take, speed=100.0)
    receiver.start()
    try:
        fixes = watcher.wait_for_good(17)
        state = receiver.state()
    finally:
        receiver.close()
        receiver.close()
    began_ns = round(BEGAN.timestamp()) * NANOSECONDS
    # Every seam is a second; the places begin anew.
    assert [fix.utc_ns for fix in fixes] == [began_ns + number * NANOSECONDS for number in range(17)]
    assert [fix.longitude for fix in fixes[:5]] == [fix.longitude for fix in fixes[5:10]]
    assert all(a.received_monotonic_ns <= b.received_monotonic_ns for a, b in itertools.pairwise(fixes))
    assert (state.kind, state.device, state.is_real) == ("replay", "replay of drive.nmea", False)
    assert (receiver.state().words, receiver.state().is_connected) == ("stopped", False)


def test_the_pace_is_that_of_the_recording_times_the_speed(tmp_path: Path) -> None:
    """Over its seams, too."""
    source = written(tmp_path / "drive.nmea", *drive(BEGAN, 4))
    watcher = Watcher()
    receiver = ReplayReceiver(GpsSettings(source=str(source)), watcher.take, speed=10.0)
    receiver.start()
    try:
        first, *_, last = watcher.wait_for_good(11)
    finally:
        receiver.close()
    # A busy machine may be late, it is never early.
    assert last.received_monotonic_ns - first.received_monotonic_ns >= 0.9 * NANOSECONDS


def test_a_gpx_track_is_played_too(tmp_path: Path, shared_data: Path) -> None:
    watcher = Watcher()
    settings = GpsSettings(source=str(shared_data / "gpx" / "around-visnjan-with-car.gpx"))
    receiver = ReplayReceiver(settings, watcher.take, speed=100.0)
    receiver.start()
    try:
        first = watcher.wait_for_good(30)[0]
    finally:
        receiver.close()
    assert first.utc_ns == round(datetime(2020, 12, 18, 6, 15, 50, tzinfo=UTC).timestamp()) * NANOSECONDS
    assert first.latitude == pytest.approx(45.27351885)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("", b"", "name it in gps.source"),
        ("gone.nmea", None, "cannot be read"),
        ("empty.nmea", b"", "has no NMEA sentences"),
        ("film.mp4", bytes(range(256)) * 100_000, "has no NMEA sentences"),
        ("broken.gpx", b"<gpx><trk><trkseg>", "cannot be read as GPX"),
        ("empty.gpx", b"<gpx></gpx>", "has no track with points"),
        (
            "strange.gpx",
            b'<gpx><trk><trkseg><trkpt lat="north" lon="1"/></trkseg></trk></gpx>',
            "cannot be read as GPX",
        ),
    ],
)
def test_what_cannot_be_played_is_told_at_the_start(
    tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    if content is not None and name:
        (tmp_path / name).write_bytes(content)
    source = str(tmp_path / name) if name else ""
    receiver = ReplayReceiver(GpsSettings(source=source), Watcher().take)
    with pytest.raises(GpsError, match=told):
        receiver.start()
    receiver.close()


def test_a_file_that_goes_away_ends_the_replay_with_a_word(tmp_path: Path) -> None:
    source = written(tmp_path / "drive.nmea", *drive(BEGAN, 3))
    watcher = Watcher()
    receiver = ReplayReceiver(GpsSettings(source=str(source)), watcher.take, speed=100.0)
    receiver.start()
    try:
        source.unlink()
        watcher.wait_for(lambda: "the replay ended" in receiver.state().words)
        assert not receiver.state().is_connected
    finally:
        receiver.close()


def test_a_recording_keeps_its_gaps_and_shortens_long_pauses(tmp_path: Path) -> None:
    at = [datetime(2020, 2, 2, 12, 0, 0, tzinfo=UTC), datetime(2020, 2, 2, 12, 0, 30, tzinfo=UTC)]
    at += [datetime(2020, 2, 2, 18, 0, 0, tzinfo=UTC), datetime(2020, 2, 2, 18, 0, 1, tzinfo=UTC)]
    source = written(tmp_path / "parked.nmea", *(second(moment) for moment in at))
    assert [fix.received_monotonic_ns // NANOSECONDS for fix in fixes_of(source)] == [0, 30, 90, 91]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "fix from 8 satellites"),
        (2, "fix from 8 satellites; pauses of over 60 s are shortened to that"),
    ],
)
def test_a_replay_that_shortens_pauses_says_so(tmp_path: Path, minutes: int, words: str) -> None:
    source = written(tmp_path / "parked.nmea", second(BEGAN), second(BEGAN.replace(minute=minutes)))
    watcher = Watcher()
    receiver = ReplayReceiver(GpsSettings(source=str(source)), watcher.take, speed=100.0)
    receiver.start()
    try:
        watcher.wait_for_good(2)
        assert receiver.state().words == words
    finally:
        receiver.close()


def test_time_goes_on_where_a_recording_goes_back() -> None:
    onward = Onward()
    moved = [onward.move(fix(utc_seconds=utc)).utc_ns for utc in (100, 101, None, 50, 51, 51, 200)]
    assert [None if utc is None else utc // NANOSECONDS for utc in moved] == [100, 101, None, 102, 103, 104, 253]


def test_a_gpx_track_is_a_fix_a_second_with_speed_and_course(shared_data: Path) -> None:
    fixes = list(fixes_of(shared_data / "gpx" / "around-visnjan-with-car.gpx"))
    assert [fix.received_monotonic_ns for fix in fixes] == [number * NANOSECONDS for number in range(515)]
    speeds = [fix.speed_mps for fix in fixes if fix.speed_mps is not None]
    assert len(speeds) == 515
    assert 20 < max(speeds) < 30
    assert all(fix.course_degrees is None or 0 <= fix.course_degrees < 360 for fix in fixes)


def test_speeds_of_a_track_are_its_own(shared_data: Path) -> None:
    fixes = list(fixes_of(shared_data / "gpx" / "track_with_speed.gpx"))
    assert {fix.speed_mps for fix in fixes} == {1.2, 2.2}
    assert {datetime.fromtimestamp((fix.utc_ns or 0) // NANOSECONDS, UTC).date() for fix in fixes} == {date(2009, 3, 2)}


def test_a_track_without_times_is_driven_as_in_town(shared_data: Path) -> None:
    fixes = list(fixes_of(shared_data / "gpx" / "cerknicko-without-times.gpx"))
    assert {fix.utc_ns for fix in fixes} == {None}
    moving = [fix.speed_mps for fix in fixes if fix.speed_mps]
    assert moving == pytest.approx([50 / 3.6] * len(moving))
    assert len(moving) > 300


def test_a_track_is_filled_between_points_but_not_over_pauses_and_back_in_time(tmp_path: Path) -> None:
    points = ((0, 0), (10, 1), (3610, 2), (3600, 9), (3611, 3))
    inner = "".join(
        f'<trkpt lat="50.00{north}" lon="7"><time>2026-11-21T{12 + second // 3600}:{second % 3600 // 60:02d}:'
        f"{second % 60:02d}Z</time></trkpt>"
        for second, north in points
    )
    path = tmp_path / "parked.gpx"
    path.write_text(f'<gpx version="1.1" creator="x"><trk><trkseg>{inner}</trkseg></trk></gpx>')
    fixes = list(fixes_of(path))
    began = datetime(2026, 11, 21, 12, 0, tzinfo=UTC).timestamp()
    moments = [(fix.utc_ns or 0) / NANOSECONDS - began for fix in fixes]
    assert moments[:12] == [*range(11), 3610]
    assert moments == sorted(moments)
    assert [fix.received_monotonic_ns // NANOSECONDS for fix in fixes[:12]] == [*range(11), 70]


def test_every_shared_track_is_played_or_told_to_be_none(shared_data: Path) -> None:
    played, refused = [], []
    for path in sorted((shared_data / "gpx").glob("*.gpx")):
        try:
            assert all(fix.is_good for fix in fixes_of(path))
            played.append(path.name)
        except GpsError:
            refused.append(path.name)
    assert len(played) == 6
    assert refused == ["gpx1.1_with_extensions.gpx", "gpx_with_garmin_extension.gpx", "unicode.gpx"]
