"""The anchors of years are trimmed to what still says something, whole at every moment."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashcam.clips.anchors import ANCHORS_NAME, AnchorLine, BootTime, best_of_kernel, encode_line, read_boot_times
from dashcam.clock import NANOSECONDS, Anchor, ClockSource
from dashcam.recorder.anchor_trim import MOST_BOOTS, TRIM_BYTES, trimmed
from dashcam.recorder.anchors import AnchorLog
from tests.keeper.power import PowerCut, changes

S = NANOSECONDS
NOW = "11111111-2222-3333-4444-555555555555"
"""The present start of the machine."""
UTC_NS = 1_800_000_000 * S


def line(boot: int, source: ClockSource = "gps", kernel: str = "", second: int = 5, asleep: int = 0) -> AnchorLine:
    return AnchorLine(boot, second * S, UTC_NS + second * S, source, kernel or f"{boot:036d}", asleep * S)


def years() -> bytes:
    """Of three boots one never learns the time; of the present start of the machine there are some already."""
    lines: list[AnchorLine] = []
    for boot in range(1, 2001):
        lines.append(line(boot, "saved"))
        lines += [line(boot, "gps", second=20)] * (boot % 3 != 0)
    lines += [line(2001, "phone", NOW), line(2002, "none", NOW)]
    return b"".join(map(encode_line, lines))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / ANCHORS_NAME).write_bytes(years())
    return tmp_path


def note(state: Path, boot: int = 2003) -> None:
    """The first turn of a recorder's bookkeeper."""
    AnchorLog(state, NOW, lambda: 0).note(boot, Anchor(9 * S, 0, "none"))


def times_in(state: Path) -> dict[int, BootTime]:
    return read_boot_times(state / ANCHORS_NAME)


def test_the_newest_whose_time_is_known_and_all_of_this_start_of_the_machine_stay(state: Path) -> None:
    before, size = times_in(state), (state / ANCHORS_NAME).stat().st_size
    assert size > TRIM_BYTES
    note(state)
    after = times_in(state)
    assert (state / ANCHORS_NAME).stat().st_size < size // 2
    assert list(after) == [*[boot for boot in range(2001) if boot % 3][2 - MOST_BOOTS :], 2001, 2002, 2003]
    assert {boot: before[boot] for boot in after if boot < 2003} == {
        boot: time for boot, time in after.items() if boot < 2003
    }
    assert AnchorLog(state, NOW).earlier() == line(2001, "phone", NOW)


def test_it_is_done_once_and_a_short_file_is_left_alone(state: Path) -> None:
    path = state / ANCHORS_NAME
    note(state)
    content = path.read_bytes()
    note(state, 2004)
    assert path.read_bytes().startswith(content)
    path.write_bytes(content[: len(content) // 2])
    note(state, 2005)
    assert path.read_bytes().startswith(content[: len(content) // 2] + b"\n")


def test_a_long_file_of_which_all_is_needed_is_not_written_anew_at_every_start(state: Path) -> None:
    path = state / ANCHORS_NAME
    path.write_bytes(b"".join(encode_line(line(7, second=second)) for second in range(4000)))
    inode = path.stat().st_ino
    note(state)
    assert (path.stat().st_ino, len(path.read_bytes().splitlines())) == (inode, 4001)


def test_after_a_power_cut_at_any_step_the_old_or_the_new_is_there_whole(tmp_path: Path) -> None:
    """And so it is for a keeper that reads just then."""
    content = years()
    less = trimmed(content, NOW)
    expected = read_boot_times(_written(tmp_path / "whole", less))
    is_cut, step = True, 0
    while is_cut:
        step += 1
        state = tmp_path / str(step)
        path = _written(state, content)
        with changes(step):
            try:
                note(state)
                is_cut = False
            except PowerCut:
                assert path.read_bytes() in (content, less, less + _line_of(2003))
        found = times_in(state)
        assert {boot: found[boot] for boot in expected} == expected
        is_long = path.stat().st_size > TRIM_BYTES
        (state / f".tmp-{step}-{ANCHORS_NAME}").write_bytes(b"half of it")
        note(state, 2004)
        assert not (is_long and list(state.glob(".tmp-*"))), "what the cut has left is in nobody's way"
        assert times_in(state).keys() - {2003} == expected.keys() | {2004}
    assert step > 4


def _line_of(boot: int) -> bytes:
    return encode_line(AnchorLine(boot, 9 * S, 0, "none", NOW, 0))


def _written(state: Path, content: bytes) -> Path:
    state.mkdir()
    (state / ANCHORS_NAME).write_bytes(content)
    return state / ANCHORS_NAME


def test_a_state_that_is_full_keeps_what_it_has_and_gets_its_line(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = times_in(state)
    monkeypatch.setattr(os, "replace", refuse)
    note(state)
    assert times_in(state).items() >= before.items()
    assert 2003 in times_in(state)
    assert [path.name for path in state.iterdir()] == [ANCHORS_NAME]


STARTS = ("long ago", "before", NOW)
LINES = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.sampled_from(["none", "saved", "phone", "gps"]),
        st.integers(0, 50),
        st.sampled_from([0, 3600]),
    ),
    max_size=15,
)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(LINES, st.integers(1, 4))
def test_what_is_said_of_the_boots_that_stay_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, ClockSource, int, int]], most_boots: int
) -> None:
    path = tmp_path_factory.getbasetemp() / ANCHORS_NAME
    # Each boot belongs to one start of the machine; the monotonic seconds need not be in order.
    lines = [line(boot, source, STARTS[boot % 3], *moment) for boot, source, *moment in drawn]
    content = b"".join(map(encode_line, lines))
    path.write_bytes(content)
    before, known = read_boot_times(path), best_of_kernel(path, NOW)
    less = trimmed(content, NOW, most_boots)
    path.write_bytes(less)
    after = read_boot_times(path)
    useful = [
        boot for boot in dict.fromkeys(found.boot for found in reversed(lines)) if boot in before or boot % 3 == 2
    ]
    kept = {found.boot for found in lines if encode_line(found) in less}
    assert set(useful[:most_boots]) <= kept
    assert len(kept) <= 2 * most_boots
    assert {boot: (time.best, time.own) for boot, time in after.items()} == {
        boot: (time.best, time.own) for boot, time in before.items() if boot in kept
    }
    if any(boot % 3 == 2 for boot in useful[:most_boots]):
        assert best_of_kernel(path, NOW) == known
