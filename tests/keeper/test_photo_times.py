"""Photos taken before the time was known tell it in their EXIF once it is; those of people stay as they are."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS
from dashcam.errors import BadMedia, CardError, DashcamError
from dashcam.keeper.unfinished import MAX_FAILURES
from dashcam.media.exif import place_in
from dashcam.media.jobs import DatePhoto
from dashcam.media.media_child import MediaChild
from tests.keeper.rig import Rig, digest_of
from tests.keeper.taken_photos import picture_of, put_taken_photo, taken
from tests.keeper.test_dating import add_anchor
from tests.made_clips import STARTED_NS, put_clip

AT_160_S = STARTED_NS + 60 * NANOSECONDS
UTC_TEXT = "2026-11-20T14:45:00+00:00"


def test_time_and_name_come_and_picture_and_place_stay(rig: Rig) -> None:
    path, driven = put_taken_photo(rig.data, "42-3", place=None), put_taken_photo(rig.data, "42-4")
    pictures = {"42-3": picture_of(path), "42-4": picture_of(driven)}
    with Image.open(driven) as image:
        place = place_in(image.getexif())
    rig.start(pictures=True).scan()
    assert (taken(path), taken(driven)) == (None, None)
    add_anchor(rig, 42, AT_160_S, "phone")
    rig.settle().assert_whole()
    assert [rig.path(clip_id).name for clip_id in pictures] == ["dcp_20261120144500.jpg", "dcp_20261120144500_2.jpg"]
    for clip_id, picture in pictures.items():
        assert taken(rig.path(clip_id)) == UTC_TEXT
        assert picture_of(rig.path(clip_id)) == picture
        assert taken(rig.folders.thumbnail_of(rig.path(clip_id))) == UTC_TEXT
    with Image.open(rig.path("42-4")) as image:
        assert place_in(image.getexif()) == place is not None
    before = rig.tree()
    rig.session.dirty.mark_everything()
    assert rig.settle().tree() == before


@pytest.mark.parametrize(("seconds", "said"), [(0.9, UTC_TEXT), (-0.9, UTC_TEXT), (-3.5, "2026-11-20T14:44:56+00:00")])
def test_what_is_known_to_the_second_is_not_written_anew(rig: Rig, seconds: float, said: str) -> None:
    path = put_taken_photo(rig.data, "42-3", source="system")
    content = digest_of(path)
    add_anchor(rig, 42, AT_160_S + int(seconds * NANOSECONDS), "gps")
    rig.start().scan().assert_whole()
    now = rig.path("42-3")
    assert rig.sidecar("42-3").clock_source == "gps"
    assert taken(now) == said
    assert (digest_of(now) == content) == (said == UTC_TEXT)


def _sign(path: Path) -> None:
    """Somebody writes a name into it, and the keeper has seen that."""
    with Image.open(path) as image:
        exif = image.getexif()
        exif[0x013B] = "me"
        image.save(path, exif=exif)
    write_sidecar(sidecar_of(path), msgspec.structs.replace(read_sidecar(sidecar_of(path)), bytes=path.stat().st_size))


def _adopt(path: Path) -> None:
    write_sidecar(sidecar_of(path), msgspec.structs.replace(read_sidecar(sidecar_of(path)), integrity="adopted"))


@pytest.mark.parametrize("change", [_sign, _adopt])
def test_what_people_have_brought_or_changed_is_dated_as_it_is(rig: Rig, change: Callable[[Path], None]) -> None:
    path = put_taken_photo(rig.data, "42-3")
    change(path)
    content = digest_of(path)
    add_anchor(rig, 42, AT_160_S)
    rig.start().scan().assert_whole()
    assert rig.path("42-3").name == "dcp_20261120144500.jpg"
    assert digest_of(rig.path("42-3")) == content


def test_one_that_is_changed_unseen_is_looked_at_first_and_not_written_anew(rig: Rig) -> None:
    path = put_taken_photo(rig.data, "42-3")
    rig.start().scan()
    with Image.open(path) as image:
        image.rotate(180).save(path, comment="mine")
    content = digest_of(path)
    add_anchor(rig, 42, AT_160_S)
    rig.settle().assert_whole()
    assert rig.path("42-3").name == "dcp_20261120144500.jpg"
    assert digest_of(rig.path("42-3")) == content


def test_nothing_is_written_through_a_link(rig: Rig, tmp_path: Path) -> None:
    path = put_taken_photo(rig.data, "42-3")
    elsewhere = tmp_path / "elsewhere.jpg"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    content = digest_of(elsewhere)
    add_anchor(rig, 42, AT_160_S)
    rig.start().scan()
    assert digest_of(elsewhere) == content
    assert path.is_symlink()


class Child(MediaChild):
    """Does something before or instead of each answer about a photo's time."""

    def __init__(self, real: MediaChild, act: Callable[[], None]) -> None:
        super().__init__()
        self._real, self._act, self.asked = real, act, 0

    def ask(self, job, reply):  # type: ignore[no-untyped-def]
        if not isinstance(job, DatePhoto):
            return self._real.ask(job, reply)
        answer = self._real.ask(job, reply)
        self.asked += 1
        self._act()
        return answer

    def close(self) -> None:
        """The real one goes on."""

    def kill(self) -> None:
        """The real one goes on."""


