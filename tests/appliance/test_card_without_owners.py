"""On exFAT files have the owner and mode of the mount options, and links there are none: nobody asks for any."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dashcam.clips.names import CardFolders
from dashcam.link.client import ask
from dashcam.link.messages import PhotoTaken, TakePhoto
from tests.appliance.test_saves import SETTINGS, clips_of, press, wait_for_cut, wait_until
from tests.conftest import CHECKOUT
from tests.programs import Programs

# Python runs this before anything else, in the programs and in what they start.
AS_ON_EXFAT = """
import errno, os, sys
CARD, NOTES = os.environ["CARD_WITHOUT_OWNERS"], os.environ["REFUSED_BY_CARD"]
REFUSED = {"os.chmod", "os.chown", "os.link", "os.symlink", "os.setxattr", "os.utime"}

def refuse(event, arguments):
    if event not in REFUSED:
        return
    path = arguments[event in ("os.link", "os.symlink")]
    path = os.readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else os.path.abspath(os.fsdecode(path))
    if path == CARD or path.startswith(CARD + "/"):
        with open(NOTES, "a") as notes:
            notes.write(f"{event} {arguments}\\n")
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), path)

sys.addaudithook(refuse)
"""


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Notes of what the card, `tmp_path/card`, has refused to every program that is started from now on."""
    hook, notes = tmp_path / "hook", tmp_path / "refused"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(AS_ON_EXFAT)
    (tmp_path / "card").mkdir()
    monkeypatch.setenv("PYTHONPATH", f"{hook}:{CHECKOUT}")
    monkeypatch.setenv("CARD_WITHOUT_OWNERS", str(tmp_path / "card"))
    monkeypatch.setenv("REFUSED_BY_CARD", str(notes))
    return notes


@pytest.mark.parametrize(
    "wish",
    [
        "os.chmod(card, 0o755)",
        "os.chmod(file.fileno(), 0o600)",
        "os.chown(name, 0, 0)",
        "os.utime(name)",
        "os.link(name, name + '2')",
        "os.symlink('/', name + '3')",
    ],
)
def test_such_a_card_refuses(refused: Path, tmp_path: Path, wish: str) -> None:
    program = f"import os, sys; card, name = sys.argv[1], sys.argv[1] + '/file'; file = open(name, 'w'); {wish}"
    words = [sys.executable, "-P", "-c", program, str(tmp_path / "card")]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert "PermissionError" in done.stderr
    assert refused.read_text()


def test_clips_photos_and_saves_ask_nothing_of_the_card_that_it_refuses(refused: Path, tmp_path: Path) -> None:
    data = tmp_path / "card"
    thumbs = CardFolders(data).dcim / "THUMB"
    with Programs(data, tmp_path / "log", *SETTINGS) as programs:
        programs.start("record")
        programs.start("keep")
        programs.start_page()
        wait_until(lambda: len(clips_of(data, "VIDEO")) >= 2, "two clips")
        assert ask(programs.state, "recorder", TakePhoto(), PhotoTaken, 60.0).id
        request = press(programs)
        saved = wait_for_cut(programs, request)
        wait_until(lambda: len(list(thumbs.rglob("*.jpg"))) >= 2, "thumbnails")
    assert saved.is_file()
    assert list((CardFolders(data).dcim / "PHOTO").rglob("*.jpg"))
    assert not refused.exists(), refused.read_text()
