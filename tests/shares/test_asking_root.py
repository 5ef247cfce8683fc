"""Root is started for what is wanted last, whatever it was doing when that was said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from dashcam.network.own_folder import own_folder
from dashcam.network.shares import Shares, wanted_of
from dashcam.network.wanted import WANTED_NAME, Applied, Wanted
from dashcam.network.wishes import fingerprint
from dashcam.settings import Settings
from dashcam.settings.schema_network import SharesSettings
from dashcam.system.appliance import APPLY_UNIT
from tests.shares.stand_in_systemd import StandInSystemd
from tests.system.stand_in_logind import private_bus

SECOND = 1_000_000_000
START = ("StartUnit", APPLY_UNIT)
DRIVE, SITE = Settings(shares=SharesSettings(smb=True)), Settings(shares=SharesSettings(ftp=True))


@dataclass
class Slow:
    """A root that takes its time: the test says when it reads and answers."""

    shares: Shares
    systemd: StandInSystemd
    wanted: Path
    applied: Path
    now_ns: int = 0

    def turn(self) -> None:
        """Ten seconds later: much sooner than root is asked again because it is silent."""
        self.now_ns += 10 * SECOND
        self.shares.turn()

    def begins(self) -> None:
        self.systemd.states[APPLY_UNIT] = "activating"

    def reads(self) -> Wanted:
        return msgspec.json.decode(self.wanted.read_bytes(), type=Wanted)

    def answers(self, read: Wanted) -> None:
        self.applied.write_bytes(msgspec.json.encode(Applied(wanted_sha256=fingerprint(read))))
        self.systemd.states[APPLY_UNIT] = "inactive"


@pytest.fixture
def slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    state, applied = tmp_path / "state", tmp_path / "applied.json"
    state.mkdir()
    with private_bus(tmp_path, monkeypatch) as address:
        shares = Shares(state, bus_address=address, applied=applied, monotonic_ns=lambda: made.now_ns)
        made = Slow(shares, StandInSystemd(address), own_folder(state) / WANTED_NAME, applied)
        made.systemd.actions[START] = made.begins
        made.systemd.start()
        try:
            yield made
        finally:
            shares.close()
            made.systemd.close()


def meant(settings: Settings) -> Wanted:
    return wanted_of(settings, "", Wanted())


def test_a_run_that_began_before_the_wish_is_followed_by_another(slow: Slow) -> None:
    slow.shares.take(DRIVE)
    slow.turn()
    read = slow.reads()
    slow.shares.take(SITE)
    slow.turn()
    assert slow.systemd.done == [START], "who starts it while it works starts nothing"
    slow.answers(read)
    slow.turn()
    assert slow.systemd.done == [START, START]
    slow.answers(slow.reads())
    slow.turn()
    assert (slow.systemd.done, slow.reads()) == ([START, START], meant(SITE))


def test_a_run_that_has_read_another_wish_is_followed_by_another_also_when_the_first_is_back(slow: Slow) -> None:
    slow.shares.take(DRIVE)
    slow.turn()
    slow.shares.take(SITE)
    slow.turn()
    read = slow.reads()
    assert read == meant(SITE)
    slow.shares.take(DRIVE)
    slow.turn()
    slow.answers(read)
    slow.turn()
    assert slow.systemd.done == [START, START]
    assert slow.reads() == meant(DRIVE)


def test_root_that_ends_without_an_answer_is_not_started_over_and_over(slow: Slow) -> None:
    slow.shares.take(DRIVE)
    slow.turn()
    slow.systemd.states[APPLY_UNIT] = "failed"
    for _ in range(5):
        slow.turn()
    assert slow.systemd.done == [START]
    slow.turn()
    assert slow.systemd.done == [START, START]
