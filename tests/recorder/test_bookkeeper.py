"""Emergency deletion: the oldest loop clips, never a locked, saved or open one, and it is said when there are none."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from dashcam.clips.clip import ClipKind
from dashcam.clips.event import EventCause, EventFacts
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import Lock, Sidecar, encode_tag, read_sidecar, write_sidecar
from dashcam.clock import WallClock
from dashcam.files import Space
from dashcam.media.durable_file import DurableFile
from dashcam.recorder import bookkeeper
from dashcam.recorder.bookkeeper import Bookkeeper
from dashcam.recorder.card import Card
from dashcam.recorder.numbering import Numbering
from tests.made_clips import clip_bytes, sidecar_for, tag_of
from tests.packets import FPS, packets
from tests.recorder.rig import Rig, clips_of

CLIP_BYTES = 1000
CARD_BYTES = 100 * CLIP_BYTES


class SmallCard(Card):
    """A card whose free space is what its clips leave of CARD_BYTES."""

    def __init__(self, data: Path) -> None:
        super().__init__(data, Numbering(data / ".state"), WallClock(), "UTC")
        self.taken_bytes = 0

    def space(self) -> Space:
        used = sum(path.stat().st_size for path in self.folders.dcim.rglob("*.mp4"))
        return Space(CARD_BYTES, CARD_BYTES - used - self.taken_bytes)


class Books:
    """A bookkeeper with a card; `look` is one turn of its loop."""

    def __init__(self, data: Path) -> None:
        self.card = SmallCard(data)
        self.folders = self.card.folders
        self.saved: frozenset[str] = frozenset()
        self.times_noted = 0
        self.keeper = Bookkeeper(self.card, lambda: self.saved, lambda: CLIP_BYTES, self._note_time)

    def put(self, number: int, *, locked: bool = False, with_sidecar: bool = True, day: str = "2026-11-20") -> Path:
        path = self.path(number, day)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(CLIP_BYTES))
        if with_sidecar:
            write_sidecar(sidecar_of(path), sidecar(f"3-{number}", locked=locked))
        return path

    def path(self, number: int, day: str = "2026-11-20") -> Path:
        return self.folders.of_kind("loop") / day / f"dcp_{number:014d}.mp4"

    def leave_free(self, clips: float) -> None:
        """Something else on the card grows until only so much is free."""
        self.card.taken_bytes += self.card.space().free_bytes - int(clips * CLIP_BYTES)

    def look(self) -> None:
        stop = threading.Event()
        stop.set()
        self.keeper.wake()
        self.keeper.work(stop)

    def left(self) -> list[int]:
        return sorted(int(path.stem.removeprefix("dcp_")) for path in self.folders.dcim.rglob("*.mp4"))

    def _note_time(self) -> None:
        self.times_noted += 1


def sidecar(clip_id: str, *, locked: bool = False) -> Sidecar:
    lock = Lock(cause="hand", utc=None) if locked else None
    return sidecar_for(tag_of(clip_id), bytes(CLIP_BYTES), lock=lock)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path)


def test_nothing_is_deleted_while_two_clips_are_free(books: Books) -> None:
    for number in range(5):
        books.put(number)
    books.leave_free(2)
    books.look()
    assert books.left() == [0, 1, 2, 3, 4]
    assert not books.keeper.nothing_to_delete


def test_the_oldest_go_until_two_clips_are_free(books: Books) -> None:
    for number in (3, 10, 1, 2, 11):
        books.put(number)
    books.leave_free(0.5)
    books.look()
    assert books.left() == [3, 10, 11]
    assert books.keeper.emergency_deletions == 2


def test_ids_tell_the_age_and_not_the_names_or_days(books: Books) -> None:
    """Before the clock was right the newest clip may have the oldest name."""
    books.put(7, day="2026-01-01")
    books.put(5, day="2026-11-20")
    books.leave_free(1.5)
    books.look()
    assert books.left() == [7]


def test_locked_saved_open_and_broken_clips_stay(books: Books) -> None:
    books.put(1, locked=True)
    books.put(2)
    books.put(3, with_sidecar=False)
    sidecar_of(books.put(4)).write_text("{")
    books.put(5)
    books.saved = frozenset({"3-2"})
    books.leave_free(0)
    books.look()
    assert books.left() == [1, 2, 3, 4]


def cut_off(books: Books, number: int) -> Path:
    """A clip that a power cut has ended, as it was written until then."""
    path = books.put(number, with_sidecar=False)
    growing, _ = clip_bytes(encode_tag(tag_of(f"3-{number}")))
    path.write_bytes(growing)
    return path


def test_a_card_full_of_clips_that_were_cut_off_does_not_stop_the_recording(books: Books) -> None:
    """The keeper, which would have made them whole, may be dead."""
    for number in (9, 3, 5):
        cut_off(books, number)
    sidecar_of(cut_off(books, 4)).write_text("{")
    books.put(8)
    books.put(1, with_sidecar=False)
    size = books.path(3).stat().st_size / CLIP_BYTES
    books.leave_free(2 - 1 - size - 0.5)
    books.look()
    assert books.left() == [1, 5, 9], "first what is closed, then the oldest of the others; never what is not ours"
    assert books.keeper.emergency_deletions == 3
    assert not books.keeper.nothing_to_delete


def test_of_what_was_cut_off_the_saved_and_the_open_stay(books: Books) -> None:
    cut_off(books, 3)
    growing, _ = clip_bytes(encode_tag(tag_of("3-4")))
    path = books.put(4, with_sidecar=False)
    path.unlink()
    file = DurableFile(path)
    file.write(growing)
    books.saved = frozenset({"3-3"})
    books.leave_free(0)
    books.look()
    assert books.left() == [3, 4]
    assert books.keeper.nothing_to_delete
    file.close()
    books.look()
    assert books.left() == [3]


def put_event(books: Books, number: int, cause: EventCause | None = "motion", *, locked: bool = False) -> Path:
    """A clip in EVENT; without a cause it is one of the loop that people have moved there just now."""
    facts = EventFacts(cause=cause, id=f"3-{number}", at_seconds=1.0, peak_seconds=1.0) if cause else None
    path = books.folders.of_kind("event") / "2026-11-20" / f"dcp_{number:014d}.mp4"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(CLIP_BYTES))
    kind: ClipKind = "event" if cause else "loop"
    written = msgspec.structs.replace(sidecar(f"3-{number}", locked=locked), kind=kind, event=facts)
    write_sidecar(sidecar_of(path), written)
    return path


def test_when_no_loop_clip_is_left_unsaved_events_go_and_saved_ones_never(books: Books) -> None:
    put_event(books, 1)
    put_event(books, 2, locked=True)
    put_event(books, 3, None)
    books.put(4)
    put_event(books, 5)
    books.leave_free(0.5)
    books.look()
    assert books.left() == [2, 3, 5], "first the loop's, however young"
    books.leave_free(0)
    books.look()
    assert books.left() == [2, 3]
    assert not books.keeper.nothing_to_delete
    books.look()
    assert books.left() == [2, 3]


@pytest.mark.parametrize(("cause", "stays"), [("motion", False), ("button", True), ("impact", True), (None, True)])
def test_of_events_that_were_cut_off_only_those_of_motion_go(
    books: Books, cause: EventCause | None, stays: bool
) -> None:
    path = put_event(books, 1, cause)
    facts = EventFacts(cause=cause, id="3-1", at_seconds=1.0, peak_seconds=1.0) if cause else None
    growing, _ = clip_bytes(encode_tag(tag_of("3-1", event=facts)))
    path.write_bytes(growing)
    sidecar_of(path).unlink()
    books.leave_free(0)
    books.look()
    assert path.exists() == stays


def test_all_that_belongs_to_a_clip_goes_with_it(books: Books) -> None:
    clip = books.put(1)
    belongings = [books.folders.thumbnail_of(clip), books.folders.track_of(clip)]
    for path in belongings:
        path.parent.mkdir(parents=True)
        path.write_text("belongs to it")
    books.leave_free(0)
    books.look()
    assert [path for path in (clip, sidecar_of(clip), *belongings) if path.exists()] == []


def test_it_is_said_when_nothing_may_be_deleted_and_taken_back_when_there_is_room(books: Books) -> None:
    books.put(1, locked=True)
    books.leave_free(1)
    books.look()
    assert books.keeper.nothing_to_delete
    assert books.left() == [1]
    books.leave_free(3)
    books.look()
    assert not books.keeper.nothing_to_delete


def test_a_clip_that_is_unlocked_is_found_at_the_next_look(books: Books) -> None:
    clip = books.put(1, locked=True)
    books.leave_free(1)
    books.look()
    write_sidecar(sidecar_of(clip), msgspec.structs.replace(read_sidecar(sidecar_of(clip)), locked=None))
    books.look()
    assert books.left() == []
    assert not books.keeper.nothing_to_delete


def test_new_clips_are_known_before_it_is_said_that_there_are_none(books: Books) -> None:
    books.put(1)
    books.put(2)
    books.leave_free(1)
    books.look()
    assert books.left() == [2]
    for number in (3, 4):
        books.put(number)
    books.leave_free(0)
    books.look()
    assert books.left() == [4]
    assert not books.keeper.nothing_to_delete


def test_a_clip_that_was_locked_meanwhile_is_not_deleted(books: Books) -> None:
    """The list of clips is kept while room is short; the keeper works in the meantime."""
    for number in range(1, 6):
        books.put(number)
    books.leave_free(1)
    books.look()
    assert books.left() == [2, 3, 4, 5]
    kept = books.put(2, locked=True)
    renamed = sidecar_of(books.put(3))
    write_sidecar(renamed, sidecar("9-1"))
    books.leave_free(1)
    books.look()
    assert kept.exists()
    assert renamed.exists()
    assert books.left() == [2, 3, 5]


def test_on_a_card_of_a_few_clips_the_reserve_leaves_some(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two clips of a minute may be more than the whole card."""
    monkeypatch.setattr(books.keeper, "_bytes_per_clip", lambda: CARD_BYTES)
    books.put(1)
    books.leave_free(30)
    books.look()
    assert books.left() == [1]
    books.leave_free(24)
    books.look()
    assert books.left() == []


def test_what_is_to_be_noted_is_at_every_turn_and_a_last_time(books: Books) -> None:
    books.look()
    assert books.times_noted == 2


def failing_once(code: int) -> Callable[[Path, Sidecar], None]:
    failures = iter([True])

    def write(path: Path, written: Sidecar) -> None:
        if next(failures, False):
            raise OSError(code, os.strerror(code))
        write_sidecar(path, written)

    return write


def test_a_sidecar_that_found_the_card_full_is_written_once_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookkeeper, "write_sidecar", failing_once(errno.ENOSPC))
    Rig(tmp_path).record(packets(2 * FPS))
    assert [read_sidecar(sidecar_of(clip)).id for clip in clips_of(tmp_path)] == ["1-1"]


def test_a_clip_whose_sidecar_cannot_be_written_is_left_to_the_keeper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookkeeper, "write_sidecar", failing_once(errno.EIO))
    Rig(tmp_path).record(packets(4 * FPS))
    assert [sidecar_of(clip).exists() for clip in clips_of(tmp_path)] == [False, True]
