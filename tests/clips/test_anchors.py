"""The anchors of the boots, as they lie in the state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dashcam.clips.anchors import ANCHORS_NAME, encode_anchor, read_boot_times
from dashcam.clock import NANOSECONDS, Anchor, ClockSource

S = NANOSECONDS
Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Appends a line: boot, second on the monotonic clock, UTC second, source, start of the machine, seconds asleep."""

    def append(
        boot: int, second: int, utc: int, source: ClockSource, kernel: str = "this start", asleep: int = 0
    ) -> None:
        with open(tmp_path / ANCHORS_NAME, "ab") as file:
            file.write(encode_anchor(boot, Anchor(second * S, utc * S, source), kernel, asleep * S))

    return append


def utc_at(folder: Path, boot: int, second: int) -> tuple[float, ClockSource] | None:
    time = read_boot_times(folder / ANCHORS_NAME).get(boot)
    return None if time is None else (time.utc_ns_at(second * S) / S, time.source)


def test_the_most_trusted_anchor_of_a_boot_counts_and_bad_lines_do_not(tmp_path: Path) -> None:
    path = tmp_path / ANCHORS_NAME
    path.write_bytes(
        b'{"boot":1,"monotonic_ns":1,"utc_ns":10,"source":"system"}\n'
        b'{"boot":1,"monotonic_ns":2,"utc_ns":20,"source":"gps"}\n'
        b'{"boot":1,"monotonic_ns":3,"utc_ns":30,"source":"phone"}\n'
        b'{"boot":2,"monotonic_ns":4,"utc_ns":40,"source":"system"}\n'
        b'{"boot":2,"monotonic_ns":5,"utc_ns":50,"source":"system"}\n'
        b'{"boot":5,"monotonic_ns":5,"utc_ns":50,"source":"saved"}\n'
        b'not json\n\xff\xfe\n{"boot":3,"monotonic_ns":1}\n{"boot":4,"monotonic_ns":6,"utc'
    )
    found = {boot: time.best.anchor for boot, time in read_boot_times(path).items()}
    assert found == {1: Anchor(2, 20, "gps"), 2: Anchor(5, 50, "system")}
    assert read_boot_times(tmp_path / "none") == {}


def test_what_one_boot_learns_counts_for_all_of_the_same_start_of_the_machine(tmp_path: Path, write: Write) -> None:
    write(1, 5, 0, "none", "another start")
    write(2, 5, 0, "none")
    write(3, 105, 7, "saved")
    write(3, 110, 1110, "phone")
    write(4, 200, 1200, "none")
    write(5, 5, 0, "none", "")
    write(6, 5, 5005, "gps", "")
    assert {boot: utc_at(tmp_path, boot, 10) for boot in (2, 3, 4)} == dict.fromkeys((2, 3, 4), (1010, "phone"))
    assert utc_at(tmp_path, 1, 10) is None
    assert utc_at(tmp_path, 5, 10) is None, "nobody knows in which start of the machine it ran"
    write(7, 300, 1301, "gps")
    assert {boot: utc_at(tmp_path, boot, 10) for boot in (2, 3, 4)} == dict.fromkeys((2, 3, 4), (1011, "gps"))


def test_of_equals_a_boot_believes_itself(tmp_path: Path, write: Write) -> None:
    write(1, 10, 1010, "phone")
    write(2, 20, 1021, "phone")
    write(3, 30, 1031, "phone")
    assert [utc_at(tmp_path, boot, 10) for boot in (1, 2, 3)] == [(1010, "phone"), (1011, "phone"), (1011, "phone")]


def test_a_source_that_takes_back_what_it_has_said_is_believed_for_the_whole_start_of_the_machine(
    tmp_path: Path, write: Write
) -> None:
    path = tmp_path / ANCHORS_NAME
    write(1, 10, 1010, "gps")
    write(2, 20, 1020, "gps")
    write(3, 25, 1025, "gps", "another start")
    assert not any(time.is_corrected for time in read_boot_times(path).values())
    write(2, 30, 1048, "gps")
    assert {boot: utc_at(tmp_path, boot, 15) for boot in (1, 2, 3)} == {
        1: (1033, "gps"),
        2: (1033, "gps"),
        3: (1015, "gps"),
    }
    times = read_boot_times(path)
    assert [times[boot].is_corrected for boot in (1, 2, 3)] == [True, True, False]
    assert times[1].refutes(15 * S, 1015 * S)
    assert not times[1].refutes(15 * S, 1034 * S), "a second is nothing"
    assert not times[1].refutes(31 * S, 1031 * S), "that was dated later"
    write(2, 40, 99, "ntp")
    assert utc_at(tmp_path, 1, 15) == (1033, "gps"), "a worse source takes nothing back"


def test_a_better_source_refutes_nothing_that_it_has_said_itself(tmp_path: Path, write: Write) -> None:
    write(1, 10, 1010, "phone")
    write(1, 20, 1022, "phone")
    assert not read_boot_times(tmp_path / ANCHORS_NAME)[1].is_corrected, "phones are no better than that"
    write(1, 25, 1120, "phone")
    assert read_boot_times(tmp_path / ANCHORS_NAME)[1].is_corrected
    write(1, 30, 1031, "gps")
    time = read_boot_times(tmp_path / ANCHORS_NAME)[1]
    assert (time.source, time.is_corrected) == ("gps", False)


def test_neither_drift_nor_sleep_takes_anything_back(tmp_path: Path, write: Write) -> None:
    write(1, 0, 1000, "gps")
    write(1, 40_000, 41_004, "gps")
    write(1, 40_100, 44_704, "gps", asleep=3600)
    assert not read_boot_times(tmp_path / ANCHORS_NAME)[1].is_corrected
    write(1, 80_000, 84_612, "gps", asleep=3600)
    assert read_boot_times(tmp_path / ANCHORS_NAME)[1].is_corrected


def test_what_the_machine_slept_between_a_clip_and_the_anchor_has_passed_nevertheless(
    tmp_path: Path, write: Write
) -> None:
    write(1, 5, 0, "none")
    write(1, 50, 0, "none", asleep=3600)
    write(2, 100, 10_000, "gps", asleep=3600)
    assert utc_at(tmp_path, 1, 4) == (10_000 - 96 - 3600, "gps")
    assert utc_at(tmp_path, 1, 49) == (10_000 - 51 - 3600, "gps")
    assert utc_at(tmp_path, 1, 50) == (10_000 - 50, "gps")
    assert utc_at(tmp_path, 2, 60) == (10_000 - 40, "gps")
