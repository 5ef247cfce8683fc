"""What systemd would wait for before it starts a unit, as the started machine itself tells it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.container.container import Container


def read_order(machine: Container) -> dict[str, frozenset[str]]:
    """After which units each one is started, by all names that it has."""
    after: dict[str, frozenset[str]] = {}
    for block in machine.run("systemctl", "show", "*", "--property=Names,After").split("\n\n"):
        facts = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        for name in facts.get("Names", "").split():
            after[name] = frozenset(facts.get("After", "").split())
    return after


def waits_for(after: Mapping[str, frozenset[str]], unit: str) -> set[str]:
    """All units that may hold up the start of this one, over any number of others."""
    found: set[str] = set()
    to_look_at = {unit}
    while to_look_at:
        new = after.get(to_look_at.pop(), frozenset()) - found
        found |= new
        to_look_at |= new
    return found
