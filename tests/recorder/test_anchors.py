"""The moment a clock became known is kept, whatever became of the line before it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dashcam.clips.anchors import ANCHORS_NAME, encode_anchor, read_anchors
from dashcam.clock import Anchor
from dashcam.recorder.anchors import AnchorLog

FIRST, SECOND = Anchor(1, 10, "system"), Anchor(2, 20, "phone")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def test_one_line_a_boot_and_none_of_a_clock_that_is_not_trusted(state: Path) -> None:
    log = AnchorLog(state)
    log.note(1, Anchor(0, 0, "none"))
    assert not state.exists()
    log.note(1, FIRST)
    log.note(1, SECOND)
    AnchorLog(state).note(2, SECOND)
    assert (state / ANCHORS_NAME).read_bytes() == encode_anchor(1, FIRST) + encode_anchor(2, SECOND)


@pytest.mark.parametrize("left_bytes", [1, 30, -1])
def test_a_line_that_was_cut_off_does_not_take_the_next_one_along(state: Path, left_bytes: int) -> None:
    state.mkdir()
    (state / ANCHORS_NAME).write_bytes(encode_anchor(1, FIRST) + encode_anchor(2, FIRST)[:left_bytes])
    AnchorLog(state).note(3, SECOND)
    AnchorLog(state).note(4, SECOND)
    found = read_anchors(state / ANCHORS_NAME)
    assert (found[1], found[3], found[4]) == (FIRST, SECOND, SECOND)


def test_the_file_is_durable_in_its_folder_when_it_is_made(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(Path(f"/proc/self/fd/{descriptor}").readlink()))
    AnchorLog(state).note(1, FIRST)
    assert synced[-2:] == [state / ANCHORS_NAME, state]
    synced.clear()
    AnchorLog(state).note(2, FIRST)
    assert synced == [state / ANCHORS_NAME]


def test_a_state_that_cannot_be_written_is_tried_again(state: Path) -> None:
    state.write_text("no folder")
    log = AnchorLog(state)
    log.note(1, FIRST)
    state.unlink()
    log.note(1, FIRST)
    assert read_anchors(state / ANCHORS_NAME) == {1: FIRST}
