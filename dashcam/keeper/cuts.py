"""Makes the clips that are to be cut, one at a time, whatever ends it on the way.

First the request is told the id of its clip; then the clip is written under a temporary name; its sidecar is durable
before it gets its name (see `moves`); and only when it is a clip the request goes. The next start finds the clip of
that id, or makes it: never two. The clips that it is cut from are only read.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.links import refuse_link, unlink_if_ours
from dashcam.clips.names import VIDEO_SUFFIX, CardFolders
from dashcam.clips.save_request import SaveRequest
from dashcam.clips.sidecar import encode_tag
from dashcam.clock import TRUSTED_SOURCES
from dashcam.errors import BadMedia, CardError, CardFull, ClipNotFound, DashcamError
from dashcam.files import Space, make_folders
from dashcam.keeper.cut_facts import CutClip, place_of
from dashcam.keeper.cut_pieces import Piece, pieces_between, pieces_of, why_too_large
from dashcam.keeper.cut_sources import CutSources
from dashcam.keeper.desk import Desk
from dashcam.keeper.jobs import Jobs
from dashcam.keeper.listing import REPAIR_PREFIX
from dashcam.keeper.locking import Locking
from dashcam.keeper.numbers import Numbers
from dashcam.keeper.placing import Placing
from dashcam.keeper.saves import Saves, made_words, what_it_is
from dashcam.keeper.unfinished import MAX_FAILURES
from dashcam.link.status import JobStatus
from dashcam.media.jobs import Cut, CutMade, CutPart, CutPlanned, PlanCut
from dashcam.media.media_child import ChildCameToGrief, NotJoined
from dashcam.media.metadata import clip_metadata
from dashcam.place import Place
from dashcam.settings import readable

log = logging.getLogger(__name__)

# The loop goes on meanwhile: room for what it writes until more is made.
_LAST_CLIPS, _OPEN_CLIPS = 5, 2
# Of less nobody can tell how fast it goes.
_LEAST_SHARE = 0.02
_ALMOST_ALL = 0.99
_NO_PIECES = "nothing was recorded in this time"
_OTHER_PICTURES = "the pictures changed their size within it: what lies beyond that is saved as whole clips"


@dataclass(frozen=True, slots=True)
class _Work:
    """The cut that is being made."""

    request: SaveRequest
    pieces: tuple[Piece, ...]
    began: float
    making: Path | None = None
    is_stopped: bool = False

    @property
    def bytes(self) -> int:
        """About how large the clip becomes."""
        return sum(piece.bytes for piece in self.pieces)


class Cuts:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        card: CardFolders,
        catalogue: CatalogueWriter,
        desk: Desk,
        saves: Saves,
        sources: CutSources,
        placing: Placing,
        numbers: Numbers,
        locking: Locking,
        jobs: Jobs,
        *,
        space: Callable[[], Space],
        logged: Callable[[int, int], Place | None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`logged` tells where the car was at a moment of a boot, by the track log."""
        self._card = card
        self._catalogue = catalogue
        self._desk = desk
        self._saves = saves
        self._sources = sources
        self._placing = placing
        self._numbers = numbers
        self._locking = locking
        self._jobs = jobs
        self._space = space
        self._logged = logged
        self._monotonic = monotonic
        self._work: _Work | None = None
        self._failures: dict[str, int] = {}
        self._lacking: dict[str, int] = {}

    @property
    def lacking_bytes(self) -> int:
        """So much free space, beyond what always stays free, would let every save be cut that found none."""
        return max(self._lacking.values(), default=0)

    def step(self) -> bool:
        """Begins with the next cut; True when it did. Only for a catalogue that is complete. Raises OSError."""
        if self._work is not None:
            self._jobs.put(self._running(self._work))
            return False
        if self._desk.is_busy:
            return False
        request = self._saves.next_cut()
        if request is None:
            return False
        self._begin(request)
        return True

    def stop_job(self, job_id: str) -> bool:
        """Ends a cut, or takes it from those that wait; nothing of it is left. Raises OSError."""
        request = self._saves.waiting_cut(job_id)
        if request is None:
            return False
        if self._work is not None and self._work.request.id == job_id:
            self._work = replace(self._work, is_stopped=True)
            self._desk.give_up()
        else:
            self._end(request, "stopped", "stopped")
        return True

    def _begin(self, request: SaveRequest) -> None:
        self._saves.hold(request)
        if request.made_id and self._catalogue.get(request.made_id) is not None:
            self._succeed(request)
            return
        try:
            pieces = self._pieces_of(request)
        except ClipNotFound as error:
            self._end(request, "failed", str(error))
            return
        if not pieces:
            self._end(request, "failed", _NO_PIECES)
            return
        work = _Work(self._with_id(request, pieces), tuple(pieces), self._monotonic())
        too_large = why_too_large(pieces)
        if too_large:
            self._go_wrong(work, BadMedia(too_large))
            return
        self._submit(work, self._plan(pieces), CutPlanned, self._planned)

    def _pieces_of(self, request: SaveRequest) -> list[Piece]:
        sources = self._sources.of(request)
        if request.parts:
            return pieces_of(sources, request.parts)
        return pieces_between(sources, request.from_monotonic_ns, request.to_monotonic_ns)

    def _with_id(self, request: SaveRequest, pieces: list[Piece]) -> SaveRequest:
        if not request.made_id:
            boot = ClipId.parse(pieces[0].source.sidecar.id).boot
            request = msgspec.structs.replace(request, made_id=str(self._numbers.next_id(boot)))
            self._saves.put(request)
        return request

    def _plan(self, pieces: list[Piece]) -> PlanCut:
        paths = [os.fsencode(piece.source.path) for piece in pieces]
        return PlanCut(
            path=paths[0],
            parts=tuple(
                CutPart(path=path, from_seconds=piece.from_seconds) for path, piece in zip(paths, pieces, strict=True)
            ),
        )

    def _submit(self, work: _Work, job: PlanCut | Cut, reply: type, done: Callable[..., None]) -> None:
        self._work = work
        self._jobs.put(self._running(work))
        self._desk.submit(job, reply, partial(self._finished, done))

    def _finished(self, done: Callable[..., None], outcome: CutPlanned | CutMade | DashcamError) -> None:
        """What the desk has done; whatever fails here is tried again some times, because the request is not done."""
        work, self._work = self._work, None
        assert work is not None
        try:
            if work.is_stopped:
                self._clear(work)
                self._end(work.request, "stopped", "stopped")
            elif isinstance(outcome, DashcamError):
                self._clear(work)
                self._go_wrong(work, outcome)
            else:
                done(work, outcome)
        except OSError as error:
            with suppress(OSError):
                self._clear(work)
            self._go_wrong(work, CardError(f"the card does not allow it: {error.strerror or error}"))

    def _planned(self, work: _Work, plan: CutPlanned) -> None:
        request = work.request
        if work.bytes + self._reserve_bytes() > self._space().free_bytes:
            room = readable(max(self._space().free_bytes - self._reserve_bytes(), 0))
            if not request.parts:
                self._lacking[request.id] = work.bytes
            self._go_wrong(work, CardFull(f"it takes {readable(work.bytes)}, and there is room for {room}"))
            return
        self._lacking.pop(request.id, None)
        clip = CutClip(request.made_id, request, work.pieces, plan.start_seconds)
        clip = replace(clip, place=place_of(clip, self._logged))
        folder = self._card.of_kind("event") / work.pieces[0].source.path.parent.name
        making = folder / f"{REPAIR_PREFIX}cut-{request.made_id}{VIDEO_SUFFIX}"
        refuse_link(making)
        make_folders(folder)
        unlink_if_ours(making)
        first = work.pieces[0]
        parts = tuple(
            CutPart(
                path=os.fsencode(piece.source.path),
                from_seconds=plan.start_seconds if piece is first else piece.from_seconds,
                to_seconds=piece.to_seconds,
                shift_seconds=clip.shift_of(piece),
            )
            for piece in work.pieces
        )
        is_dated = clip.first.clock_source in TRUSTED_SOURCES
        created_ns = clip.started_utc_ns if is_dated else None
        metadata = clip_metadata(encode_tag(clip.tag()), created_ns, clip.place)
        job = Cut(path=parts[0].path, parts=parts, target=os.fsencode(making), metadata=metadata)
        self._submit(replace(work, making=making), job, CutMade, partial(self._made, clip))

    def _made(self, clip: CutClip, work: _Work, made: CutMade) -> None:
        assert work.making is not None
        path = self._placing.place_made(work.making, clip.sidecar(made))
        log.info("%s was cut: %.1f s, %d frames", self._card.relative(path), made.duration_seconds, made.frames)
        self._succeed(work.request)

    def _succeed(self, request: SaveRequest) -> None:
        row = self._catalogue.get(request.made_id)
        seconds = 0.0 if row is None else row.duration_seconds
        self._end(request, "done", made_words(request, seconds), request.made_id)

    def _go_wrong(self, work: _Work, error: DashcamError) -> None:
        request = work.request
        if isinstance(error, NotJoined) and not request.parts:
            self._narrow(work, error.part)
            return
        failures = self._failures[request.id] = self._failures.get(request.id, 0) + 1
        is_full_for_good = isinstance(error, CardFull) and bool(request.parts)
        # Room is made meanwhile. But what waits for ever keeps its clips from the loop, until nothing is left to record
        # on; and a place of the card that cannot be read will not be read the next time.
        is_tried_again = isinstance(error, CardError | ChildCameToGrief) and failures < MAX_FAILURES
        if is_tried_again and not is_full_for_good:
            self._saves.rest(request, str(error))
        elif request.parts:
            self._end(request, "failed", str(error))
        elif self._lock_instead(work, work.pieces):
            self._end(request, "failed", f"it could not be cut ({error}); its clips are saved whole")

    def _narrow(self, work: _Work, part: int) -> None:
        """The piece in which it was pressed is cut; beyond the change the clips are saved whole."""
        request, change_ns = work.request, work.pieces[part].source.sidecar.started_monotonic_ns or 0
        is_before = request.at_monotonic_ns < change_ns
        if not self._lock_instead(work, work.pieces[part:] if is_before else work.pieces[:part]):
            return
        words = request.words if _OTHER_PICTURES in request.words else f"{request.words} {_OTHER_PICTURES}".strip()
        request = msgspec.structs.replace(request, words=words)
        if is_before:
            request = msgspec.structs.replace(request, to_monotonic_ns=change_ns - 1)
        else:
            request = msgspec.structs.replace(request, from_monotonic_ns=change_ns)
        self._saves.put(request)
        self._saves.release(request)

    def _lock_instead(self, work: _Work, pieces: tuple[Piece, ...]) -> bool:
        """Nothing that somebody saved is lost because it cannot be cut."""
        ids = [piece.source.sidecar.id for piece in pieces if piece.source.sidecar.locked is None]
        outcome = self._locking.lock(ids, work.request.cause)
        if outcome.failed:
            self._saves.rest(work.request, "; ".join(outcome.failed.values()))
        return not outcome.failed

    def _end(self, request: SaveRequest, state: str, words: str, *result_ids: str) -> None:
        self._saves.done(request)
        self._failures.pop(request.id, None)
        self._lacking.pop(request.id, None)
        told = JobStatus(
            id=request.id,
            kind="cut",
            state="done" if state == "done" else "stopped" if state == "stopped" else "failed",
            words=words if state == "done" else f"{what_it_is(request)}: {words}",
            share=1.0 if state == "done" else 0.0,
            result_ids=result_ids,
        )
        self._jobs.put(told)
        log.log(logging.WARNING if state == "failed" else logging.INFO, "%s (%s)", told.words, request.id)

    def _running(self, work: _Work) -> JobStatus:
        try:
            written = work.making.stat().st_size if work.making is not None else 0
        except OSError:
            written = 0
        share = min(written / max(work.bytes, 1), _ALMOST_ALL)
        gone = self._monotonic() - work.began
        return JobStatus(
            id=work.request.id,
            kind="cut",
            state="running",
            words=f"{what_it_is(work.request)}: is being cut",
            share=round(share, 3),
            seconds_left=round(gone * (1 - share) / share, 1) if share > _LEAST_SHARE else None,
        )

    def _reserve_bytes(self) -> int:
        return _OPEN_CLIPS * max(self._catalogue.newest_sizes(_LAST_CLIPS), default=0)

    def _clear(self, work: _Work) -> None:
        if work.making is not None:
            unlink_if_ours(work.making)
