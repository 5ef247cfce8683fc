"""Why nothing is recorded, as a state and in words that name the cure."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

from dashcam.errors import AlreadyRunning, CardError, CardFull
from dashcam.link.messages import RecorderState

FULL_CODES = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True, slots=True)
class Trouble:
    """A state in which nothing is recorded. It is shown and tried again, never a reason to end."""

    state: RecorderState
    reason: str


def trouble_of(error: Exception, data: Path) -> Trouble:
    """What an error of the card means for the driver."""
    if isinstance(error, AlreadyRunning):
        return Trouble("no_card", str(error))
    code = error.errno if isinstance(error, OSError) else None
    if isinstance(error, CardFull) or code in FULL_CODES:
        return Trouble(
            "card_full",
            f"the card at {data} is full and nothing may be deleted; unlock or delete clips, or use a larger one",
        )
    if code == errno.EROFS:
        return Trouble("card_read_only", f"the card at {data} is read-only; check its lock switch, or replace it")
    if code in (errno.EACCES, errno.EPERM):
        return Trouble("card_read_only", f"{data} may not be written by this user; change its owner or use --data")
    if isinstance(error, CardError):
        return Trouble("no_card", f"{error}; put the card in or mount it")
    words = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Trouble("no_card", f"no card at {data} ({words}); put it in or mount it")
