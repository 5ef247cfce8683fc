"""The messages of the links. A client sends one request; the server answers with its reply, with `Failed`, or, where a
stream was asked for, with one message after another until either side closes.

MessagePack of tagged structs: the type is named in the message, unknown fields are ignored, so that two versions of the
program can talk while one of them is being updated.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from dashcam.clips.sidecar import LockCause
from dashcam.clips.track_summary import LinePoint
from dashcam.link.status import CameraMode as CameraMode
from dashcam.link.status import CameraStatus as CameraStatus
from dashcam.link.status import CardStatus as CardStatus
from dashcam.link.status import ClockStatus as ClockStatus
from dashcam.link.status import GpsStatus as GpsStatus
from dashcam.link.status import OpenClip as OpenClip
from dashcam.link.status import QueueStatus as QueueStatus
from dashcam.link.status import SystemClock as SystemClock
from dashcam.link.status import TripStatus as TripStatus
from dashcam.link.status import Usage as Usage

# A status with some pictures' worth of room; a message beyond it is refused unread.
MAX_MESSAGE_BYTES = 8 * 1024 * 1024

RecorderState = Literal[
    "starting",
    "recording",
    "stopped",
    "no_camera",
    "camera_failed",
    "no_card",
    "card_full",
    "card_read_only",
    "card_slow",
]
KeeperState = Literal["starting", "scanning", "working", "idle", "no_card"]


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Base of everything that crosses a link."""


class Done(Message, frozen=True, kw_only=True):
    """It is done, and there is nothing else to say."""


class Failed(Message, frozen=True, kw_only=True):
    """It could not be done. `code` is the word of a class in `dashcam.errors`, `message` names the cure."""

    code: str
    message: str


# ---- requests to the recorder, and their replies


class GetStatus(Message, frozen=True, kw_only=True):
    """Answered with RecorderStatus."""


class WatchStatus(Message, frozen=True, kw_only=True):
    """A stream of RecorderStatus: at once, at every change of state or open clip, and once a second."""


class WatchPreview(Message, frozen=True, kw_only=True):
    """A stream of PreviewPicture, newest wins: who is slow misses pictures."""


class TakePhoto(Message, frozen=True, kw_only=True):
    """Answered with PhotoTaken once the photo is durable on the card."""


class Save(Message, frozen=True, kw_only=True):
    """Keeps the open clip and the one before it; answered with Saved once the request is durable."""

    cause: LockCause = "button"


class StartRecording(Message, frozen=True, kw_only=True):
    """Starts recording by hand; answered with Done."""


class StopRecording(Message, frozen=True, kw_only=True):
    """Stops recording by hand, the open clip is closed; answered with Stopped."""


class SettingsChanged(Message, frozen=True, kw_only=True):
    """The saved settings have changed: recorder and keeper read them anew. Answered with SettingsTaken.

    `may_interrupt`: what needs the camera opened anew is done, too; a second or two is not recorded then.
    """

    may_interrupt: bool = False


class SettingsTaken(Message, frozen=True, kw_only=True):
    """What is in force now. `pending`: full names of changed settings that wait until recording may be interrupted."""

    pending: tuple[str, ...]


class OfferTime(Message, frozen=True, kw_only=True):
    """A phone's time, already in the middle of how long it was under way; answered with TimeAnswer."""

    utc_ns: int
    monotonic_ns: int
    """CLOCK_MONOTONIC of this machine at that moment."""
    error_seconds: float
    """How long it was under way."""


class TimeAnswer(Message, frozen=True, kw_only=True):
    """Whether the offered time is the recorder's now, and why not, in words; `clock`: what is in force."""

    is_taken: bool
    words: str
    clock: ClockStatus


class GetTrip(Message, frozen=True, kw_only=True):
    """Answered with TripLine."""


class TripLine(Message, frozen=True, kw_only=True):
    """The running trip so far, simplified; seconds since it began. No points while there was no good fix."""

    points: tuple[LinePoint, ...]


class PreviewPicture(Message, frozen=True, kw_only=True):
    """One JPEG of the live view."""

    jpeg: bytes
    width: int
    height: int
    captured_monotonic_ns: int


class PhotoTaken(Message, frozen=True, kw_only=True):
    """The photo's id and its path below DCIM."""

    id: str
    path: str


class Saved(Message, frozen=True, kw_only=True):
    """The request's id and the clips it keeps."""

    id: str
    clip_ids: tuple[str, ...]


class Stopped(Message, frozen=True, kw_only=True):
    """Recording has stopped. `clip_ids`: what was recorded since it was started by hand (empty: since power-on)."""

    clip_ids: tuple[str, ...]


class RecorderStatus(Message, frozen=True, kw_only=True):
    """How the recording stands. `reason` says in words why it does not record, and the cure; empty while it does."""

    is_recording: bool
    state: RecorderState
    reason: str
    warnings: tuple[str, ...]
    version: str
    boot: int
    pid: int
    started_by_hand: bool
    uptime_seconds: float
    camera: CameraStatus | None
    open_clip: OpenClip | None
    newest_packet_age_seconds: float | None
    frames_received: int
    frames_written: int
    queue: QueueStatus
    card: CardStatus
    clock: ClockStatus
    preview_viewers: int
    bytes_per_second: float = 0.0
    """What the camera has sent on average since it was opened; 0 while that is not known."""
    pending_settings: tuple[str, ...] = ()
    """Full names of saved settings that come into force when recording may be interrupted."""
    recording_since_seconds: float = 0.0
    """For how long it has been recording without a break, over all changes of clip; 0 while it is not recording."""
    gps: GpsStatus = GpsStatus()
    trip: TripStatus | None = None
    """None while there was no good fix since the start."""


RecorderRequest = (
    GetStatus
    | WatchStatus
    | WatchPreview
    | TakePhoto
    | Save
    | StartRecording
    | StopRecording
    | SettingsChanged
    | OfferTime
    | GetTrip
)
RecorderReply = (
    Done
    | Failed
    | RecorderStatus
    | PreviewPicture
    | PhotoTaken
    | Saved
    | Stopped
    | SettingsTaken
    | TimeAnswer
    | TripLine
)


# ---- requests to the keeper, and their replies


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


KeeperRequest = LockClips | UnlockClips | DeleteClips | ScanCard | GetProgress | SettingsChanged
KeeperReply = Done | Failed | ClipsDone | KeeperProgress | SettingsTaken


# ---- requests to the network program, and their replies


class GetNetworkStatus(Message, frozen=True, kw_only=True):
    """Answered with NetworkStatus."""


class NetworkStatus(Message, frozen=True, kw_only=True):
    """How the machine's clock stands; Wi-Fi and shares join later."""

    version: str
    pid: int
    clock: SystemClock


NetworkRequest = GetNetworkStatus | SettingsChanged
NetworkReply = Done | Failed | NetworkStatus | SettingsTaken
