"""Socket folders of dead programs go when another program starts; those of living ones stay."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashcam.link.own_socket import OwnSocket
from dashcam.link.place import page_address_path
from dashcam.link.stale import remove_dead_folders
from dashcam.system.runtime_folder import make_socket_folder, socket_folder

MUCH_LATER = time.time() + 10**6

_KILLED = """
import sys
from pathlib import Path
from dashcam.link.own_socket import OwnSocket

for program in ("recorder", "keeper"):
    OwnSocket(Path(sys.argv[1]), program).open()
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sockets lie in here, not beside those of other programs on this machine."""
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    return folder


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return make_socket_folder(tmp_path / "own state")


@pytest.fixture
def living(tmp_path: Path) -> Iterator[OwnSocket]:
    socket = OwnSocket(tmp_path / "living state", "keeper")
    socket.open()
    yield socket
    socket.close()


def make_old(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (0, 0))


def killed_program(state: Path) -> Path:
    """The folder of a program that was killed."""
    command = [sys.executable, "-c", _KILLED, str(state)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        process.send_signal(signal.SIGKILL)
    folder = socket_folder(state)
    assert len(list(folder.iterdir())) == 4
    return folder


def test_what_a_killed_program_has_left_goes_when_another_one_starts(tmp_path: Path) -> None:
    folder = killed_program(tmp_path / "state")
    (folder / "log").mkdir()
    (folder / "log" / "recorder.jsonl").write_text("last words")
    other = OwnSocket(tmp_path / "other state", "recorder")
    other.open()
    assert folder.exists(), "it may be starting again this very moment"
    other.close()
    make_old(folder)
    other.open()
    assert not folder.exists()
    assert other.path.exists()
    other.close()
    assert list(other.path.parent.parent.iterdir()) == []


def test_a_living_program_keeps_its_folder_and_the_own_one_stays(own: Path, living: OwnSocket) -> None:
    assert remove_dead_folders(own, MUCH_LATER) == []
    assert own.exists()
    assert living.path.exists()


def test_a_page_that_answers_keeps_its_folder(own: Path, tmp_path: Path) -> None:
    state = tmp_path / "page"
    folder = make_socket_folder(state)
    with socket.create_server(("127.0.0.1", 0)) as page:
        page_address_path(state).write_text(f"http://127.0.0.1:{page.getsockname()[1]}\n")
        assert remove_dead_folders(own, MUCH_LATER) == []
    assert remove_dead_folders(own, MUCH_LATER) == [folder]


@pytest.mark.parametrize("address", ["", "nonsense", "http://", "http://127.0.0.1:99999/", "http://[::1"])
def test_an_address_that_is_none_keeps_nothing(own: Path, tmp_path: Path, address: str) -> None:
    state = tmp_path / "page"
    folder = make_socket_folder(state)
    page_address_path(state).write_text(address)
    assert remove_dead_folders(own, MUCH_LATER) == [folder]


def test_what_is_not_ours_or_called_otherwise_stays(own: Path, runtime_folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "log").mkdir(parents=True)
    (runtime_folder / f"dashcam-{os.getuid()}-0123456789ab").symlink_to(elsewhere)
    (runtime_folder / f"dashcam-{os.getuid()}-0123456789abc").mkdir()
    (runtime_folder / f"dashcam-{os.getuid()}-mine").mkdir()
    (runtime_folder / f"dashcam-{os.getuid() + 1}-0123456789ab").mkdir()
    (runtime_folder / f"dashcam-{os.getuid()}-ba9876543210").write_text("a file")
    before = sorted(runtime_folder.iterdir())
    assert remove_dead_folders(own, MUCH_LATER) == []
    assert sorted(runtime_folder.iterdir()) == before
    assert (elsewhere / "log").exists()


def test_links_in_a_dead_folder_are_removed_and_not_followed(own: Path, tmp_path: Path) -> None:
    folder = make_socket_folder(tmp_path / "state")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("as it was")
    (folder / "log").symlink_to(outside)
    assert remove_dead_folders(own, MUCH_LATER) == [folder]
    assert (outside / "file").read_text() == "as it was"
