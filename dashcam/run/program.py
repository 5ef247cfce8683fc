"""`dashcam run`: starts recorder, keeper and page, keeps them running, and tells how it goes."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from dashcam.errors import CardError, DashcamError
from dashcam.files import make_folders, words_of_trouble
from dashcam.link.client import ask
from dashcam.link.follow import FollowedStatus
from dashcam.link.messages import Done, GetProgress, KeeperProgress, ScanCard
from dashcam.link.place import page_address_path
from dashcam.options import ProgramOptions
from dashcam.run.console import Console, ConsoleHandler
from dashcam.run.keys import Keys, save
from dashcam.run.page import PageWatch, free_port, page_words
from dashcam.run.parts import Part, PartName, child_environment, dashcam_parts
from dashcam.run.repeats import Repeats
from dashcam.run.supervisor import Supervisor
from dashcam.run.teller import Teller, clock_text
from dashcam.system.exit_codes import FAILED, OK
from dashcam.system.folder_lock import FolderLock
from dashcam.system.log_lines import level_of_stray
from dashcam.system.log_writer import LogFileHandler
from dashcam.system.side_writer import SideWriter
from dashcam.system.signals import stop_event_on_signals

log = logging.getLogger(__name__)

_TURN_SECONDS = 0.25
# At the end the keeper is given this long to see the last clip; what it does not manage it does at the next start.
_SETTLE_SECONDS = 10.0
_SETTLE_TURN_SECONDS = 0.05
# It may look idle for a moment between one job and the next.
_SETTLE_LOOKS = 3
# Marks a log record that the person at the terminal gets in another way.
_SHOWN = "is_shown"


def run(options: ProgramOptions, assignments: Sequence[str], *, is_verbose: bool) -> int:
    """Runs until told to stop, or until the recorder has recorded for `options.for_seconds`; gives the exit code."""
    web = options.loaded.settings.web
    free = None if web.port else free_port(web.host)
    parts = dashcam_parts(
        options,
        assignments,
        is_verbose=is_verbose,
        page_port=free,
        settle_keeper=lambda: settle_keeper(options.state),
    )
    return run_parts(options, parts, page_port=free or web.port, is_verbose=is_verbose)


def run_parts(options: ProgramOptions, parts: Sequence[Part], *, page_port: int, is_verbose: bool) -> int:
    """Runs these parts; raises AlreadyRunning when another one does on the same state folder."""
    stop = stop_event_on_signals()
    with ExitStack() as closing:
        closing.callback(_lock_of(options).close)
        console, log_console = _consoles(closing)
        _log_through(log_console, closing)
        voice = _PartsVoice(log_console, is_verbose=is_verbose)
        supervisor = Supervisor(parts, line=voice.line, last_words=voice.last_words, environment=child_environment())
        # First of all: nothing that helps the person at the terminal may hold up the recording.
        closing.callback(supervisor.stop)
        page_watch = _page_watch(options, page_port, console)
        page_watch.start()
        supervisor.start()
        followed = FollowedStatus(options.state)
        closing.callback(followed.close)
        followed.start()
        closing.callback(page_watch.close)
        teller = Teller(console)
        keys = Keys(sys.stdin, lambda: teller.say(save(options.state)))
        closing.callback(keys.close)
        if console.is_terminal and keys.start():
            teller.say("Press S to save what has just happened")
        _look_after(supervisor, followed, teller, stop)
        console.clear()
        has_open_clip = followed.status is not None and followed.status.open_clip is not None
        teller.say("Closing the open clip; please wait" if has_open_clip else "Ending")
        is_in_order = supervisor.stop()
        teller.say("Stopped")
    return supervisor.exit_code if is_in_order or supervisor.exit_code != OK else FAILED


def settle_keeper(state: Path) -> None:
    """Waits, within limits, until the keeper has noted what the recorder has left on the card."""
    try:
        ask(state, "keeper", ScanCard(), Done, _SETTLE_SECONDS)
        give_up_at = time.monotonic() + _SETTLE_SECONDS
        pause, idle_looks = threading.Event(), 0
        while idle_looks < _SETTLE_LOOKS and time.monotonic() < give_up_at:
            progress = ask(state, "keeper", GetProgress(), KeeperProgress)
            idle_looks = idle_looks + 1 if _is_idle(progress) else 0
            pause.wait(_SETTLE_TURN_SECONDS)
    except CardError as error:
        log.debug("without a card the keeper has nothing to do: %s", error)
    except DashcamError as error:
        log.info("the keeper does the rest at the next start: %s", error)


def _is_idle(progress: KeeperProgress) -> bool:
    return progress.waiting_jobs == 0 and progress.state in ("idle", "no_card")


def _look_after(supervisor: Supervisor, followed: FollowedStatus, teller: Teller, stop: threading.Event) -> None:
    while not supervisor.is_over and not stop.wait(_TURN_SECONDS):
        status = followed.status
        if status is not None and (status.is_recording or status.state == "guarding"):
            supervisor.note_work(status.pid)
        supervisor.turn()
        teller.turn(status)


def _lock_of(options: ProgramOptions) -> FolderLock:
    """One `dashcam run` a state folder. Without a writable card there is none, and the recorder says what is wrong."""
    lock = FolderLock(options.state)
    try:
        if not options.data.parent.is_dir():
            raise CardError(f"{options.data.parent} is not there; put the card in or choose another folder with --data")
        make_folders(options.state)
        lock.acquire()
    except CardError as error:
        log.warning("%s", error)
    except OSError as error:
        is_on_card = options.state.is_relative_to(options.data)
        folder, option = (options.data, "--data") if is_on_card else (options.state, "--state")
        log.warning("%s", words_of_trouble(error, folder, option))
    return lock


def _page_watch(options: ProgramOptions, page_port: int, console: Console) -> PageWatch:
    settings = options.loaded.settings
    has_login = settings.accounts.mode != "off"

    def tell(host: str, port: int) -> None:
        console.say(page_words(host, port, has_login=has_login, has_colours=console.has_colours))

    return PageWatch(settings.web.host, page_port, page_address_path(options.state), tell)


def _consoles(closing: ExitStack) -> tuple[Console, Console]:
    """Where the person is talked to, and where log lines go: above the status line if that is the same terminal."""
    streams = [sys.stdout] if sys.stdout.isatty() and sys.stderr.isatty() else [sys.stdout, sys.stderr]
    consoles = []
    for stream in streams:
        writer = SideWriter(stream)
        closing.callback(writer.close)
        writer.start()
        consoles.append(Console(writer))
        closing.callback(consoles[-1].clear)
    return consoles[0], consoles[-1]


def _log_through(console: Console, closing: ExitStack) -> None:
    """Until the end, log lines must not get into the status line."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, LogFileHandler):
            continue
        console_handler = ConsoleHandler(console)
        console_handler.addFilter(_is_not_shown)
        console_handler.setFormatter(handler.formatter)
        root.removeHandler(handler)
        closing.callback(root.addHandler, handler)
        root.addHandler(console_handler)
        closing.callback(root.removeHandler, console_handler)


