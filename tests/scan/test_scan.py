"""`dashcam scan` on real files, as people and programs call it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import CHECKOUT
from tests.made_videos import counting, write_video

CAR = "static/car_detection.mp4"


def scan(*words: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DASHCAM_")}
    return subprocess.run(
        [sys.executable, "-m", "dashcam", "scan", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=home,
        env=environment | {"HOME": str(home), "PYTHONPATH": str(CHECKOUT)},
    )


def found_in(file: Path, *words: str | Path, home: Path) -> list[list[float]]:
    result = scan("--json", file, *words, home=home)
    assert result.returncode == 0, result.stderr
    detections: list[list[float]] = json.loads(result.stdout)[str(file)]["detections"]
    return detections


@pytest.fixture
def crossing(tmp_path: Path) -> Path:
    """A bright thing crosses the upper half of a grey picture from 4 s to 8 s."""
    path = tmp_path / "crossing.mp4"
    noise = np.random.default_rng(1)

    def picture(number: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
        luma = noise.normal(100, 1.5, (180, 320))
        if 40 <= number < 80:
            left = (number - 40) * 7
            luma[40:70, left : left + 40] = 180
        return luma.astype(np.uint8)

    write_video(path, ((number / 10, picture(number)) for number in range(120)), rate=10)
    return path


def test_json_has_what_was_promised_and_nothing_is_written(crossing: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    result = scan("--json", crossing, home=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    facts = json.loads(result.stdout)
    assert facts.keys() == {str(crossing)}
    assert facts[str(crossing)].keys() == {"detections", "analysis_cpu_s", "analysed"}
    assert facts[str(crossing)]["analysed"] == 60
    assert facts[str(crossing)]["analysis_cpu_s"] > 0
    assert sorted(tmp_path.rglob("*")) == before


def test_motion_is_told_in_seconds_of_the_video(crossing: Path, tmp_path: Path) -> None:
    detections = found_in(crossing, home=tmp_path)
    assert detections
    assert 4.0 <= detections[0][0] <= 5.0
    assert 7.0 <= detections[-1][1] <= 9.5


def test_settings_are_obeyed(crossing: Path, tmp_path: Path) -> None:
    assert found_in(crossing, "--set", "motion.min_area=50000", home=tmp_path) == []
    ignored = "motion.zones=ignore 0,0 1,0 1,0.6 0,0.6"
    assert found_in(crossing, "--set", ignored, home=tmp_path) == []
    result = scan("--json", crossing, "--set", "motion.rate=2", home=tmp_path)
    assert json.loads(result.stdout)[str(crossing)]["analysed"] == 24


def test_a_wrong_setting_looks_at_nothing(crossing: Path, tmp_path: Path) -> None:
    result = scan("--json", crossing, "--set", "motion.threshold=1", home=tmp_path)
    assert result.returncode == 2
    assert "motion.threshold" in result.stderr
    assert result.stdout == ""


def test_what_cannot_be_read_is_told_and_the_others_are_done(shared_data: Path, tmp_path: Path) -> None:
    broken = shared_data / "media" / "malformed" / "random.mp4"
    write_video(tmp_path / "still.mp4", ((number / 5, luma) for number, (_, luma) in enumerate(counting(1, 1))))
    result = scan("--json", broken, "missing.mp4", tmp_path, "still.mp4", home=tmp_path)
    assert result.returncode == 1
    facts = json.loads(result.stdout)
    assert facts["still.mp4"]["detections"] == []
    assert "choose another file" in facts[str(broken)]["error"]
    assert "there is no such file" in facts["missing.mp4"]["error"]
    assert "it is a folder" in facts[str(tmp_path)]["error"]
    nothing = {"detections": [], "analysis_cpu_s": 0.0, "analysed": 0}
    for unread in (str(broken), "missing.mp4", str(tmp_path)):
        assert facts[unread] == {"error": facts[unread]["error"], **nothing}


def test_a_file_that_ends_too_early_is_told_as_far_as_it_goes(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "media" / "malformed" / "truncated_3_at_413666.mp4"
    result = scan("--json", file, home=tmp_path)
    assert result.returncode == 0
    assert json.loads(result.stdout)[str(file)]["analysed"] == 24


def test_people_get_lines_and_no_bar_where_there_is_no_terminal(shared_data: Path, tmp_path: Path) -> None:
    result = scan(shared_data / CAR, "missing.mp4", home=tmp_path)
    assert result.returncode == 1
    lines = result.stdout.splitlines()
    assert "motion 3 times" in lines[0]
    assert "151 pictures in 0:30.0" in lines[0]
    assert [line.split()[1] for line in lines[1:-1]] == ["-"] * 3
    assert lines[-1] == "missing.mp4: there is no such file; look at its name again"
    assert result.stderr == ""
