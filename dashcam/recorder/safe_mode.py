"""After several short starts of the machine the recorder leaves the settings aside and records with built-in ones.

A bad setting, found out in a car, must not keep it from recording start after start: the machine hangs, or its voltage
breaks down, before anybody can open the page. The time zone stays, and what `--set` says; the folders are no settings.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from dashcam.settings import LoadedSettings, load_settings
from dashcam.settings.load import built_in_settings
from dashcam.settings.schema import Settings
from dashcam.system.boot_times import BootLine, boots_path, has_gone_well, read_boot_lines
from dashcam.system.kernel import kernel_boot

if TYPE_CHECKING:
    from dashcam.options import ProgramOptions

log = logging.getLogger(__name__)

SHORT_STARTS = 4
"""So many in a row are no chance any more."""


def mark_of(settings: Settings) -> str:
    """A short mark that other settings have not; nothing can be learnt from it."""
    return hashlib.sha256(msgspec.json.encode(settings)).hexdigest()[:16]


def short_starts(lines: Sequence[BootLine], kernel: str, settings: str) -> int:
    """How many starts of the machine in a row, the last ones before this, have not lasted and not ended in good order.

    `kernel`: this start, which does not count yet, however often the program itself was started in it. `settings`: the
    mark of those that are wanted now: with other ones it begins anew.
    """
    if not kernel:
        return 0  # nobody can tell a start of the machine from one of the program
    count = 0
    for other in reversed(list(dict.fromkeys(line.kernel for line in lines))):
        own = [line for line in lines if line.kernel == other]
        if other == kernel:
            continue
        if has_gone_well(own) or own[-1].settings != settings:
            break
        count += 1
    return count


class SafeMode:
    """Whether it is on, and the settings in force with it. `reload` is called by one thread at a time."""

    def __init__(self, options: ProgramOptions, kernel: str | None = None) -> None:
        """Reads the recorder's own starts. `kernel`: which start of the machine this is; asked if None."""
        self._options = options
        self._wanted_at_start = mark_of(options.loaded.settings)
        lines = read_boot_lines(boots_path(options.state, "recorder"))
        self._starts = short_starts(lines, kernel_boot() if kernel is None else kernel, self._wanted_at_start)
        self.is_on = self._starts >= SHORT_STARTS
        """False again as soon as other settings are wanted."""
        if self.is_on:
            log.error("%s", self.words)

    @property
    def settings_mark(self) -> str:
        """Of the settings that were wanted at the start, in force or not."""
        return self._wanted_at_start

    @property
    def words(self) -> str:
        """For the driver, with the cure; empty while it is off."""
        if not self.is_on:
            return ""
        return (
            f"Safe mode: the dashcam was cut off within three minutes {self._starts} times in a row, so it records "
            "with built-in settings now. Look after its power supply, and change back on the page what was changed "
            "last: what is saved counts at once. Else, if this start lasts three minutes, all counts from the next one"
        )

    @property
    def loaded(self) -> LoadedSettings:
        """The settings to begin with."""
        return self._in_force(self._options.loaded)

    def reload(self) -> LoadedSettings:
        """The settings as the files have them now. Other ones than at the start are the owner's cure: it goes off."""
        wanted = load_settings(self._options.state, self._options.assignments)
        if self.is_on and mark_of(wanted.settings) != self._wanted_at_start:
            self.is_on = False
            log.info("safe mode is over: the settings were changed")
        return self._in_force(wanted)

    def _in_force(self, wanted: LoadedSettings) -> LoadedSettings:
        if not self.is_on:
            return wanted
        safe = built_in_settings(_with_zone(wanted.settings.clock.zone, self._options.assignments))
        return msgspec.structs.replace(safe, mistakes=wanted.mistakes)


def _with_zone(zone: str, assignments: Iterable[str]) -> list[str]:
    return [*([f"clock.zone={zone}"] if zone else []), *assignments]
