"""The small parts of the keeper: turns, requests, the desk, what is dirty, what is swept up."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest
from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    FileSystemEvent,
)

from dashcam.clips.catalogue_writer import CatalogueLost
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.errors import BadMedia, CardError, DashcamError, LinkError
from dashcam.keeper import folder_watch
from dashcam.keeper.chores import REST_AFTER_TROUBLE_SECONDS, Chore, Chores
from dashcam.keeper.desk import Desk
from dashcam.keeper.dirty import LONGEST_WAIT_SECONDS, SETTLE_SECONDS, DirtyFolders
from dashcam.keeper.folder_watch import FolderDates, FolderWatch
from dashcam.keeper.growing import is_being_written
from dashcam.keeper.inbox import Inbox
from dashcam.keeper.rows import FileFacts
from dashcam.keeper.unfinished import Unfinished
from dashcam.media.jobs import Inspect, Inspected
from dashcam.media.media_child import ChildCameToGrief
from tests.keeper.rig import LIMIT_SECONDS, Rig
from tests.made_clips import put_clip

KINDS = ("VIDEO", "EVENT", "PHOTO")


class Step:
    """A chore's step that does what it is told."""

    def __init__(self, *outcomes: bool | BaseException) -> None:
        self.outcomes = list(outcomes)
        self.calls = 0

    def __call__(self) -> bool:
        self.calls += 1
        outcome = self.outcomes.pop(0) if self.outcomes else False
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


@pytest.mark.parametrize("trouble", [OSError(errno.EIO, "no"), CardError("no"), ValueError("a mistake of ours")])
def test_a_chore_that_fails_rests_and_the_others_go_on(trouble: Exception) -> None:
    now = [0.0]
    bad, good = Step(trouble, True), Step(True, True, True)
    chores = Chores((Chore("bad", bad), Chore("good", good)), lambda: now[0])
    assert chores.step(may_write=True)
    assert chores.step(may_write=True)
    assert (bad.calls, good.calls) == (1, 2)
    now[0] += REST_AFTER_TROUBLE_SECONDS
    assert chores.step(may_write=True)
    assert (bad.calls, good.calls) == (2, 2)


def test_a_chore_has_its_pace_its_place_and_may_be_forbidden() -> None:
    now = [0.0]
    first, second = Step(False, True, True), Step(True, True, True)
    chores = Chores((Chore("first", first, 5.0), Chore("second", second, is_writing=False)), lambda: now[0])
    assert chores.step(may_write=True)
    assert chores.step(may_write=True)
    assert (first.calls, second.calls) == (1, 2), "nothing to do: not before its time"
    now[0] += 5.0
    assert chores.step(may_write=False)
    assert (first.calls, second.calls) == (1, 3), "it would change the card"
    assert chores.step(may_write=True)
    assert chores.step(may_write=True)
    assert (first.calls, second.calls) == (3, 3), "what finds something goes on at once"


def test_a_lost_catalogue_is_told() -> None:
    with pytest.raises(CatalogueLost):
        Chores((Chore("any", Step(CatalogueLost("gone"))),)).step(may_write=True)


def test_requests_go_before_results_and_get_their_answer_or_error() -> None:
    inbox, order = Inbox(), list[str]()
    inbox.open()
    inbox.deliver(lambda: order.append("result"))
    answers: Future[str] = Future()

    def answer() -> str:
        order.append("request")
        return "answer"

    def ask() -> None:
        answers.set_result(inbox.ask(answer))
        with pytest.raises(CardError):
            inbox.ask(lambda: _fail(CardError("no")))

    asking = threading.Thread(target=ask)
    asking.start()
    while asking.is_alive():
        if len(inbox) > 1 or answers.done():
            inbox.serve_one()
        inbox.wait(0.01)
    while inbox.serve_one():
        pass
    assert answers.result() == "answer"
    assert order == ["request", "result"]
    asking.join(LIMIT_SECONDS)


def _fail(error: Exception) -> None:
    raise error


def test_who_waits_is_told_when_nobody_will_answer() -> None:
    inbox = Inbox()
    with pytest.raises(LinkError, match="starting"):
        inbox.ask(lambda: 1)
    inbox.open()
    errors: list[DashcamError] = []
    endless: Future[int] = Future()

    def ask(action: Callable[[], object], is_long: bool) -> None:
        try:
            inbox.ask_long(lambda: endless) if is_long else inbox.ask(action)
        except DashcamError as error:
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(lambda: 1, is_long)) for is_long in (True, False)]
    threads[0].start()
    while not inbox.serve_one():
        inbox.wait(0.01)
    threads[1].start()
    while not len(inbox):
        inbox.wait(0.01)
    inbox.close(CardError("the card is gone"))
    endless.cancel()
    for thread in threads:
        thread.join(LIMIT_SECONDS)
    assert {type(error) for error in errors} == {CardError, LinkError}
    with pytest.raises(CardError):
        inbox.ask(lambda: 1)


