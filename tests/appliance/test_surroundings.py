"""The recorder works for anybody, anywhere: no root, no network, no systemd, odd folder names, several at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.system.exit_codes import ALREADY_RUNNING
from tests.appliance.stranger import STRANGER
from tests.conftest import CHECKOUT, skip_unless_in_ci
from tests.endurance.child_process import dashcam_process
from tests.endurance.clip_files import frame_numbers
from tests.endurance.loop_card import missing_ability
from tests.mp4_boxes import is_ordinary
from tests.recorder.asked import AskedRecorder
from tests.recorder.rig import clips_of

LIMIT_SECONDS = 120
SMALL_PATTERN = (
    "--set=camera.kind=pattern",
    "--set=camera.width=320",
    "--set=camera.height=180",
    "--set=recording.segment_seconds=1",
)


def check_unbroken(data: Path) -> int:
    """All clips are ordinary, and their pictures are one unbroken run; gives how many."""
    clips = clips_of(data)
    assert all(is_ordinary(clip) and read_sidecar(sidecar_of(clip)).integrity == "closed" for clip in clips)
    numbers = [number for clip in clips for number in frame_numbers(clip)]
    assert numbers == list(range(len(numbers)))
    return len(numbers)


@pytest.fixture
def strangers_folder() -> Iterator[Path]:
    """A folder of nobody's, below one that everybody may enter (pytest's own are closed)."""
    if reason := missing_ability():
        skip_unless_in_ci(reason)
    folder = Path(tempfile.mkdtemp(prefix="dashcam-stranger-"))
    os.chown(folder, STRANGER, STRANGER)
    yield folder
    shutil.rmtree(folder)


def test_it_records_without_root_network_and_systemd_into_a_folder_with_an_odd_name(strangers_folder: Path) -> None:
    data = strangers_folder / "Müllers Auto – 'Reise' nach Łódź 📹; $HOME %s"
    command = ["unshare", "--mount", "--net", sys.executable, "-m", "tests.appliance.stranger"]
    command += ["record", "--data", str(data), "--for", "3", *SMALL_PATTERN]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    assert check_unbroken(data) > 30
    assert len(clips_of(data)) > 1
    made = [data, *data.rglob("*")]
    assert {path.stat().st_uid for path in made} == {STRANGER}
    assert [path for path in made if path.stat().st_mode & 0o002] == []


def test_two_record_at_once_and_a_second_one_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    """Also while it shares nothing with the first one but the card."""
    mine, yours = tmp_path / "mine", tmp_path / "yours"
    with (
        dashcam_process("record", mine, tmp_path / "log", *SMALL_PATTERN) as one,
        dashcam_process("record", yours, tmp_path / "log", *SMALL_PATTERN) as other,
    ):
        first, second = AskedRecorder(mine / ".state"), AskedRecorder(yours / ".state")
        first.wait_until_recording()
        second.wait_until_recording()
        for options in ((), ("--state", str(tmp_path / "state of its own"))):
            command = [sys.executable, "-m", "dashcam", "record", "--data", str(mine), *options, *SMALL_PATTERN]
            refused = subprocess.run(
                command, cwd=CHECKOUT, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
            )
            assert refused.returncode == ALREADY_RUNNING
            (line,) = refused.stderr.splitlines()
            assert "another" in line
            assert "stop it, or use another --data folder" in line
        first.wait_until_recording(first.status().frames_written + 30)
        second.wait_until_recording(second.status().frames_written + 30)
        assert (one.stop(), other.stop()) == (0, 0)
    assert check_unbroken(mine) >= 30
    assert check_unbroken(yours) >= 30
    names = [clip.stem for clip in clips_of(mine)]
    assert all(earlier < later for earlier, later in pairwise(names))
