"""Which clips must go: a pure function, used by the keeper's cleaner and by the recorder in an emergency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.sidecar import Sidecar
from dashcam.settings import bytes_of
from dashcam.settings.schema import StorageSettings

# Recording goes on before anything that nobody locked: for the free-space floor the loop gives first, photos last.
_GIVES_SPACE: tuple[ClipKind, ...] = ("loop", "event", "photo")
# A floor made for a big card must not eat a small one.
_LARGEST_FLOOR_SHARE = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """What retention knows of a clip or photo. `path` is below DCIM.

    Locked: by itself or by a waiting request; open: still recorded, or waited for.
    """

    id: ClipId
    kind: ClipKind
    path: str
    bytes: int
    is_locked: bool = False
    is_open: bool = False
    is_released: bool = False
    """Locked, but people were told long enough ago that it has to go."""

    @classmethod
    def of(cls, sidecar: Sidecar, path: str, size_bytes: int) -> Self:
        """A closed clip by its sidecar. Raises BadRequest when the sidecar's id is none."""
        return cls(ClipId.parse(sidecar.id), sidecar.kind, path, size_bytes, sidecar.locked is not None)


@dataclass(frozen=True, slots=True)
class Limits:
    """Quotas in bytes (a kind without one has none) and the space that is to stay free."""

    quota_bytes: Mapping[ClipKind, int]
    free_floor_bytes: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes, and what cannot be helped."""

    victims: tuple[Candidate, ...] = ()
    to_announce: tuple[Candidate, ...] = ()
    """Saved clips in EVENT, oldest first, that would have to go next and may not: people are to be told of them."""
    missing_bytes: int = 0
    """Free space that is lacking although everything that may be deleted is gone: nothing may be deleted."""
    beyond_quota_bytes: Mapping[ClipKind, int] = field(default_factory=dict)
    """By how much a kind exceeds its quota by what may not go; kinds within it are not in here."""


def limits_of(storage: StorageSettings, whole_bytes: int) -> Limits:
    """The limits of the settings on a card that offers clips `whole_bytes`: what is free and what they use already."""
    quotas: dict[ClipKind, int] = {
        "loop": bytes_of(storage.loop_quota, whole_bytes),
        "event": bytes_of(storage.event_quota, whole_bytes),
        "photo": bytes_of(storage.photo_quota, whole_bytes),
    }
    floor = min(bytes_of(storage.free_floor, whole_bytes), whole_bytes // _LARGEST_FLOOR_SHARE)
    return Limits(quotas, floor)


def choose_victims(
    clips: Iterable[Candidate],
    *,
    free_bytes: int,
    limits: Limits,
    needed_bytes: int = 0,
    wanted_bytes: int = 0,
    used_bytes: Mapping[ClipKind, int] | None = None,
    saved_may_go: bool = False,
) -> Choice:
    """The clips to delete now, oldest by id first, so that quotas hold and the floor stays free.

    What is locked stays. Where `saved_may_go`, those in EVENT that are released go when nothing unsaved is left.
    `needed_bytes` are about to be written by the recording: their room is made before. `wanted_bytes` more are for
    what somebody has saved: the loop makes room for them, as far as it can. `used_bytes` by kind is asked for when
    `clips` are only the oldest of all; without it they are all there are.
    """
    waiting = _Waiting(clips)
    used = dict(waiting.used_bytes if used_bytes is None else used_bytes)
    victims: list[Candidate] = []
    beyond: dict[ClipKind, int] = {}
    for kind, quota_bytes in limits.quota_bytes.items():
        # A quota of less than two clips keeps the newest all the same.
        allowed = max(quota_bytes - needed_bytes, quota_bytes // 2) if kind == "loop" else quota_bytes
        excess = used.get(kind, 0) - allowed
        taken = waiting.take(kind, excess)
        victims += taken
        excess -= _bytes_of(taken)
        over_quota = excess - (quota_bytes - allowed)
        if over_quota > 0:
            beyond[kind] = over_quota
    missing = limits.free_floor_bytes + needed_bytes - free_bytes - _bytes_of(victims)
    for kind in _GIVES_SPACE:
        taken = waiting.take(kind, missing)
        victims += taken
        missing -= _bytes_of(taken)
    taken = waiting.take("loop", missing + wanted_bytes if wanted_bytes else 0)
    victims += taken
    missing -= _bytes_of(taken)
    over_quota = beyond.pop("event", 0)
    released, to_announce = waiting.saved(max(over_quota, missing)) if saved_may_go else ([], [])
    victims += released
    missing -= _bytes_of(released)
    over_quota -= _bytes_of(released)
    if over_quota > 0:
        beyond["event"] = over_quota
    return Choice(tuple(victims), tuple(to_announce), max(missing, 0), beyond)


def _bytes_of(clips: Iterable[Candidate]) -> int:
    return sum(clip.bytes for clip in clips)


def choose_emergency_victims(
    clips: Iterable[Candidate], missing_bytes: int, protected_ids: frozenset[str]
) -> list[Candidate]:
    """The recorder's last resort: the oldest unlocked loop clips until `missing_bytes` are free, then unsaved events.

    Nothing that is locked, and no photos; empty: there is nothing. `protected_ids` count as locked.
    """
    videos = [
        replace(clip, is_locked=True) if str(clip.id) in protected_ids else clip
        for clip in clips
        if clip.kind != "photo"
    ]
    return list(choose_victims(videos, free_bytes=0, limits=Limits({}, missing_bytes)).victims)


class _Waiting:
    """The clips that may be deleted, by kind, oldest first; each is taken once. And the saved ones."""

    def __init__(self, clips: Iterable[Candidate]) -> None:
        self.used_bytes: dict[ClipKind, int] = {}
        self._oldest_last: dict[ClipKind, list[Candidate]] = {}
        self._saved_oldest_last: list[Candidate] = []
        for clip in sorted(clips, key=lambda found: found.id, reverse=True):
            self.used_bytes[clip.kind] = self.used_bytes.get(clip.kind, 0) + clip.bytes
            if not clip.is_locked and not clip.is_open:
                self._oldest_last.setdefault(clip.kind, []).append(clip)
            elif clip.kind == "event" and not clip.is_open:
                self._saved_oldest_last.append(clip)

    def take(self, kind: ClipKind, wanted_bytes: int) -> list[Candidate]:
        """The oldest of a kind until their bytes suffice or none is left."""
        taken: list[Candidate] = []
        clips = self._oldest_last.get(kind, [])
        while wanted_bytes > 0 and clips:
            taken.append(clips.pop())
            wanted_bytes -= taken[-1].bytes
        return taken

    def saved(self, wanted_bytes: int) -> tuple[list[Candidate], list[Candidate]]:
        """Of the oldest saved clips of so many bytes those that are released, and those that are not."""
        released: list[Candidate] = []
        waiting: list[Candidate] = []
        for clip in reversed(self._saved_oldest_last):
            if wanted_bytes <= 0:
                break
            (released if clip.is_released else waiting).append(clip)
            wanted_bytes -= clip.bytes
        return released, waiting
