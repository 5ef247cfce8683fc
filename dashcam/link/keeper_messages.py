"""What the keeper is asked, and what it answers; see `dashcam.link.messages`."""

from __future__ import annotations

from typing import Literal

from dashcam.clips.event import EventCause
from dashcam.clips.sidecar import LockCause
from dashcam.link.message import Done, Failed, Message, SettingsChanged, SettingsTaken
from dashcam.link.status import Announcement, JobStatus, Usage

KeeperState = Literal["starting", "scanning", "working", "idle", "no_card"]


class LockClips(Message, frozen=True, kw_only=True):
    """Locks closed clips: moves them to EVENT with all that belongs to them. Answered with ClipsDone."""

    ids: tuple[str, ...]
    cause: LockCause = "hand"


class UnlockClips(Message, frozen=True, kw_only=True):
    """Gives clips back to the loop: moves them to VIDEO. Answered with ClipsDone."""

    ids: tuple[str, ...]


class DeleteClips(Message, frozen=True, kw_only=True):
    """Deletes closed clips and photos with all that belongs to them. Answered with ClipsDone.

    `locked`: those of them that the person knew to be locked; of others nothing that is locked is deleted.
    """

    ids: tuple[str, ...]
    locked: tuple[str, ...] = ()


class ScanCard(Message, frozen=True, kw_only=True):
    """Walks the whole card and puts the catalogue right; answered with Done when it is."""


class CutRange(Message, frozen=True, kw_only=True):
    """Makes one clip of a range of closed clips that continue each other; answered with JobTaken.

    The cut begins at the keyframe before; the new clip lies in EVENT, saved.
    """

    from_id: str
    from_seconds: float
    """Media seconds in that clip."""
    to_id: str
    to_seconds: float
    cause: EventCause = "hand"


class SearchMotion(Message, frozen=True, kw_only=True):
    """Looks for motion in closed clips; answered with JobTaken. One search at a time: another one joins its queue.

    Neither ids nor day: all clips. What was looked at already with the same settings is passed over.
    """

    ids: tuple[str, ...] = ()
    day: str = ""
    cut: bool = False
    """Each window that is found becomes an event clip, too."""


class StopJob(Message, frozen=True, kw_only=True):
    """Ends a job, or takes it from the queue; what it has done stays. Answered with Done."""

    id: str


class JobTaken(Message, frozen=True, kw_only=True):
    """The job's id; KeeperProgress tells how it goes."""

    id: str


class SawAnnouncement(Message, frozen=True, kw_only=True):
    """A person has the announcements with these ids before their eyes; answered with Done."""

    ids: tuple[str, ...]


class GetProgress(Message, frozen=True, kw_only=True):
    """Answered with KeeperProgress."""


class ClipsDone(Message, frozen=True, kw_only=True):
    """Which ids were done, and in words why the others were not.

    `locked`: those of `failed` that were not deleted because they are locked, and were not known to be.
    """

    done: tuple[str, ...]
    failed: dict[str, str]
    locked: tuple[str, ...] = ()


class KeeperProgress(Message, frozen=True, kw_only=True):
    """What the keeper is at. `warnings` are for the driver."""

    state: KeeperState
    warnings: tuple[str, ...]
    version: str
    pid: int
    catalogued: int
    waiting_jobs: int
    repaired: int
    broken: int
    deleted_by_quota: int
    loop: Usage
    event: Usage
    photo: Usage
    jobs: tuple[JobStatus, ...] = ()
    """What people wait for: cuts and searches, those that wait and run and the last that ended."""
    announcements: tuple[Announcement, ...] = ()
    """What is to go although somebody saved it, unless somebody does something about it."""


KeeperRequest = (
    LockClips
    | UnlockClips
    | DeleteClips
    | ScanCard
    | GetProgress
    | SettingsChanged
    | CutRange
    | SearchMotion
    | StopJob
    | SawAnnouncement
)
KeeperReply = Done | Failed | ClipsDone | KeeperProgress | SettingsTaken | JobTaken
