"""The network mode among phones that come and go, guests, wrong keys and a failing radio, in simulated time: whatever
happens in whatever order, it is reachable again within the promised times and throws nobody off."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dashcam.network.mode_state import KeyChanged
from dashcam.network.mode_view import BACK_WITHIN_SECONDS, LEAVES_IN_SECONDS
from tests.network.air import Air, Phone

UNREACHABLE_SECONDS = 45.0
AFTER_FAILURE_SECONDS = 75.0
EAGER_RETURN_SECONDS, CALM_RETURN_SECONDS = 60.0, 200.0
FIRST_MINUTES_SECONDS = 300.0
EXAMPLES = int(os.environ.get("EXPLORED_EXAMPLES", "40"))
NAMES = ("phone", "home", "hidden")


@dataclass
class Worst:
    """The longest of each, over all that was explored; printed for whoever reads the log."""

    unreachable: float = 0.0
    eager_return: float = 0.0
    calm_return: float = 0.0
    failed_try: float = 0.0
    steps: int = 0
    simulated: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


@dataclass
class Witness:
    """Watches the air at every event, and notes what was promised and not kept."""

    air: Air
    worst: Worst
    most_unreachable: float = UNREACHABLE_SECONDS
    broken: list[str] = field(default_factory=list)
    episode_at: float | None = None
    empty_at: float = 0.0
    joinable_at: float | None = None
    try_at: float | None = None
    was_in_vain: bool = False

    def look(self) -> None:
        air, now = self.air, self.air.now
        if not air.mode.is_on or air.cure or air.open_failures:
            self.episode_at = self.joinable_at = self.try_at = None
            return
        if air.down_since is not None:
            lasted = now - max(air.down_since, air.fault_at)
            self.worst.unreachable = max(self.worst.unreachable, lasted)
            if lasted > self.most_unreachable:
                self.broken.append(f"unreachable for {lasted:.1f} s at {now:.1f}")
        if air.dropped_guests:
            self.broken.append(f"somebody was thrown off the access point at {now:.1f}")
        self._watch_return(now)
        self._watch_try(now)

    def _watch_return(self, now: float) -> None:
        """Nobody on the access point, and a phone that could be joined: how long until it is."""
        air = self.air
        if air.doing == "joined" or air.mode.wanted is not None:
            if self.joinable_at is not None and air.doing == "joined":
                self._returned(now)
            self.episode_at = self.joinable_at = None
            return
        if air.doing == "open" and self.episode_at is None:
            self.episode_at = now
        is_asked = air.mode.search is not None and air.mode.search.kind == "try"
        if air.guests or is_asked or self.episode_at is None:
            self.empty_at, self.joinable_at = now, None
            return
        phones = list(air.phones.values())
        has_others = any(phone.is_there and not phone.can_be_joined for phone in phones)
        ready = [phone for phone in phones if phone.can_be_joined and not air.mode.troubles.get(phone.uuid)]
        if has_others or not ready:
            self.joinable_at = None
            return
        since = max(
            min(phone.since for phone in ready), self.empty_at, self.episode_at, air.fault_at, air.failed_join_at
        )
        if self.joinable_at is None or since > self.joinable_at:
            self.joinable_at = since
        limit = self._return_limit()
        if self.most_unreachable == UNREACHABLE_SECONDS and now - self.joinable_at > limit:
            self.broken.append(f"not back on a phone after {limit:g} s at {now:.1f}")

    def _return_limit(self) -> float:
        assert self.joinable_at is not None
        assert self.episode_at is not None
        is_early = self.joinable_at - self.episode_at <= FIRST_MINUTES_SECONDS
        return EAGER_RETURN_SECONDS if is_early else CALM_RETURN_SECONDS

    def _returned(self, now: float) -> None:
        assert self.joinable_at is not None
        if self._return_limit() == EAGER_RETURN_SECONDS:
            self.worst.eager_return = max(self.worst.eager_return, now - self.joinable_at)
            self.worst.count("returns in the first minutes")
        else:
            self.worst.calm_return = max(self.worst.calm_return, now - self.joinable_at)
            self.worst.count("returns later")

    def _watch_try(self, now: float) -> None:
        """From the moment at which it leaves."""
        search = self.air.mode.search
        if search is not None and search.kind == "try" and self.try_at is None:
            self.try_at = search.since
        if self.try_at is None or (search is not None and search.since == self.try_at):
            return
        lasted, self.try_at = now - max(self.try_at, self.air.fault_at), None
        if self.air.doing == "open":
            self.worst.failed_try = max(self.worst.failed_try, lasted)
            self.worst.count("failed tries")
        elif self.air.doing == "joined":
            self.worst.count("tries that succeeded")


class Explored(RuleBasedStateMachine):
    """Everything that can happen to it, in any order."""

    worst = Worst()
    most_unreachable = UNREACHABLE_SECONDS

    @initialize(seed=st.integers(0, 2**32), by_itself=st.booleans(), there=st.sets(st.sampled_from(NAMES)))
    def begin(self, seed: int, by_itself: bool, there: set[str]) -> None:
        self.air = Air({name: Phone(name) for name in NAMES}, random.Random(seed).uniform, joins_by_itself=by_itself)
        for name in there:
            self.air.appear(name)
        self.witness = Witness(self.air, self.worst, self.most_unreachable)
        self.air.reports.append(self.witness.look)
        self.air.know(hidden=("hidden",))
        self.air.switch(is_on=True)

    @rule(seconds=st.floats(0.1, 50))
    def time_passes(self, seconds: float) -> None:
        self._advance(seconds)

    @rule(minutes=st.floats(2, 8))
    def much_time_passes(self, minutes: float) -> None:
        self._advance(60 * minutes)

    @rule(name=st.sampled_from(NAMES))
    def a_phone_appears(self, name: str) -> None:
        self.air.appear(name)

    @rule(name=st.sampled_from(NAMES))
    def a_phone_vanishes(self, name: str) -> None:
        self.air.vanish(name)

    @rule(name=st.sampled_from(NAMES), gaps=st.lists(st.floats(0.5, 25), min_size=1, max_size=6))
    def a_phone_flaps(self, name: str, gaps: list[float]) -> None:
        for gap in gaps:
            self.air.vanish(name)
            self._advance(gap)
            self.air.appear(name)
            self._advance(gap / 2)

    @rule(name=st.sampled_from(NAMES), is_right=st.booleans())
    def a_phone_changes_its_key(self, name: str, is_right: bool) -> None:
        phone = self.air.phones[name]
        phone.has_right_key, phone.since = is_right, self.air.now
        if is_right:
            self.air.tell(KeyChanged(name))

    @rule(name=st.sampled_from(NAMES), hangs=st.booleans())
    def a_phone_hangs(self, name: str, hangs: bool) -> None:
        phone = self.air.phones[name]
        phone.hangs, phone.since = hangs, self.air.now

    @precondition(lambda self: self.air.doing == "open")
    @rule()
    def a_guest_comes(self) -> None:
        self.air.guests += 1

    @precondition(lambda self: self.air.guests)
    @rule()
    def a_guest_goes(self) -> None:
        self.air.guests -= 1

    @rule(name=st.sampled_from(("", *NAMES)))
    def somebody_wants_to_try(self, name: str) -> None:
        self.air.ask_try(name)

    @rule(name=st.sampled_from(NAMES), away=st.floats(30, 600))
    def a_phone_is_away_for_a_while(self, name: str, away: float) -> None:
        self.air.vanish(name)
        self._advance(away)
        self.air.appear(name)
        self._advance(30)

    @rule(seconds=st.floats(0.1, 40))
    def it_is_switched_off_for_a_while(self, seconds: float) -> None:
        self.air.switch(is_on=False)
        assert self.air.mode.phase == "off"
        self._advance(seconds)
        self.air.switch(is_on=True)

    @invariant()
    def every_promise_is_kept(self) -> None:
        if hasattr(self, "witness"):
            assert self.witness.broken == [], self.air.log[-30:]

    @invariant()
    def it_always_has_words(self) -> None:
        if hasattr(self, "air"):
            assert self.air.mode.words

    def teardown(self) -> None:
        """Left in peace it always ends on a network or as the access point."""
        if not hasattr(self, "air"):
            return
        self.air.loses_answer = False
        self._advance(900.0)
        assert self.witness.broken == [], self.air.log[-30:]
        assert self.air.doing in ("joined", "open", "joining", "idle", "opening")
        assert self.air.mode.phase not in ("off", "no_radio", "failed", "starting")

    def _advance(self, seconds: float) -> None:
        self.worst.steps += 1
        self.worst.simulated += seconds
        self.air.advance(seconds)


class ExploredWithFaults(Explored):
    """The same with a radio that fails; counted from its last failure, and it may have turned to a network first."""

    worst = Worst()
    most_unreachable = AFTER_FAILURE_SECONDS

    @rule(times=st.integers(1, 3))
    def the_access_point_does_not_open(self, times: int) -> None:
        self.air.open_failures = times

    @rule(cure=st.sampled_from(("cycle", "reload")))
    def the_radio_dies(self, cure: str) -> None:
        self.air.die(cure)

    @rule()
    def an_answer_comes_late(self) -> None:
        self.air.loses_answer = True


@pytest.fixture
def _prints_the_worst() -> Iterator[None]:
    yield
    print(Explored.worst, ExploredWithFaults.worst, sep="\n")


def _explore(machine: type[Explored]) -> Worst:
    bounded = settings(
        max_examples=EXAMPLES,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        phases=(Phase.generate,),  # to shrink a history of an hour takes one
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(machine, settings=bounded)
    return machine.worst


@pytest.mark.usefixtures("_prints_the_worst")
def test_whatever_happens_its_promises_hold() -> None:
    worst = _explore(Explored)
    assert worst.counts["returns in the first minutes"] > 0
    assert worst.counts["failed tries"] > 10
    assert worst.failed_try <= BACK_WITHIN_SECONDS
    assert LEAVES_IN_SECONDS < UNREACHABLE_SECONDS


@pytest.mark.usefixtures("_prints_the_worst")
def test_a_failing_radio_costs_no_more_than_its_failure() -> None:
    assert _explore(ExploredWithFaults).counts["failed tries"] > 5


@pytest.mark.parametrize(
    ("away_minutes", "most_seconds"), [((0.5, 4.9), EAGER_RETURN_SECONDS), ((6.5, 60), CALM_RETURN_SECONDS)]
)
def test_a_phone_that_returns_is_joined_in_time(away_minutes: tuple[float, float], most_seconds: float) -> None:
    took = []
    for seed in range(60):
        draw = random.Random(seed).uniform
        air = Air({"phone": Phone("phone")}, draw, joins_by_itself=seed % 2 == 0)
        air.know()
        air.switch(is_on=True)
        air.advance(60 * draw(*away_minutes))
        air.appear("phone")
        returned_at = air.now
        while air.doing != "joined":
            air.advance(0.5)
            assert air.now - returned_at <= most_seconds
        took.append(air.now - returned_at)
    print(f"back within {max(took):.0f} s, half of them within {sorted(took)[30]:.0f} s")
