"""`dashcam run` with its real parts, as a newcomer starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dashcam.clips.catalogue import CatalogueReader
from dashcam.system.log_file import LogProgram, read_log
from tests.run.running import CHECKOUT, LONG_SECONDS, Heard

# A small picture, so that the machine has time for other tests.
SMALL = (
    "camera.kind=pattern",
    "camera.width=320",
    "camera.height=240",
    "recording.segment_seconds=1",
    "web.host=127.0.0.1",
)


class Run:
    """A real `dashcam run` on `data`."""

    def __init__(self, data: Path, *words: str) -> None:
        command = [sys.executable, "-m", "dashcam", "run", "--data", str(data), *words]
        command += [f"--set={assignment}" for assignment in SMALL]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("DASHCAM_")}
        self.data = data
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=CHECKOUT, env=environment
        )
        assert self.process.stdout is not None
        self.output = Heard(self.process.stdout.fileno())

    def address(self) -> str:
        return self.output.wait_for(r"Open  (http://\S+/)")[1]

    def status(self) -> Any:
        with urllib.request.urlopen(f"{self.address()}api/status", timeout=LONG_SECONDS) as reply:
            return json.load(reply)

    def clips(self) -> list[Path]:
        return sorted(self.data.glob("DCIM/VIDEO/*/*.mp4"))

    def end(self) -> str:
        self.process.terminate()
        assert self.process.wait(LONG_SECONDS) == 0
        return self.output.wait_for_end()


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for run in started:
        run.process.terminate()  # not kill: then its parts would be left to themselves for a moment
        run.process.wait(LONG_SECONDS)


def assert_all_closed_and_catalogued(data: Path) -> None:
    clips = sorted(data.glob("DCIM/VIDEO/*/*.mp4"))
    assert clips
    assert [clip.with_suffix(".json").exists() for clip in clips] == [True] * len(clips)
    assert list(data.glob("DCIM/VIDEO/*/.tmp-*")) == []
    reader = CatalogueReader(data / ".state")
    rows = reader.page(limit=500).rows
    reader.close()
    assert sorted(data / "DCIM" / row.path for row in rows) == clips


def assert_log_says(state: Path, program: LogProgram, words: str) -> None:
    assert read_log(state, program, containing=words).lines != ()


def test_it_records_for_a_while_in_a_folder_with_spaces_and_leaves_all_in_order(
    runs: list[Run], tmp_path: Path
) -> None:
    run = Run(tmp_path / "my card", "--for", "3", "--port", "0")
    runs.append(run)
    run.output.wait_for("Recording(?: again)?: synthetic drive")
    assert run.process.wait(LONG_SECONDS) == 0
    output = run.output.wait_for_end()
    assert "ERROR" not in output
    assert "Traceback" not in output
    assert len(run.clips()) >= 3
    assert_all_closed_and_catalogued(run.data)


def test_two_at_once_show_their_own_recording_and_a_third_on_the_same_folder_refuses(
    runs: list[Run], tmp_path: Path
) -> None:
    runs += [Run(tmp_path / name, "--port", "0") for name in ("one", "two")]
    one, two = runs
    for run in (one, two):
        run.output.wait_for("Recording(?: again)?: synthetic drive")
    assert one.address() != two.address()
    ids = {json.dumps(run.status()["recorder"]["pid"]) for run in (one, two)}
    assert len(ids) == 2
    third = Run(tmp_path / "one", "--port", "0")
    runs.append(third)
    assert third.process.wait(LONG_SECONDS) == 3
    refusal = third.output.wait_for_end()
    assert "another dashcam already uses" in refusal
    assert len(refusal.splitlines()) == 1
    for run in (one, two):
        run.end()
        assert_all_closed_and_catalogued(run.data)


def test_a_second_recorder_with_another_state_on_the_same_card_ends_with_its_reason(
    runs: list[Run], tmp_path: Path
) -> None:
    first = Run(tmp_path / "card", "--port", "0")
    runs.append(first)
    first.output.wait_for("Recording(?: again)?: synthetic drive")
    second = Run(tmp_path / "card", "--port", "0", "--state", str(tmp_path / "another state"))
    runs.append(second)
    assert second.process.wait(LONG_SECONDS) == 3
    assert re.search("ERROR.*another", second.output.wait_for_end())
    first.end()


def test_with_its_port_taken_it_records_and_says_how_to_have_a_page(runs: list[Run], tmp_path: Path) -> None:
    first = Run(tmp_path / "one", "--port", "0")
    runs.append(first)
    port = first.address().rstrip("/").rpartition(":")[2]
    second = Run(tmp_path / "two", "--port", port)
    runs.append(second)
    second.output.wait_for("is taken.*--port")
    second.output.wait_for("the recording goes on without it")
    second.output.wait_for("Recording(?: again)?: synthetic drive")
    second.end()
    first.end()


def test_a_killed_recorder_comes_back_and_what_it_left_is_repaired(runs: list[Run], tmp_path: Path) -> None:
    run = Run(tmp_path / "card", "--port", "0")
    runs.append(run)
    run.output.wait_for("Recording(?: again)?: synthetic drive")
    os.kill(run.status()["recorder"]["pid"], signal.SIGKILL)
    assert_log_says(run.data / ".state", "recorder", "synthetic drive, 320x240")
    killed_at = run.output.wait_for("the recorder was ended by SIGKILL; it is started again at once").end()
    run.output.wait_for("Recording again: synthetic drive", after=killed_at)
    assert_log_says(run.data / ".state", "run", "the recorder was ended by SIGKILL")
    run.end()
    assert_all_closed_and_catalogued(run.data)
