"""Which clips a list is asked for: the same words in every address that has one."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from dashcam.clips.catalogue import MAX_PAGE_ROWS
from dashcam.clips.catalogue_questions import Wanted
from dashcam.clips.catalogue_tables import KINDS
from dashcam.clips.clip import ClipKind

_PAGE_CLIPS = 60
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
Locked = Annotated[Literal["true", "false", "1", "0"], Meta(description="write true or false")]


class ClipFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list lets through; `from` is included, `to` is not."""

    day: Day | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    locked: Locked | UnsetType = UNSET
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
        )


class ClipPage(ClipFilter, frozen=True, kw_only=True):
    """A filter, and which page of it."""

    before: (
        Annotated[str, Meta(pattern="^[0-9a-z -]{1,80}$", description="take it from the page before, as it was given")]
        | UnsetType
    ) = UNSET
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE_ROWS, description=f"write a number from 1 to {MAX_PAGE_ROWS}")] = (
        _PAGE_CLIPS
    )
