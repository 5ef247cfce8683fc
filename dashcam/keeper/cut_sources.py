"""Finds the closed clips that a cut is made of, and tells whether more of its range may yet come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.clip import ClipId
from dashcam.clips.names import VIDEO_SUFFIX, CardFolders, is_own_stem, sidecar_of
from dashcam.clips.row import ClipRow
from dashcam.clips.save_request import SaveRequest
from dashcam.clips.sidecar import ClipTag, Sidecar, read_sidecar, tag_in
from dashcam.clock import NANOSECONDS
from dashcam.errors import BadMedia, ClipNotFound
from dashcam.files import TEMPORARY_PREFIX
from dashcam.keeper.cut_pieces import Source
from dashcam.keeper.rows import file_of
from dashcam.keeper.unfinished import Unfinished

# A card that stalls holds up the first fragment of a clip, and a folder that is not watched is looked at now and then.
CALM_SECONDS = 20.0
# Looked at in one go, from one end of a range to the other.
_NUMBERS_AT_ONCE = 64
# Capture times jitter.
_JITTER_NS = NANOSECONDS // 200


class CutSources:
    """Used by the keeper's one working thread. Raises OSError and CatalogueLost."""

    def __init__(self, card: CardFolders, catalogue: CatalogueWriter, unfinished: Unfinished) -> None:
        self._card = card
        self._catalogue = catalogue
        self._unfinished = unfinished
        self._tags: dict[Path, ClipTag] = {}

    def of(self, request: SaveRequest) -> list[Source]:
        """Those of its range, in the order of time; or those of its parts. Raises ClipNotFound when a part is gone."""
        if request.parts:
            return [self.source(part.clip_id) for part in request.parts]
        boot = ClipId.parse(request.id).boot
        hints = [clip_id.number for clip_id in map(ClipId.parse, request.clip_ids) if clip_id.boot == boot]
        found = [*self._backwards(boot, min(hints, default=None), request), *self._onwards(boot, hints, request)]
        return sorted(found, key=lambda source: source.sidecar.started_monotonic_ns or 0)

    def source(self, clip_id: str) -> Source:
        """One clip. Raises ClipNotFound."""
        row = self._catalogue.get(clip_id)
        source = None if row is None else self._source_of(row)
        if source is None:
            raise ClipNotFound(f"There is no clip {clip_id}; it may have been deleted.")
        return source

    def between(self, first: Sidecar, last: Sidecar) -> list[Source]:
        """From one clip of a boot to another: the loop's, or the parts of one event."""
        one, other = ClipId.parse(first.id), ClipId.parse(last.id)
        rows = self._catalogue.recordings(one.boot, one.number, other.number + 1)
        events = first.event.id if first.event else None
        found = [self._source_of(row) for row in rows if (row.event.id if row.event else None) == events]
        return [source for source in found if source is not None]

    def is_being_finished(self, boot: int, until_ns: int) -> bool:
        """Whether a clip of the loop that began before a moment is still recorded, closed or to be repaired."""
        waiting = set(self._unfinished.paths())
        self._tags = {path: tag for path, tag in self._tags.items() if path in waiting}
        return any(self._may_be_of(path, boot, until_ns) for path in waiting)

    def _may_be_of(self, path: Path, boot: int, until_ns: int) -> bool:
        tag = self._tag_of(path)
        if tag is None:
            # A clip that has no head yet, or one that a repair has written anew: nobody knows before it is finished.
            is_own = is_own_stem(path.stem.removeprefix(TEMPORARY_PREFIX)) and path.suffix == VIDEO_SUFFIX
            return is_own and self._card.kind_of(path) == "loop"
        if tag.event is not None or tag.started_monotonic_ns is None:
            return False
        return tag.started_monotonic_ns <= until_ns and tag.id.startswith(f"{boot}-")

    def _tag_of(self, path: Path) -> ClipTag | None:
        if path not in self._tags:
            try:
                tag = tag_in(path)
            except OSError:
                return None
            if tag is None:
                return None
            self._tags[path] = tag
        return self._tags[path]

    def _backwards(self, boot: int, least: int | None, request: SaveRequest) -> Iterator[Source]:
        """What began before the first clip that the request names."""
        below = self._catalogue.highest_number(boot) + 1 if least is None else least
        while below > 0:
            rows = self._catalogue.recordings(boot, below - _NUMBERS_AT_ONCE, below)
            for source in self._of_loop(reversed(rows)):
                if source.end_ns <= request.from_monotonic_ns:
                    return
                if (source.sidecar.started_monotonic_ns or 0) <= request.to_monotonic_ns:
                    yield source
            below -= _NUMBERS_AT_ONCE

    def _onwards(self, boot: int, hints: Sequence[int], request: SaveRequest) -> Iterator[Source]:
        if not hints:
            return
        least, highest = min(hints), self._catalogue.highest_number(boot)
        while least <= highest:
            for source in self._of_loop(self._catalogue.recordings(boot, least, least + _NUMBERS_AT_ONCE)):
                if (source.sidecar.started_monotonic_ns or 0) > request.to_monotonic_ns:
                    return
                if source.end_ns > request.from_monotonic_ns:
                    yield source
            least += _NUMBERS_AT_ONCE

    def _of_loop(self, rows: Iterator[ClipRow] | Sequence[ClipRow]) -> Iterator[Source]:
        for row in rows:
            source = self._source_of(row) if row.event is None else None
            if source is not None and source.sidecar.started_monotonic_ns is not None:
                yield source

    def _source_of(self, row: ClipRow) -> Source | None:
        path = file_of(self._card, row.path)
        try:
            sidecar = read_sidecar(sidecar_of(path)) if path is not None else None
        except (FileNotFoundError, BadMedia):
            return None
        if path is None or sidecar is None or sidecar.id != row.id:
            return None
        return Source(path, sidecar)


