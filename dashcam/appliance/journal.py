"""What was changed and how it was before, on the machine itself: --remove needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from typing import Any

from dashcam.appliance.change import Change, Memory
from dashcam.appliance.files import make_missing, missing_folders, remove_made
from dashcam.appliance.kinds import KINDS
from dashcam.appliance.machine import Machine
from dashcam.errors import DashcamError
from dashcam.files import write_durably

FOLDER = "/var/lib/dashcam-install"
_NAME = f"{FOLDER}/journal.json"
_FORMAT = 1


class Journal:
    """The changes that were made, in their order."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._entries: dict[str, dict[str, Any]] = {}
        self._made: list[str] = []
        self.wishes: dict[str, Any] = {}
        """What was said when it was installed: said once, it holds for later runs."""

    def read(self) -> None:
        """Takes it over from the machine. Raises DashcamError when it cannot be understood."""
        path = self._machine.path(_NAME)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self._made = missing_folders(self._machine, FOLDER)
            return
        except ValueError as error:
            raise DashcamError(f"{path} is damaged ({error}); put a copy back, or remove the parts by hand") from error
        if content.get("format") != _FORMAT:
            raise DashcamError(f"{path} is of another version; use the scripts/install that wrote it")
        self._entries, self._made = content["changes"], content["made"]
        self.wishes = content.get("wishes", {})

    def memory_of(self, change: Change) -> Memory | None:
        """How it was before; None when it has not been changed by us."""
        entry = self._entries.get(change.key)
        return None if entry is None else entry["memory"]

    def had_another(self, change: Change) -> bool:
        """Whether an earlier run has changed the same thing in another way."""
        entry = self._entries.get(change.key)
        return entry is not None and _change(entry) != change

    def note(self, change: Change, memory: Memory) -> None:
        """Writes down what is about to be changed; durable when this returns."""
        given = {key: value for key, value in asdict(change).items() if value is not None}  # type: ignore[call-overload]
        self._entries[change.key] = {"kind": type(change).__name__, "fields": given, "memory": memory}
        self._write()

    def remember(self, wishes: Mapping[str, Any]) -> None:
        """What was said, for the next run."""
        if dict(wishes) != self.wishes:
            self.wishes = dict(wishes)
            self._write()

    def forget(self, change: Change) -> None:
        """It has been taken back."""
        if self._entries.pop(change.key, None) is not None:
            self._write()

    def newest_first(self) -> Iterator[tuple[Change, Memory]]:
        """All of it, in the order in which it is taken back."""
        for entry in reversed(list(self._entries.values())):
            yield _change(entry), entry["memory"]

    def remove(self) -> None:
        """Nothing is left to be known."""
        self._machine.path(_NAME).unlink(missing_ok=True)
        with suppress(OSError):
            self._machine.path(FOLDER).rmdir()
        remove_made(self._machine, {"made": self._made})

    def _write(self) -> None:
        folder = self._machine.path(FOLDER)
        if not folder.exists():
            make_missing(self._machine, FOLDER)
            folder.chmod(0o700)
        content = {"format": _FORMAT, "made": self._made, "wishes": self.wishes, "changes": self._entries}
        write_durably(self._machine.path(_NAME), json.dumps(content, indent=1).encode())


def _change(entry: dict[str, Any]) -> Change:
    """A change as an earlier run, or an earlier version, has noted it."""
    kind = KINDS.get(entry["kind"])
    if kind is None:
        raise DashcamError(f"this version knows nothing of {entry['kind']}; use the scripts/install that wrote it")
    known = {field.name for field in fields(kind)}
    given = {name: _frozen(value) for name, value in entry["fields"].items() if name in known}
    change: Change = kind(**given)
    return change


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
