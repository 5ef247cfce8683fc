"""The keeper knows what the recorder was told, as long as that says something about now."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.clips.anchors import ANCHORS_NAME, encode_anchor
from dashcam.clock import NANOSECONDS, RELEASE_UTC_NS, Anchor, ClockSource, Evidence, WallClock
from dashcam.keeper.clock import KeeperClock
from dashcam.settings import Settings
from dashcam.settings.schema import ClockSettings
from tests.keeper.rig import Rig

S = NANOSECONDS
TOLD_NS = RELEASE_UTC_NS + 10**6 * S
SYSTEM_NS = RELEASE_UTC_NS + 10 * S
NOW_NS = 500 * S
"""By the monotonic clock."""


def clock_of(
    state: Path, evidence: Evidence = "nothing", system_ns: int = SYSTEM_NS, asleep_ns: int = 0
) -> KeeperClock:
    machine = WallClock(lambda: NOW_NS, lambda: system_ns, evidence=lambda _utc_ns: evidence)
    return KeeperClock(state, machine, kernel="this start", asleep_ns=lambda: asleep_ns)


def write(state: Path, source: ClockSource, *, kernel: str = "this start", monotonic_ns: int = 100 * S) -> None:
    with open(state / ANCHORS_NAME, "ab") as file:
        file.write(encode_anchor(1, Anchor(monotonic_ns, TOLD_NS, source), kernel))


def test_what_was_told_to_the_recorder_counts_from_then_on(tmp_path: Path) -> None:
    clock = clock_of(tmp_path)
    assert clock.anchor() == Anchor(NOW_NS, SYSTEM_NS, "saved")
    write(tmp_path, "phone")
    assert clock.anchor() == Anchor(NOW_NS, TOLD_NS + 400 * S, "phone")
    write(tmp_path, "gps", monotonic_ns=50 * S)
    assert clock.anchor() == Anchor(NOW_NS, TOLD_NS + 450 * S, "gps")
    (tmp_path / ANCHORS_NAME).unlink()
    assert clock.anchor().source == "saved"


@pytest.mark.parametrize(
    ("evidence", "told", "expected"),
    [("ntp", "phone", "ntp"), ("chip", "phone", "phone"), ("ntp", "gps", "gps"), ("chip", "system", "system")],
)
def test_the_more_trusted_counts(tmp_path: Path, evidence: Evidence, told: ClockSource, expected: ClockSource) -> None:
    write(tmp_path, told)
    anchor = clock_of(tmp_path, evidence).anchor()
    assert anchor.source == expected
    assert (anchor.utc_ns == SYSTEM_NS) == (expected in ("ntp", "system"))


def test_another_start_of_the_machine_says_nothing_about_now(tmp_path: Path) -> None:
    write(tmp_path, "gps", kernel="another start")
    write(tmp_path, "gps", kernel="")
    assert clock_of(tmp_path).anchor().source == "saved"


def test_nor_does_what_was_told_before_the_machine_slept_or_comes_from_later(tmp_path: Path) -> None:
    write(tmp_path, "gps")
    assert clock_of(tmp_path, asleep_ns=60 * S).anchor().source == "saved"
    (tmp_path / ANCHORS_NAME).unlink()
    write(tmp_path, "gps", monotonic_ns=NOW_NS + 1)
    assert clock_of(tmp_path).anchor().source == "saved"


def test_the_owners_word_counts_here_too(tmp_path: Path) -> None:
    clock = clock_of(tmp_path, "ntp")
    clock.take("untrusted")
    assert clock.anchor().source == "saved"


def test_a_session_takes_the_owners_word_at_the_start_and_later(tmp_path: Path) -> None:
    assert Rig(tmp_path, "clock.machine=untrusted").session._clock.anchor().source == "saved"
    session = Rig(tmp_path).session
    assert session._clock.anchor().source == "system"
    session.take(Settings(clock=ClockSettings(machine="untrusted")))
    assert session._clock.anchor().source == "saved"