class Readiness:
    """Tells of a save whether all of its range that will ever be there is there."""

    def __init__(
        self,
        sources: CutSources,
        *,
        newest_boot: Callable[[], int],
        is_looked_at: Callable[[], bool],
        calm_seconds: float,
        missing_seconds: float,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`is_looked_at`: no change on the card waits to be looked at.

        After `calm_seconds` in which nothing of its range was to be finished, and after its end, nothing more comes; or
        after `missing_seconds` where nobody knows whether its end has passed: the machine was started anew.
        """
        self._sources = sources
        self._newest_boot = newest_boot
        self.is_looked_at = is_looked_at
        self._calm_ns = round(calm_seconds * NANOSECONDS)
        self._missing_ns = round(missing_seconds * NANOSECONDS)
        self._monotonic_ns = monotonic_ns
        self._calm_since: dict[str, int] = {}

    def is_ready(self, request: SaveRequest) -> bool:
        """Whether it can be cut now. Raises OSError and CatalogueLost."""
        if request.parts:
            return True
        boot = ClipId.parse(request.id).boot
        if self._sources.is_being_finished(boot, request.to_monotonic_ns):
            self._calm_since.pop(request.id, None)
            return False
        if self._is_covered(request):
            return True
        if not self.is_looked_at():
            # The last clip before a crash may be on the card, and nobody has noticed it yet.
            self._calm_since.pop(request.id, None)
            return False
        if self._newest_boot() > boot:
            return True
        now_ns = self._monotonic_ns()
        calm_ns = now_ns - self._calm_since.setdefault(request.id, now_ns)
        is_over = now_ns > request.to_monotonic_ns
        return calm_ns >= self._missing_ns or (is_over and calm_ns >= self._calm_ns)

    def forget(self, request_id: str) -> None:
        """It is done."""
        self._calm_since.pop(request_id, None)

    def _is_covered(self, request: SaveRequest) -> bool:
        return any(source.end_ns + _JITTER_NS >= request.to_monotonic_ns for source in self._sources.of(request))
