"""When this machine's own clock is believed: by what the kernel and a clock chip say, and by the owner's word."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashcam.clock import LIFE_NS, NANOSECONDS, RELEASE_UTC_NS, ClockSource, Evidence, MachineTrust, WallClock
from dashcam.system.kernel import asleep_ns, kernel_boot
from dashcam.system.machine_clock import MachineEvidence, kernel_is_synchronized, machine_clock

HOUR_NS = 3600 * NANOSECONDS
NOW_NS = RELEASE_UTC_NS + 1000 * HOUR_NS
LIMIT_SECONDS = 30.0


class Board:
    """A machine without the chip of a PC; what its kernel shows lies below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.is_synchronized: bool | None = False
        self.boottime_ns = 5 * NANOSECONDS
        self.evidence = MachineEvidence(
            root=root,
            processor="aarch64",
            is_synchronized=lambda: self.is_synchronized,
            boottime_ns=lambda: self.boottime_ns,
        )

    def set_chip(self, content: str, name: str = "rtc0") -> None:
        """What the chip says, and it is read."""
        chip = self.root / "sys/class/rtc" / name
        chip.mkdir(parents=True, exist_ok=True)
        (chip / "since_epoch").write_text(content)
        self.evidence.refresh(LIMIT_SECONDS)


@pytest.fixture
def board(tmp_path: Path) -> Board:
    return Board(tmp_path)


def seconds(utc_ns: int) -> str:
    return f"{utc_ns // NANOSECONDS}\n"


def test_without_a_chip_and_without_the_kernels_word_nothing_speaks_for_the_clock(board: Board) -> None:
    assert board.evidence.of(NOW_NS) == "nothing"
    board.is_synchronized = True
    assert board.evidence.of(NOW_NS) == "ntp"
    board.is_synchronized = False
    assert board.evidence.of(NOW_NS) == "nothing"


