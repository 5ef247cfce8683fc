"""Nothing outside the folder is ever opened, whatever the name says and whatever lies on the card."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dashcam.web.card_file import open_below


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A folder with a file, beside a secret."""
    root = tmp_path / "DCIM"
    (root / "VIDEO" / "day").mkdir(parents=True)
    (root / "VIDEO" / "day" / "clip.mp4").write_bytes(b"clip")
    (tmp_path / "secret").write_bytes(b"secret")
    return root


def test_a_plain_file_is_opened_with_its_size_and_time(card: Path) -> None:
    opened = open_below(card, "VIDEO/day/clip.mp4")
    with opened.file as file:
        assert file.read() == b"clip"
    assert opened.size == 4
    assert opened.modified_ns == (card / "VIDEO/day/clip.mp4").stat().st_mtime_ns


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "/",
        "..",
        "../secret",
        "VIDEO/../../secret",
        "/etc/passwd",
        "VIDEO",
        "VIDEO/day",
        "VIDEO/day/clip.mp4/more",
        "VIDEO/day/absent.mp4",
        "VIDEO\0/day/clip.mp4",
        "VIDEO/" + "x" * 300,
        "VIDEO/" * 3000 + "clip.mp4",
        "link",
        "folder_link/secret",
        "VIDEO/day/own_link",
        "pipe",
    ],
)
def test_everything_else_is_not_there(card: Path, name: str) -> None:
    (card / "link").symlink_to(card.parent / "secret")
    (card / "folder_link").symlink_to(card.parent)
    (card / "VIDEO" / "day" / "own_link").symlink_to("clip.mp4")
    os.mkfifo(card / "pipe")
    with pytest.raises(FileNotFoundError):
        open_below(card, name)


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_refusing_leaves_no_descriptor_open(card: Path) -> None:
    (card / "link").symlink_to(card.parent / "secret")
    before = open_descriptors()
    for name in ("link", "VIDEO", "VIDEO/day/absent", "absent/absent"):
        with pytest.raises(FileNotFoundError):
            open_below(card, name)
    assert open_descriptors() == before