def _is_not_shown(record: logging.LogRecord) -> bool:
    return not hasattr(record, _SHOWN)


class _PartsVoice:
    """What the parts say: above a status line only what is wrong, elsewhere all of it.

    What they log is in logs of their own; what else comes out of them, such as a traceback, goes into ours.
    """

    def __init__(self, console: Console, *, is_verbose: bool) -> None:
        self._is_calm = console.is_terminal and not is_verbose
        self._where = console
        self._guard = threading.Lock()  # of _said: each part has a thread for its words
        self._said = None if is_verbose else Repeats()

    def line(self, part: PartName, level: int | None, text: str) -> None:
        """One line of a part; `level` is None when no logger wrote it."""
        if level is None:
            log.log(level_of_stray(text), "%s", text, extra={"area": part, _SHOWN: True})
            level = logging.DEBUG
        is_wrong = level >= logging.WARNING
        if is_wrong and not self._is_due(text):  # such as a part that says it at each of its starts
            return
        if is_wrong or not self._is_calm:
            mark = f"{logging.getLevelName(level)} " if is_wrong else ""
            self._where.say(f"{clock_text()} {mark}{text}")

    def _is_due(self, text: str) -> bool:
        with self._guard:
            return self._said is None or self._said.is_due(text)

    def last_words(self, part: PartName, texts: Sequence[str]) -> None:
        """What a part that failed had said last, if that has not been shown."""
        if self._is_calm:
            for text in texts:
                self._where.say(f"{clock_text()} {part}: {text}")
