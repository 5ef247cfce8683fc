"""A recorder and a keeper that answer real messages over real links, without a camera and without jobs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.names import CardFolders
from dashcam.clips.row import ClipRow
from dashcam.clock import WallClock
from dashcam.errors import ClipNotFound, DashcamError
from dashcam.link import messages as m
from dashcam.link.server import LinkServer, Stream
from dashcam.recorder.timekeeper import Timekeeper
from dashcam.settings import load_settings
from dashcam.settings.describe import every_setting, value_of
from dashcam.worker import Worker
from tests import golden_values as golden

_BEAT_SECONDS = 0.5
MODE_WORDS = "GPS has not seen yet whether the car stands"
# A picture for whoever only passes it on.
JPEG = b"\xff\xd8" + bytes(range(256)) * 40 + b"\xff\xd9"


def _nobody_minds(_message: m.Message) -> None:
    """The default of who wants to know the moment at which something is asked."""


class StandInRecorder:
    """Obeys the messages: its status says what it was told to, its streams carry what is published."""

    def __init__(self, state: Path) -> None:
        self.status = msgspec.structs.replace(
            golden.STATUS, warnings=(), preview_viewers=0, mode=m.ModeStatus(words=MODE_WORDS), event=None
        )
        self._state = state
        self._opened_with = load_settings(state).settings
        self.asked: list[m.Message] = []
        self.answering: Callable[[m.Message], None] = _nobody_minds
        self.failure: DashcamError | None = None
        self.clips_of_hand: tuple[str, ...] = ()
        # A machine without a clock chip.
        self.timekeeper = Timekeeper(WallClock(evidence=lambda _utc_ns: "nothing"))
        self.trip_line = golden.TRACK.line
        self.saved = m.Saved(id="42-19", clip_ids=golden.IDS, before_seconds=60.0, after_seconds=10.0)
        self.motion_history = (m.MotionPoint(2.0, 62.5, 0.9, True), m.MotionPoint(1.0, 0.0, 0.0, False))
        self._guard = threading.Lock()
        self._streams: dict[type[m.Message], list[Stream]] = {m.WatchStatus: [], m.WatchPreview: [], m.WatchMotion: []}
        self._link = LinkServer(
            state, "recorder", requests=m.RecorderRequest, answer=self._answer, subscribe=self._subscribe
        )
        self._heart = Worker("stand-in-heart", self._beat)

    def start(self) -> None:
        self._link.start()
        self._heart.start()

    def close(self) -> None:
        self._heart.stop()
        self._link.close()

    @property
    def viewers(self) -> int:
        with self._guard:
            return len(self._streams[m.WatchPreview])

    @property
    def motion_viewers(self) -> int:
        with self._guard:
            return len(self._streams[m.WatchMotion])

    def say(self, **changes: Any) -> None:
        """Changes the status and tells it to whoever follows it."""
        self.status = msgspec.structs.replace(self.status, **changes)
        self._tell()

    def show(self, jpeg: bytes = JPEG, age_seconds: float = 0.0) -> None:
        """One picture for every viewer, taken some time ago."""
        captured_ns = time.monotonic_ns() - round(age_seconds * 1e9)
        picture = m.PreviewPicture(jpeg=jpeg, width=640, height=360, captured_monotonic_ns=captured_ns)
        self._publish(m.WatchPreview, picture)

    def see(self, **motion: Any) -> None:
        """One picture that was looked at, for everybody who draws boxes."""
        self._publish(m.WatchMotion, m.MotionSeen(motion=m.MotionStatus(**motion)))

    def _beat(self, stop: threading.Event) -> None:
        """As promised: a status at least once a second."""
        while not stop.wait(_BEAT_SECONDS):
            self._tell()

    def _tell(self) -> None:
        """The status as it is now; nobody hears of an older one after it."""
        with self._guard:
            for stream in self._streams[m.WatchStatus]:
                stream.offer(self.status)

    def _publish(self, kind: type[m.Message], message: m.Message) -> None:
        with self._guard:
            streams = list(self._streams[kind])
        for stream in streams:
            stream.offer(message)

    def _subscribe(self, request: Any, stream: Stream) -> Callable[[], None] | None:
        if type(request) not in self._streams:
            return None
        with self._guard:
            self._streams[type(request)].append(stream)
        if isinstance(request, m.WatchStatus):
            stream.offer(self.status)

        def unsubscribe() -> None:
            with self._guard:
                self._streams[type(request)].remove(stream)

        return unsubscribe

    def _answer(self, request: Any) -> m.Message:
        self.asked.append(request)
        self.answering(request)
        if self.failure is not None:
            raise self.failure
        match request:
            case m.TakePhoto():
                return m.PhotoTaken(id="42-20", path="PHOTO/2026-11-20/dcp_20261120154530.jpg")
            case m.GetTrip():
                return m.TripLine(points=self.trip_line)
            case m.OfferTime():
                return self.timekeeper.answer(request, "")
            case m.Save():
                return self.saved
            case m.GetMotionHistory():
                return m.MotionHistory(points=self.motion_history)
            case m.StartRecording():
                self.say(is_recording=True, state="recording", started_by_hand=True)
                return m.Done()
            case m.SettingsChanged(may_interrupt=may_interrupt):
                return m.SettingsTaken(pending=self._take_settings(may_interrupt=may_interrupt))
            case m.StopRecording():
                self.say(is_recording=False, state="stopped", reason="Stopped by hand; press start.", open_clip=None)
                return m.Stopped(clip_ids=self.clips_of_hand)
        return self.status

    def _take_settings(self, *, may_interrupt: bool) -> tuple[str, ...]:
        saved = load_settings(self._state).settings
        if may_interrupt:
            self._opened_with = saved
        waiting = tuple(
            fact.name
            for fact in every_setting()
            if fact.applies == "camera" and value_of(saved, fact.name) != value_of(self._opened_with, fact.name)
        )
        self.say(pending_settings=waiting)
        return waiting


class StandInKeeper:
    """Locks, unlocks and deletes on a real card and a real catalogue, one request after the other."""

    def __init__(self, state: Path, data: Path) -> None:
        self.catalogue = CatalogueWriter(state)
        self.card = CardFolders(data)
        self.progress = msgspec.structs.replace(golden.PROGRESS, state="idle", jobs=(), announcements=())
        self.asked: list[m.Message] = []
        self.failure: DashcamError | None = None
        self._jobs = 0
        self._guard = threading.Lock()
        self._link = LinkServer(state, "keeper", requests=m.KeeperRequest, answer=self._answer)

    def start(self) -> None:
        self.catalogue.open()
        self.catalogue.mark_complete(True)
        self._link.start()

    def close(self) -> None:
        self._link.close()
        self.catalogue.close()

    def add(self, row: ClipRow, content: bytes, thumbnail: bytes | None = None, track: bytes | None = None) -> ClipRow:
        """Puts a clip on the card and into the catalogue, with the size and time its file has."""
        path = self.card.dcim / row.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if thumbnail is not None:
            picture = self.card.thumbnail_of(path)
            picture.parent.mkdir(parents=True, exist_ok=True)
            picture.write_bytes(thumbnail)
        if track is not None:
            gpx = self.card.track_of(path)
            gpx.parent.mkdir(parents=True, exist_ok=True)
            gpx.write_bytes(track)
        facts = path.stat()
        row = msgspec.structs.replace(
            row, bytes=facts.st_size, modified_ns=facts.st_mtime_ns, has_thumbnail=thumbnail is not None
        )
        with self._guard:
            self.catalogue.put([row])
        return row

    def move(self, row: ClipRow, folder: str) -> ClipRow:
        """Moves a clip's file, then tells the catalogue, as the keeper does."""
        moved = msgspec.structs.replace(row, path=f"{folder}/{row.path.partition('/')[2]}")
        target = self.card.dcim / moved.path
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.card.dcim / row.path).rename(target)
        self.catalogue.put([moved])
        return moved

    def _answer(self, request: Any) -> m.Message:
        with self._guard:
            self.asked.append(request)
            if isinstance(request, m.LockClips | m.UnlockClips | m.DeleteClips):
                return self._handle(request)
            if self.failure is not None and not isinstance(request, m.GetProgress):
                raise self.failure
            match request:
                case m.SettingsChanged():
                    return m.SettingsTaken(pending=())
                case m.GetProgress():
                    return self.progress
                case m.CutRange() | m.SearchMotion():
                    return m.JobTaken(id=self._take_job("cut" if isinstance(request, m.CutRange) else "search"))
                case m.StopJob(id=job_id):
                    self._find_job(job_id)
                    self.tell_job(job_id, state="stopped", words="Stopped", seconds_left=None)
                case m.SawAnnouncement(ids=ids):
                    seen = [
                        msgspec.structs.replace(one, is_seen=one.is_seen or one.id in ids)
                        for one in self.progress.announcements
                    ]
                    self.progress = msgspec.structs.replace(self.progress, announcements=tuple(seen))
            return m.Done()

    def tell_job(self, job_id: str, **changes: Any) -> None:
        """How a job goes from now on."""
        jobs = tuple(msgspec.structs.replace(job, **changes) if job.id == job_id else job for job in self.progress.jobs)
        self.progress = msgspec.structs.replace(self.progress, jobs=jobs)

    def _take_job(self, kind: Literal["cut", "search"]) -> str:
        """As the keeper does: it waits in its queue, and has an id of its own."""
        self._jobs += 1
        job = m.JobStatus(id=f"{kind}-{self._jobs}", kind=kind, state="waiting", words="Waits for its turn")
        self.progress = msgspec.structs.replace(self.progress, jobs=(*self.progress.jobs, job))
        return job.id

    def _find_job(self, job_id: str) -> None:
        if job_id not in [job.id for job in self.progress.jobs]:
            raise ClipNotFound(f"There is no job {job_id}; it may have ended long ago.")

    def _handle(self, request: m.LockClips | m.UnlockClips | m.DeleteClips) -> m.ClipsDone:
        done, failed, locked = [], {}, []
        for clip_id in request.ids:
            row = self.catalogue.get(clip_id)
            if row is None:
                failed[clip_id] = f"There is no clip {clip_id}; it may have been deleted."
                continue
            if isinstance(request, m.DeleteClips):
                if row.lock_cause is not None and clip_id not in request.locked:
                    failed[clip_id] = "It was locked meanwhile; delete it again if you mean it."
                    locked.append(clip_id)
                    continue
                (self.card.dcim / row.path).unlink()
                self.catalogue.remove([clip_id])
            else:
                is_lock = isinstance(request, m.LockClips)
                row = self.move(row, "EVENT" if is_lock else "VIDEO")
                kind, cause = ("event", "hand") if is_lock else ("loop", None)
                self.catalogue.put([msgspec.structs.replace(row, kind=kind, lock_cause=cause)])
            done.append(clip_id)
        return m.ClipsDone(done=tuple(done), failed=failed, locked=tuple(locked))
