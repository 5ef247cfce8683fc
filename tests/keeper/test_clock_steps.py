"""However the clock is stepped, no file is overwritten, ids keep the order, and the truly oldest is deleted first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashcam.clock import NANOSECONDS, Evidence, utc_ns_of
from dashcam.keeper import cleaner
from tests.keeper.stepped_world import FILE_BYTES, Lost, World

# Starts without a clock, the seconds around changes of year, day and summer time, a battery that is empty, an hour ago.
TIMES = [
    utc_ns_of(text)
    for text in (
        "1970-01-01T00:00:03.000Z",
        "1980-01-06T00:00:00.000Z",
        "2026-11-21T12:00:00.000Z",
        "2026-11-21T11:00:00.000Z",
        "2026-12-31T22:59:59.500Z",
        "2026-12-31T23:00:00.000Z",
        "2027-03-28T00:59:59.500Z",
        "2027-10-31T00:00:00.000Z",
        "2027-10-31T00:59:59.500Z",
        "2027-10-31T01:00:00.000Z",
        "2035-06-01T21:59:59.900Z",
        "2080-01-01T00:00:00.000Z",
    )
]
EVIDENCE: tuple[Evidence, ...] = ("ntp", "chip", "other_chip", "nothing")
EXAMPLES = 40
LOST: tuple[Lost, ...] = ("nothing", "nothing", "state", "marker", "both")

# A method of World and what it is given.
Act = tuple[str, Any]


def _act(name: str, given: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[Act]:
    return st.tuples(st.just(name), st.none() if given is None else given)


_UTC = st.one_of(
    st.sampled_from(TIMES),
    st.integers(TIMES[0] // NANOSECONDS, TIMES[-1] // NANOSECONDS).map(lambda seconds: seconds * NANOSECONDS),
)
_TOO_LITTLE = st.integers(0, 2 * FILE_BYTES - 1)
ACTS = st.one_of(
    _act("record_all", st.text("ccp", min_size=1, max_size=4)),
    _act("step_clock", _UTC),
    _act("speak_for_clock", st.sampled_from(EVIDENCE)),
    _act("offer_gps", _UTC),
    _act("offer_phone", _UTC),
    _act("note_time"),
    _act("pass_time", st.floats(0, 5000)),
    _act("start", st.sampled_from(LOST)),
    _act("restart", st.sampled_from(LOST)),
    _act("lock", st.integers(0, 50)),
    _act("keep"),
    _act("clean", _TOO_LITTLE),
    _act("make_emergency_room", _TOO_LITTLE),
)


@contextmanager
def _world() -> Iterator[World]:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        # The catalogue is asked for so few that it must give the oldest.
        patch.setattr(cleaner, "_MOST_VICTIMS", 2)
        world = World(Path(folder))
        try:
            yield world
        finally:
            world.close()


def _live(world: World, story: Iterable[Act]) -> None:
    for name, given_value in story:
        act = getattr(world, name)
        if given_value is None:
            act()
        else:
            act(given_value)


@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(st.lists(ACTS, min_size=5, max_size=25))
def test_no_step_of_the_clock_costs_a_file_or_its_place_in_the_order(story: list[Act]) -> None:
    with _world() as world:
        _live(world, [*story, ("note_time", None), ("keep", None)])


def test_a_recorder_that_is_restarted_before_the_time_is_known_and_after() -> None:
    with _world() as world:
        _live(world, [("step_clock", TIMES[2]), ("record_all", "cp"), ("note_time", None), ("restart", "nothing")])
        _live(world, [("record_all", "cp"), ("note_time", None), ("start", "nothing"), ("record_all", "c")])
        _live(world, [("note_time", None), ("restart", "marker"), ("record_all", "c"), ("note_time", None)])
        _live(world, [("restart", "nothing"), ("offer_phone", TIMES[2]), ("note_time", None), ("keep", None)])
        days = [row.day for row in world.rig.rows().values()]
        assert days == ["2026-11-21"] * 2 + ["undated"] * 4, "of the start of the machine before nothing is known"
        _live(world, [("restart", "nothing"), ("record_all", "c"), ("keep", None)])
        assert next(iter(world.rig.rows().values())).day == "2026-11-21", "the time is still known"


def test_a_car_without_a_clock_chip_over_four_starts() -> None:
    """Remembered time that goes backwards, then GPS, then an empty battery; told from the clock all would be wrong."""
    with _world() as world:
        _live(world, [("step_clock", TIMES[2]), ("record_all", "ccp"), ("start", "nothing")])
        _live(world, [("step_clock", TIMES[3]), ("record_all", "cc"), ("offer_gps", TIMES[4]), ("note_time", None)])
        _live(world, [("pass_time", 1.0), ("record_all", "c"), ("keep", None)])
        days = [row.day for row in world.rig.rows().values()]
        assert days == ["2027-01-01"] * 1 + ["2026-12-31"] * 2 + ["undated"] * 3
        _live(world, [("start", "both"), ("step_clock", TIMES[0]), ("record_all", "cc"), ("keep", None)])
        days = [row.day for row in world.rig.rows().values()]
        assert days == ["undated"] * 5 + ["2027-01-01"] + ["2026-12-31"] * 2, "the present drive comes first"
        _live(world, [("lock", 1), ("clean", 0), ("make_emergency_room", 0)])
        assert world.deleted >= 3
        assert list(world.locked) == [next(iter(world.alive))]
