"""Which clips a list is asked for: the same words in every address that has one."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from dashcam.clips.catalogue import MAX_PAGE_ROWS
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.catalogue_tables import KINDS
from dashcam.clips.clip import ClipKind
from dashcam.clips.event import EVENT_CAUSES, EventCause

PAGE_CLIPS = 60
DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

Day = Annotated[str, Meta(pattern=f"^({DATE}|undated)$", description="write a day such as 2026-11-20, or undated")]
LocalTime = Annotated[
    str,
    Meta(
        pattern=f"^{DATE}(T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?)?$",
        description="write the dashcam's local time, such as 2026-11-20 or 2026-11-20T15:45",
    ),
]
Kind = Annotated[ClipKind, Meta(description=f"write one of {', '.join(KINDS)}")]
_CAUSE = "|".join(EVENT_CAUSES)
Causes = Annotated[
    str,
    Meta(
        pattern=f"^({_CAUSE})(,({_CAUSE})){{0,4}}$",
        description=f"write one or more of {', '.join(EVENT_CAUSES)}, with commas between them",
    ),
]
Made = Annotated[Literal["true", "1"], Meta(description="write true, or leave it out")]
Locked = Annotated[Literal["true", "false", "1", "0"], Meta(description="write true or false")]
Before = Annotated[str, Meta(pattern="^[0-9a-z -]{1,80}$", description="take it from the page before, as it was given")]
Limit = Annotated[int, Meta(ge=1, le=MAX_PAGE_ROWS, description=f"write a number from 1 to {MAX_PAGE_ROWS}")]


class ClipFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list lets through; `from` is included, `to` is not."""

    day: Day | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    locked: Locked | UnsetType = UNSET
    cause: Causes | UnsetType = UNSET
    """Only clips that were made for events of these."""
    event: Made | UnsetType = UNSET
    """Only clips that were made for events."""
    from_local: LocalTime | UnsetType = msgspec.field(default=UNSET, name="from")
    to_local: LocalTime | UnsetType = msgspec.field(default=UNSET, name="to")

    def wanted(self) -> Wanted:
        """The same as the catalogue is asked."""
        return Wanted(
            day=self.day or None,
            kinds=(self.kind,) if self.kind else KINDS,
            locked=self.locked in ("true", "1") if self.locked else None,
            from_local=self.from_local or None,
            to_local=self.to_local or None,
            causes=self._causes(),
        )

    def _causes(self) -> tuple[EventCause, ...] | None:
        if self.cause:
            return tuple(cause for cause in EVENT_CAUSES if cause in self.cause.split(","))
        return EVENT_CAUSES if self.event else None


class ClipPage(ClipFilter, frozen=True, kw_only=True):
    """A filter, and which page of it."""

    before: Before | UnsetType = UNSET
    limit: Limit = PAGE_CLIPS
