"""What is asked of the child that looks for motion in clips, and what it answers: one line of JSON each.

Paths are bytes (base64 in the JSON), because names on a card need not be text.
"""

from __future__ import annotations

import msgspec

from dashcam.clips.event import MotionTrace
from dashcam.settings.schema import MotionSettings


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """A clip to be looked into."""

    path: bytes
    duration_seconds: float
    before: bytes = b""
    """The clip that it continues without a gap: its last seconds tell what is always there."""
    before_seconds: float = 0.0
    """How long that is."""


class Glance(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """How much do its keyframes differ? Answered with Glanced."""

    clip: Clip


class LookInto(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What moves in it? Answered with Going or LookedInto; what was begun before is given up."""

    clip: Clip
    settings: MotionSettings
    wish: str
    """The fingerprint of the settings, for the trace."""


class GoOn(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Looks further. Answered with Going or LookedInto."""


class Glanced(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The more, the likelier something moves in it; says nothing for certain."""

    difference: float


class Going(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """So far the clip was looked through, in media seconds."""

    seconds: float


class LookedInto(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """All of the clip was looked at that can be read."""

    trace: MotionTrace


class Unreadable(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The file cannot be used, and why."""

    message: str


class CardTrouble(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The card did not allow it (gone, read error); says nothing about the file."""

    message: str


SearchJob = Glance | LookInto | GoOn
SearchAnswer = Glanced | Going | LookedInto | Unreadable | CardTrouble
