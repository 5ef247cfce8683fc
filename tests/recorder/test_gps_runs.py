"""A whole recorder with a receiver: what it hears is on the card, and whatever becomes of it, it records on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.clips.track_log import (
    LogEntry,
    LoggedGap,
    LoggedPlace,
    LogHeader,
    log_folder,
    read_entries,
    read_header,
)
from dashcam.clock import utc_ns_of
from dashcam.link import messages as m
from dashcam.settings.save import save_changes
from tests.gps.logs import LOGS
from tests.gps.made import drive, second, sentence
from tests.gps.pty_receiver import PtyReceiver
from tests.programs import Programs
from tests.recorder.asked import wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.rig import clips_of
from tests.recorder.running import RunningRecorder
from tests.recorder.test_service import check_whole
from tests.recorder.test_tuning import save

BEGAN = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
needs_logs = pytest.mark.skipif(not LOGS.is_dir(), reason="the recorded drives are not there")


@contextmanager
def replaying(data: Path, drive_file: Path, *settings: str, speed: int = 100) -> Iterator[RunningRecorder]:
    """A recorder with a recorded drive for a receiver; its camera has a pace of its own."""
    replay = ("gps.kind=replay", f"gps.source={drive_file}", f"camera.speed={speed}")
    with RunningRecorder(data, Cameras(), *replay, *settings) as recorder:
        yield recorder


def made_drive(folder: Path, seconds: int = 60) -> Path:
    path = folder / "drive.nmea"
    path.write_bytes(b"".join(drive(BEGAN, seconds)))
    return path


def parts_of(data: Path) -> list[Path]:
    return sorted(log_folder(CardFolders(data)).glob("*.jsonl"))


def header_of(part: Path) -> LogHeader:
    header = read_header(part.read_bytes().splitlines()[0])
    assert header is not None
    return header


def entries_of(data: Path) -> list[LogEntry]:
    return [entry for part in parts_of(data) for entry in read_entries(part.read_bytes())]


def places_of(data: Path) -> list[LoggedPlace]:
    return [entry for entry in entries_of(data) if isinstance(entry, LoggedPlace)]


def spoken_places(log: Path) -> list[tuple[float, float]]:
    """Every valid RMC sentence's own place, read without our parser."""
    places = []
    for line in log.read_text("ascii", "replace").splitlines():
        fields = line.split(",")
        if fields[0].endswith("RMC") and fields[2] == "A":
            north, east = (
                int(angle[:digits]) + float(angle[digits:]) / 60 for angle, digits in ((fields[3], 2), (fields[5], 3))
            )
            places.append((north if fields[4] == "N" else -north, east if fields[6] == "E" else -east))
    return places


def check_places(data: Path, log: Path, count: int) -> None:
    """The first places of the card are those of the drive."""
    logged = [angle for place in places_of(data)[:count] for angle in (place.latitude, place.longitude)]
    spoken = [angle for place in spoken_places(log)[:count] for angle in place]
    assert logged == pytest.approx(spoken, abs=1e-7)


def test_what_the_receiver_says_is_on_the_card_and_in_the_status(tmp_path: Path) -> None:
    log = made_drive(tmp_path)
    data = tmp_path / "card"
    with replaying(data, log, speed=20) as recorder:
        recorder.wait_until_recording()
        wait_until(lambda: len(places_of(data)) >= 20, "twenty places on the card")
        status = recorder.wait_for(lambda status: status.gps.status == "fix", "a fix")
        gps, trip, line = status.gps, status.trip, recorder.ask(m.GetTrip(), m.TripLine).points
    assert (gps.kind, gps.device, gps.is_connected, gps.is_real) == ("replay", "replay of drive.nmea", True, False)
    assert gps.words == "fix from 8 satellites"
    assert gps.place is not None
    assert gps.place.latitude == pytest.approx(52.5)
    assert gps.place.speed_mps == pytest.approx(10.0, abs=0.01)
    assert trip is not None
    assert trip.distance_m > 100
    assert trip.top_speed_mps == pytest.approx(10.0, abs=0.01)
    assert line[0].seconds == 0
    assert line[-1].longitude > line[0].longitude
    header = header_of(parts_of(data)[0])
    assert (header.boot, header.receiver, header.is_real) == (status.boot, "replay of drive.nmea", False)
    check_places(data, log, 20)
    assert check_whole(data)


def test_clips_know_where_they_began(tmp_path: Path) -> None:
    log = made_drive(tmp_path)
    data = tmp_path / "card"
    with replaying(data, log, speed=20) as recorder:
        recorder.wait_for(lambda status: status.gps.status == "fix", "a fix")
        frames = recorder.status().frames_written
        recorder.wait_until_recording(frames + 200)
    places = [read_sidecar(sidecar_of(clip)).place for clip in clips_of(data)]
    assert places[-1] is not None
    assert places[-1].latitude == pytest.approx(52.5)
    assert places[-1].satellites == 8


