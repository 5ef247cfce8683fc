"""A card, a recorder that names clips by a clock that is stepped at will, and a keeper that dates, locks and deletes.

All of it is real but the pictures, the clocks and the size of the card. Every change is followed by a look whether each
recording that was not deleted is there once, whole, under an id that tells its place in the true order.
"""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Literal, TypeVar

from dashcam.clips.boot_mark import CARD_MARKER
from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.names import UNDATED, day_of, sidecar_of, stem_of
from dashcam.clips.sidecar import Sidecar, read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS, Anchor, Evidence, WallClock, local_time, trust_in, utc_ns_of, utc_text, zone_of
from dashcam.errors import BadMedia
from dashcam.files import Space
from dashcam.media.jobs import AnyJob
from dashcam.media.media_child import MediaChild
from dashcam.recorder.anchors import AnchorLog
from dashcam.recorder.bookkeeper import Bookkeeper
from dashcam.recorder.card import Card, NewPlace
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.timekeeper import Timekeeper
from tests.keeper.rig import Rig

T = TypeVar("T")

ZONE = "Europe/Berlin"
FILE_BYTES = 100
CARD_BYTES = 1_000_000
Lost = Literal["nothing", "state", "marker", "both"]


class _FullCard(Card):
    """A card with as little room as it is told."""

    free_bytes = CARD_BYTES

    def space(self) -> Space:
        return Space(CARD_BYTES, self.free_bytes)


class _NoChild(MediaChild):
    """The pictures are none, so that nobody needs to open them."""

    def ask(self, job: AnyJob, reply: type[T]) -> T:
        raise BadMedia("it is no picture")


