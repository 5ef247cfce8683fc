"""The moment a clock became known is kept, whatever became of the line before it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from dashcam.clips.anchors import ANCHORS_NAME, AnchorLine, encode_anchor, read_boot_times
from dashcam.clock import NANOSECONDS, Anchor
from dashcam.recorder.anchors import AnchorLog

FIRST, SECOND, THIRD = Anchor(1, 10, "system"), Anchor(2, 20, "phone"), Anchor(3, 30, "gps")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def new_log(state: Path, kernel: str = "this start") -> AnchorLog:
    return AnchorLog(state, kernel, lambda: 5_000_000)


def line(boot: int, anchor: Anchor, kernel: str = "this start") -> bytes:
    return encode_anchor(boot, anchor, kernel, 5_000_000)


def anchors_in(state: Path) -> dict[int, Anchor]:
    return {boot: time.best.anchor for boot, time in read_boot_times(state / ANCHORS_NAME).items()}


def test_a_line_for_the_begin_of_a_boot_and_each_better_source_and_none_of_a_clock_that_is_not_trusted(
    state: Path,
) -> None:
    log, estimate = new_log(state), Anchor(0, 5, "saved")
    log.note(1, estimate)
    log.note(1, Anchor(0, 0, "none"))
    for anchor in (estimate, FIRST, Anchor(3, 30, "system"), SECOND, FIRST, Anchor(4, 40, "phone"), THIRD, SECOND):
        log.note(1, anchor)
    new_log(state).note(2, SECOND)
    lines = line(1, estimate), line(1, FIRST), line(1, SECOND), line(1, THIRD), line(2, SECOND)
    assert (state / ANCHORS_NAME).read_bytes() == b"".join(lines)


def gps(second: float, off_seconds: float) -> Anchor:
    return Anchor(round(second * NANOSECONDS), round((10**6 + second + off_seconds) * NANOSECONDS), "gps")


def offsets_in(state: Path) -> list[float]:
    lines = [msgspec.json.decode(found, type=AnchorLine) for found in (state / ANCHORS_NAME).read_bytes().splitlines()]
    return [(found.utc_ns - found.monotonic_ns) / NANOSECONDS - 10**6 for found in lines]


def test_a_source_that_corrects_itself_is_written_down_at_once_and_jitter_and_drift_are_not(state: Path) -> None:
    log = new_log(state)
    for second in range(600):
        log.note(1, gps(2 * second, 18 + (0.5, -0.5, 0.2, 0)[second % 4]))
    for second in range(600, 36_000, 10):
        log.note(1, gps(2 * second, (0.4, -0.4)[second % 20 // 10] + 2 * second * 50e-6))
    log.note(1, gps(100_000, 86_400))
    found = offsets_in(state)
    assert [round(offset) for offset in found] == [18, 0, 86_400]


def test_one_that_corrects_itself_all_the_time_gets_some_lines_an_hour_and_the_last_word(state: Path) -> None:
    log = new_log(state)
    for second in range(0, 7200, 2):
        log.note(1, gps(second, second % 20))
    assert 7 <= len(offsets_in(state)) <= 1 + 2 * 6
    for second in range(7200, 12_000, 2):
        log.note(1, gps(second, 300))
    assert offsets_in(state)[-1] == 300


def test_what_is_taken_back_by_a_worse_source_or_an_estimate_is_not_written(state: Path) -> None:
    log = new_log(state)
    for anchor in (gps(1, 0), Anchor(2, 10**18, "phone"), Anchor(3, 10**17, "saved"), gps(4, 0.5)):
        log.note(1, anchor)
    assert len(offsets_in(state)) == 1
    log = new_log(state)
    log.note(2, Anchor(3, 10**17, "saved"))
    log.note(2, Anchor(4, 10**18, "saved"))
    assert len(offsets_in(state)) == 2, "nobody vouches for either"


def test_a_suspended_machine_begins_anew(state: Path) -> None:
    asleep_ns = 0
    log = AnchorLog(state, "this start", lambda: asleep_ns)
    log.note(1, SECOND)
    asleep_ns = 1_000_000
    log.note(1, FIRST)
    asleep_ns = 60 * 10**9
    for anchor in (FIRST, FIRST):
        log.note(1, anchor)
    lines = encode_anchor(1, SECOND, "this start"), encode_anchor(1, FIRST, "this start", asleep_ns)
    assert (state / ANCHORS_NAME).read_bytes() == b"".join(lines)


def test_another_boot_begins_with_its_first_trusted_anchor(state: Path) -> None:
    log = new_log(state)
    log.note(1, THIRD)
    log.note(7, FIRST)
    assert (state / ANCHORS_NAME).read_bytes() == line(1, THIRD) + line(7, FIRST)


def test_the_best_of_the_same_start_of_the_machine_is_found_again(state: Path) -> None:
    assert new_log(state).earlier() is None
    new_log(state, "another start").note(1, THIRD)
    new_log(state).note(1, Anchor(0, 5, "saved"))
    assert new_log(state).earlier() is None, "an estimate is nobody's word"
    new_log(state).note(2, FIRST)
    new_log(state).note(3, SECOND)
    new_log(state).note(4, Anchor(9, 90, "phone"))
    found = new_log(state).earlier()
    assert found == AnchorLine(4, 9, 90, "phone", "this start", 5_000_000)
    new_log(state, "").note(5, THIRD)
    assert new_log(state, "").earlier() is None, "a kernel without a word is no other's"


@pytest.mark.parametrize("left_bytes", [1, 30, -1])
def test_a_line_that_was_cut_off_does_not_take_the_next_one_along(state: Path, left_bytes: int) -> None:
    state.mkdir()
    (state / ANCHORS_NAME).write_bytes(encode_anchor(1, FIRST) + encode_anchor(2, FIRST)[:left_bytes])
    AnchorLog(state).note(3, SECOND)
    AnchorLog(state).note(4, SECOND)
    found = anchors_in(state)
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
    assert anchors_in(state) == {1: FIRST}