@needs_logs
def test_every_place_of_a_real_drive_is_on_the_card_and_its_date_is_not_believed(tmp_path: Path) -> None:
    log, data = LOGS / "drive_city_360s.nmea", tmp_path / "card"
    count = len(spoken_places(log))
    with replaying(data, log) as recorder:
        wait_until(lambda: len(places_of(data)) >= count, "the whole drive on the card")
        clock = recorder.status().clock
    check_places(data, log, count)
    assert clock.source != "gps"
    assert not (clock.utc or "").startswith("2016")
    assert check_whole(data)


@needs_logs
def test_a_tunnel_is_a_gap(tmp_path: Path) -> None:
    sentences = (LOGS / "derived_tunnel_void_120_165s.nmea").read_bytes().splitlines(keepends=True)
    starts = [number for number, line in enumerate(sentences) if b"RMC" in line]
    around = tmp_path / "tunnel.nmea"
    around.write_bytes(b"".join(sentences[starts[110] : starts[185]]))
    data = tmp_path / "card"
    # The tunnel takes four and a half seconds of ours.
    with replaying(data, around, speed=10):
        wait_until(lambda: len(places_of(data)) >= 25, "the drive before and after the tunnel")
    entries = entries_of(data)
    gaps = [number for number, entry in enumerate(entries) if isinstance(entry, LoggedGap)]
    assert gaps[0] == 10
    gap = entries[gaps[0]]
    assert isinstance(gap, LoggedGap)
    assert gap.why == "no_fix"
    before, after = entries[gaps[0] - 1], entries[gaps[0] + 1]
    assert after.monotonic_ms - before.monotonic_ms == pytest.approx(4600, abs=1000)
    check_places(data, around, 25)
    # A second and a quarter of the drive, and as much again where this machine was slow.
    near_ms = 1250 / 10 * 2 + 2
    for began in (read_sidecar(sidecar_of(clip)) for clip in clips_of(data)):
        assert began.started_monotonic_ns is not None
        from_fix_ms = min(abs(place.monotonic_ms - began.started_monotonic_ns / 1e6) for place in places_of(data))
        assert began.place is None or from_fix_ms < near_ms, "the place where it was before the tunnel"


def tenths(began: datetime, count: int) -> list[bytes]:
    """A drive of ten fixes a second, which is how fast the pty receiver sends."""
    blocks = []
    for number in range(count):
        utc = began + timedelta(seconds=number / 10)
        moment = f"{utc:%H%M%S}.{utc.microsecond // 10_000:02d}"
        east = f"{13 * 100 + 24 + number / 1000:011.5f}"
        blocks.append(
            sentence(f"GPRMC,{moment},A,5230.00000,N,{east},E,19.438,90.0,{utc:%d%m%y},,,A")
            + sentence(f"GPGGA,{moment},5230.00000,N,{east},E,1,08,1.1,40.0,M,45.0,M,,")
        )
    return blocks


def test_a_receiver_may_be_unplugged_and_comes_back_while_it_records(tmp_path: Path) -> None:
    port, data = tmp_path / "ttyUSB0", tmp_path / "card"
    settings = ("gps.kind=serial", f"gps.device={port}")
    with PtyReceiver(port, drive(BEGAN, 3600)) as receiver, RunningRecorder(data, Cameras(), *settings) as recorder:
        recorder.wait_for(lambda status: status.gps.status == "fix", "a fix")
        wait_until(lambda: bool(places_of(data)), "a place on the card")
        receiver.unplug()
        lost = recorder.wait_for(lambda status: not status.gps.is_connected, "the receiver is gone")
        assert lost.gps.place is not None  # the last one that was known
        recorder.wait_until_recording(lost.frames_written + 50)
        known = len(places_of(data))
        receiver.plug_in()
        recorder.wait_for(lambda status: status.gps.status == "fix", "a fix again")
        wait_until(lambda: len(places_of(data)) > known, "places again")
        status = recorder.status()
        assert status.gps.is_real
        assert status.is_recording
    assert check_whole(data) > lost.frames_written
    assert len(parts_of(data)) == 1
    assert header_of(parts_of(data)[0]).is_real


