"""Changes inside files that belong to the system."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from dashcam.appliance.change import Change, Memory
from dashcam.appliance.files import remember_file, replace_text, restore_file, text_of
from dashcam.appliance.machine import Machine
from dashcam.appliance.texts import block_of, option_of, outside_block, with_block, with_words, without_block, words_of
from dashcam.system.tool import ToolFailed


@dataclass(frozen=True, kw_only=True)
class EditBlock:
    """A block of lines of ours at the end of a file, and the lines that are in its way put off."""

    path: str
    name: str
    lines: tuple[str, ...]
    why: str
    in_the_way: str = ""
    """A pattern of whole beginnings of lines."""

    @property
    def key(self) -> str:
        """The file and the block."""
        return f"{self.path} {self.name}"

    def words(self) -> str:
        """What is put in."""
        return f"put into {self.path}: {', '.join(self.lines)} ({self.why})"

    def is_done(self, machine: Machine) -> bool:
        """Whether the block is there and nothing is in its way."""
        text = text_of(machine.path(self.path)) or ""
        if block_of(text, self.name) != list(self.lines):
            return False
        others = outside_block(text, self.name)
        return not self.in_the_way or not re.search(f"^(?={self.in_the_way})", others, re.MULTILINE)

    def remember(self, machine: Machine) -> Memory:
        """Whether there was such a file."""
        return {"is_new": text_of(machine.path(self.path)) is None}

    def apply(self, machine: Machine) -> None:
        """Puts it in."""
        path = machine.path(self.path)
        replace_text(path, with_block(text_of(path) or "", self.name, self.lines, self.in_the_way))

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Takes it out; what the owner has changed elsewhere in the file stays."""
        path = machine.path(self.path)
        text = text_of(path)
        if text is None:
            return
        before = without_block(text, self.name)
        if memory["is_new"] and not before:
            path.unlink()
        elif before != text:
            replace_text(path, before)


@dataclass(frozen=True, kw_only=True)
class EditCommandLine:
    """Words of the kernel's command line: one line, which has no room for marks, so there is one change of it."""

    path: str
    add: tuple[str, ...]
    why: str
    drop: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The file."""
        return self.path

    def words(self) -> str:
        """What is put in and left out."""
        dropped = f", without {' '.join(self.drop)}" if self.drop else ""
        return f"put into {self.path}: {' '.join(self.add)}{dropped} ({self.why})"

    def is_done(self, machine: Machine) -> bool:
        """Whether the line has those words, and not the others."""
        text = text_of(machine.path(self.path))
        return text is None or with_words(text, self.add, self.drop) == text

    def remember(self, machine: Machine) -> Memory:
        """The words that go, and the whole line."""
        text = text_of(machine.path(self.path)) or ""
        after = with_words(text, self.add, self.drop)
        came = [word for word in words_of(after) if word not in words_of(text)]
        gone = [word for word in words_of(text) if word not in words_of(after)]
        return {"came": came, "gone": gone, "before": text, "after": after}

    def apply(self, machine: Machine) -> None:
        """Changes the line."""
        path = machine.path(self.path)
        replace_text(path, with_words(text_of(path) or "", self.add, self.drop))

    def undo(self, machine: Machine, memory: Memory) -> None:
        """The same line again; of one that was edited since, only what was ours is changed back."""
        path = machine.path(self.path)
        text = text_of(path)
        if text is None:
            return
        if text == memory["after"]:
            replace_text(path, memory["before"])
            return
        options = {option_of(word) for word in words_of(text) if word not in memory["came"]}
        back = [word for word in memory["gone"] if option_of(word) not in options]
        before = with_words(text, back, memory["came"])
        if before != text:
            replace_text(path, before)


def merged(changes: Sequence[Change]) -> list[Change]:
    """The same changes, with all that are of one command line as one, where the first of them was."""
    found: dict[str, Change] = {}
    for change in changes:
        known = found.get(change.key)
        if isinstance(change, EditCommandLine) and isinstance(known, EditCommandLine):
            found[change.key] = replace(
                known, add=known.add + change.add, drop=known.drop + change.drop, why=f"{known.why}; {change.why}"
            )
        else:
            found[change.key] = change
    return list(found.values())


_WIFI_STATE = "/var/lib/NetworkManager/NetworkManager.state"
_WIFI_OFF = re.compile(r"^WirelessEnabled=false", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class SwitchWifiOn:
    """Raspberry Pi OS has Wi-Fi off in NetworkManager's memory until a country was chosen."""

    @property
    def key(self) -> str:
        """There is one switch."""
        return "wifi"

    def words(self) -> str:
        """What is switched."""
        return "switch Wi-Fi on in NetworkManager, where Raspberry Pi OS has it off until a country is chosen"

    def is_done(self, machine: Machine) -> bool:
        """Whether NetworkManager remembers nothing else."""
        return not _WIFI_OFF.search(text_of(machine.path(_WIFI_STATE)) or "")

    def remember(self, machine: Machine) -> Memory:
        """Its file."""
        return remember_file(machine, _WIFI_STATE)

    def apply(self, machine: Machine) -> None:
        """Switches; one that runs has to be asked, because it writes its memory when it ends."""
        path = machine.path(_WIFI_STATE)
        replace_text(path, _WIFI_OFF.sub("WirelessEnabled=true", text_of(path) or ""))
        self._ask(machine, "on")

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Switches it off again."""
        restore_file(machine, _WIFI_STATE, memory)
        self._ask(machine, "off")

    def _ask(self, machine: Machine, state: str) -> None:
        if machine.is_live:
            with suppress(ToolFailed):  # it does not run
                machine.tool(["nmcli", "radio", "wifi", state])
