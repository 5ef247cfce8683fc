"""Recorder and keeper as programs, without the time and with a cold receiver on a port; both are killed on the way."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from dashcam.clips.clip import ClipId
from dashcam.clips.gpx_reader import TrackFile, read_track
from dashcam.clips.names import UNDATED, CardFolders, sidecar_of
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.clock import utc_ns_of
from tests.gps.drives import UNITS_DAY, saying
from tests.gps.logs import LOGS
from tests.gps.pty_receiver import PtyReceiver
from tests.keeper.rig import digest_of
from tests.programs import Programs
from tests.recorder.asked import wait_until

COLD = LOGS / "derived_cold_start_45s_date_060180.nmea"
FIRST_FIX = 45
VOID_SECONDS = 3
# How often a pty receiver sends.
BLOCKS_A_SECOND = 10

needs_logs = pytest.mark.skipif(not LOGS.is_dir(), reason="the recorded drives are not there")


def cold_blocks() -> list[bytes]:
    """The log from a few seconds before its first fix on, at its own pace, on a day of a unit of today."""
    content = saying(COLD.read_bytes(), UNITS_DAY)
    _, *seconds = content.split(b"$GPRMC")
    cut = [b"$GPRMC" + second for second in seconds[FIRST_FIX - VOID_SECONDS :]]
    assert (b",060180," in cut[VOID_SECONDS - 1], b"051226" in cut[VOID_SECONDS]) == (True, True)
    return [block for second in cut for block in (second, *[b""] * (BLOCKS_A_SECOND - 1))]


def sidecars(data: Path) -> dict[str, tuple[Path, Sidecar]]:
    """Of the clips that were closed."""
    found = {}
    for path in (data / "DCIM" / "VIDEO").rglob("*.mp4"):
        with suppress(FileNotFoundError):  # it grows, or has just been renamed
            sidecar = read_sidecar(sidecar_of(path))
            found[sidecar.id] = (path, sidecar)
    return found


def tracks(data: Path) -> list[TrackFile]:
    return [read_track(path) for path in CardFolders(data).tracks.rglob("dcp_*.gpx")]


def undated(data: Path) -> int:
    """What was cut off is no matter here: the keeper waits before it repairs."""
    return sum(path.parent.name == UNDATED for path, _ in sidecars(data).values())


@needs_logs
def test_what_was_recorded_before_the_time_was_known_is_named_whoever_is_killed(tmp_path: Path) -> None:
    port, data = tmp_path / "ttyUSB0", tmp_path / "card"
    data.mkdir()
    settings = (
        "camera.kind=pattern", "camera.width=320", "camera.height=240", "camera.fps=10", "clock.machine=untrusted",
        "clock.zone=UTC", "recording.segment_seconds=1", "gps.kind=serial", f"gps.device={port}",
    )  # fmt: skip
    with Programs(data, tmp_path / "log", *settings) as programs:
        programs.start("record")
        wait_until(lambda: bool(sidecars(data)), "a clip of a recorder that never hears of the time")
        programs.kill("record")
        first_boot = {path.stem for path, _ in sidecars(data).values()}
        assert first_boot == {f"boot0001_{number + 1:06d}" for number in range(len(first_boot))}
        with PtyReceiver(port, cold_blocks()):
            programs.start("record")
            programs.wait_until_recording()
            assert programs.recorder().clock.source == "saved"
            wait_until(lambda: programs.recorder().clock.source == "gps", "time from GPS")
            wait_until(lambda: any(path.stem.startswith("dcp_") for path, _ in sidecars(data).values()), "a dated clip")
            programs.kill("record")
        before = sidecars(data)
        assert {"boot0001_000001", "boot0002_000001"} <= {path.stem for path, _ in before.values()}
        assert {sidecar.clock_source for _, sidecar in before.values()} == {"saved", "gps"}
        count = undated(data)
        digests = {clip_id: digest_of(path) for clip_id, (path, _) in before.items()}
        programs.start("keep")
        wait_until(lambda: undated(data) < count, "the first that is renamed")
        programs.kill("keep")
        programs.start("keep")
        wait_until(lambda: not undated(data), "all that are renamed")
        wait_until(lambda: bool(tracks(data)), "a track")
    after = sidecars(data)
    assert {clip_id: digest_of(after[clip_id][0]) for clip_id in digests} == digests
    in_order = [after[clip_id] for clip_id in sorted(after, key=ClipId.parse)]
    assert [path.stem for path, _ in in_order] == sorted(path.stem for path, _ in in_order)
    began = in_order[0][1]
    assert began.started_utc is not None
    assert began.started_monotonic_ns is not None
    for path, sidecar in in_order:
        assert path.parent.name == UNITS_DAY.isoformat()
        assert path.stem.startswith(f"dcp_{UNITS_DAY:%Y%m%d}14")
        assert sidecar.clock_source == "gps"
        assert sidecar.started_utc is not None
        assert sidecar.started_monotonic_ns is not None
        by_utc = utc_ns_of(sidecar.started_utc) - utc_ns_of(began.started_utc)
        by_clock = sidecar.started_monotonic_ns - began.started_monotonic_ns
        assert by_utc == pytest.approx(by_clock, abs=1e9), "no jump where the time became known"
    found = {track.clip_id: track for track in tracks(data)}
    assert str(ClipId(1, False, 1)) not in found, "there was no receiver yet"
    assert all(point.utc_ns is not None for each in found.values() for points in each.segments for point in points)
