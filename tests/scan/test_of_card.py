"""`dashcam scan` over the card, with the real keeper: found, told, cut, stopped and gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.catalogue_questions import Wanted
from tests.conftest import CHECKOUT
from tests.endurance.child_process import dies_with_us
from tests.keeper.moving_clips import put_moving
from tests.programs import Programs


def begin(data: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-m", "dashcam", "scan", "--data", str(data), *words]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DASHCAM_")}
    return subprocess.Popen(
        dies_with_us(command),
        cwd=CHECKOUT,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def scan(data: Path, *words: str) -> tuple[int, str, str]:
    process = begin(data, *words)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_without_a_keeper_one_is_started_for_the_time_of_the_search(tmp_path: Path) -> None:
    put_moving(tmp_path, 1, ((5.0, 7.0),))
    put_moving(tmp_path, 2)
    code, out, err = scan(tmp_path)
    assert code == 0, err
    assert "2 clips searched; something moves in 1 clip" in out
    assert "42-1  VIDEO/2026-11-20/dcp_20261120144500.mp4  2026-11-20 14:45:00" in out
    assert " s  score " in out
    # It is gone again, and what it has found stays: the second time there is nothing to do.
    code, out, err = scan(tmp_path, "42-1", "42-2")
    assert (code, "0 clips searched: there is none that" in out) == (0, True), (out, err)


def test_without_a_keeper_what_is_found_is_cut_before_it_ends(tmp_path: Path) -> None:
    put_moving(tmp_path, 1, ((5.0, 7.0),))
    code, out, err = scan(tmp_path, "--cut")
    assert code == 0, err
    assert "1 event cut from them" in out
    assert "is being made" not in out
    assert len(list((tmp_path / "DCIM/EVENT").rglob("*.mp4"))) == 1


def test_a_running_keeper_does_it_and_goes_on_running(tmp_path: Path) -> None:
    put_moving(tmp_path, 1, ((5.0, 7.0),))
    with Programs(tmp_path, tmp_path / "log") as programs:
        programs.start("keep")
        programs.wait_until_kept()
        pid = programs.keeper().pid
        code, out, err = scan(tmp_path, "--day", "2026-11-20", "--cut")
        assert code == 0, err
        assert "1 event cut from them" in out
        programs.wait_until_kept()
        assert programs.keeper().pid == pid
        catalogue = CatalogueReader(programs.state)
        programs._wait(lambda: len(catalogue.page(Wanted(causes=["motion"])).rows) == 1, "the event")
        catalogue.close()
        # The clip stands in the list a moment before its job is put down as done.
        programs._wait(lambda: all(job.state == "done" for job in programs.keeper().jobs), "the end of the jobs")


def test_ctrl_c_stops_the_search_and_its_keeper(tmp_path: Path) -> None:
    for number in range(1, 40):
        put_moving(tmp_path, number)
    with Programs(tmp_path, tmp_path / "log") as programs:
        programs.start("keep")
        programs.wait_until_kept()
        process = begin(tmp_path)
        programs._wait(lambda: any(job.state == "running" for job in programs.keeper().jobs), "the search")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert "what was found stays" in out
        programs._wait(lambda: [job.state for job in programs.keeper().jobs] == ["stopped"], "the end of the search")


def test_what_does_not_go_together_is_refused(tmp_path: Path) -> None:
    for words in (["--json"], ["--day", "2026-11-20", "video.mp4"], ["42-1", "video.mp4"], ["--cut", "video.mp4"]):
        code, _, err = scan(tmp_path, *words)
        assert code != 0
        assert "either videos or ids" in err
    code, _, err = scan(tmp_path, "--day", "yesterday")
    assert (code, "is no day" in err) == (2, True)
