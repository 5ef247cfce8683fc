"""os-image/build-tree: what it says when it cannot go on, and that nothing is left when it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import CHECKOUT, skip_unless_in_ci

_BUILD = str(CHECKOUT / "os-image" / "build-tree")


@pytest.fixture(autouse=True)
def _as_root() -> None:
    if os.geteuid() != 0:
        skip_unless_in_ci("trees are root's")


def _run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_BUILD, *words], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def _mounts_below(folder: Path) -> list[str]:
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(folder) in line]


def _processes_with(word: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has ended meanwhile
        if word in words:
            found.append(words)
    return found


def _fake(folder: Path, name: str, script: str) -> str:
    """A PATH on which the program `name` is this script."""
    folder.mkdir()
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


def test_folder_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "mine").touch()
    done = _run(str(tmp_path / "tree"))
    assert done.returncode == 2
    assert "is there already; name a folder that is not" in done.stderr
    assert [path.name for path in (tmp_path / "tree").iterdir()] == ["mine"]


def test_failed_step_is_named_with_its_last_words_and_leaves_nothing(tmp_path: Path) -> None:
    path = _fake(tmp_path / "bin", "mmdebstrap", "echo E: no such mirror >&2; exit 25")
    done = _run(str(tmp_path / "tree"), XDG_CACHE_HOME=str(tmp_path / "cache"), PATH=path)
    assert done.returncode == 1
    assert "E: no such mirror" in done.stderr
    assert "making Debian failed: see above" in done.stderr
    assert "is there a network?" in done.stderr
    assert not (tmp_path / "tree").exists()
    left = {path.suffix for path in (tmp_path / "cache" / "dashcam").iterdir()}
    assert left <= {".lock", ".log"}, "no half of a Debian that would be taken for a whole one"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_build_that_is_ended_leaves_no_mounts_and_no_processes(tmp_path: Path, number: signal.Signals) -> None:
    script = f'exec 3>"{tmp_path}/pipe"; mount -t tmpfs dashcam-test "{tmp_path}/mnt"; echo mounted >&3; sleep 600'
    path = _fake(tmp_path / "bin", "mmdebstrap", script)
    (tmp_path / "mnt").mkdir()
    os.mkfifo(tmp_path / "pipe")
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": path}
    building = subprocess.Popen([_BUILD, str(tmp_path / "tree")], env=environment, stderr=subprocess.DEVNULL)
    with open(tmp_path / "pipe") as pipe:
        assert pipe.readline() == "mounted\n"
        assert _processes_with(str(tmp_path)) != []
        building.send_signal(number)
        assert building.wait() == (-number if number is signal.SIGKILL else 128 + number)
        assert pipe.read() == "", "it ends with the last process that holds it"
    assert _processes_with(str(tmp_path)) == []
    assert _mounts_below(tmp_path) == []
    assert not (tmp_path / "tree").exists()
