"""`/api/storage`: what lies on the card, how much of it may, and for how long that lasts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from bottle import HTTPResponse

from dashcam.clips.catalogue import CatalogueNotReady, CatalogueReader
from dashcam.clips.catalogue_questions import Total
from dashcam.clips.clip import ClipKind
from dashcam.clips.retention import Limits, limits_of
from dashcam.errors import CardError
from dashcam.files import Space, space_of
from dashcam.settings.schema import StorageSettings
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.reply import json_reply

_SECONDS_AN_HOUR = 3600
# The keeper makes room some minutes ahead: with less than this left, the loop has begun.
_LOOPING_HOURS = 0.1


class KindUse(msgspec.Struct, frozen=True, kw_only=True):
    """What lies on the card of one kind, and how much of it may."""

    clips: int
    bytes: int
    quota_bytes: int


class KindUses(msgspec.Struct, frozen=True, kw_only=True):
    """Every kind of recording."""

    loop: KindUse
    event: KindUse
    photo: KindUse


class LockedUse(msgspec.Struct, frozen=True, kw_only=True):
    """What is locked, of all kinds."""

    clips: int
    bytes: int


class Storage(msgspec.Struct, frozen=True, kw_only=True):
    """The card and what lies on it."""

    folder: str
    total_bytes: int
    free_bytes: int
    kinds: KindUses
    locked: LockedUse
    bytes_per_hour: int | None
    """What the camera sends on average; None while that is not known."""
    loop_hours: float | None
    """What the quota of the loop holds at this rate."""
    hours_until_full: float | None
    """Until the oldest loop clip is deleted for the newest; 0 when that happens already."""


class StorageResource:
    """Sums from the catalogue, space from the card, limits from the settings in force."""

    def __init__(
        self,
        data: Path,
        catalogue: CatalogueReader,
        *,
        bytes_per_second: Callable[[], float],
        storage_settings: Callable[[], StorageSettings],
    ) -> None:
        self._data = data
        self._catalogue = catalogue
        self._bytes_per_second = bytes_per_second
        self._storage_settings = storage_settings

    def add_to(self, app: Any) -> None:
        """Adds the route."""
        app.route("/api/storage", "GET", self.storage)

    @needs("viewer")
    @describes(answers=Storage, refuses=(CatalogueNotReady, CardError))
    def storage(self) -> HTTPResponse:
        """How full the card is, of what, and for how long the rest lasts."""
        totals, locked = self._catalogue.totals(), self._catalogue.locked_total()
        try:
            space = space_of(self._data)
        except OSError as error:
            raise CardError(f"The card cannot be read: {error.strerror}. Is it in place?") from error
        limits = limits_of(self._storage_settings(), space.free_bytes + sum(total.bytes for total in totals.values()))
        rate = round(self._bytes_per_second() * _SECONDS_AN_HOUR)
        uses = {
            kind: KindUse(clips=total.clips, bytes=total.bytes, quota_bytes=limits.quota_bytes[kind])
            for kind, total in totals.items()
        }
        return json_reply(
            Storage(
                folder=str(self._data),
                total_bytes=space.total_bytes,
                free_bytes=space.free_bytes,
                kinds=KindUses(loop=uses["loop"], event=uses["event"], photo=uses["photo"]),
                locked=LockedUse(clips=locked.clips, bytes=locked.bytes),
                bytes_per_hour=rate or None,
                loop_hours=round(limits.quota_bytes["loop"] / rate, 2) if rate else None,
                hours_until_full=hours_until_full(totals, space, limits, rate) if rate else None,
            )
        )


def hours_until_full(totals: dict[ClipKind, Total], space: Space, limits: Limits, bytes_per_hour: int) -> float:
    """Until the loop has filled its quota or all space but the floor, whichever comes first."""
    room = min(limits.quota_bytes["loop"] - totals["loop"].bytes, space.free_bytes - limits.free_floor_bytes)
    hours = max(room, 0) / bytes_per_hour
    return round(hours, 2) if hours >= _LOOPING_HOURS else 0.0
