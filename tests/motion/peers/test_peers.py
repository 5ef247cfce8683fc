"""What other tools say is turned into media seconds rightly; the tools themselves are run by scripts/motion-table."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.made_videos import counting, write_video
from tests.motion.peers import debian_motion, dvr_scan, ours, plain
from tests.motion.peers.running import Result, run_counted, times_of

CONNECTED, BEGINS, ENDS, FILE_ENDS = "Camera source is", "starting event", "End of event", "End of file"


def test_what_is_played_at_another_pace_is_told_in_the_videos_time() -> None:
    """Ten pictures a second, played in 12 s instead of 10; an event ends a second after the last motion."""
    times = [number / 10 for number in range(101)]
    marks = [(CONNECTED, 100.0), (BEGINS, 103.0), (ENDS, 107.0), (BEGINS, 110.86), (FILE_ENDS, 112.0)]
    assert debian_motion._detections(marks, times) == [[2.5, 5.0], [9.0, 10.0]]


def test_pictures_of_uneven_length_are_played_evenly() -> None:
    times = [0.0, 0.1, 0.2, 5.2, 10.0]
    marks = [(CONNECTED, 0.0), (BEGINS, 3.1), (FILE_ENDS, 4.0)]
    assert debian_motion._detections(marks, times) == [[5.2, 10.0]]


def test_timecodes_of_dvr_scan_come_in_pairs(tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    write_video(video, counting(20, 10.0), rate=10)
    program = tmp_path / "dvr-scan"
    program.write_text("#!/bin/sh\necho 00:00:02.800,00:01:11.600,01:00:00.000,01:00:01.500\n")
    program.chmod(0o755)
    result = dvr_scan.run(video, program)
    assert result.detections == [[2.8, 71.6], [3600.0, 3601.5]]
    assert result.frames == 20
    program.write_text("#!/bin/sh\n")
    assert dvr_scan.run(video, program).detections == []


def test_pictures_are_counted_with_their_times(tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    write_video(video, counting(20, 10.0), rate=10)
    assert times_of(video) == pytest.approx([number / 10 for number in range(21)])


def test_costs_are_those_of_the_whole_program() -> None:
    printed, cpu_seconds = run_counted([sys.executable, "-c", "sum(range(3_000_000)); print('done')"])
    assert printed == "done\n"
    assert cpu_seconds > 0.02


@pytest.mark.parametrize("tool", [ours.run, plain.run])
def test_ours_and_the_plain_difference_tell_their_costs(tool: Callable[[Path], Result], tmp_path: Path) -> None:
    video = tmp_path / "video.mp4"
    write_video(video, counting(20, 10.0), rate=10)
    result = tool(video)
    assert (result.frames, result.analysed) == (20, 10)
    assert result.cpu_s is not None
    assert result.analysis_cpu_s is not None
    assert result.cpu_s >= result.analysis_cpu_s > 0
