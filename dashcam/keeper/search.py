"""Searches recorded clips for motion: when people ask for it, and by itself what was recorded without a look.

A clip is done when its sidecar has a trace with the fingerprint of the search's settings, so that whatever ends the
search on the way, the next start goes on where it was, and no clip is looked into twice with the same settings.
"""

from __future__ import annotations

import logging
import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import msgspec

from dashcam.clips.catalogue_search import Scope, left_in, next_in
from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.event import MotionTrace
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.row import ClipRow
from dashcam.clips.sidecar import Sidecar, read_sidecar, write_sidecar
from dashcam.errors import BadMedia, BadRequest, CardError, DashcamError
from dashcam.keeper.jobs import Jobs
from dashcam.keeper.rows import FileFacts, file_of, row_of
from dashcam.keeper.search_cuts import SearchCuts
from dashcam.keeper.search_events import continues
from dashcam.keeper.search_wishes import MOST_FOUND, MOST_WAITING, SearchWish, SearchWishes
from dashcam.keeper.search_words import running_job, still_job, words_of_found, words_of_search
from dashcam.keeper.searcher import SearchCameToGrief, Searcher
from dashcam.keeper.unfinished import MAX_FAILURES
from dashcam.link.messages import JobTaken, SearchMotion
from dashcam.motion.fingerprint import fingerprint_of
from dashcam.motion.search_jobs import Clip
from dashcam.settings.schema import MotionSettings

log = logging.getLogger(__name__)

# Of so many the likeliest are looked into first; they are looked at quickly before.
_BATCH = 20
# Of what could not be looked into; a card on which everything fails is no card to go on with.
_MOST_FAILED = 400
# Photos and events take numbers between two clips of the loop.
_NUMBERS_BACK = 4
_BY_ITSELF = "search-by-itself"
_REST_SECONDS = 60.0


@dataclass(slots=True)
class _Run:
    """The search that is being done, since this start."""

    wish: SearchWish
    clips: int
    seconds: float
    """That were left at its beginning."""
    began: float
    done_clips: int = 0
    done_seconds: float = 0.0
    to_glance: list[ClipRow] = field(default_factory=list)
    to_look: list[tuple[float, ClipRow]] = field(default_factory=list)
    looking_at: ClipRow | None = None
    # Too broken, or gone: of this run alone.
    passed_over: set[str] = field(default_factory=set)
    has_looked: bool = False


