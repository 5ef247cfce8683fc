"""What changed quotas would delete at once: a pure sum, and the refusal to do so unasked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from dashcam.clips.clip import ClipKind
from dashcam.clips.retention import Limits, limits_of
from dashcam.errors import SettingsError
from dashcam.settings import readable
from dashcam.settings.schema import StorageSettings

_WORDS: dict[ClipKind, str] = {"loop": "loop clips", "event": "events", "photo": "photos"}
# What is locked lies with the events; only what is more than these is of other kinds.
_LOCKED_LIE_IN: tuple[ClipKind, ...] = ("event", "photo", "loop")
# For whether limits are tighter while the card is not known.
_ANY_CARD_BYTES = 64 * 10**9


class WouldDelete(SettingsError):
    """Nothing was saved: it would delete recordings at once, and nobody has agreed to that (`may_delete`)."""

    code: ClassVar[str] = "would_delete"


@dataclass(frozen=True, slots=True)
class CardUse:
    """What lies on the card by kind, what of all is locked, and what is free."""

    used_bytes: Mapping[ClipKind, int]
    locked_bytes: int
    free_bytes: int

    @property
    def whole_bytes(self) -> int:
        """What shares count of."""
        return self.free_bytes + sum(self.used_bytes.values())

    def unlocked_bytes(self) -> dict[ClipKind, int]:
        """What may be deleted, by kind."""
        unlocked, locked_bytes = dict(self.used_bytes), self.locked_bytes
        for kind in _LOCKED_LIE_IN:
            of_kind = min(unlocked.get(kind, 0), locked_bytes)
            unlocked[kind] = unlocked.get(kind, 0) - of_kind
            locked_bytes -= of_kind
        return unlocked


def deleted_bytes(storage: StorageSettings, use: CardUse) -> dict[ClipKind, int]:
    """About how much of each kind the keeper deletes for these limits; kinds that lose nothing are not in here."""
    limits, unlocked = limits_of(storage, use.whole_bytes), use.unlocked_bytes()
    deleted: dict[ClipKind, int] = {}
    for kind, quota_bytes in limits.quota_bytes.items():
        deleted[kind] = max(min(use.used_bytes.get(kind, 0) - quota_bytes, unlocked[kind]), 0)
    missing_bytes = limits.free_floor_bytes - use.free_bytes - sum(deleted.values())
    for kind in _WORDS:
        more = max(min(missing_bytes, unlocked[kind] - deleted[kind]), 0)
        deleted[kind] += more
        missing_bytes -= more
    return {kind: amount for kind, amount in deleted.items() if amount}


def refuse_deletion(before: StorageSettings, after: StorageSettings, use: CardUse | None) -> None:
    """Raises WouldDelete when `after` deletes what `before` leaves. `use` None: what lies there is not known."""
    if use is None:
        if _is_tighter(limits_of(after, _ANY_CARD_BYTES), limits_of(before, _ANY_CARD_BYTES)):
            raise WouldDelete(
                "With these settings less may lie on the card. How much is deleted for that cannot be told yet: "
                "what lies there is not known. The oldest go first; locked ones stay."
            )
        return
    former, now = deleted_bytes(before, use), deleted_bytes(after, use)
    more = {kind: now[kind] - former.get(kind, 0) for kind in now if now[kind] > former.get(kind, 0)}
    if more:
        parts = ", ".join(f"{readable(amount)} of {_WORDS[kind]}" for kind, amount in more.items())
        raise WouldDelete(f"With these settings about {parts} are deleted at once, the oldest first; locked ones stay.")


def _is_tighter(after: Limits, before: Limits) -> bool:
    is_smaller = any(after.quota_bytes[kind] < before.quota_bytes[kind] for kind in after.quota_bytes)
    return is_smaller or after.free_floor_bytes > before.free_floor_bytes
