"""What the recorder itself may delete when the card is nearly full and the keeper has made no room."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.names import VIDEO_SUFFIX, CardFolders, sidecar_of
from dashcam.clips.retention import Candidate, choose_emergency_victims
from dashcam.clips.sidecar import read_sidecar, tag_in
from dashcam.errors import BadMedia, DashcamError
from dashcam.files import TEMPORARY_PREFIX

_KINDS: tuple[ClipKind, ...] = ("loop", "event")

# Gives the candidate that a file in VIDEO or EVENT is; None when it may not be deleted.
Look = Callable[[Path, CardFolders], Candidate | None]


class Supply:
    """Clips of one sort, oldest first. Used by the bookkeeper's thread."""

    def __init__(self, folders: CardFolders, look: Look) -> None:
        self._folders = folders
        self._look = look
        self._known: list[Candidate] | None = None

    def forget(self) -> None:
        """There is room: the next victims are looked for anew."""
        self._known = None

    def victims(self, missing_bytes: int, protected_ids: frozenset[str]) -> list[Candidate]:
        """The list of clips is kept while room is short, and made anew before it is said that there are none."""
        known, self._known = self._known, self._known or self._all()
        victims = choose_emergency_victims(self._known, missing_bytes, protected_ids)
        if known and sum(victim.bytes for victim in victims) < missing_bytes:
            self._known = self._all()
            victims = choose_emergency_victims(self._known, missing_bytes, protected_ids)
        return victims

    def take(self, victim: Candidate) -> Path | None:
        """The file of a victim; None when it was locked, moved or deleted since the list was made."""
        assert self._known is not None
        self._known.remove(victim)
        path = self._folders.dcim / victim.path
        return path if self._look(path, self._folders) == victim else None

    def _all(self) -> list[Candidate]:
        found: list[Candidate] = []
        for kind in _KINDS:
            for folder, _, names in os.walk(self._folders.of_kind(kind)):
                paths = (Path(folder) / name for name in names if name.endswith(VIDEO_SUFFIX))
                found.extend(clip for path in paths if (clip := self._look(path, self._folders)) is not None)
        return found


def closed_clip(path: Path, folders: CardFolders) -> Candidate | None:
    """A clip with its sidecar."""
    try:
        sidecar = read_sidecar(sidecar_of(path))
        clip = Candidate.of(sidecar, folders.relative(path), path.stat().st_size)
    except (OSError, DashcamError):
        return None
    # Moved to EVENT by people, and the keeper has not seen it yet: that is a lock.
    is_new_there = folders.kind_of(path) == "event" and clip.kind != "event"
    return replace(clip, is_locked=True) if is_new_there else clip


def cut_off_clip(path: Path, folders: CardFolders) -> Candidate | None:
    """A clip of a recorder that nobody writes to any more and that has no sidecar: a power cut has ended it.

    Without our tag it may be somebody's own video, and is left alone.
    """
    if path.name.startswith(TEMPORARY_PREFIX):
        return None
    try:
        if _has_sidecar(path) or _is_being_written(path):
            return None
        tag = tag_in(path)
        size_bytes = path.stat().st_size
        if tag is None:
            return None
        kind: ClipKind = "event" if folders.kind_of(path) == "event" else "loop"
        # Only motion makes events that are not saved.
        is_locked = kind == "event" and (tag.event is None or tag.event.cause != "motion")
        return Candidate(ClipId.parse(tag.id), kind, folders.relative(path), size_bytes, is_locked)
    except (OSError, DashcamError):
        return None


def _has_sidecar(path: Path) -> bool:
    try:
        read_sidecar(sidecar_of(path))
    except (FileNotFoundError, BadMedia):
        return False
    return True


def _is_being_written(path: Path) -> bool:
    """True while a recorder, this one too, holds its lock on the file. Raises OSError when it is gone."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