@pytest.mark.parametrize(
    ("off_ns", "expected"),
    [
        (0, "chip"),
        (59 * NANOSECONDS, "chip"),
        (-59 * NANOSECONDS, "chip"),
        (61 * NANOSECONDS, "other_chip"),
        (5 * HOUR_NS + 3 * HOUR_NS // 4 + 30 * NANOSECONDS, "chip"),
        (-10 * HOUR_NS, "chip"),
        (14 * HOUR_NS, "chip"),
        (15 * HOUR_NS, "other_chip"),
        (7 * 60 * NANOSECONDS, "other_chip"),
        (24 * HOUR_NS, "other_chip"),
    ],
)
def test_a_chip_must_agree_within_a_minute_and_may_keep_local_time(
    board: Board, off_ns: int, expected: Evidence
) -> None:
    board.set_chip(seconds(NOW_NS - off_ns))
    assert board.evidence.of(NOW_NS) == expected


@pytest.mark.parametrize(
    "content", ["0\n", "946684800\n", seconds(RELEASE_UTC_NS + LIFE_NS), "3471292800\n", "", "soon\n", "-5\n"]
)
def test_a_chip_that_cannot_be_right_is_none(board: Board, content: str) -> None:
    """An empty battery: 1970, 2000, 2080. The kernel may well have set its clock from it."""
    board.set_chip(content)
    assert board.evidence.of(int(content) * NANOSECONDS if content.strip("-\n").isdigit() else NOW_NS) == "nothing"


def test_one_chip_that_agrees_is_enough(board: Board) -> None:
    board.set_chip("0\n")
    board.boottime_ns += 60 * NANOSECONDS
    board.set_chip(seconds(NOW_NS), "rtc1")
    assert board.evidence.of(NOW_NS) == "chip"


def test_a_stepped_clock_is_noticed_at_once_and_the_chip_is_asked_once_a_minute(board: Board) -> None:
    board.set_chip(seconds(NOW_NS))
    assert board.evidence.of(NOW_NS) == "chip"
    board.set_chip("0\n")
    board.boottime_ns += 30 * NANOSECONDS
    assert board.evidence.of(NOW_NS + 30 * NANOSECONDS) == "chip"
    assert board.evidence.of(NOW_NS + 7 * 60 * NANOSECONDS) == "other_chip"
    board.boottime_ns += 31 * NANOSECONDS
    board.evidence.refresh(LIMIT_SECONDS)
    assert board.evidence.of(NOW_NS + 61 * NANOSECONDS) == "nothing"


class HangingChip:
    """A chip that does not answer before it is told to."""

    def __init__(self, board: Board) -> None:
        self._path = board.root / "sys/class/rtc/rtc0/since_epoch"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        os.mkfifo(self._path)

    @contextmanager
    def answer(self, content: str) -> Iterator[None]:
        """Whoever reads gets this at the end; it begins when somebody does."""
        with open(self._path, "w") as file:
            yield
            file.write(content)


def test_nobody_waits_for_a_chip_that_hangs_and_what_it_says_counts_from_then_on(board: Board) -> None:
    chip = HangingChip(board)
    clock = WallClock(lambda: 7, lambda: NOW_NS, evidence=board.evidence.of, refresh=board.evidence.refresh)
    clock.refresh()
    assert {clock.anchor().source for _ in range(100)} == {"saved"}
    with chip.answer(seconds(NOW_NS)):
        reader = board.evidence._reader
        board.boottime_ns += 600 * NANOSECONDS
        clock.refresh(0.01)
        assert board.evidence._reader is reader, "one asks it at a time"
        board.boottime_ns -= 600 * NANOSECONDS
    clock.refresh(LIMIT_SECONDS)
    assert clock.anchor().source == "system"


def test_what_a_chip_has_said_counts_on_while_it_hangs(board: Board) -> None:
    board.set_chip(seconds(NOW_NS))
    chip = HangingChip(board)
    board.boottime_ns += 61 * NANOSECONDS
    board.evidence.refresh()
    with chip.answer("0\n"):
        assert board.evidence.of(NOW_NS + 61 * NANOSECONDS) == "chip"
        assert board.evidence.of(NOW_NS + 7 * 60 * NANOSECONDS) == "other_chip", "a step is noticed all the same"
    board.evidence.refresh(LIMIT_SECONDS)
    assert board.evidence.of(NOW_NS + 61 * NANOSECONDS) == "nothing"


def test_what_a_chip_says_much_later_is_of_nobody_knows_when(board: Board) -> None:
    chip = HangingChip(board)
    board.evidence.refresh()
    with chip.answer(seconds(NOW_NS)):
        board.boottime_ns += 3600 * NANOSECONDS
    board.evidence.refresh(LIMIT_SECONDS)
    assert board.evidence.of(NOW_NS + HOUR_NS) == "nothing"


@pytest.mark.parametrize("processor", ["x86_64", "AMD64", "i686"])
def test_a_pc_has_a_chip_also_where_none_is_shown(tmp_path: Path, processor: str) -> None:
    evidence = MachineEvidence(root=tmp_path, processor=processor, is_synchronized=lambda: False)
    assert evidence.of(NOW_NS) == "chip"


def test_where_the_kernel_may_not_be_asked_timesyncds_word_counts(board: Board) -> None:
    board.is_synchronized = None
    assert board.evidence.of(NOW_NS) == "nothing"
    (board.root / "run/systemd/timesync").mkdir(parents=True)
    (board.root / "run/systemd/timesync/synchronized").touch()
    assert board.evidence.of(NOW_NS) == "ntp"
    board.is_synchronized = False
    assert board.evidence.of(NOW_NS) == "nothing"


@pytest.mark.parametrize(
    ("trust", "evidence", "expected"),
    [
        ("auto", "ntp", "ntp"),
        ("auto", "chip", "system"),
        ("auto", "other_chip", "saved"),
        ("auto", "nothing", "saved"),
        ("trusted", "ntp", "ntp"),
        ("trusted", "chip", "system"),
        ("trusted", "other_chip", "system"),
        ("trusted", "nothing", "system"),
        ("untrusted", "ntp", "saved"),
        ("untrusted", "chip", "saved"),
        ("untrusted", "nothing", "saved"),
    ],
)
def test_the_owners_word_over_the_machines_clock_counts_at_once(
    trust: MachineTrust, evidence: Evidence, expected: ClockSource
) -> None:
    clock = WallClock(lambda: 7, lambda: NOW_NS, evidence=lambda _utc_ns: evidence)
    clock.take(trust)
    anchor = clock.anchor()
    assert (anchor.monotonic_ns, anchor.utc_ns, anchor.source) == (7, NOW_NS, expected)
    assert ("estimate" in clock.words()) == (expected == "saved")


@pytest.mark.parametrize("trust", ["auto", "trusted", "untrusted"])
@pytest.mark.parametrize("utc_ns", [0, RELEASE_UTC_NS - 1, RELEASE_UTC_NS + LIFE_NS, 2**62])
def test_a_time_that_cannot_be_is_none_whatever_is_said(trust: MachineTrust, utc_ns: int) -> None:
    clock = WallClock(lambda: 7, lambda: utc_ns, evidence=lambda _utc_ns: "ntp", trust=trust)
    assert clock.anchor().source == "none"
    assert clock.words().startswith("Not known")


def test_a_clock_that_is_just_being_set_is_not_believed() -> None:
    """Read before the step, and judged after it: that would be wrong for the whole trip."""
    said: list[Evidence] = ["nothing", "ntp", "ntp", "ntp"]
    clock = WallClock(lambda: 7, lambda: NOW_NS, evidence=lambda _utc_ns: said.pop(0))
    assert [clock.anchor().source for _ in range(2)] == ["saved", "ntp"]


def test_this_machine_can_be_asked() -> None:
    assert kernel_is_synchronized() in (True, False, None)
    assert MachineEvidence().of(time.time_ns()) in ("ntp", "chip", "other_chip", "nothing")
    assert machine_clock("trusted").anchor().is_trusted
    assert machine_clock("untrusted").anchor().source == "saved"


def test_every_start_of_the_machine_has_its_own_word(tmp_path: Path) -> None:
    assert len(kernel_boot()) == 36
    assert kernel_boot() == kernel_boot()
    assert kernel_boot(tmp_path) == ""
    assert asleep_ns() >= 0
    assert asleep_ns() % 1_000_000 == 0
