"""One program at a time on a folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dashcam.errors import AlreadyRunning
from dashcam.system.folder_lock import FolderLock


def test_a_second_one_is_refused_until_the_first_gives_up(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path), FolderLock(tmp_path)
    first.acquire()
    first.acquire()
    with pytest.raises(AlreadyRunning, match="another dashcam already uses"):
        second.acquire()
    first.close()
    first.close()
    with second, pytest.raises(AlreadyRunning):
        first.acquire()


def test_nothing_is_left_in_the_folder(tmp_path: Path) -> None:
    with FolderLock(tmp_path):
        assert list(tmp_path.iterdir()) == []


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\nfrom dashcam.system.folder_lock import FolderLock\n"
        "lock = FolderLock(Path(sys.argv[1]))\nlock.acquire()\nprint('locked', flush=True)\ninput()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"locked\n"
    with pytest.raises(AlreadyRunning):
        FolderLock(tmp_path).acquire()
    process.kill()
    process.communicate(timeout=60)
    with FolderLock(tmp_path):
        pass


def test_an_absent_folder_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FolderLock(tmp_path / "absent").acquire()