def test_the_desk_hands_over_answers_and_errors_and_ends_at_once(tmp_path: Path) -> None:
    delivered: list[Callable[[], None]] = []
    arrived = threading.Event()
    deaths: list[BaseException] = []

    def deliver(action: Callable[[], None]) -> None:
        delivered.append(action)
        arrived.set()

    desk = Desk(deliver, deaths.append)
    desk.start()
    outcomes: list[object] = []
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"bad")
    desk.submit(Inspect(path=bytes(bad), kind="video"), Inspected, outcomes.append)
    assert arrived.wait(LIMIT_SECONDS)
    assert desk.is_busy, "until its outcome was taken"
    delivered.pop()()
    assert not desk.is_busy
    assert isinstance(outcomes[0], BadMedia)
    fifo = tmp_path / "endless.mp4"
    os.mkfifo(fifo)
    desk.submit(Inspect(path=bytes(fifo), kind="video"), Inspected, outcomes.append)
    desk.close()
    desk.close()
    assert delivered == [], "a job that was broken off has no outcome"
    assert deaths == []


def test_whoever_dies_of_a_file_gets_more_chances_before_it_is_given_up(rig: Rig) -> None:
    """The kernel may have killed the child for lack of memory: then the clip is good, and must not go to BROKEN."""
    path = put_clip(rig.data, "42-3", is_closed=False)
    rig.start().session.desk._child = _DyingChild()  # type: ignore[assignment]
    for attempt in (1, 2, 3):
        rig.session.dirty.mark_everything()
        for known, waiting in rig.session.unfinished._waiting.copy().items():
            object.__setattr__(waiting, "look_at", 0.0)
            assert known == path
        rig.settle()
        assert path.exists() == (attempt < 3)
    assert (rig.folders.broken / path.name).exists()


class _DyingChild:
    def ask(self, *_: object) -> object:
        raise ChildCameToGrief("killed by signal 9")

    def kill(self) -> None:
        """Dead already."""

    close = kill


def test_a_folder_is_looked_at_when_it_has_calmed_down_or_has_waited_long() -> None:
    now = [0.0]
    dirty = DirtyFolders(lambda: now[0])
    folder = Path("/card/DCIM/VIDEO/2026-11-20")
    seen = 0
    for _ in range(100):
        dirty.mark(folder)
        now[0] += SETTLE_SECONDS / 2
        seen += dirty.take_due() is not None
    longest_waits = 100 * SETTLE_SECONDS / 2 / LONGEST_WAIT_SECONDS
    assert longest_waits - 1 <= seen <= longest_waits
    dirty.mark(folder)
    now[0] += SETTLE_SECONDS
    assert dirty.take_due() == folder
    assert dirty.take_due() is None


def test_too_many_folders_are_the_whole_card() -> None:
    dirty = DirtyFolders()
    for number in range(6000):
        dirty.mark(Path(f"/card/{number}"))
    assert len(dirty) < 6000
    assert dirty.take_everything()
    assert not dirty.take_everything()


@pytest.mark.parametrize(
    ("event", "marked"),
    [
        (FileCreatedEvent("VIDEO/2026-11-20/a.mp4"), {"VIDEO/2026-11-20"}),
        (FileClosedEvent("EVENT/2026-11-20/a.mp4"), {"EVENT/2026-11-20"}),
        (FileMovedEvent("VIDEO/1/a.mp4", "EVENT/2/a.mp4"), {"VIDEO/1", "EVENT/2"}),
        (FileMovedEvent("", "PHOTO/a.jpg"), {"PHOTO"}),
        (FileCreatedEvent("a.jpg"), {"."}),
        (DirCreatedEvent("VIDEO/2026-11-20"), {"VIDEO/2026-11-20"}),
        (DirMovedEvent("VIDEO/1", "VIDEO/2"), {"VIDEO/1", "VIDEO/2"}),
        (FileDeletedEvent("THUMB/2026-11-20/dcpvid_1.jpg"), {f"{kind}/2026-11-20" for kind in KINDS}),
        (FileCreatedEvent("THUMB/2026-11-20/dcpvid_1.jpg"), set()),
        (FileCreatedEvent("VIDEO/2026-11-20/.tmp-repair-a.mp4"), set()),
        (FileCreatedEvent("VIDEO/a/b/c.mp4"), set()),
        (FileCreatedEvent("BROKEN/a.mp4"), set()),
        (FileCreatedEvent("TRACK/log/a.nmea"), set()),
        (FileCreatedEvent("100CANON/a.jpg"), set()),
        (DirCreatedEvent("VIDEO"), {"everything"}),
        (DirMovedEvent("VIDEO", "OLD"), {"everything"}),
    ],
)  # fmt: skip
def test_which_folders_a_change_marks(tmp_path: Path, event: FileSystemEvent, marked: set[str]) -> None:
    card = CardFolders(tmp_path)
    dirty = DirtyFolders()
    for name in ("src_path", "dest_path"):
        text = getattr(event, name)
        object.__setattr__(event, name, str(card.dcim / str(text)) if text else "")
    FolderWatch(card, dirty).on_any_event(event)
    found = {"everything"} if dirty.take_everything() else set()
    dirty.make_due()
    while (folder := dirty.take_due()) is not None:
        found.add(card.relative(folder))
    assert found == marked


