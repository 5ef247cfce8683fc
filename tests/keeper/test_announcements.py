"""Nothing that was saved goes before a person has read that it has to, and has had time to fetch it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashcam.clips.clip import ClipId
from dashcam.clips.retention import Candidate, Limits, choose_victims
from dashcam.clock import NANOSECONDS
from dashcam.keeper.announcements import MOST_ANNOUNCED, Announcements, Moment, is_due
from tests.clips.rows import row
from tests.keeper.rig import NOW_NS

HOUR = 3600.0
DAY = 24 * HOUR


def moment(ran: float, starts: int = 5, at: float | None = None) -> Moment:
    return Moment(ran_seconds=ran, starts=starts, utc_ns=None if at is None else NOW_NS + round(at * NANOSECONDS))


SEEN = moment(1000.0, at=0.0)
UNTIMED = moment(1000.0)
DUE = [
    ("at once", SEEN, moment(1000.0, at=0.0), False),
    ("the next evening, after an hour's drive", SEEN, moment(1000 + HOUR, 7, at=DAY), True),
    ("the next evening, a minute after the start", SEEN, moment(1060.0, 7, at=DAY), False),
    ("23 hours later", SEEN, moment(1000 + 2 * HOUR, 9, at=DAY - HOUR), False),
    ("a clock that jumped by a year", SEEN, moment(1010.0, at=365 * DAY), False),
    ("a clock that went back", SEEN, moment(1000 + 3 * HOUR, at=-DAY), False),
    ("a day of running without any clock", UNTIMED, moment(1000 + DAY), True),
    ("a day of running although the clock went back", SEEN, moment(1000 + DAY, at=-DAY), True),
    ("three starts and hours of driving without any clock", UNTIMED, moment(1000 + 3 * HOUR, 8), True),
    ("three starts at a petrol station", UNTIMED, moment(1000 + 0.1 * HOUR, 8), False),
    ("two starts", UNTIMED, moment(1000 + 5 * HOUR, 7), False),
    ("the clock is known only now", UNTIMED, moment(1000 + 2 * HOUR, at=DAY), False),
]


@pytest.mark.parametrize(("seen", "now", "due"), [case[1:] for case in DUE], ids=[case[0] for case in DUE])
def test_when_people_have_had_their_time(seen: Moment, now: Moment, due: bool) -> None:
    assert is_due(seen, now) == due


class World:
    """Announcements of a machine whose clocks stand until they are moved."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.seconds = 0.0
        self.utc_ns: int | None = NOW_NS
        self.starts = 1
        self.book = self.restart()

    def restart(self, *, machine: bool = False) -> Announcements:
        self.starts += machine
        self.book = Announcements(
            self.state, None, utc_ns=lambda: self.utc_ns, kernel=f"kernel-{self.starts}", monotonic=lambda: self.seconds
        )
        return self.book

    def run(self, seconds: float, wanted: tuple[str, ...] = ()) -> None:
        """The keeper runs on, with a round now and then."""
        until = self.seconds + seconds
        while self.seconds < until:
            step = min(max(300.0, seconds / 50), until - self.seconds)
            self.seconds += step
            if self.utc_ns is not None:
                self.utc_ns += round(step * NANOSECONDS)
            self.need(*wanted)

    def need(self, *clip_ids: str) -> None:
        self.book.need([row(int(clip_id.partition("-")[2]), kind="event") for clip_id in clip_ids])

    def saw_all(self) -> None:
        self.book.saw([told.id for told in self.book.statuses()])


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_it_is_told_which_clip_has_to_go_when_and_what_to_do(world: World) -> None:
    world.book.need([row(3, kind="event", path="EVENT/2026-11-20/dcp_20261120154500.mp4", lock_cause="button")])
    (told,) = world.book.statuses()
    assert told.words == (
        "The clip of 2026-11-20 15:45 (saved with the button, 103 B) has to go: saved clips have no more room. It goes "
        "a day after this was read. Download it, or unlock or delete others, or give events more room in the settings, "
        "and it stays."
    )
    assert (told.clip_id, told.is_seen) == ("1-3", False)
    world.saw_all()
    assert world.book.statuses()[0].is_seen


def test_it_goes_a_day_after_it_was_read_and_not_before_that(world: World) -> None:
    world.need("1-1", "1-2")
    world.run(3 * DAY, ("1-1", "1-2"))
    assert world.book.released() == frozenset()
    first = next(told for told in world.book.statuses() if told.clip_id == "1-1")
    world.book.saw([first.id])
    world.run(DAY - 60, ("1-1", "1-2"))
    assert world.book.released() == frozenset()
    world.run(60, ("1-1", "1-2"))
    assert world.book.released() == {"1-1"}


def test_what_was_read_is_known_after_any_restart_and_reading_twice_changes_nothing(world: World) -> None:
    world.need("1-1")
    world.saw_all()
    told = world.book.statuses()
    world.run(HOUR, ("1-1",))
    world.restart(machine=True)
    world.need("1-1")
    world.saw_all()
    assert [status.id for status in world.book.statuses()] == [told[0].id]
    world.utc_ns = NOW_NS + round(DAY * NANOSECONDS)
    assert world.book.released() == {"1-1"}


def test_without_a_clock_starts_and_running_count_over_restarts(world: World) -> None:
    world.utc_ns = None
    world.need("1-1")
    world.saw_all()
    for _ in range(3):
        assert world.book.released() == frozenset()
        world.run(1.2 * HOUR, ("1-1",))
        world.restart()  # of the program alone
        world.restart(machine=True)
        world.need("1-1")
    assert world.book.released() == {"1-1"}


