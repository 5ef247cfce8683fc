"""Power cuts and card errors between any two changes of the file system."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.keeper import broken, moves

# Every way in which the keeper changes the card; renames that replace nothing go through a function of our own.
_CALLS = ("unlink", "replace", "fsync", "mkdir", "rmdir")


class PowerCut(BaseException):
    """Nothing that comes after it is done, and nobody cleans up."""


class Changes:
    """Counts changes, and fails at the chosen one."""

    def __init__(self, fail_at: int | None, fail: Callable[[], None]) -> None:
        self.count = 0
        self._fail_at = fail_at
        self._fail = fail

    def watched(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def change(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            if self.count == self._fail_at:
                self._fail()
            return real(*arguments, **options)

        return change


@contextmanager
def changes(fail_at: int | None = None, *, is_power_cut: bool = True) -> Iterator[Changes]:
    """Within it change number `fail_at` (from 1) does not happen: by a power cut, or by an error of the card."""
    error = PowerCut() if is_power_cut else OSError(errno.EIO, os.strerror(errno.EIO))

    def fail() -> None:
        raise error

    with _watching(Changes(fail_at, fail)) as counted:
        yield counted


@contextmanager
def killed_at(change: int) -> Iterator[Changes]:
    """Within it this process is killed in front of a change (from 1) of the card or the catalogue."""
    counted = Changes(change, lambda: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.MonkeyPatch.context() as patch, _watching(counted):
        patch.setattr(CatalogueWriter, "change", counted.watched(CatalogueWriter.change))
        yield counted


@contextmanager
def _watching(counted: Changes) -> Iterator[Changes]:
    with pytest.MonkeyPatch.context() as patch:
        for name in _CALLS:
            patch.setattr(os, name, counted.watched(getattr(os, name)))
        for module in (moves, broken):
            patch.setattr(module, "rename_new", counted.watched(module.rename_new))
        yield counted
