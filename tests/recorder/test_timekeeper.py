"""The best source of the time counts, and what was known stays known, however the clocks of the machine are stepped."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.clips.anchors import AnchorLine
from dashcam.clock import LIFE_NS, NANOSECONDS, RELEASE_UTC_NS, Anchor, ClockSource, Evidence, WallClock
from dashcam.link import messages as m
from dashcam.recorder.anchors import AnchorLog
from dashcam.recorder.timekeeper import Timekeeper

S = NANOSECONDS
TRUTH = RELEASE_UTC_NS + 10**6 * S
"""What the time is at 0 of the monotonic clock."""


class World:
    """A machine whose clocks are set at will, and its timekeeper."""

    def __init__(self, evidence: Evidence = "nothing", system_off_s: float = -86_400) -> None:
        self.monotonic_ns = 100 * S
        self.system_off_ns = int(system_off_s * S)
        self.evidence: Evidence = evidence
        self.asleep_ns = 0
        machine = WallClock(
            lambda: self.monotonic_ns, lambda: self.now + self.system_off_ns, evidence=lambda _utc_ns: self.evidence
        )
        self.keeper = Timekeeper(machine, lambda: self.asleep_ns)

    @property
    def now(self) -> int:
        """The true time."""
        return TRUTH + self.monotonic_ns + self.asleep_ns

    @property
    def source(self) -> ClockSource:
        return self.keeper.anchor().source

    @property
    def error_s(self) -> float:
        """By how much it is wrong."""
        return (self.keeper.anchor().utc_ns_at(self.monotonic_ns) - self.now) / S

    def go_on(self, seconds: float) -> None:
        self.monotonic_ns += int(seconds * S)

    def phone(self, off_s: float = 0.0, way_s: float = 0.1) -> str:
        return self.keeper.offer_phone(self.now + int(off_s * S), self.monotonic_ns, way_s)

    def gps(self, late_s: float = 0.3) -> None:
        self.keeper.offer_gps(Anchor(self.monotonic_ns, self.now - int(late_s * S), "gps"))


def test_every_source_counts_by_its_rank() -> None:
    world = World(system_off_s=-1e9)
    seen = [world.source]
    world.system_off_ns = -86_400 * S
    seen.append(world.source)
    assert world.phone() == ""
    seen.append(world.source)
    world.evidence, world.system_off_ns = "ntp", 0
    seen.append(world.source)
    world.gps()
    seen.append(world.source)
    assert seen == ["none", "saved", "phone", "ntp", "gps"]


@pytest.mark.parametrize("evidence", ["ntp", "chip"])
def test_a_phone_is_not_asked_where_something_better_is_known(evidence: Evidence) -> None:
    world = World(evidence, system_off_s=0)
    assert "better source" in world.phone()
    assert world.source in ("ntp", "system")
    world = World()
    world.gps()
    assert "better source" in world.phone()
    assert world.source == "gps"


def test_what_was_known_stays_when_its_source_goes_and_the_clock_is_stepped() -> None:
    world = World("ntp", system_off_s=0)
    assert world.source == "ntp"
    world.evidence, world.system_off_ns = "nothing", -5 * 10**5 * S
    world.go_on(3600)
    assert (world.source, world.error_s) == ("ntp", 0)
    assert world.keeper.known().words == "From the internet (network time), some time ago."
    world.evidence, world.system_off_ns = "ntp", 0
    assert world.keeper.known().words == "From the internet (network time)."


def test_the_owners_word_takes_back_what_the_machine_has_said_before() -> None:
    world = World("ntp", system_off_s=0)
    seen = [world.source]
    world.keeper.take("untrusted")
    seen.append(world.source)
    world.keeper.take("auto")
    world.evidence = "nothing"
    seen.append(world.source)
    world.keeper.take("trusted")
    seen.append(world.source)
    assert seen == ["ntp", "saved", "saved", "system"]
    assert "clock.machine" in world.keeper.words()


def test_settings_that_do_not_change_the_owners_word_take_nothing_back() -> None:
    world = World("ntp", system_off_s=0)
    assert world.source == "ntp"
    world.evidence = "nothing"
    world.keeper.take("auto")
    assert world.source == "ntp"


@pytest.mark.parametrize("before", ["phone", "gps", "ntp", "system"])
def test_after_a_suspension_the_time_must_be_told_again(before: str) -> None:
    world = World({"ntp": "ntp", "system": "chip"}.get(before, "nothing"), 0)  # type: ignore[arg-type]
    if before == "phone":
        world.phone()
    elif before == "gps":
        world.gps()
    assert world.source == before
    world.evidence = "nothing"
    world.asleep_ns += 3600 * S
    assert world.source == "saved"
    assert world.phone() == ""
    assert (world.source, world.error_s) == ("phone", 0)


def test_readings_that_are_a_little_apart_are_no_suspension() -> None:
    world = World()
    world.phone()
    world.asleep_ns += S // 10
    assert world.source == "phone"


@pytest.mark.parametrize(
    "utc_ns",
    [315_532_800 * S, RELEASE_UTC_NS - 1, RELEASE_UTC_NS + LIFE_NS, 3_471_292_800 * S, 0, -1, -(2**63), 2**63 - 1],
)
def test_dates_of_1980_and_2080_are_refused_from_anybody(utc_ns: int) -> None:
    world = World()
    assert "cannot be right" in world.keeper.offer_phone(utc_ns, world.monotonic_ns, 0.1)
    world.keeper.offer_gps(Anchor(world.monotonic_ns, utc_ns, "gps"))
    assert world.source == "saved"


@pytest.mark.parametrize("way_s", [2.1, -0.1, math.inf, math.nan, -math.inf])
def test_an_offer_that_was_long_under_way_is_refused(way_s: float) -> None:
    world = World()
    assert "too long" in world.phone(way_s=way_s)
    assert world.source == "saved"


@pytest.mark.parametrize("ago_s", [-1, 61, 2**33])
def test_an_offer_of_another_moment_is_refused(ago_s: int) -> None:
    world = World()
    assert "another moment" in world.keeper.offer_phone(world.now, world.monotonic_ns - ago_s * S, 0.1)
    world.keeper.offer_gps(Anchor(world.monotonic_ns - ago_s * S, world.now, "gps"))
    assert world.source == "saved"


def test_only_gps_offers_as_gps() -> None:
    world = World()
    world.keeper.offer_gps(Anchor(world.monotonic_ns, world.now, "ntp"))
    assert world.source == "saved"


def test_a_phone_that_was_less_long_under_way_refines_the_one_before() -> None:
    world = World()
    assert world.phone(off_s=1, way_s=1.0) == ""
    assert "already" in world.phone(off_s=2, way_s=1.5)
    assert "already" in world.phone(off_s=2, way_s=1.0)
    assert world.error_s == 1
    assert world.phone(way_s=0.05) == ""
    assert world.error_s == 0


@pytest.mark.parametrize("off_s", [-86_400.0, -6.0, 6.0, 8 * 365 * 86_400.0])
def test_of_two_phones_that_contradict_each_other_the_later_one_counts_however_long_it_was_under_way(
    off_s: float,
) -> None:
    world = World()
    assert world.phone(off_s=off_s, way_s=0.004) == ""
    world.go_on(5)
    assert world.phone(way_s=0.3) == ""
    assert world.error_s == 0


def test_a_phones_time_ages_until_a_new_one_is_better() -> None:
    world = World()
    world.phone(way_s=0.05)
    world.go_on(600)
    assert "already" in world.phone(way_s=0.2)
    world.go_on(3600)
    error_seconds = world.keeper.known().error_seconds
    assert error_seconds is not None
    assert error_seconds > 2.3
    assert world.phone(way_s=0.2) == ""
    assert world.keeper.known().error_seconds == 2.2


def test_of_the_fixes_the_least_delayed_counts() -> None:
    world = World()
    errors = []
    for late_s in (0.6, 0.3, 0.7, 0.5, 0.2, 0.8, 0.3):
        world.gps(late_s)
        errors.append(round(world.error_s, 3))
        world.go_on(1)
    assert errors == [-0.6, -0.3, -0.3, -0.3, -0.2, -0.2, -0.2]


@pytest.mark.parametrize("drift", [50e-6, -50e-6])
def test_the_drift_of_the_machines_clock_is_followed_for_hours(drift: float) -> None:
    """The monotonic clock runs fast or slow; without fixes that would be a second in six hours."""
    world = World()
    late_s = (0.6, 0.3, 0.7, 0.5, 0.2, 0.8, 0.3)
    for second in range(6 * 3600):
        true_ns = TRUTH + second * S
        world.monotonic_ns = int(100 * S + second * S * (1 + drift))
        world.keeper.offer_gps(Anchor(world.monotonic_ns, true_ns - int(late_s[second % 7] * S), "gps"))
        error_ns = world.keeper.anchor().utc_ns_at(world.monotonic_ns) - true_ns
        assert abs(error_ns) <= 0.81 * S


def test_a_receiver_that_corrects_itself_is_followed() -> None:
    """Leap seconds that it did not know yet."""
    world = World()
    world.gps(late_s=-17.7)
    world.go_on(10)
    world.gps(late_s=0.3)
    assert round(world.error_s, 3) == -0.3


def test_in_a_tunnel_the_time_goes_on() -> None:
    world = World()
    world.gps(0.25)
    world.go_on(1200)
    assert (world.source, world.error_s) == ("gps", -0.25)
    assert world.keeper.anchor().monotonic_ns == world.monotonic_ns, "an anchor is always told by now"


def test_the_status_says_what_the_time_is_now_and_where_it_is_from() -> None:
    world = World()
    status = world.keeper.status("Europe/Berlin")
    assert (status.source, status.error_seconds, status.zone) == ("saved", None, "Europe/Berlin")
    assert status.words.startswith("An estimate: without a clock chip")
    assert "phone" in status.words
    world.phone(way_s=0.5)
    world.go_on(7)
    status = world.keeper.status("")
    assert (status.source, status.error_seconds, status.words) == ("phone", 2.5, "From a phone.")
    assert (status.monotonic_ns, status.utc_ns) == (world.monotonic_ns, world.now)
    world = World(system_off_s=-1e9)
    status = world.keeper.status("")
    assert (status.utc, status.utc_ns, status.source) == (None, 0, "none")
    assert status.words.startswith("Not known")


def test_an_offer_is_answered_in_words_and_with_the_clock_as_it_is_then() -> None:
    world = World()
    offer = m.OfferTime(utc_ns=world.now, monotonic_ns=world.monotonic_ns, error_seconds=0.1)
    answer = world.keeper.answer(offer, "UTC")
    assert (answer.is_taken, answer.clock.source, answer.clock.utc_ns) == (True, "phone", world.now)
    again = world.keeper.answer(offer, "UTC")
    assert (again.is_taken, again.clock.source) == (False, "phone")
    assert "already" in again.words


def test_a_recorder_that_was_started_again_knows_what_the_one_before_was_told(tmp_path: Path) -> None:
    world = World()
    world.phone()
    AnchorLog(tmp_path, "this start", lambda: world.asleep_ns).note(1, world.keeper.anchor())
    world.go_on(60)

    def started_again(kernel: str) -> World:
        later = World()
        later.monotonic_ns, later.asleep_ns = world.monotonic_ns, world.asleep_ns
        later.keeper.recall(AnchorLog(tmp_path, kernel).earlier())
        return later

    assert (started_again("this start").source, started_again("this start").error_s) == ("phone", 0)
    assert started_again("another start").source == "saved"
    world.asleep_ns = 10 * S
    assert started_again("this start").source == "saved", "it was suspended meanwhile"


@pytest.mark.parametrize(
    "line",
    [
        AnchorLine(1, 200 * S, TRUTH, "gps"),
        AnchorLine(1, 50 * S, 0, "gps"),
        AnchorLine(1, 50 * S, TRUTH, "none"),
        AnchorLine(1, 50 * S, TRUTH, "saved"),
        AnchorLine(1, 50 * S, TRUTH, "ntp"),
    ],
)
def test_a_line_that_cannot_be_right_or_that_the_machine_tells_itself_is_not_recalled(line: AnchorLine) -> None:
    world = World()
    world.keeper.recall(line)
    assert world.source == "saved"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.integers(-(10**9), 10**9)),
        st.tuples(st.just("evidence"), st.sampled_from(["nothing", "other_chip"])),
        st.tuples(st.just("phone"), st.floats(0, 2)),
        st.tuples(st.just("gps"), st.floats(0, 0.9)),
        st.tuples(st.just("wait"), st.integers(0, 600)),
    ),
    max_size=30,
)


@given(STEPS)
def test_however_the_machines_clock_is_stepped_a_trusted_time_is_right(steps: list[tuple[str, float]]) -> None:
    """And it is never lost again, nor taken from a worse source."""
    world = World()
    best: ClockSource = "none"
    for what, value in steps:
        if what == "step":
            world.system_off_ns = int(value * S)
        elif what == "evidence":
            world.evidence = value  # type: ignore[assignment]
        elif what == "phone":
            world.phone(way_s=value)
            best = best if best == "gps" else "phone"
        elif what == "gps":
            world.gps(value)
            best = "gps"
        else:
            world.go_on(value)
        source = world.source
        if best != "none":
            assert source == best
            assert abs(world.error_s) <= 1
        else:
            assert source in ("none", "saved")