def test_room_that_was_made_withdraws_and_what_is_needed_later_is_announced_anew(world: World) -> None:
    world.need("1-1")
    world.saw_all()
    before = world.book.statuses()[0]
    world.need()
    assert world.book.statuses() == ()
    world.run(60)
    world.need("1-1")
    assert world.book.statuses()[0].id == before.id, "room that comes and goes"
    world.run(HOUR)
    world.run(DAY)
    world.need("1-1")
    (anew,) = world.book.statuses()
    assert anew.id != before.id
    assert not anew.is_seen
    world.book.saw([before.id])
    assert not world.book.statuses()[0].is_seen, "who has read the old one has not read this"


def test_unlocking_withdraws_at_once(world: World) -> None:
    world.need("1-1", "1-2")
    world.saw_all()
    world.book.withdraw(["1-1"])
    assert [told.clip_id for told in world.book.statuses()] == ["1-2"]
    world.need("1-1", "1-2")
    assert {told.clip_id: told.is_seen for told in world.book.statuses()} == {"1-2": True, "1-1": False}


def test_no_more_are_told_than_people_read(world: World) -> None:
    world.need(*(f"1-{number}" for number in range(1, 100)))
    assert [told.clip_id for told in world.book.statuses()] == [
        f"1-{number}" for number in range(1, MOST_ANNOUNCED + 1)
    ]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"entries": 3}', b"\xff\xfe", b"x" * 2_000_000])
def test_what_is_damaged_is_announced_anew(world: World, caplog: pytest.LogCaptureFixture, content: bytes) -> None:
    (world.state / "announcements.json").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        world.need("1-1")
    assert "announced anew" in caplog.text
    assert not world.book.statuses()[0].is_seen
    assert world.restart().released() == frozenset()


def test_what_cannot_be_kept_is_not_announced(world: World) -> None:
    world.state.rmdir()
    with pytest.raises(OSError, match="announcements"):
        world.need("1-1")
    assert world.book.statuses() == ()


class Driver:
    """Whatever may happen to a card whose EVENT holds 60 bytes; after each act the cleaner has a round."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clips: list[Candidate] = []
        self.read_at: dict[str, float] = {}
        self.number = 0

    def save(self, size_bytes: int) -> None:
        self._add(size_bytes, is_locked=True)

    def motion(self, size_bytes: int) -> None:
        self._add(size_bytes, is_locked=False)

    def _add(self, size_bytes: int, *, is_locked: bool) -> None:
        self.number += 1
        self.clips.append(Candidate(ClipId(1, False, self.number), "event", "", size_bytes, is_locked))

    def read(self, count: int) -> None:
        for told in self.world.book.statuses()[:count]:
            self.world.book.saw([told.id])
            self.read_at.setdefault(told.id, self.world.seconds)

    def run(self, seconds: int) -> None:
        self.world.seconds += seconds
        if self.world.utc_ns is not None:
            self.world.utc_ns += seconds * NANOSECONDS

    def restart(self, of_machine: int) -> None:
        self.world.restart(machine=bool(of_machine))

    def unlock(self, place: int) -> None:
        if self.clips:
            chosen = self.clips[place % len(self.clips)]
            self.world.book.withdraw([str(chosen.id)])
            self.clips[place % len(self.clips)] = replace(chosen, is_locked=False)

    def clock(self, seconds: int) -> None:
        self.world.utc_ns = None if seconds == 1 else NOW_NS + seconds * NANOSECONDS

    def clean(self) -> int:
        """Gives how many saved ones went."""
        released = self.world.book.released()
        told_of = {told.clip_id: told.id for told in self.world.book.statuses()}
        offered = [replace(clip, is_released=str(clip.id) in released) for clip in self.clips]
        choice = choose_victims(offered, free_bytes=0, limits=Limits({"event": 60}, 0), saved_may_go=True)
        saved = [victim for victim in choice.victims if victim.is_locked]
        for victim in saved:
            read_at = self.read_at.get(told_of.get(str(victim.id), ""))
            assert read_at is not None, "it went unread"
            assert self.world.seconds - read_at >= HOUR
        gone = {victim.id for victim in choice.victims}
        self.clips = [clip for clip in self.clips if clip.id not in gone]
        self.world.need(*(str(clip.id) for clip in choice.to_announce))
        return len(saved)


ACTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([Driver.save, Driver.motion]), st.integers(10, 40)),
        st.tuples(st.sampled_from([Driver.read, Driver.unlock]), st.integers(1, 5)),
        st.tuples(st.just(Driver.run), st.sampled_from([60, 3600, 90_000])),
        st.tuples(st.just(Driver.restart), st.integers(0, 1)),
        st.tuples(st.just(Driver.clock), st.sampled_from([1, -86_400, 0, 400 * 86_400])),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(ACTS)
def test_whatever_happens_nothing_saved_goes_that_was_not_read_an_hour_of_running_before(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[Callable[[Driver, int], None], int]]
) -> None:
    driver = Driver(World(tmp_path_factory.mktemp("state")))
    for _ in range(3):
        driver.save(30)
        driver.clean()
    for act, amount in acts:
        act(driver, amount)
        driver.clean()


def test_in_the_end_what_was_read_goes(world: World) -> None:
    """So that the rule above is not kept by keeping everything."""
    driver = Driver(world)
    for _ in range(3):
        driver.save(30)
        assert driver.clean() == 0
    driver.read(5)
    driver.run(90_000)
    assert driver.clean() == 1
