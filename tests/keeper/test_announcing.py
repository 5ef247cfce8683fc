"""The keeper on a card whose EVENT is full of saved clips: it announces, waits, and takes back what people cure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dashcam.clips.sidecar import Lock
from dashcam.clock import NANOSECONDS, Anchor, utc_ns_of
from dashcam.files import Space
from dashcam.link.client import ask
from dashcam.link.messages import Done, SawAnnouncement
from tests.keeper.rig import NOW_NS, Rig
from tests.made_clips import STARTED_NS, put_clip
from tests.programs import Programs

HOUR = 3600.0
DAY = 24 * HOUR
MINUTE_NS = 60 * NANOSECONDS
LOCK = Lock(cause="button", utc=None)


class Shelf:
    """A card whose EVENT holds two clips, with a keeper that is turned by hand."""

    def __init__(self, make_rig: Callable[..., Rig], *settings_: str) -> None:
        rig = make_rig()
        for number in range(1, 5):
            put_clip(rig.data, f"42-{number}", kind="EVENT", lock=LOCK, started_ns=STARTED_NS + number * MINUTE_NS)
        self.size = max(path.stat().st_size for path in rig.data.rglob("*.mp4"))
        self._settings = (f"storage.event_quota={2 * self.size + 10}B", *settings_)
        self._make_rig = make_rig
        self.day = 0.0
        self.rig = self.restart()

    def restart(self) -> Rig:
        self.rig = self._make_rig(*self._settings).start()
        clock = self.rig.session._clock
        clock.anchor = lambda: Anchor(0, NOW_NS + round(self.day * NANOSECONDS), "phone")  # type: ignore[method-assign]
        return self.rig.scan()

    def told(self) -> list[str]:
        return [told.clip_id for told in self.rig.session.announcements.statuses()]

    def read(self) -> None:
        book = self.rig.session.announcements
        book.saw([told.id for told in book.statuses()])

    def pass_time(self, seconds: float) -> None:
        self.day += seconds
        self.rig.session.announcements._counted_at -= seconds
        self.rig.settle()


def test_the_keeper_announces_waits_and_deletes_with_all_that_belongs_to_it(make_rig: Callable[..., Rig]) -> None:
    shelf = Shelf(make_rig)
    assert shelf.told() == ["42-1", "42-2"]
    assert "or the oldest go a day after you have read which" in shelf.rig.session.cleaner.report.warnings[0]
    shelf.pass_time(30 * DAY)
    shelf.read()
    shelf.pass_time(DAY - 60)
    assert len(shelf.rig.rows()) == 4
    shelf.restart()
    assert shelf.told() == ["42-1", "42-2"]
    assert len(shelf.rig.rows()) == 4
    shelf.pass_time(HOUR)
    assert sorted(shelf.rig.rows()) == ["42-3", "42-4"]
    assert (shelf.told(), shelf.rig.session.cleaner.report.warnings) == ([], ())
    shelf.rig.assert_whole()


def test_where_saved_clips_may_not_go_nothing_is_announced_and_the_warning_stays(
    make_rig: Callable[..., Rig],
) -> None:
    shelf = Shelf(make_rig, "storage.saved_may_go=false")
    assert shelf.told() == []
    assert shelf.rig.session.cleaner.report.warnings[0].endswith("unlock or delete some.")
    shelf.pass_time(30 * DAY)
    assert len(shelf.rig.rows()) == 4


@pytest.mark.parametrize("what", ["unlock", "delete"])
def test_what_people_do_about_it_withdraws_it(make_rig: Callable[..., Rig], what: str) -> None:
    shelf = Shelf(make_rig)
    shelf.read()
    locking = shelf.rig.session.locking
    if what == "unlock":
        locking.unlock(["42-3", "42-4"])
    else:
        locking.delete(["42-3", "42-4"], ["42-3", "42-4"])
    shelf.rig.settle()
    assert shelf.told() == []
    shelf.pass_time(2 * DAY)
    assert {"42-1", "42-2"} <= set(shelf.rig.rows())


def test_a_full_state_keeps_nobody_from_making_room(make_rig: Callable[..., Rig]) -> None:
    shelf = Shelf(make_rig)
    session = shelf.rig.session
    session.announcements._path = shelf.rig.data / "gone" / "announcements.json"
    session.announcements._book = None
    put_clip(shelf.rig.data, "43-1", started_ns=utc_ns_of("2026-11-21T10:00:00.000Z"))
    session.cleaner._space = lambda: Space(100 * 10**6, 0)
    shelf.rig.scan()
    assert "43-1" not in shelf.rig.rows()
    assert len(shelf.rig.rows()) == 4


def test_the_page_tells_the_keeper_that_it_was_read_and_a_kill_forgets_nothing(tmp_path: Path) -> None:
    card = tmp_path / "card"
    for number in (1, 2):
        put_clip(card, f"42-{number}", kind="EVENT", lock=LOCK, started_ns=STARTED_NS + number * MINUTE_NS)
    with Programs(card, tmp_path / "log", "storage.event_quota=1B", "clock.zone=UTC") as programs:
        programs.start("keep")
        programs._wait(lambda: len(programs.keeper().announcements) == 2, "the announcements")
        first = programs.keeper().announcements[0]
        assert (first.clip_id, first.is_seen) == ("42-1", False)
        assert ask(programs.state, "keeper", SawAnnouncement(ids=(first.id, "nonsense")), Done) == Done()
        assert [told.is_seen for told in programs.keeper().announcements] == [True, False]
        programs.kill("keep")
        programs.start("keep")
        programs._wait(lambda: len(programs.keeper().announcements) == 2, "the announcements")
        assert programs.keeper().announcements[0].id == first.id
        assert [told.is_seen for told in programs.keeper().announcements] == [True, False]
        assert len(list(card.rglob("*.mp4"))) == 2
