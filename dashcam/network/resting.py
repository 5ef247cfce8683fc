"""Which time services rest because we have stopped them, written down so that whoever comes after us starts them.

In the runtime folder: it is gone after a power cut, and so is the rest, because the machine starts its services itself.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

import msgspec

from dashcam.system.kernel import kernel_boot
from dashcam.system.runtime_folder import make_runtime_folder, runtime_folder

log = logging.getLogger(__name__)

_NAME = "network.resting.json"


class Rest(msgspec.Struct, frozen=True, kw_only=True):
    """Units that were stopped during the start of the machine `kernel`, to be started at `due_monotonic_ns`."""

    kernel: str
    units: tuple[str, ...]
    due_monotonic_ns: int = 0
    """CLOCK_MONOTONIC; 0: at once."""


class RestNote:
    """The note of one state folder."""

    def __init__(self, state: Path, kernel: str | None = None) -> None:
        """`kernel`: which start of the machine this is; asked if None."""
        self._state = state
        self._path = runtime_folder(state, "network") / _NAME
        self._kernel = kernel_boot() if kernel is None else kernel

    def write(self, units: tuple[str, ...], due_monotonic_ns: int = 0) -> None:
        """Before anything is stopped. Raises OSError, or AlreadyRunning when a stranger has taken the folder."""
        fresh = make_runtime_folder(self._state, "network") / f"{_NAME}.tmp"
        rest = Rest(kernel=self._kernel, units=units, due_monotonic_ns=due_monotonic_ns)
        fresh.write_bytes(msgspec.json.encode(rest))
        os.replace(fresh, self._path)

    def read(self) -> Rest | None:
        """None when nothing rests because of us."""
        try:
            rest = msgspec.json.decode(self._path.read_bytes(), type=Rest)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeError) as error:
            log.warning("nobody knows whether a time service was stopped: %s", error)
            self.forget()
            return None
        if rest.kernel == self._kernel:
            return rest
        self.forget()
        return None

    def forget(self) -> None:
        """Once they run again."""
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("a note that a time service rests stays: %s", error)
