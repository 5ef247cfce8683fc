"""The keeper's work on one card, from the moment it is there until it is gone."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Collection
from datetime import datetime

from dashcam.clips.catalogue_writer import CatalogueLost, CatalogueWriter
from dashcam.clips.save_request import SaveRequests
from dashcam.clock import WallClock, local_time, utc_text
from dashcam.errors import CardError
from dashcam.keeper.announcements import Announcements
from dashcam.keeper.card import Card
from dashcam.keeper.chores import Chore, Chores
from dashcam.keeper.cleaner import Cleaner
from dashcam.keeper.clock import KeeperClock
from dashcam.keeper.cutting import Cutting
from dashcam.keeper.dating import Dating
from dashcam.keeper.desk import Desk
from dashcam.keeper.digest import Digest
from dashcam.keeper.dirty import DirtyFolders
from dashcam.keeper.finisher import Finisher
from dashcam.keeper.folder_watch import FolderWatch
from dashcam.keeper.inbox import Inbox
from dashcam.keeper.jobs import Jobs, Stoppable
from dashcam.keeper.leftovers import Leftovers
from dashcam.keeper.locking import Locking
from dashcam.keeper.notices import Notices
from dashcam.keeper.numbers import Numbers
from dashcam.keeper.patience import Patience
from dashcam.keeper.placing import Placing
from dashcam.keeper.room import Room
from dashcam.keeper.scan import Scan
from dashcam.keeper.searching import Searching
from dashcam.keeper.thumbnails import Thumbnails
from dashcam.keeper.tracks import Tracks
from dashcam.keeper.unfinished import Unfinished
from dashcam.keeper.zone import known_zone
from dashcam.options import ProgramOptions
from dashcam.settings import Settings
from dashcam.system.kernel import kernel_boot

log = logging.getLogger(__name__)

# How long it sleeps when nothing is to do; a dirty folder settles in this time.
_IDLE_SECONDS = 0.5
_CARD_CHECK_SECONDS = 1.0
# A catalogue that is lost more often than this is not the trouble, but its medium.
_MOST_REBUILDS = 5


class Session:
    """Opened, run and closed by one thread, which is the only one that changes the card."""

    def __init__(
        self,
        options: ProgramOptions,
        card: Card,
        inbox: Inbox,
        *,
        patience: Patience,
        clock: WallClock | None = None,
    ) -> None:
        settings = options.loaded.settings
        self.card = card
        self.inbox = inbox
        self._clock = clock or KeeperClock(options.state)
        self._clock.take(settings.clock.machine)
        self._failure: BaseException | None = None
        self._rebuilds = 0
        self._check_at = 0.0
        self.is_read_only = False
        zone, zone_name = known_zone(settings.clock.zone)
        folders, state = card.folders, options.state
        self.catalogue = CatalogueWriter(state)
        self.unfinished = Unfinished(patience.quiet_seconds)
        self.leftovers = Leftovers(folders, self.catalogue, patience.lonely_seconds)
        self.dirty = DirtyFolders()
        self.watch = FolderWatch(folders, self.dirty)
        digest = Digest(
            folders,
            self.catalogue,
            self.unfinished,
            self.leftovers,
            utc_now=self._utc_now,
            may_write=lambda: not self.is_read_only,
            check_card=card.check,
        )
        self.scan = Scan(
            folders,
            self.catalogue,
            digest,
            self.dirty,
            is_watched=lambda: self.watch.is_watching,
            looked=lambda: self.chores.rouse("making room"),
        )
        requests = SaveRequests(state)
        self.announcements = Announcements(state, zone, utc_ns=self._trusted_utc_ns, kernel=kernel_boot())

        def withdraw(clip_ids: Collection[str]) -> None:
            requests.withdraw(clip_ids)
            self.announcements.withdraw(clip_ids)

        self.locking = Locking(
            folders,
            self.catalogue,
            self.unfinished,
            look_again=self.scan.look_again,
            withdraw=withdraw,
            protected_ids=self._protected_ids,
            utc_now=self._utc_now,
        )
        room = Room()
        self.desk = Desk(inbox.deliver, self._fail, room=room)
        numbers = Numbers(state, folders, self.catalogue)
        self._placing = Placing(folders, self.catalogue, self.leftovers, numbers, zone, zone_name, self._utc_now)
        self.finisher = Finisher(
            folders, self.catalogue, self.unfinished, self.leftovers, self.desk, self._placing, self._utc_now
        )
        self.jobs = Jobs()
        self.cutting = Cutting(
            card,
            self.catalogue,
            self.unfinished,
            self.desk,
            self._placing,
            numbers,
            self.locking,
            requests,
            self.jobs,
            is_looked_at=lambda: self.scan.is_complete and not len(self.dirty),
            is_all_known=self._is_all_known,
            utc_now=self._utc_now,
            calm_seconds=patience.calm_seconds,
            missing_seconds=patience.missing_seconds,
        )
        self._zone = zone
        self.searching = Searching(
            state,
            folders,
            self.catalogue,
            self.cutting,
            requests,
            self.jobs,
            settings,
            room=room,
            next_id=numbers.next_id,
            deliver=inbox.deliver,
            on_death=self._fail,
            again=lambda: self.chores.rouse("searching clips"),
            local_now=self._local_now,
            utc_now=self._utc_now,
        )
        self.notices = Notices(state, self.catalogue, settings.events)
        self.cleaner = Cleaner(
            folders,
            self.catalogue,
            settings.storage,
            space=card.space,
            protected_ids=self._protected_ids,
            announcements=self.announcements,
            wanted_bytes=lambda: self.cutting.cuts.lacking_bytes,
            look_again=lambda folder: self.dirty.mark_now([folder]),
        )
        self._dating = Dating(
            state,
            folders,
            self.catalogue,
            self.desk,
            zone,
            zone_name,
            again=lambda: self.chores.rouse("dating clips"),
            look_again=lambda folder: self.dirty.mark_now([folder]),
        )
        self._tracks = Tracks(
            folders, self.catalogue, newest_boot=numbers.newest_boot, monotonic_ns=self._clock.monotonic_ns
        )
        self._thumbnails = Thumbnails(folders, self.catalogue, self.desk, zone, settings.gps.speed_unit)
        self.chores = Chores(
            (
                # What is to be kept is known before anything is deleted.
                Chore("saves", self.cutting.saves.step, 1.0),
                Chore("making room", self._once_known(self.cleaner.step), 2.0),
                Chore("looking at folders", self.scan.step, is_writing=False),
                Chore("telling of events", self._once_known(self.notices.step), 0.5, is_writing=False),
                Chore("finishing clips", self._once_known(self.finisher.step)),
                Chore("cutting clips", self._once_known(self.cutting.cuts.step), 0.5),
                Chore("dating clips", self._once_known(self._dating.step), 1.0),
                # A file that waits may be the very clip that something lonely belongs to.
                Chore("tidying up", self._once_known(lambda: self.unfinished.is_calm and self.leftovers.step()), 1.0),
                Chore("sweeping up", self._once_known(self.scan.sweep)),
                # After its time is right, and before pictures, which take longer.
                Chore("tracks", self._once_known(self._tracks.step), 1.0),
                Chore(
                    "thumbnails", self._once_known(lambda: not self._dating.waits_for_desk and self._thumbnails.step())
                ),
                Chore("searching clips", self._once_known(self.searching.search.step), 0.5),
            )
        )

    def open(self) -> None:
        """Takes the card and begins to watch it.

        Raises OSError, CardError, or AlreadyRunning when another keeper has it.
        """
        self.card.open()
        self.is_read_only = self.card.is_read_only
        self._open_catalogue()
        self.dirty.mark_everything()
        self.watch.start()
        self.desk.start()
        self.searching.searcher.start()
        self.notices.start()
        self.inbox.open()

    def take(self, settings: Settings) -> None:
        """Settings that have changed; called in the working thread."""
        self._clock.take(settings.clock.machine)
        zone, zone_name = known_zone(settings.clock.zone)
        self._placing.take_zone(zone, zone_name)
        self._dating.take_zone(zone, zone_name)
        self._thumbnails.take(zone, settings.gps.speed_unit)
        self.announcements.take_zone(zone)
        self._zone = zone
        self.searching.take(settings)
        self.notices.take(settings.events)
        self.cleaner.take(settings.storage)
        self.chores.rouse("making room")

    def run(self, stop: threading.Event, turned: Callable[[], None]) -> None:
        """Works until told to stop; calls `turned` in every turn. Raises CardError when the card is gone."""
        while not stop.is_set():
            turned()
            self._check_card()
            try:
                if not self.turn():
                    self.inbox.wait(_IDLE_SECONDS)
            except CatalogueLost as error:
                self._rebuild(error)

    def close(self, reason: CardError) -> None:
        """Lets go of everything; who still waits for an answer is told the reason. May be called twice."""
        self.inbox.close(reason)
        self.scan.cancel()
        self.desk.close()
        self.searching.searcher.close()
        self.notices.close()
        self.watch.close()
        self.catalogue.close()
        self.card.close()

    def turn(self) -> bool:
        """Does one thing; False when there is nothing to do. Raises CatalogueLost."""
        try:
            if self.inbox.serve_one():
                return True
        except CatalogueLost:
            raise
        except OSError as error:
            log.warning("a finished job could not be used: %s", error)
            return True
        except Exception:
            log.exception("a finished job could not be used")
            return True
        return self.chores.step(may_write=not self.is_read_only)

    def _check_card(self) -> None:
        if self._failure is not None:
            raise CardError(f"the keeper had to begin again: {self._failure}")
        now = time.monotonic()
        if now < self._check_at:
            return
        self._check_at = now + _CARD_CHECK_SECONDS
        self._clock.refresh()
        self.card.check()
        was_read_only, self.is_read_only = self.is_read_only, self.card.is_read_only
        if was_read_only != self.is_read_only:
            log.warning("the card is %s", "read-only now" if self.is_read_only else "writable again")
            self.dirty.mark_everything()
        try:
            self.catalogue.check()
        except CatalogueLost as error:
            self._rebuild(error)

    def _rebuild(self, error: CatalogueLost) -> None:
        self._rebuilds += 1
        if self._rebuilds > _MOST_REBUILDS:
            raise CardError(f"the list of clips cannot be kept: {error}") from error
        log.warning("%s", error)
        self._open_catalogue()
        self.dirty.mark_everything()

    def _open_catalogue(self) -> None:
        try:
            self.catalogue.open()
        except (OSError, sqlite3.Error) as error:
            raise CardError(
                f"the list of clips cannot be kept in the state folder ({error}); make it writable, or use --state DIR"
            ) from error

    def _once_known(self, step: Callable[[], bool]) -> Callable[[], bool]:
        """Nothing is deleted or adopted before the whole card was looked at: what has which id is known only then."""
        return lambda: self.scan.is_complete and not self.scan.is_scanning and step()

    @property
    def stoppable(self) -> tuple[Stoppable, ...]:
        """Who works on the jobs that people may stop."""
        return (self.cutting.cuts, self.searching.search)

    def _protected_ids(self) -> frozenset[str]:
        return self.cutting.saves.protected_ids()

    def _is_all_known(self) -> bool:
        return self.scan.is_complete and not len(self.dirty) and not len(self.unfinished)

    def _utc_now(self) -> str | None:
        anchor = self._clock.anchor()
        return None if anchor.source == "none" else utc_text(anchor.utc_ns)

    def _local_now(self) -> datetime | None:
        utc_ns = self._trusted_utc_ns()
        return None if utc_ns is None else local_time(utc_ns, self._zone)

    def _trusted_utc_ns(self) -> int | None:
        anchor = self._clock.anchor()
        return anchor.utc_ns if anchor.is_trusted else None

    def _fail(self, error: BaseException) -> None:
        self._failure = error
