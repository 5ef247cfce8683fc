"""Carries out a plan, or takes back all that was ever carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dashcam.appliance.change import Change
from dashcam.appliance.edits import EditCommandLine
from dashcam.appliance.journal import Journal
from dashcam.appliance.machine import Machine
from dashcam.appliance.packages import DebianPackages, joined
from dashcam.errors import DashcamError

Say = Callable[[str], None]


class ChangeFailed(DashcamError):
    """One change could not be made; the message says which, why, and that a second run goes on from there."""


def install(
    machine: Machine, plan: Sequence[Change], say: Say, wishes: Mapping[str, Any] | None = None, *, is_trial: bool
) -> int:
    """Makes what is not so yet, in the plan's order; how many that were. Raises ChangeFailed.

    What an earlier run made and the plan no longer has is taken back first. `wishes` are for the journal.
    """
    journal = Journal(machine)
    journal.read()
    wanted = {change.key for change in plan}
    outdated = [(change, memory) for change, memory in journal.newest_first() if change.key not in wanted]
    for change, memory in outdated:
        say(f"no longer: {change.words()}")
        if not is_trial:
            _guard(change, lambda change=change, memory=memory: change.undo(machine, memory))  # type: ignore[misc]
            journal.forget(change)
    if not is_trial and wishes is not None:
        journal.remember(wishes)
    count = 0
    for change in plan:
        # A line without marks does not tell what of it is ours: that is written down.
        if change.is_done(machine) and not (isinstance(change, EditCommandLine) and journal.had_another(change)):
            continue
        count += 1
        say(change.words())
        if not is_trial:
            _guard(change, lambda change=change: _make(machine, journal, change))  # type: ignore[misc]
    return count + len(outdated)


def remove(machine: Machine, say: Say, *, is_trial: bool) -> int:
    """Takes everything back, the last first; how many changes that were. Raises ChangeFailed."""
    journal = Journal(machine)
    journal.read()
    count = 0
    for change, memory in list(journal.newest_first()):
        count += 1
        say(f"take back: {change.words()}")
        if not is_trial:
            _guard(change, lambda change=change, memory=memory: change.undo(machine, memory))  # type: ignore[misc]
            journal.forget(change)
    if not is_trial:
        journal.remove()
    return count


def _make(machine: Machine, journal: Journal, change: Change) -> None:
    earlier = journal.memory_of(change)
    if earlier is not None and isinstance(change, EditCommandLine):
        # Back to the line as it was found, so that what is put in is put into that.
        change.undo(machine, earlier)
        earlier = None
    if earlier is None:
        journal.note(change, change.remember(machine))
    elif isinstance(change, DebianPackages):
        journal.note(change, joined(earlier, change.remember(machine)))
    else:
        journal.note(change, earlier)
    change.apply(machine)


def _guard(change: Change, action: Callable[[], None]) -> None:
    try:
        action()
    except (OSError, DashcamError, KeyError) as error:
        raise ChangeFailed(f"could not {change.words()}\n  {error}\nA second run goes on from here.") from error
