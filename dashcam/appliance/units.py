"""Changes of systemd's units: links below /etc/systemd/system."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dashcam.appliance.change import Memory
from dashcam.appliance.files import make_missing, missing_folders, remove_made
from dashcam.appliance.machine import Machine
from dashcam.system.tool import ToolFailed

UNITS = "/etc/systemd/system"
_NOWHERE = "/dev/null"


def _systemctl(machine: Machine, *words: str) -> str:
    return machine.tool(["systemctl", *([] if machine.is_live else [f"--root={machine.root}"]), "--quiet", *words])


@dataclass(frozen=True, kw_only=True)
class EnableUnit:
    """A unit of ours that starts with the machine."""

    unit: str

    @property
    def key(self) -> str:
        """The unit."""
        return f"enable {self.unit}"

    def words(self) -> str:
        """What starts."""
        return f"start {self.unit} with the machine"

    def is_done(self, machine: Machine) -> bool:
        """Whether it starts."""
        try:
            return _systemctl(machine, "is-enabled", self.unit) == ""
        except ToolFailed:
            return False

    def remember(self, machine: Machine) -> Memory:
        """The folders of links that it may need."""
        found = machine.path(UNITS)
        return {"folders": sorted(path.name for path in found.glob("*.*") if path.is_dir() and not path.is_symlink())}

    def apply(self, machine: Machine) -> None:
        """Enables it."""
        _systemctl(machine, "enable", self.unit)

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Disables it, and removes the folders of links that only it needed."""
        with suppress(ToolFailed):
            _systemctl(machine, "disable", self.unit)
        for folder in machine.path(UNITS).glob("*.*"):
            if folder.is_symlink() or not folder.is_dir():
                continue
            link = folder / self.unit
            if link.is_symlink():
                link.unlink()
            if folder.name not in memory["folders"]:
                with suppress(OSError):
                    folder.rmdir()


@dataclass(frozen=True, kw_only=True)
class MaskUnit:
    """A unit of the system that shall not start: it is masked, which no update takes back."""

    unit: str
    why: str
    at_once: bool = False
    """Stopped if it runs, and masked before its package comes, so that it never starts."""

    @property
    def key(self) -> str:
        """The unit."""
        return f"mask {self.unit}"

    def words(self) -> str:
        """What does not start."""
        return f"never start {self.unit}: {self.why}"

    def _link(self, machine: Machine) -> Path:
        return machine.path(UNITS) / self.unit

    @property
    def _ends_at_once(self) -> bool:
        # A timer that is masked while it waits would be shown as failed.
        return self.at_once or self.unit.endswith(".timer")

    def is_done(self, machine: Machine) -> bool:
        """Whether it is masked, or not there at all, or the owner's own file."""
        link = self._link(machine)
        if link.is_symlink():
            return str(link.readlink()) == _NOWHERE
        return link.exists() or not (self.at_once or machine.has_unit(self.unit))

    def remember(self, machine: Machine) -> Memory:
        """The link that may be there under its name, and whether it runs."""
        link = self._link(machine)
        return {
            "target": str(link.readlink()) if link.is_symlink() else None,
            "made": missing_folders(machine, UNITS),
            "runs": machine.is_live and self._runs(machine),
        }

    def _runs(self, machine: Machine) -> bool:
        try:
            machine.tool(["systemctl", "--quiet", "is-active", self.unit])
        except ToolFailed:
            return False
        return True

    def apply(self, machine: Machine) -> None:
        """Masks it; a service that runs goes on until the next start of the machine, unless it has to end at once."""
        if self._ends_at_once and machine.is_live:
            with suppress(ToolFailed):  # it is not there
                machine.tool(["systemctl", "--quiet", "stop", self.unit])
        make_missing(machine, UNITS)
        link = self._link(machine)
        link.unlink(missing_ok=True)
        link.symlink_to(_NOWHERE)

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Takes the mask away."""
        link = self._link(machine)
        if link.is_symlink() and str(link.readlink()) == _NOWHERE:
            link.unlink()
            if memory["target"] is not None:
                link.symlink_to(memory["target"])
        if self._ends_at_once and memory["runs"]:
            with suppress(ToolFailed):  # its package has gone
                machine.tool(["systemctl", "daemon-reload"])
                machine.tool(["systemctl", "--quiet", "start", self.unit])
        remove_made(machine, memory)
