"""Users and groups, made by systemd-sysusers from the file that names them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from dashcam.appliance.change import Memory
from dashcam.appliance.machine import Machine
from dashcam.system.tool import ToolFailed

# Both are in Debian's passwd package; they know --prefix, so that no program of another processor has to run.
_REMOVERS = {"u": ("/etc/passwd", "userdel"), "g": ("/etc/group", "groupdel")}


@dataclass(frozen=True, kw_only=True)
class SystemUsers:
    """The users and groups of a sysusers.d file that is there already."""

    path: str
    users: tuple[str, ...]
    groups: tuple[str, ...]
    """Those of the system that users are put into among them: sysusers makes what is missing."""
    members: tuple[tuple[str, str], ...] = ()
    """User and further group."""

    @property
    def key(self) -> str:
        """There is one set of users."""
        return "users"

    def words(self) -> str:
        """Who is made."""
        return f"make the users {', '.join(self.users)}: each program runs as its own, none can log in"

    def is_done(self, machine: Machine) -> bool:
        """Whether all are there."""
        users, groups = set(machine.names_in("/etc/passwd")), set(machine.names_in("/etc/group"))
        return set(self.users) <= users and set(self.groups) <= groups and set(self.members) <= machine.memberships()

    def remember(self, machine: Machine) -> Memory:
        """Who was there before."""
        users, groups = set(machine.names_in("/etc/passwd")), set(machine.names_in("/etc/group"))
        return {
            "users": [name for name in self.users if name in users],
            "groups": [name for name in self.groups if name in groups],
        }

    def apply(self, machine: Machine) -> None:
        """Makes those that are missing."""
        options = [] if machine.is_live else [f"--root={machine.root}"]
        machine.tool(["systemd-sysusers", *options, str(machine.path(self.path))])

    def undo(self, machine: Machine, memory: Memory) -> None:
        """Removes those that were not there before."""
        for kind, names, kept in (
            ("u", self.users, memory["users"]),
            ("g", self.groups, memory["groups"]),
        ):
            table, remover = _REMOVERS[kind]
            options = [] if machine.is_live else ["--prefix", str(machine.root)]
            for name in names:
                if name not in kept and name in machine.names_in(table):
                    # A group may have been somebody's own meanwhile; it is harmless then.
                    with suppress(ToolFailed):
                        machine.tool([remover, *options, name])


def read_sysusers(path: str, text: str) -> SystemUsers:
    """What a sysusers.d file makes (sysusers.d(5): `u name ...`, `g name ...`, `m user group`)."""
    rows = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    members = tuple((row[1], row[2]) for row in rows if row[0] == "m")
    groups = [*(row[1] for row in rows if row[0].startswith("g")), *(group for _, group in members)]
    users = tuple(row[1] for row in rows if row[0].startswith("u"))
    return SystemUsers(path=path, users=users, groups=tuple(dict.fromkeys(groups)), members=members)