def test_without_the_kernels_messages_the_folders_dates_have_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_watch_left() -> None:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    monkeypatch.setattr(folder_watch, "Observer", no_watch_left)
    watch = FolderWatch(CardFolders(tmp_path), DirtyFolders())
    watch.start()
    assert not watch.is_watching
    watch.close()


def test_a_folders_date_tells_of_every_change_but_not_twice(tmp_path: Path) -> None:
    now = [10**9]
    dates = FolderDates(lambda: float(now[0]))
    os.utime(tmp_path, (10**9 - 100, 10**9 - 100))
    assert dates.changed([tmp_path]) == [tmp_path]
    dates.note(tmp_path)
    assert dates.changed([tmp_path]) == []
    os.utime(tmp_path, (10**9, 10**9))
    assert dates.changed([tmp_path]) == [tmp_path]
    dates.note(tmp_path)
    # So young that another change might give it the same date.
    assert dates.changed([tmp_path]) == [tmp_path]
    now[0] += 100
    dates.note(tmp_path)
    assert dates.changed([tmp_path]) == []
    assert dates.changed([]) == [tmp_path], "it was known and is gone"


def test_a_file_is_being_written_while_anybody_has_it_open_for_that(tmp_path: Path) -> None:
    path = tmp_path / "upload.mp4"
    path.write_bytes(b"x")
    assert not is_being_written(path)
    with open(path, "rb"):
        assert not is_being_written(path)
    with open(path, "ab"):
        assert is_being_written(path)
    assert not is_being_written(path)
    with pytest.raises(FileNotFoundError):
        is_being_written(tmp_path / "none")


def test_photos_of_the_recorder_have_longer_to_get_their_sidecar(tmp_path: Path) -> None:
    now = [0.0]
    waiting = Unfinished(5.0, lambda: now[0])
    for name in ("dcp_20261120144500.jpg", "holiday.jpg", "dcp_20261120144500.mp4"):
        (tmp_path / name).write_bytes(b"x")
        waiting.note(tmp_path / name, FileFacts.of((tmp_path / name).stat()))
    now[0] = 30.0
    ready = [waiting.next_ready() for _ in range(3)]
    assert {found.path.name for found in ready if found} == {"holiday.jpg", "dcp_20261120144500.mp4"}
    now[0] = 61.0
    ready = [waiting.next_ready() for _ in range(3)]
    assert "dcp_20261120144500.jpg" in {found.path.name for found in ready if found}


def test_half_written_files_and_lonely_pictures_are_swept_up_and_old_empty_days_go(rig: Rig) -> None:
    path = put_clip(rig.data, "42-3")
    day, thumbnails = path.parent, rig.folders.thumbnails / path.parent.name
    thumbnails.mkdir(parents=True)
    mine = thumbnails / "holiday.jpg"
    rubbish = [
        day / ".tmp-repair-dcp_20261120144500.mp4", day / ".tmp-4711-dcp_20261120144500.json",
        thumbnails / ".tmp-dcpvid_1.jpg", thumbnails / "dcpvid_20200101000000.jpg",
        thumbnails / "dcp_20200101000000.jpg",
    ]  # fmt: skip
    for found in (*rubbish, mine):
        found.write_bytes(b"half")
    old_day, new_day = (rig.folders.of_kind("loop") / name for name in ("2020-01-01", "2026-11-21"))
    for folder in (old_day, new_day, rig.folders.thumbnails / "2020-01-01"):
        folder.mkdir()
    os.utime(old_day, (10**9, 10**9))
    rig.start().scan().settle()
    assert not [found.name for found in rubbish if found.exists()]
    assert mine.exists()
    assert not old_day.exists()
    assert not (rig.folders.thumbnails / "2020-01-01").exists()
    assert new_day.exists()
    assert sidecar_of(path).exists()
