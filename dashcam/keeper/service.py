"""The keeper: answers on its link, and works on the card whenever there is one."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from dashcam import __version__
from dashcam.errors import AlreadyRunning, BadRequest, CardError, ClipBusy
from dashcam.files import words_of_trouble
from dashcam.keeper.card import Card
from dashcam.keeper.inbox import Inbox
from dashcam.keeper.jobs import stop_job
from dashcam.keeper.locking import Locking
from dashcam.keeper.patience import Patience
from dashcam.keeper.session import Session
from dashcam.link.messages import (
    ClipsDone,
    CutRange,
    DeleteClips,
    Done,
    GetProgress,
    JobTaken,
    KeeperProgress,
    KeeperRequest,
    KeeperState,
    LockClips,
    Message,
    SawAnnouncement,
    ScanCard,
    SearchMotion,
    SettingsChanged,
    SettingsTaken,
    StopJob,
    UnlockClips,
    Usage,
)
from dashcam.link.server import LinkServer
from dashcam.options import ProgramOptions
from dashcam.settings import load_settings

log = logging.getLogger(__name__)

# A card that was pushed in again is noticed within this time.
_RETRY_SECONDS = 2.0
_CLOSING_LOOK_SECONDS = 0.1
_NOTHING = Usage(clips=0, bytes=0, quota_bytes=0)
_READ_ONLY = "The card is read-only: nothing can be locked, deleted or repaired. Check its switch, or its file system."


class Service:
    """The whole program; `run` is called by the main thread, requests come from the link's threads."""

    def __init__(self, options: ProgramOptions, patience: Patience | None = None) -> None:
        self._options = options
        self._patience = patience or Patience()
        self._inbox = Inbox()
        self._ending = threading.Event()
        self._server = LinkServer(options.state, "keeper", requests=KeeperRequest, answer=self.answer)
        self._session: Session | None = None
        self._was_mount = False
        self._trouble = ""
        # What earlier cards had, so that figures only grow.
        self._repaired = self._broken = self._deleted = 0

    def run(
        self,
        stop: threading.Event,
        turned: Callable[[], None] = lambda: None,
        ready: Callable[[], None] = lambda: None,
    ) -> None:
        """Works until told to stop, with whatever card is there; `ready` is called once it can be asked.

        Raises AlreadyRunning when another keeper works for this state or, at the start, on this card.
        """
        self._server.start()
        ready()
        try:
            is_first = True
            while not stop.is_set():
                self._work_on_card(stop, turned, is_first=is_first)
                is_first = False
                turned()
                stop.wait(_RETRY_SECONDS)
        finally:
            self._ending.set()
            self._inbox.close(CardError("the keeper ends; try again in a moment"))
            self._server.close()

    def _work_on_card(self, stop: threading.Event, turned: Callable[[], None], *, is_first: bool) -> None:
        card = Card(self._options.data, self._was_mount)
        session = Session(self._options, card, self._inbox, patience=self._patience)
        reason = "the keeper ends; try again in a moment"
        try:
            session.open()
            log.info("keeping %s", card.folders.dcim)
            self._session, self._trouble = session, ""
            # They may have changed while it was being opened.
            session.take(self._options.loaded.settings)
            session.run(stop, turned)
        except AlreadyRunning as error:
            if is_first:
                raise
            reason = str(error)
        except OSError as error:
            reason = words_of_trouble(error, card.data)
        except CardError as error:
            reason = str(error)
        finally:
            self._session = None
            self._was_mount = card.was_mount
            self._remember(session)
            session.close(CardError(reason))
        if not stop.is_set():
            if reason != self._trouble:
                log.warning("waiting for the card: %s", reason)
            self._trouble = reason

    def _remember(self, session: Session) -> None:
        self._repaired += session.finisher.repaired
        self._broken += session.finisher.broken
        self._deleted += session.cleaner.deleted

    def answer(self, request: Any) -> Message:
        """Called by the link in a thread of each client's own; all but progress is done in the working thread."""
        match request:
            case GetProgress():
                return self.progress()
            case LockClips() | UnlockClips() | DeleteClips():
                return self._change(request)
            case CutRange():
                return self._cut(request)
            case SearchMotion():
                return self._inbox.ask(lambda: self._writable().searching.search.take(request))
            case StopJob():
                return self._stop_job(request.id)
            case SawAnnouncement():
                self._inbox.ask(lambda: self._needed().announcements.saw(request.ids))
                return Done()
            case SettingsChanged():
                return self._take_settings()
            case ScanCard():
                self._inbox.ask_long(self._begin_scan)
                return Done()
        raise BadRequest("the keeper does not know this request; update it")

    def _take_settings(self) -> SettingsTaken:
        """Quotas, limits and the time zone come into force with the next thing that is done."""
        loaded = load_settings(self._options.state, self._options.assignments)
        self._options = replace(self._options, loaded=loaded)
        session = self._session
        if session is not None:
            self._inbox.deliver(lambda: session.take(loaded.settings))
        return SettingsTaken(pending=())

    def _begin_scan(self) -> Future[None]:
        return self._needed().scan.ask()

    def _change(self, request: LockClips | UnlockClips | DeleteClips) -> ClipsDone:
        def act() -> ClipsDone:
            session = self._writable()
            done = _changed(session.locking, request)
            session.chores.rouse("making room")
            return done

        self._wait_until_closed(request.ids)
        return self._inbox.ask(act)

    def _cut(self, asked: CutRange) -> JobTaken:
        ids = (asked.from_id, asked.to_id)
        self._wait_until_closed(ids)
        if self._inbox.ask(lambda: self._needed().locking.is_still_open(ids)):
            raise ClipBusy(
                "The clip is still being recorded; cut it once it is closed, or save what has just happened."
            )
        return self._inbox.ask(lambda: self._writable().cutting.take_range(asked))

    def _stop_job(self, job_id: str) -> Done:
        self._inbox.ask(lambda: stop_job(self._needed().stoppable, job_id))
        return Done()

    def _wait_until_closed(self, ids: Iterable[str]) -> None:
        """In the client's own thread: who has just stopped the recording may delete its last clip at once."""
        ends_at = time.monotonic() + self._patience.closing_seconds
        while self._inbox.ask(lambda: self._needed().locking.is_still_open(ids)) and time.monotonic() < ends_at:
            self._ending.wait(_CLOSING_LOOK_SECONDS)

    def _writable(self) -> Session:
        session = self._needed()
        if session.is_read_only:
            raise CardError(_READ_ONLY)
        return session

    def _needed(self) -> Session:
        if self._session is None:
            raise CardError(self._trouble or "there is no card; put one in")
        return self._session

    def progress(self) -> KeeperProgress:
        """How it stands. Reads figures that the working thread changes; each is whole by itself."""
        session = self._session
        repaired, broken, deleted = self._repaired, self._broken, self._deleted
        usages = [_NOTHING] * 3
        warnings: tuple[str, ...] = (self._trouble,) if self._trouble else ()
        waiting = 0
        if session is not None:
            report = session.cleaner.report
            usages = [
                Usage(clips=total.clips, bytes=total.bytes, quota_bytes=report.limits.quota_bytes.get(kind, 0))
                for kind, total in report.totals.items()
            ]
            repaired, broken = repaired + session.finisher.repaired, broken + session.finisher.broken
            deleted += session.cleaner.deleted
            warnings = (_READ_ONLY, *report.warnings) if session.is_read_only else report.warnings
            waiting = len(session.dirty) + session.unfinished.resting + len(self._inbox)
        return KeeperProgress(
            state=self._state(session, waiting),
            warnings=warnings,
            version=__version__,
            pid=os.getpid(),
            catalogued=sum(usage.clips for usage in usages),
            waiting_jobs=waiting,
            repaired=repaired,
            broken=broken,
            deleted_by_quota=deleted,
            loop=usages[0],
            event=usages[1],
            photo=usages[2],
            jobs=() if session is None else session.jobs.statuses(),
            announcements=() if session is None else session.announcements.statuses(),
        )

    def _state(self, session: Session | None, waiting: int) -> KeeperState:
        if session is None:
            return "no_card" if self._trouble else "starting"
        if session.scan.is_scanning or not session.scan.is_complete:
            return "scanning"
        return "working" if waiting or session.desk.is_busy else "idle"


def _changed(locking: Locking, request: LockClips | UnlockClips | DeleteClips) -> ClipsDone:
    match request:
        case LockClips():
            return locking.lock(request.ids, request.cause)
        case UnlockClips():
            return locking.unlock(request.ids)
    return locking.delete(request.ids, request.locked)
