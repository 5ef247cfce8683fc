"""Makes the tracks of clips from the track log: GPX beside the clip, what is known of it in sidecar and catalogue.

First the GPX is durable, then the sidecar says that the track was looked for, then the catalogue does: whatever ends it
on the way, the next start goes on where it was. A corrected time takes the track out of the sidecar (see `dating`), and
then it is made anew with the right times; where the log has gone meanwhile, from the GPX that is there.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter, Trackless
from dashcam.clips.gpx import clip_track, entries_in, gpx_pieces
from dashcam.clips.gpx_reader import open_track
from dashcam.clips.links import lies_behind_link
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.removal import twins_of
from dashcam.clips.sidecar import Sidecar, read_sidecar, write_sidecar
from dashcam.clips.track_line import Segment, Span, segments_of, summarise, within
from dashcam.clips.track_log import LONGEST_STEP_NS, LogEntry, LoggedPlace
from dashcam.clips.track_log_reader import TrackLogReader
from dashcam.clips.track_summary import TrackSummary
from dashcam.clips.track_thinning import thinned
from dashcam.clock import NANOSECONDS
from dashcam.errors import BadMedia
from dashcam.files import make_folders, write_durably
from dashcam.keeper.pace import Pace, pace_of
from dashcam.keeper.rows import file_of
from dashcam.keeper.unfinished import MAX_FAILURES

log = logging.getLogger(__name__)

# The log is written every two seconds, on a card that stalls later.
PATIENCE_NS = 10 * NANOSECONDS
# In one step: other chores wait for no longer than this, and clips without a track cost one change of the catalogue.
_MOST_AT_ONCE = 64
_LONGEST_STEP_NS = NANOSECONDS // 20
# More than the longest clip has after thinning, and two megabytes; a clip's sidecar may say anything.
_MOST_ENTRIES = 8000
# Not the clip's fault: it is tried until the card is well again.
_FAULTS_OF_THE_CARD = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


class Tracks:
    """Used by the keeper's one working thread."""

    def __init__(
        self,
        card: CardFolders,
        catalogue: CatalogueWriter,
        *,
        newest_boot: Callable[[], int],
        monotonic_ns: Callable[[], int],
    ) -> None:
        """`monotonic_ns`: the clock that the moments of the newest boot are of."""
        self._card = card
        self._catalogue = catalogue
        self._newest_boot = newest_boot
        self._monotonic_ns = monotonic_ns
        self._log = TrackLogReader(card)
        self._failures: dict[str, int] = {}

    def step(self) -> bool:
        """Looks for the tracks of some clips, the newest first; True when it did. Raises OSError."""
        waiting = self._catalogue.next_without_track(_MOST_AT_ONCE)
        if not waiting:
            return False
        logged_boots, newest_boot = self._log.boots(), self._newest_boot()
        until_ns = self._monotonic_ns() + _LONGEST_STEP_NS
        found: dict[str, TrackSummary] = {}
        try:
            for clip in waiting:
                if clip.id.boot == newest_boot or clip.id.boot in logged_boots or self._has_file(clip):
                    track = self._track_of(clip, is_newest_boot=clip.id.boot == newest_boot)
                else:
                    track = _none_in(clip)
                if track is not None:
                    found[str(clip.id)] = track
                if self._monotonic_ns() > until_ns:
                    break
        finally:
            if found:
                self._catalogue.put_tracks(found)
        return bool(found)

    def _has_file(self, clip: Trackless) -> bool:
        return os.path.lexists(self._card.track_of(self._card.dcim / clip.path))

    def _track_of(self, clip: Trackless, *, is_newest_boot: bool) -> TrackSummary | None:
        """The track; None while the clip's end may yet come into the log. Raises OSError, but not for ever."""
        try:
            return self._looked_for(clip, is_newest_boot=is_newest_boot)
        except OSError as error:
            if error.errno in _FAULTS_OF_THE_CARD:
                raise
            clip_id = str(clip.id)
            self._failures[clip_id] = self._failures.get(clip_id, 0) + 1
            if self._failures[clip_id] < MAX_FAILURES:
                raise
            del self._failures[clip_id]
            log.warning("no track of %s: %s", clip.path, error)
            return _none_in(clip)

    def _looked_for(self, clip: Trackless, *, is_newest_boot: bool) -> TrackSummary | None:
        path = file_of(self._card, clip.path)
        sidecar = None if path is None else _sidecar_beside(path, str(clip.id))
        # What the catalogue alone is told is looked for again when the row is made anew, as of a clip that was moved.
        if path is None or sidecar is None or sidecar.started_monotonic_ns is None:
            return _none_in(clip)
        if sidecar.track is not None:
            return sidecar.track  # the end came before the catalogue knew
        span = Span.of(sidecar.started_monotonic_ns, sidecar.duration_seconds)
        pace = pace_of(sidecar)
        if is_newest_boot and not self._is_over(clip, _on_the_clock(span, pace)):
            return None
        entries = self._entries(path, clip, span, pace)
        track = summarise(entries, span)
        if not entries and clip.id.boot not in self._log.boots():
            return track  # nothing is worth a write to the card that a machine without GPS does not need
        if track.points and not self._is_of_a_twin(path, sidecar):
            self._write_gpx(path, sidecar, within(segments_of(entries), span))
        write_sidecar(sidecar_of(path), msgspec.structs.replace(sidecar, track=track))
        return track

    def _is_over(self, clip: Trackless, span: Span) -> bool:
        """Whether all of the span is in the log, if it ever will be."""
        is_long_ago = not span.start_ns <= self._monotonic_ns() < span.end_ns + PATIENCE_NS
        return is_long_ago or self._log.reaches(clip.id.boot, span.end_ns)

    def _entries(self, path: Path, clip: Trackless, span: Span, pace: Pace | None) -> list[LogEntry]:
        """From the log, or from the GPX that lies there where the log has lost what stands in it."""
        around = _on_the_clock(Span(span.start_ns - LONGEST_STEP_NS, span.end_ns + LONGEST_STEP_NS), pace)
        found: Iterable[LogEntry] = self._log.entries(clip.id.boot, around.start_ns, around.end_ns)
        if pace is not None:
            found = map(pace.in_video, found)
        entries = list(islice(thinned(found), _MOST_ENTRIES))
        # Gone through twice, so that never both are in memory.
        if _fixes(self._kept(path, clip, span), span) <= _fixes(entries, span):
            return entries
        del entries
        return list(self._kept(path, clip, span))

    def _kept(self, path: Path, clip: Trackless, span: Span) -> Iterator[LogEntry]:
        """What a GPX of this clip that lies there already says."""
        try:
            with open_track(self._card.track_of(path)) as pieces:
                yield from islice(thinned(entries_in(pieces, str(clip.id), span.start_ns)), _MOST_ENTRIES)
        except (OSError, BadMedia) as error:
            if isinstance(error, OSError) and error.errno in _FAULTS_OF_THE_CARD:
                raise

    def _is_of_a_twin(self, path: Path, sidecar: Sidecar) -> bool:
        """Whether the GPX there is another clip's, which people have given the same name."""
        if not any(os.path.lexists(twin) for twin in twins_of(self._card, path)):
            return False
        try:
            with open_track(self._card.track_of(path)) as pieces:
                next((point for point in pieces if point is not None), None)
                return pieces.clip_id not in ("", sidecar.id)
        except (OSError, BadMedia) as error:
            if isinstance(error, OSError) and error.errno in _FAULTS_OF_THE_CARD:
                raise
            return False

    def _write_gpx(self, path: Path, sidecar: Sidecar, segments: list[Segment]) -> None:
        target = self._card.track_of(path)
        if lies_behind_link(target):
            log.info("%s is not written: its folder is a link", self._card.relative(target))
            return
        make_folders(target.parent)
        write_durably(target, gpx_pieces(clip_track(sidecar, path.stem, segments)))


def _fixes(entries: Iterable[LogEntry], span: Span) -> int:
    return sum(isinstance(entry, LoggedPlace) and span.has(entry.monotonic_ns) for entry in entries)


def _on_the_clock(span: Span, pace: Pace | None) -> Span:
    """When the moments of a span of video were played."""
    return span if pace is None else Span(pace.clock_ns(span.start_ns), pace.clock_ns(span.end_ns))


def _none_in(clip: Trackless) -> TrackSummary:
    """No track: of all of the clip no place is known."""
    return summarise((), Span.of(0, clip.duration_seconds))


def _sidecar_beside(path: Path, clip_id: str) -> Sidecar | None:
    try:
        sidecar = read_sidecar(sidecar_of(path))
    except (FileNotFoundError, BadMedia):
        return None
    return sidecar if sidecar.id == clip_id else None
