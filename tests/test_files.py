"""Files are written whole or not at all, and never through a link that lies in the way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashcam.files import TEMPORARY_PREFIX, write_durably, write_new_durably

WAYS = (write_durably, write_new_durably)


@pytest.mark.parametrize("write", WAYS)
def test_nothing_is_written_through_a_link_under_the_temporary_name(
    tmp_path: Path, write: Callable[[Path, bytes], None]
) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "card"
    outside.write_text("as it was")
    folder.mkdir()
    (folder / f"{TEMPORARY_PREFIX}{os.getpid()}-name").symlink_to(outside)
    with pytest.raises(OSError, match="symbolic links"):
        write(folder / "name", b"content")
    assert outside.read_text() == "as it was"
    write(folder / "name", b"content")
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("name", b"content")]


@pytest.mark.parametrize("write", WAYS)
def test_a_link_at_the_place_itself_is_never_followed(tmp_path: Path, write: Callable[[Path, bytes], None]) -> None:
    outside, place = tmp_path / "outside", tmp_path / "name"
    outside.write_text("as it was")
    place.symlink_to(outside)
    if write is write_new_durably:
        with pytest.raises(FileExistsError):
            write(place, b"content")
        assert place.is_symlink()
    else:
        write(place, b"content")
        assert place.read_bytes() == b"content"
    assert outside.read_text() == "as it was"


def test_what_is_new_replaces_nothing_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "name").write_bytes(b"first")
    with pytest.raises(FileExistsError):
        write_new_durably(tmp_path / "name", b"second")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("name", b"first")]


@pytest.mark.parametrize("write", WAYS)
def test_what_comes_in_pieces_is_there_when_the_last_one_is(
    tmp_path: Path, write: Callable[[Path, Iterator[bytes]], None]
) -> None:
    def pieces() -> Iterator[bytes]:
        for number in range(1000):
            assert not (tmp_path / "name").exists()
            yield b"%d\n" % number

    write(tmp_path / "name", pieces())
    assert (tmp_path / "name").read_text().split() == [str(number) for number in range(1000)]


@pytest.mark.parametrize("write", WAYS)
def test_pieces_that_end_in_an_error_change_nothing(
    tmp_path: Path, write: Callable[[Path, Iterator[bytes]], None]
) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        write(tmp_path / "name", pieces())
    assert list(tmp_path.iterdir()) == []
