"""Recorder and keeper as programs, without the time and with a cold receiver on a port; both are killed on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.clips.clip import ClipId
from dashcam.clips.gpx_reader import read_track
from dashcam.clips.names import CardFolders, sidecar_of
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
VOID_SECONDS = 4
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
        if sidecar_of(path).exists():
            sidecar = read_sidecar(sidecar_of(path))
            found[sidecar.id] = (path, sidecar)
    return found


def undated(data: Path) -> int:
    return len(list((data / "DCIM" / "VIDEO" / "undated").glob("*.mp4")))


@needs_logs
def test_what_was_recorded_before_the_time_was_known_is_named_whoever_is_killed(tmp_path: Path) -> None:
    port, data = tmp_path / "ttyUSB0", tmp_path / "card"
    data.mkdir()
    settings = (
        "camera.kind=pattern", "camera.width=320", "camera.height=240", "camera.fps=10", "clock.machine=untrusted",
        "clock.zone=UTC", "recording.segment_seconds=2", "gps.kind=serial", f"gps.device={port}",
    )  # fmt: skip
    with (
        PtyReceiver(port, cold_blocks()),
        Programs(data, tmp_path / "log", *settings) as programs,
    ):
        programs.start("record")
        programs.wait_until_recording()
        assert programs.recorder().clock.source in ("saved", "none")
        wait_until(lambda: programs.recorder().clock.source == "gps", "time from GPS")
        wait_until(lambda: any(path.stem.startswith("dcp_") for path, _ in sidecars(data).values()), "a dated clip")
        programs.kill("record")
        before = sidecars(data)
        names = {path.stem for path, _ in before.values()}
        assert "boot0001_000001" in names
        assert undated(data) >= 2
        assert all(sidecar.clock_source in ("saved", "gps") for _, sidecar in before.values())
        count = undated(data)
        digests = {clip_id: digest_of(path) for clip_id, (path, _) in before.items()}
        programs.start("keep")
        wait_until(lambda: undated(data) < count, "the first that is renamed")
        programs.kill("keep")
        programs.start("keep")
        wait_until(lambda: not undated(data), "all that are renamed")
        programs.wait_until_kept()
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
        assert by_utc == pytest.approx(by_clock, abs=0.5e9), "no jump where the time became known"
    assert not list(data.rglob(".tmp-*"))
    tracks = [CardFolders(data).track_of(path) for path, _ in in_order]
    found = [read_track(path) for path in tracks if path.exists()]
    assert found
    assert not tracks[0].exists(), "there was no fix yet"
    assert all(point.utc_ns is not None for each in found for segment in each.segments for point in segment)