def _with_child(rig: Rig, act: Callable[[], None]) -> Child:
    rig.session.desk._child = child = Child(rig.session.desk._child, act)
    return child


@pytest.mark.parametrize(
    ("error", "times"), [(CardError("full"), MAX_FAILURES), (BadMedia("odd"), 1)], ids=["card", "file"]
)
def test_one_that_cannot_be_written_anew_gets_its_name_all_the_same(rig: Rig, error: DashcamError, times: int) -> None:
    path, clip = put_taken_photo(rig.data, "42-3"), put_clip(rig.data, "42-4", source="saved")

    def fail() -> None:
        raise error

    child = _with_child(rig, fail)
    add_anchor(rig, 42, AT_160_S)
    rig.start()
    for _ in range(MAX_FAILURES + 1):
        rig.scan()  # after trouble it rests
    rig.assert_whole()
    assert child.asked == times
    assert not path.exists()
    assert not clip.exists()
    assert taken(rig.path("42-3")) is None
    assert {row.day for row in rig.rows().values()} == {"2026-11-20"}


def test_a_trouble_that_passes_costs_nothing(rig: Rig) -> None:
    put_taken_photo(rig.data, "42-3")

    def fail_once() -> None:
        if child.asked == 1:
            raise CardError("full")

    child = _with_child(rig, fail_once)
    add_anchor(rig, 42, AT_160_S)
    rig.start().scan().scan().assert_whole()
    assert taken(rig.path("42-3")) == UTC_TEXT


def _lock(rig: Rig, path: Path) -> None:
    assert rig.session.locking.lock(["42-3"], "hand").done == ("42-3",)


def _rename(rig: Rig, path: Path) -> None:
    """By people, file and sidecar one after the other."""
    path.rename(path.with_name("me.jpg"))
    sidecar_of(path).rename(path.with_name("me.json"))
    rig.session.dirty.mark_now([path.parent])


def _delete(rig: Rig, path: Path) -> None:
    assert rig.session.locking.delete(["42-3"], []).done == ("42-3",)


def _turn(rig: Rig, path: Path) -> None:
    with Image.open(path) as image:
        image.rotate(180).save(path)
    rig.session.dirty.mark_now([path.parent])


def _clear(rig: Rig, path: Path) -> None:
    path.with_name(f".tmp-{path.name}").unlink()


@pytest.mark.parametrize("act", [_lock, _rename, _delete, _turn, _clear])
def test_what_happens_to_it_meanwhile_counts(rig: Rig, act: Callable[[Rig, Path], None]) -> None:
    path = put_taken_photo(rig.data, "42-3")
    rig.start().scan()
    _with_child(rig, lambda: None)
    desk, deliver = rig.session.desk, rig.session.desk._deliver

    def act_first(finish: Callable[[], None]) -> None:
        def both() -> None:
            desk._deliver = deliver
            act(rig, path)
            finish()

        deliver(both)

    desk._deliver = act_first
    add_anchor(rig, 42, AT_160_S)
    rig.settle().scan().assert_whole()
    assert not list(rig.data.rglob(".tmp-*"))
    if act is _delete:
        assert rig.rows() == {}
        return
    row = rig.reader.get("42-3")
    assert row.day == "2026-11-20"
    assert (row.lock_cause == "hand") == (act is _lock)
    assert (rig.sidecar("42-3").locked is not None) == (act is _lock)
    assert taken(rig.path("42-3")) == (None if act is _turn else UTC_TEXT)
    assert (rig.path("42-3").stem == "me") == (act is _rename)


def test_clips_are_dated_while_photos_wait_for_the_desk_and_thumbnails_come_after(rig: Rig) -> None:
    put_taken_photo(rig.data, "42-3")
    put_clip(rig.data, "42-4", source="saved")
    rig.start(pictures=True)
    rig.session.desk.is_busy = True
    add_anchor(rig, 42, AT_160_S)
    rig.session.dirty.mark_everything()
    rig.until(lambda: len(rig.rows()) == 2)
    assert [rig.reader.get(clip_id).day for clip_id in ("42-3", "42-4")] == ["undated", "2026-11-20"]
    rig.session.desk.is_busy = False
    asked: list[str] = []
    desk = rig.session.desk
    submit = desk.submit
    desk.submit = lambda job, *rest: (asked.append(type(job).__name__), submit(job, *rest))[1]  # type: ignore
    rig.settle().assert_whole()
    assert asked == ["DatePhoto", "MakeThumbnail", "MakeThumbnail"]
    assert os.fsdecode(taken(rig.path("42-3")) or "") == UTC_TEXT