def test_a_real_receiver_gives_the_time_and_clips_their_names(tmp_path: Path) -> None:
    """It says that it is three days later than this machine believes."""
    port, data = tmp_path / "ttyUSB0", tmp_path / "card"
    began = datetime.now(UTC) + timedelta(days=3)
    settings = ("gps.kind=serial", f"gps.device={port}", "clock.zone=UTC")
    with (
        PtyReceiver(port, tenths(began, 6000)) as receiver,
        RunningRecorder(data, Cameras(), *settings) as recorder,
    ):
        status = recorder.wait_for(lambda status: status.clock.source == "gps", "time from GPS")
        assert status.clock.utc is not None
        ahead_seconds = (utc_ns_of(status.clock.utc) - time.time_ns()) / 1e9
        recorder.wait_until_recording(status.frames_written + 150)
        assert receiver.sent
    assert ahead_seconds == pytest.approx(3 * 86_400, abs=120)
    assert clips_of(data)[-1].parent.name in {f"{began + timedelta(hours=hours):%Y-%m-%d}" for hours in (0, 1)}


def test_a_receiver_that_was_named_and_is_missing_is_told_and_keeps_nothing_from_recording(tmp_path: Path) -> None:
    with replaying(tmp_path / "card", tmp_path / "gone.nmea") as recorder:
        recorder.wait_until_recording(20)
        status = recorder.wait_for(lambda status: bool(status.warnings), "a warning")
        assert status.is_recording
        assert [warning for warning in status.warnings if warning.startswith("GPS: ") and "gone.nmea" in warning]
    assert check_whole(tmp_path / "card")


def test_a_machine_without_gps_is_not_warned(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path / "card", Cameras(), "gps.kind=none") as recorder:
        status = recorder.wait_until_recording(20)
        gps = recorder.wait_for(lambda status: "switched off" in status.gps.words, "no receiver").gps
    assert status.warnings == ()
    assert (gps.kind, gps.status, gps.is_connected, gps.place) == ("none", "absent", False, None)
    assert not parts_of(tmp_path / "card")


@pytest.mark.parametrize("blocks", ["TRACK", "TRACK/log"])
def test_a_log_that_cannot_be_written_costs_no_frame_and_begins_once_it_can(tmp_path: Path, blocks: str) -> None:
    log, data = made_drive(tmp_path), tmp_path / "card"
    blocked = data / "DCIM" / blocks
    blocked.parent.mkdir(parents=True)
    blocked.write_bytes(b"a file in place of a folder")
    with replaying(data, log, speed=20) as recorder:
        status = recorder.wait_for(lambda status: status.gps.status == "fix", "a fix")
        status = recorder.wait_until_recording(status.frames_written + 150)
        assert status.warnings == ()
        assert status.trip is not None
        blocked.unlink()
        wait_until(lambda: len(places_of(data)) >= 20, "the places that waited")
    check_places(data, log, 20)
    assert check_whole(data)


def test_another_receiver_is_in_use_at_once_and_costs_no_frame(tmp_path: Path) -> None:
    """Its settings need not wait for the camera."""
    data = tmp_path / "card"
    save_changes(data / ".state", {"gps.kind": "none"}, Path("/nonexistent"))
    with RunningRecorder(data, Cameras(), with_defaults=False) as recorder:
        recorder.wait_until_recording()
        recorder.wait_for(lambda status: "switched off" in status.gps.words, "no receiver")
        for kind, source, device in (
            ("simulated", "", "simulated drive"),
            ("replay", str(made_drive(tmp_path)), "replay of drive.nmea"),
        ):
            assert save(recorder, {"gps.kind": kind, "gps.source": source}) == ()
            recorder.wait_for(
                lambda status, device=device: status.gps.device == device and status.gps.status == "fix",  # type: ignore[misc]
                f"a fix of the {device}",
            )
            known = len(places_of(data))
            wait_until(lambda known=known: len(places_of(data)) > known, "its places on the card")  # type: ignore[misc]
        opened = len(recorder.cameras.opened)
    assert opened == 1
    assert [header_of(part).receiver for part in parts_of(data)] == ["simulated drive", "replay of drive.nmea"]
    assert check_whole(data)


def test_a_killed_recorder_leaves_a_log_that_is_whole_to_its_last_line(tmp_path: Path) -> None:
    data, log = tmp_path / "card", made_drive(tmp_path, 3000)
    data.mkdir()
    settings = ("camera.kind=pattern", "camera.width=320", "camera.height=240", "camera.fps=10", "camera.speed=20")
    with Programs(data, tmp_path / "log", *settings, "gps.kind=replay", f"gps.source={log}") as programs:
        programs.start("record")
        programs.wait_until_recording()
        wait_until(lambda: len(places_of(data)) > 60, "places on the card")
        programs.kill("record")
    lines = parts_of(data)[0].read_bytes().splitlines(keepends=True)
    assert header_of(parts_of(data)[0]).receiver == "replay of drive.nmea"
    assert sum(line.endswith(b"\n") for line in lines) - 1 == len(places_of(data)) > 60
    check_places(data, log, 60)


def test_the_first_place_of_a_made_drive_is_what_it_says() -> None:
    """What the comparisons above rest on."""
    assert b"5230.00000,N,01324.00000,E" in second(BEGAN)
