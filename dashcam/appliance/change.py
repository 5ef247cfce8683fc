"""What all changes have in common. Each kind is a small frozen class whose fields go into the journal."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

from dashcam.appliance.machine import Machine

Memory: TypeAlias = dict[str, Any]
"""What has to be known to take a change back, as JSON has it."""


class Change(Protocol):
    """One thing that is different on the appliance."""

    @property
    def key(self) -> str:
        """What is changed: the same for two changes of the same thing."""
        ...

    def words(self) -> str:
        """What is done, in words: `write /etc/...: why`."""
        ...

    def is_done(self, machine: Machine) -> bool:
        """Whether there is nothing to do."""
        ...

    def remember(self, machine: Machine) -> Memory:
        """What `undo` has to know of how it was; asked, and written down, before anything is changed."""
        ...

    def apply(self, machine: Machine) -> None:
        """Does it; after an interruption once more. Raises OSError and DashcamError."""
        ...

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Makes it as it was; fine when it has never been done, or was taken back by somebody else."""
        ...
