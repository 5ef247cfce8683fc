"""A recorded drive through a tunnel: what the clips say of each of its seconds, and of where they began."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar
from tests.gps.drive_machine import CLIP_SECONDS, Machine
from tests.gps.logs import LOGS
from tests.recorder.rig import clips_of
from tests.telemetry import positions_by_exiftool, texts_in

LOG = LOGS / "derived_tunnel_void_120_165s.nmea"
# Of the log: ten seconds before the tunnel, 45 in it, twenty after it.
AROUND = slice(110, 185)
# The camera's pictures are a tenth of a second before the log's seconds: what they show is that of the second before.
FIRST_VOID, FIRST_GOOD = 11, 56


@pytest.mark.skipif(not LOG.is_file(), reason="the recorded drives are not there")
def test_from_the_first_void_second_on_a_clip_says_that_there_is_no_gps(tmp_path: Path) -> None:
    seconds = [b"$GPRMC" + second for second in LOG.read_bytes().split(b"$GPRMC")[1:]]
    Machine(tmp_path, b"".join(seconds[AROUND]), date(2016, 4, 1), "none").drive()
    clips = clips_of(tmp_path)
    texts = [told.text for clip in clips for told in texts_in(clip)]
    # Before the first fix of all there is none either.
    unknown = [number for number, text in enumerate(texts) if text.endswith("no GPS")]
    assert unknown == [0, *range(FIRST_VOID, FIRST_GOOD)]
    assert all(" km/h  " in text for number, text in enumerate(texts) if number not in unknown)
    began_without = [number for number, clip in enumerate(clips) if read_sidecar(sidecar_of(clip)).place is None]
    # Of the first one it is known a moment later.
    assert began_without == [30 // CLIP_SECONDS]
    within = positions_by_exiftool(clips[30 // CLIP_SECONDS])
    assert [round(row[-1]) for row in within] == list(range(FIRST_GOOD - 30, CLIP_SECONDS))
