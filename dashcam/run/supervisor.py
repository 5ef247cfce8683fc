"""Keeps parts running: starts a dead one again with back-off, and stops all in good order."""

from __future__ import annotations

import logging
import signal
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dashcam.run.parts import Part, PartName
from dashcam.system.children import Child
from dashcam.system.exit_codes import ALREADY_RUNNING, BAD_SETTINGS, OK
from dashcam.system.log_lines import level_and_text

log = logging.getLogger(__name__)

# The first death is mended at once: nothing is recorded meanwhile. Who dies again and again must not eat the machine.
BACK_OFF_SECONDS = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
# Longer than a part takes to fail at its start. Who has run for so long has done some work, and its next death is a new
# story: even a recorder that dies every minute records most of it.
HEALTHY_SECONDS = 10.0
# What a part without a logger's discipline said last: the end of a traceback, a library's own words.
_LAST_WORDS = 12


@dataclass(frozen=True, slots=True)
class Restart:
    """Start it again after this."""

    delay_seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Starting it again would be of no use."""


@dataclass(frozen=True, slots=True)
class Finished:
    """It has done what it was asked for."""


def judge_end(part: Part, exit_code: int, deaths_in_a_row: int) -> Restart | GiveUp | Finished:
    """What the end of a part means; `deaths_in_a_row` counts this one."""
    if exit_code == OK and part.ends_when_done:
        return Finished()
    if exit_code in (BAD_SETTINGS, ALREADY_RUNNING):
        return GiveUp()
    return Restart(BACK_OFF_SECONDS[min(deaths_in_a_row, len(BACK_OFF_SECONDS)) - 1])


def words_of_end(exit_code: int) -> str:
    """`ended with code 70`, `was ended by SIGKILL`."""
    if exit_code >= 0:
        return f"ended with code {exit_code}"
    try:
        return f"was ended by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"was ended by signal {-exit_code}"


@dataclass(slots=True)
class _Kept:
    """One part and how it stands. Running: `child`. Waiting for its restart: `restart_at`. Given up: neither."""

    part: Part
    child: Child | None = None
    started_at: float = 0.0
    restart_at: float | None = None
    deaths_in_a_row: int = 0
    last_words: deque[str] = field(default_factory=lambda: deque(maxlen=_LAST_WORDS))


class Supervisor:
    """All methods are for one thread, which must live as long as the parts (see Child).

    `line(part, level, text)` gets every line of a part, from threads of their own; the level is None when no logger
    wrote it. When a part has failed, `last_words(part, texts)` gets the last of those once more: the traceback, if
    there was one.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        line: Callable[[PartName, int | None, str], None],
        last_words: Callable[[PartName, Sequence[str]], None],
        environment: Mapping[str, str],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept = [_Kept(part) for part in parts]
        self._line = line
        self._last_words = last_words
        self._environment = environment
        self._monotonic = monotonic
        self.is_over = False
        """True when there is nothing more to do but to stop."""
        self.exit_code = OK
        """What the end of a part that ended all has to tell."""

    def start(self) -> None:
        """Starts all parts in their order."""
        for kept in self._kept:
            self._start_part(kept)

    def turn(self) -> None:
        """Looks after all parts; to be called a few times a second."""
        for kept in self._kept:
            if kept.child is not None:
                exit_code = kept.child.exit_code()
                if exit_code is not None:
                    self._bury(kept, exit_code)
            if kept.restart_at is not None and self._monotonic() >= kept.restart_at:
                self._start_part(kept)

    def note_work(self, process_id: int) -> None:
        """This process has done what it is there for: its death is no failed start, however soon it comes."""
        for kept in self._kept:
            if kept.child is not None and kept.child.pid == process_id:
                kept.deaths_in_a_row = 0

    def process_ids(self) -> dict[PartName, int]:
        """Of the parts that run now."""
        return {kept.part.name: kept.child.pid for kept in self._kept if kept.child is not None}

    def given_up(self) -> list[PartName]:
        """The parts that are not started again."""
        return [kept.part.name for kept in self._kept if kept.child is None and kept.restart_at is None]

    def stop(self) -> bool:
        """Stops one part after the other. False, with a complaint, if one had to be killed. May be called twice."""
        all_ended = True
        for kept in sorted(self._kept, key=lambda kept: kept.part.stop_rank):
            kept.restart_at = None
            if kept.child is None:
                continue
            try:
                kept.part.before_stop()
            except Exception:
                log.exception("%s: the preparation of its end failed", kept.part.name)
            if not kept.child.stop(kept.part.end_seconds):
                all_ended = False
                log.error("the %s did not end within %g s and was killed", kept.part.name, kept.part.end_seconds)
            kept.child = None
        return all_ended

    def _start_part(self, kept: _Kept) -> None:
        name = kept.part.name

        def take_line(line: str) -> None:
            level, text = level_and_text(line)
            if level is None:
                kept.last_words.append(text)
            self._line(name, level, text)

        kept.restart_at = None
        kept.started_at = self._monotonic()
        kept.last_words.clear()
        child = Child(name, kept.part.command, take_line, self._environment)
        try:
            child.start()
        except OSError as error:
            log.error("the %s cannot be started: %s", name, error)
            self._plan_restart(kept, exit_code=1)
            return
        kept.child = child

    def _bury(self, kept: _Kept, exit_code: int) -> None:
        assert kept.child is not None
        kept.child.finish_reading()
        kept.child = None
        if exit_code != OK:
            self._last_words(kept.part.name, tuple(kept.last_words))
        if self._monotonic() - kept.started_at >= HEALTHY_SECONDS:
            kept.deaths_in_a_row = 0
        self._plan_restart(kept, exit_code)

    def _plan_restart(self, kept: _Kept, exit_code: int) -> None:
        kept.deaths_in_a_row += 1
        name, words = kept.part.name, words_of_end(exit_code)
        match judge_end(kept.part, exit_code, kept.deaths_in_a_row):
            case Finished():
                self.is_over = True
            case Restart(delay_seconds=delay_seconds):
                when = f"in {delay_seconds:g} s" if delay_seconds else "at once"
                log.warning("the %s %s; it is started again %s", name, words, when)
                kept.restart_at = self._monotonic() + delay_seconds
            case GiveUp() if kept.part.ends_all:
                self.is_over, self.exit_code = True, exit_code
            case GiveUp():
                log.error("the %s %s and is not started again; the recording goes on without it", name, words)