class World:
    """`alive` has what must be on the card: content by id, in the order in which it was recorded."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._state = data / ".state"
        self._serials, self._starts = itertools.count(), itertools.count(1)
        self.alive: dict[str, bytes] = {}
        self.locked: set[str] = set()
        self.kinds: dict[str, ClipKind] = {}
        self.utc_ns = utc_ns_of("2026-12-31T22:59:50.000Z")
        self.evidence: Evidence = "nothing"
        self.deleted = 0
        self.monotonic_ns = 0
        self._rig: Rig | None = None
        self.start("nothing")

    def close(self) -> None:
        """Ends keeper and recorder."""
        if self._rig is not None:
            self._rig.close()
            self._rig = None
        self._card.close()

    def start(self, lost: Lost) -> None:
        """The machine starts anew, with its state and the card's marker, or without what was lost."""
        if self._rig is not None:
            self.close()
        self._lose(lost)
        self.monotonic_ns = 7 * NANOSECONDS
        self._kernel = f"start {next(self._starts)}"
        self._start_programs()

    def restart(self, lost: Lost) -> None:
        """Recorder and keeper end and start again; the machine goes on, and tells that by its monotonic clock."""
        self.close()
        self._lose(lost)
        self._start_programs()

    def _lose(self, lost: Lost) -> None:
        if lost in ("state", "both"):
            shutil.rmtree(self._state, ignore_errors=True)
        if lost in ("marker", "both"):
            (self._data / "DCIM" / CARD_MARKER).unlink(missing_ok=True)

    def _start_programs(self) -> None:
        machine = WallClock(lambda: self.monotonic_ns, lambda: self.utc_ns, evidence=lambda _: self.evidence)
        self._clock = Timekeeper(machine, asleep_ns=lambda: 0)
        self._numbering = Numbering(self._state)
        self._numbering.start()
        self._card = _FullCard(self._data, self._numbering, self._clock, ZONE)
        self._card.open()
        self._anchors = AnchorLog(self._state, kernel=self._kernel, asleep_ns=lambda: 0)
        self._clock.recall(self._anchors.earlier())
        self._rig = Rig(self._data, f"clock.zone={ZONE}", child=_NoChild()).start()
        self.keep()

    @property
    def rig(self) -> Rig:
        assert self._rig is not None
        return self._rig

    def pass_time(self, seconds: float) -> None:
        """On both clocks."""
        self.monotonic_ns += int(seconds * NANOSECONDS)
        self.utc_ns += int(seconds * NANOSECONDS)

    def offer_gps(self, utc_ns: int) -> None:
        """A receiver tells the time, right or wrong."""
        self._clock.offer_gps(Anchor(self.monotonic_ns, utc_ns, "gps"))

    def offer_phone(self, utc_ns: int) -> None:
        """A phone's page is opened."""
        self._clock.offer_phone(utc_ns, self.monotonic_ns, 0.1)

    def note_time(self) -> None:
        """What the recorder's bookkeeper does every two seconds."""
        self._anchors.note(self._numbering.boot, self._clock.anchor())

    def step_clock(self, utc_ns: int) -> None:
        """Somebody or something sets the machine's clock."""
        self.utc_ns = utc_ns

    def speak_for_clock(self, evidence: Evidence) -> None:
        """What is known of the machine's clock from now on."""
        self.evidence = evidence

    def record_all(self, kinds: str) -> None:
        """Clips (c) and photos (p), one after the other."""
        for letter in kinds:
            self.record("photo" if letter == "p" else "loop")

    def record(self, kind: ClipKind) -> None:
        """One clip or photo, closed, with its sidecar."""
        find = self._card.place_for_photo if kind == "photo" else self._card.place_for_clip
        place = find(self.monotonic_ns)
        assert all(place.id > ClipId.parse(known) for known in self.alive), "ids grow, whatever was lost"
        content = b"%d " % next(self._serials)
        content = content.ljust(FILE_BYTES, b".")
        with open(place.final, "xb") as file:
            file.write(content)
        sidecar_path = sidecar_of(place.final)
        assert not sidecar_path.exists()
        write_sidecar(sidecar_path, self._sidecar(place, kind))
        self.alive[str(place.id)] = content
        self.kinds[str(place.id)] = kind
        self.pass_time(0.3)
        self._look()

    def lock(self, at: int) -> None:
        """Locks one of the recordings that the keeper knows."""
        known = [clip_id for clip_id in self.alive if self.rig.session.locking.is_known(clip_id)]
        if known:
            clip_id = known[at % len(known)]
            assert self.rig.session.locking.lock([clip_id], "hand").done == (clip_id,)
            self.locked.add(clip_id)
        self._look()

    def keep(self) -> None:
        """The keeper looks at everything, dates what can be dated, and tidies up."""
        self.rig.scan()
        self._look()
        self.rig.assert_whole()
        rows = self.rig.rows()
        assert list(rows) == [row.id for row in self.rig.reader.page(limit=500).rows]
        newest = self.rig.reader.newest()
        last = next(reversed(self.alive), None)
        assert (newest.id if newest else None) == last
        if last is not None and rows[last].day == UNDATED:
            assert next(iter(rows)) == last, "what was just recorded is found first, also before the time is known"
        undated = [ClipId.parse(row.id) for row in rows.values() if row.day == UNDATED]
        assert undated == sorted(undated, reverse=True)
        for clip_id in self.alive:
            self._assert_named_right(clip_id)

    def clean(self, free_bytes: int) -> None:
        """The keeper makes room on a card on which so much is free, less than the recording needs."""
        self.keep()
        self.rig.session.cleaner._space = lambda: Space(CARD_BYTES, free_bytes)
        has_victims, before = bool(self._unlocked("loop")), self.deleted
        self.rig.session.cleaner.step()
        self._expect_oldest_gone()
        assert self.deleted > before or not has_victims
        self.rig.session.cleaner._space = lambda: Space(CARD_BYTES, CARD_BYTES)

    def make_emergency_room(self, free_bytes: int) -> None:
        """The recorder helps itself, without the keeper."""
        has_victims, before = bool(self._unlocked("loop")), self.deleted
        self._card.free_bytes = free_bytes
        Bookkeeper(self._card, frozenset[str], lambda: FILE_BYTES)._keep_reserve()
        self._card.free_bytes = CARD_BYTES
        self._expect_oldest_gone()
        assert self.deleted > before or not has_victims

    def _sidecar(self, place: NewPlace, kind: ClipKind) -> Sidecar:
        anchor = place.anchor
        utc_ns = anchor.utc_ns_at(self.monotonic_ns)
        return Sidecar(
            id=str(place.id),
            kind=kind,
            camera="front",
            integrity="closed",
            started_utc=None if anchor.source == "none" else utc_text(utc_ns),
            started_monotonic_ns=self.monotonic_ns,
            clock_source=anchor.source,
            zone=place.zone_name,
            duration_seconds=0.0,
            frames=1,
            width=64,
            height=48,
            bytes=FILE_BYTES,
        )

    def _media(self) -> dict[str, Path]:
        files = [path for suffix in ("mp4", "jpg") for path in self._card.folders.dcim.rglob(f"*.{suffix}")]
        found = {read_sidecar(sidecar_of(path)).id: path for path in files}
        assert len(found) == len(files), "two files with one id"
        return found

    def _look(self) -> None:
        assert {clip_id: path.read_bytes() for clip_id, path in self._media().items()} == self.alive

    def _unlocked(self, kind: ClipKind) -> list[str]:
        return [clip_id for clip_id in self.alive if self.kinds[clip_id] == kind and clip_id not in self.locked]

    def _expect_oldest_gone(self) -> None:
        there = self._media()
        kinds: tuple[ClipKind, ...] = ("loop", "photo")
        for kind in kinds:
            before = self._unlocked(kind)
            gone = [clip_id for clip_id in before if clip_id not in there]
            assert gone == before[: len(gone)], "the truly oldest go first"
            for clip_id in gone:
                del self.alive[clip_id]
            self.deleted += len(gone)
        self._look()

    def _assert_named_right(self, clip_id: str) -> None:
        """By the best clock that its start had, as far as that was written down."""
        path, sidecar = self.rig.path(clip_id), self.rig.sidecar(clip_id)
        local = None
        if trust_in(sidecar.clock_source) >= trust_in("system"):
            assert sidecar.started_utc is not None
            local = local_time(utc_ns_of(sidecar.started_utc), zone_of(ZONE))
        assert path.parent.name == day_of(local)
        assert path.stem.startswith(stem_of(ClipId.parse(clip_id), local))
