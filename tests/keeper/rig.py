"""A keeper that is turned by hand, so that tests see every state and wait for nothing but the child."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.clock import WallClock, utc_ns_of
from dashcam.errors import CardError
from dashcam.keeper.card import Card
from dashcam.keeper.inbox import Inbox
from dashcam.keeper.patience import Patience
from dashcam.keeper.session import Session
from dashcam.media.jobs import Inspect, Inspected
from dashcam.media.media_child import MediaChild
from dashcam.options import ProgramOptions
from dashcam.settings import load_settings

# Far more than anything here takes; only a keeper that hangs meets it.
LIMIT_SECONDS = 60.0
NOW_NS = utc_ns_of("2026-11-20T16:00:00.000Z")
NO_PATIENCE = Patience(quiet_seconds=0.0, lonely_seconds=0.0, missing_seconds=0.0)


def options_for(data: Path, *assignments: str, state: Path | None = None) -> ProgramOptions:
    """Options with settings from nowhere but `assignments`; local time is UTC."""
    loaded = load_settings(None, ("clock.zone=UTC", *assignments), Path("/nonexistent"))
    assert loaded.mistakes == ()
    return ProgramOptions(data, state or data / ".state", loaded)


class _SharedChild(MediaChild):
    """One child for all keepers of the tests: loading its libraries anew for each would be most of their time."""

    def close(self) -> None:
        """It goes on for the next keeper."""

    def kill(self) -> None:
        """It goes on for the next keeper; it ends with the tests."""

    def _count(self) -> None:
        """Another one would be started in the thread of a keeper, and end together with that."""


@cache
def _shared_child() -> MediaChild:
    child = _SharedChild()
    # Started here, because the kernel ends it together with the thread that has started it.
    with pytest.raises(CardError):
        child.ask(Inspect(path=b"/nonexistent", kind="video"), Inspected)
    return child


class Rig:
    """A session on a card, without its loop."""

    def __init__(
        self, data: Path, *assignments: str, patience: Patience = NO_PATIENCE, child: MediaChild | None = None
    ) -> None:
        self.data = data
        self.folders = CardFolders(data.resolve())
        self.options = options_for(data, *assignments)
        self.session = Session(
            self.options,
            Card(data),
            Inbox(),
            patience=patience,
            clock=WallClock(monotonic_ns=lambda: 0, system_utc_ns=lambda: NOW_NS),
        )
        self.session.desk._child = child or _shared_child()
        self.reader = CatalogueReader(self.options.state)
        self.makes_pictures = False

    def start(self, *, watching: bool = False, pictures: bool = False) -> Rig:
        """Opens the session; without the kernel's messages and without thumbnails unless they are what is tested."""
        self.makes_pictures = pictures
        if not watching:
            self.session.watch.start = lambda: None  # type: ignore[method-assign]
        if not pictures:
            chores = self.session.chores
            chores._chores = tuple(chore for chore in chores._chores if chore.name != "thumbnails")
        self.session.open()
        return self

    def close(self) -> None:
        """As at the end of the program."""
        self.session.close(CardError("the end"))
        self.reader.close()

    def scan(self) -> Rig:
        """Looks at everything and works until nothing is left to do."""
        self.session.dirty.mark_everything()
        return self.settle()

    def settle(self, *, waits_for_growing: bool = False) -> Rig:
        """Works until nothing is left to do but what waits for somebody else."""
        self.until(lambda: self._is_settled(waits_for_growing))
        return self

    def until(self, condition: Callable[[], bool]) -> None:
        """Works until something has come true, with a generous limit."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while True:
            self.session.chores._not_before.clear()
            did_something = self.session.turn()
            if not did_something and condition():
                return
            assert time.monotonic() < deadline, "the keeper does not come to rest"
            if not did_something:
                self.session.inbox.wait(0.02)

    def until_now(self, condition: Callable[[], bool]) -> None:
        """Works until something is true for a moment, while there may be more to do."""
        deadline = time.monotonic() + LIMIT_SECONDS
        while not condition():
            self.session.chores._not_before.clear()
            if not self.session.turn():
                self.session.inbox.wait(0.02)
            assert time.monotonic() < deadline, "the keeper does not come to it"

    def _is_settled(self, waits_for_growing: bool) -> bool:
        session = self.session
        # What went wrong is tried again much later than any test has time for.
        soon = time.monotonic() + 1.0
        waiting = [known for known in session.unfinished._waiting.values() if known.look_at < soon]
        still = waits_for_growing or not waiting
        return (
            not session.desk.is_busy and not len(session.inbox) and not len(session.dirty) and still
            and not len(session.leftovers)
        )  # fmt: skip

    def rows(self) -> dict[str, ClipRow]:
        """Everything in the catalogue, by id."""
        return {row.id: row for row in self.reader.page(limit=500).rows}

    def path(self, clip_id: str) -> Path:
        """Where the catalogue says that a clip lies."""
        return self.folders.dcim / self.reader.get(clip_id).path

    def sidecar(self, clip_id: str) -> Sidecar:
        """The sidecar beside it."""
        return read_sidecar(sidecar_of(self.path(clip_id)))

    def tree(self) -> list[str]:
        """Every file below DCIM."""
        dcim = self.folders.dcim
        return sorted(path.relative_to(dcim).as_posix() for path in dcim.rglob("*") if not path.is_dir())

    def assert_whole(self) -> None:
        """Files, sidecars, thumbnails and catalogue agree with each other, and nothing is left over."""
        media = {}
        for kind in ("loop", "event", "photo"):
            for path in self.folders.of_kind(kind).rglob("*"):
                assert not path.name.startswith(".tmp-"), path
                if path.name.startswith("."):
                    continue
                if path.suffix in (".mp4", ".jpg"):
                    media[path] = read_sidecar(sidecar_of(path))
                elif path.suffix == ".json":
                    assert path.with_suffix(".jpg" if kind == "photo" else ".mp4").exists(), f"lonely {path}"
        rows = self.rows()
        assert sorted(rows) == sorted(sidecar.id for sidecar in media.values())
        for path, sidecar in media.items():
            row = rows[sidecar.id]
            assert row.path == self.folders.relative(path)
            assert sidecar.kind == row.kind == self.folders.kind_of(path)
            assert (sidecar.bytes, row.bytes) == (path.stat().st_size,) * 2
            assert (row.lock_cause is None) == (sidecar.locked is None)
            assert row.has_thumbnail == self.folders.thumbnail_of(path).exists()
            assert row.has_thumbnail or not self.makes_pictures, f"no picture of {path}"
        thumbnails = {path for path in self.folders.thumbnails.rglob("*") if not path.is_dir()}
        assert thumbnails <= {self.folders.thumbnail_of(path) for path in media}


def digest_of(path: Path) -> str:
    """Tells one content from another."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
