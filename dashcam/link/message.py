"""What every message is, and those that all programs know; see `dashcam.link.messages`."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of everything that crosses a link."""


class Done(Message, frozen=True, kw_only=True):
    """It is done, and there is nothing else to say."""


class Failed(Message, frozen=True, kw_only=True):
    """It could not be done. `code` is the word of a class in `dashcam.errors`, `message` names the cure."""

    code: str
    message: str


class SettingsChanged(Message, frozen=True, kw_only=True):
    """The saved settings have changed: recorder and keeper read them anew. Answered with SettingsTaken.

    `may_interrupt`: what needs the camera opened anew is done, too; a second or two is not recorded then.
    """

    may_interrupt: bool = False


class SettingsTaken(Message, frozen=True, kw_only=True):
    """What is in force now. `pending`: full names of changed settings that wait until recording may be interrupted."""

    pending: tuple[str, ...]
