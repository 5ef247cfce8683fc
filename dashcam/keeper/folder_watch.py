"""Notices what people change on the card by Samba, FTP or hand.

The kernel tells of changes (inotify, through watchdog); they only mark folders. What it may have dropped is found by
the folders' own dates, looked at now and then.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from dashcam.clips.names import CardFolders
from dashcam.keeper.digest import KINDS
from dashcam.keeper.dirty import DirtyFolders
from dashcam.keeper.listing import REPAIR_PREFIX

log = logging.getLogger(__name__)

# Not the recorder's writes, of which there are two a second: they change no list.
_FILE_EVENTS: list[type[FileSystemEvent]] = [FileCreatedEvent, FileDeletedEvent, FileMovedEvent, FileClosedEvent]
_FOLDER_EVENTS: list[type[FileSystemEvent]] = [DirCreatedEvent, DirDeletedEvent, DirMovedEvent]
# Folders below DCIM that are looked into: VIDEO, and those in it.
_DEEPEST = 2
# A folder's date is as coarse as this on some file systems: younger ones are looked at again.
_COARSE_DATE_SECONDS = 3.0


class FolderWatch(FileSystemEventHandler):
    """Marks folders in `dirty`. The handlers are called in watchdog's thread."""

    def __init__(self, card: CardFolders, dirty: DirtyFolders) -> None:
        self._card = card
        self._dirty = dirty
        self._observer: BaseObserver | None = None

    @property
    def is_watching(self) -> bool:
        """False when only the folders' dates tell of changes."""
        return self._observer is not None

    def start(self) -> None:
        """Begins to watch. Where the kernel cannot (too many watches), the dates of the folders have to do."""
        observer: BaseObserver | None = None
        try:
            observer = Observer()
            observer.schedule(self, str(self._card.dcim), recursive=True, event_filter=_FILE_EVENTS + _FOLDER_EVENTS)
            observer.start()
        except OSError as error:
            log.warning("changes on the card are noticed late: %s", error)
            if observer is not None:
                observer.stop()
            return
        self._observer = observer

    def close(self) -> None:
        """Ends watching. May be called twice."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join(5.0)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Marks the folders of a change."""
        for text in (event.src_path, event.dest_path):
            if text:
                self._changed(Path(os.fsdecode(text)), is_folder=event.is_directory, kind=event.event_type)

    def _changed(self, path: Path, *, is_folder: bool, kind: str) -> None:
        try:
            parts = path.relative_to(self._card.dcim).parts
        except ValueError:
            return
        if is_folder and len(parts) <= 1:
            # DCIM itself, or one of its folders: moved, deleted or made.
            self._dirty.mark_everything()
        elif parts[0] == self._card.thumbnails.name:
            if kind == "deleted":
                self._mark_day(parts[1])
        elif self._card.kind_of(path) is not None or len(parts) == 1:
            folder = path if is_folder else path.parent
            is_deep = len(folder.relative_to(self._card.dcim).parts) > _DEEPEST
            if not is_deep and not path.name.startswith(REPAIR_PREFIX):
                self._dirty.mark(folder)

    def _mark_day(self, day: str) -> None:
        for kind in KINDS:
            self._dirty.mark(self._card.of_kind(kind) / day)


class FolderDates:
    """The folders' own dates: the net under the kernel's messages. Used by the keeper's one working thread."""

    def __init__(self, wall_clock: Callable[[], float] = time.time) -> None:
        self._wall_clock = wall_clock
        self._dates: dict[Path, int] = {}

    def note(self, folder: Path) -> None:
        """To be called before a folder is read: what changes from now on makes its date another."""
        try:
            modified_ns = folder.stat().st_mtime_ns
        except OSError:
            self._dates.pop(folder, None)
            return
        is_settled = self._wall_clock() - modified_ns / 1e9 > _COARSE_DATE_SECONDS
        self._dates[folder] = modified_ns if is_settled else -1

    def changed(self, folders: Iterable[Path]) -> list[Path]:
        """Those of the folders whose date is not the noted one, and noted ones that are gone."""
        there = set(folders)
        found = [folder for folder in self._dates if folder not in there]
        for folder in there:
            try:
                modified_ns = folder.stat().st_mtime_ns
            except OSError:
                modified_ns = None
            if modified_ns != self._dates.get(folder):
                found.append(folder)
        return found