class Search:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        state: Path,
        card: CardFolders,
        catalogue: CatalogueWriter,
        searcher: Searcher,
        jobs: Jobs,
        cuts: SearchCuts,
        settings: MotionSettings,
        *,
        is_watching: Callable[[], bool],
        again: Callable[[], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`is_watching`: the mode in which clips that nobody has looked at are searched without being asked.

        `again` is called when there is more to do at once.
        """
        self._card = card
        self._catalogue = catalogue
        self._searcher = searcher
        self._jobs = jobs
        self._cuts = cuts
        self._settings = settings
        self._is_watching = is_watching
        self._again = again
        self._monotonic = monotonic
        self._wishes = SearchWishes(state)
        self._run: _Run | None = None
        self._failures: dict[str, int] = {}
        self._told: set[str] = set()
        self._is_stopped_by_itself = False
        self._not_by_itself_before = monotonic()

    def take_settings(self, settings: MotionSettings) -> None:
        """For searches that are asked for from now on."""
        if settings != self._settings:
            self._settings = settings
            self._is_stopped_by_itself = False

    def take(self, asked: SearchMotion) -> JobTaken:
        """Durable when it returns; the same search that waits already is that one.

        Raises BadRequest, and OSError of the state.
        """
        for clip_id in asked.ids:
            ClipId.parse(clip_id)
        scope = Scope(wish=fingerprint_of(self._settings), ids=tuple(dict.fromkeys(asked.ids)), day=asked.day)
        for known in self._wishes.all():
            if (known.scope, known.cut) == (scope, asked.cut):
                return JobTaken(id=known.id)
        if len(self._wishes.all()) >= MOST_WAITING:
            raise BadRequest("Too many searches wait already; stop some of them first.")
        wish = SearchWish(id=f"search-{secrets.token_hex(4)}", scope=scope, settings=self._settings, cut=asked.cut)
        self._wishes.put(wish)
        self._tell_waiting(wish)
        return JobTaken(id=wish.id)

    def stop_job(self, job_id: str) -> bool:
        """Ends a search, or takes it from the queue; what it has found stays. Raises OSError of the state."""
        run = self._run
        is_running = run is not None and run.wish.id == job_id
        wish = run.wish if run is not None and is_running else self._waiting(job_id)
        if wish is None:
            return False
        if is_running:
            self._run = None
            self._cuts.forget()
            self._searcher.give_up()
        if wish.id == _BY_ITSELF:
            self._is_stopped_by_itself = True
        else:
            self._wishes.drop(job_id)
        self._jobs.put(still_job(wish, "stopped", f"stopped; {words_of_found(wish)}"))
        return True

    def step(self) -> bool:
        """Goes on with the search; True when something was begun or done. Raises OSError and CatalogueLost."""
        self._tell_all_waiting()
        if self._run is not None and self._searcher.is_busy:
            self._tell(self._run)
            return False
        if self._searcher.is_busy:
            return False  # what was stopped is just ending
        if self._cuts.step():
            return True
        if not self._searcher.has_room and not self._wishes.all():
            return False  # what nobody has asked for comes after all that the desk has to do
        run = self._run = self._run or self._begin()
        if run is None:
            return False
        if not run.to_glance and not run.to_look:
            self._fill(run)
        if run.to_glance:
            self._glance(run, run.to_glance.pop())
        elif run.to_look:
            self._look(run, run.to_look.pop()[1])
        else:
            self._end(run)
        return True

    def _begin(self) -> _Run | None:
        waiting = self._wishes.all()
        wish = waiting[0] if waiting else self._by_itself()
        if wish is None:
            return None
        left = self._catalogue.ask(lambda found: left_in(found, wish.scope, wish.failed_ids))
        if wish.id == _BY_ITSELF and not left.clips:
            return None
        return _Run(wish, left.clips, left.seconds, self._monotonic())

    def _by_itself(self) -> SearchWish | None:
        settings = self._settings
        is_wanted = settings.scan_missed and settings.detect != "off" and not self._is_stopped_by_itself
        if not is_wanted or self._monotonic() < self._not_by_itself_before or not self._is_watching():
            return None
        return SearchWish(id=_BY_ITSELF, scope=Scope(), settings=settings, failed_ids=tuple(self._failures))

    def _fill(self, run: _Run) -> None:
        passed_over = {*run.wish.failed_ids, *run.passed_over}
        rows = self._catalogue.ask(lambda found: next_in(found, run.wish.scope, _BATCH, passed_over))
        if len(rows) > 1:
            run.to_glance = list(reversed(rows))
        else:
            run.to_look = [(0.0, row) for row in rows]

    def _glance(self, run: _Run, row: ClipRow) -> None:
        path = file_of(self._card, row.path)
        if path is None:
            run.passed_over.add(row.id)
            return
        self._searcher.glance(self._clip(path, row), partial(self._glanced, run, row))
        self._tell(run)

    def _glanced(self, run: _Run, row: ClipRow, outcome: float | DashcamError) -> None:
        self._again()
        # What cannot even be looked at quickly is found out last.
        run.to_look.append((-1.0 if isinstance(outcome, DashcamError) else outcome, row))
        run.to_look.sort(key=lambda found: (found[0], ClipId.parse(found[1].id)))

    def _look(self, run: _Run, listed: ClipRow) -> None:
        row = self._catalogue.get(listed.id)  # as it is now: it may have been locked meanwhile
        path = file_of(self._card, row.path) if row is not None else None
        sidecar = _sidecar_beside(path, listed.id) if path is not None else None
        if row is None or path is None or sidecar is None:
            run.passed_over.add(listed.id)
            return
        if sidecar.motion is not None and (sidecar.motion.wish or "?") == fingerprint_of(run.wish.settings):
            self._note(run, row, path, sidecar, sidecar.motion)  # the end came before the catalogue knew
            return
        run.looking_at, run.has_looked = row, True
        wish = fingerprint_of(run.wish.settings)
        clip = self._with_before(self._clip(path, row), row)
        self._searcher.look(clip, run.wish.settings, wish, partial(self._looked, run, row))
        self._tell(run)

    def _looked(self, run: _Run, row: ClipRow, outcome: MotionTrace | DashcamError) -> None:
        run.looking_at = None
        self._again()
        if run is not self._run:
            return  # it was stopped
        try:
            if not isinstance(outcome, DashcamError):
                self._keep(run, row, outcome)
                return
        except OSError as error:
            outcome = CardError(f"the card does not allow it: {error.strerror}")
        self._go_wrong(run, row, outcome)

    def _keep(self, run: _Run, row: ClipRow, trace: MotionTrace) -> None:
        now = self._catalogue.get(row.id)
        path = file_of(self._card, now.path) if now is not None else None
        sidecar = _sidecar_beside(path, row.id) if path is not None else None
        if now is None or path is None or sidecar is None or sidecar.bytes != row.bytes:
            run.passed_over.add(row.id)  # deleted, or another file
            return
        sidecar = msgspec.structs.replace(sidecar, motion=trace)
        self._catalogue.doubt(row.id)
        write_sidecar(sidecar_of(path), sidecar)
        self._note(run, now, path, sidecar, trace)

    def _note(self, run: _Run, row: ClipRow, path: Path, sidecar: Sidecar, trace: MotionTrace) -> None:
        self._catalogue.put([row_of(self._card, path, FileFacts.of(path.stat()), sidecar, row.has_thumbnail)])
        self._failures.pop(row.id, None)
        run.done_clips += 1
        run.done_seconds += row.duration_seconds
        if trace.windows:
            found_ids = tuple(dict.fromkeys([*run.wish.found_ids, row.id]))[-MOST_FOUND:]
            is_new = row.id not in run.wish.found_ids
            self._change(run, found_ids=found_ids, found=run.wish.found + is_new)
        self._tell(run)

    def _go_wrong(self, run: _Run, row: ClipRow, error: DashcamError) -> None:
        failures = self._failures[row.id] = self._failures.get(row.id, 0) + 1
        if isinstance(error, CardError | SearchCameToGrief) and failures < MAX_FAILURES:
            run.to_look.insert(0, (0.0, row))
            return
        log.info("%s is not searched: %s", row.path, error)
        run.done_seconds += row.duration_seconds
        run.done_clips += 1
        self._change(run, failed_ids=(*run.wish.failed_ids, row.id)[-_MOST_FAILED:])

    def _change(self, run: _Run, **facts: object) -> None:
        run.wish = msgspec.structs.replace(run.wish, **facts)
        if run.wish.id != _BY_ITSELF:
            self._wishes.put(run.wish)

    def _end(self, run: _Run) -> None:
        wish = run.wish
        if wish.cut:
            made_ids = self._cuts.begin(wish)
            if made_ids is None:
                return  # it cuts still
            run.wish = wish = msgspec.structs.replace(wish, made_ids=made_ids)
        self._run = None
        if wish.id == _BY_ITSELF:
            # What it has passed over, as without a sidecar yet, may be ready then.
            self._not_by_itself_before = self._monotonic() + _REST_SECONDS
            if not run.has_looked:
                self._jobs.drop(wish.id)
                return
        else:
            self._wishes.drop(wish.id)
        words = words_of_search(wish, run.done_clips)
        self._jobs.put(still_job(wish, "done", words))
        log.info("search %s: %s", wish.id, words)

    def _clip(self, path: Path, row: ClipRow) -> Clip:
        return Clip(path=os.fsencode(path), duration_seconds=row.duration_seconds)

    def _with_before(self, clip: Clip, row: ClipRow) -> Clip:
        """With the clip that it continues, as it was seen live."""
        clip_id = ClipId.parse(row.id)
        for number in range(clip_id.number - 1, max(clip_id.number - 1 - _NUMBERS_BACK, 0), -1):
            before = self._catalogue.get(f"{clip_id.boot}-{number}")
            if before is None or not continues(before, row):
                continue
            path = file_of(self._card, before.path)
            if path is not None:
                return msgspec.structs.replace(clip, before=os.fsencode(path), before_seconds=before.duration_seconds)
        return clip

    def _waiting(self, job_id: str) -> SearchWish | None:
        return next((wish for wish in self._wishes.all() if wish.id == job_id), None)

    def _tell_all_waiting(self) -> None:
        for wish in self._wishes.all():
            if wish.id not in self._told and (self._run is None or self._run.wish.id != wish.id):
                self._tell_waiting(wish)

    def _tell_waiting(self, wish: SearchWish) -> None:
        self._told.add(wish.id)
        self._jobs.put(still_job(wish, "waiting", "waits for its turn"))

    def _tell(self, run: _Run) -> None:
        clip = run.looking_at
        reached = min(self._searcher.reached_seconds, clip.duration_seconds) if clip is not None else 0.0
        share = (run.done_seconds + reached) / run.seconds if run.seconds > 0 else 0.0
        gone = self._monotonic() - run.began
        self._jobs.put(
            running_job(run.wish, number=run.done_clips + 1, clips=run.clips, share=share, gone_seconds=gone)
        )


def _sidecar_beside(path: Path, clip_id: str) -> Sidecar | None:
    try:
        sidecar = read_sidecar(sidecar_of(path))
    except (FileNotFoundError, BadMedia):
        return None
    return sidecar if sidecar.id == clip_id else None
