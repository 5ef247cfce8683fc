"""The messages of the links. A client sends one request; the server answers with its reply, with `Failed`, or, where a
stream was asked for, with one message after another until either side closes.

MessagePack of tagged structs: the type is named in the message, unknown fields are ignored, so that two versions of the
program can talk while one of them is being updated.
"""

from __future__ import annotations

from typing import Literal

from dashcam.clips.event import EventCause
from dashcam.clips.track_summary import LinePoint
from dashcam.link.keeper_messages import ClipsDone as ClipsDone
from dashcam.link.keeper_messages import CutRange as CutRange
from dashcam.link.keeper_messages import DeleteClips as DeleteClips
from dashcam.link.keeper_messages import GetProgress as GetProgress
from dashcam.link.keeper_messages import JobTaken as JobTaken
from dashcam.link.keeper_messages import KeeperProgress as KeeperProgress
from dashcam.link.keeper_messages import KeeperReply as KeeperReply
from dashcam.link.keeper_messages import KeeperRequest as KeeperRequest
from dashcam.link.keeper_messages import KeeperState as KeeperState
from dashcam.link.keeper_messages import LockClips as LockClips
from dashcam.link.keeper_messages import SawAnnouncement as SawAnnouncement
from dashcam.link.keeper_messages import ScanCard as ScanCard
from dashcam.link.keeper_messages import SearchMotion as SearchMotion
from dashcam.link.keeper_messages import StopJob as StopJob
from dashcam.link.keeper_messages import UnlockClips as UnlockClips
from dashcam.link.message import Done as Done
from dashcam.link.message import Failed as Failed
from dashcam.link.message import Message as Message
from dashcam.link.message import SettingsChanged as SettingsChanged
from dashcam.link.message import SettingsTaken as SettingsTaken
from dashcam.link.network_messages import AccessPoint as AccessPoint
from dashcam.link.network_messages import AddNetwork as AddNetwork
from dashcam.link.network_messages import BootFileReport as BootFileReport
from dashcam.link.network_messages import ForgetNetwork as ForgetNetwork
from dashcam.link.network_messages import GetAccessPoint as GetAccessPoint
from dashcam.link.network_messages import GetNetworkStatus as GetNetworkStatus
from dashcam.link.network_messages import NetworkAdded as NetworkAdded
from dashcam.link.network_messages import NetworkReply as NetworkReply
from dashcam.link.network_messages import NetworkRequest as NetworkRequest
from dashcam.link.network_messages import NetworksSeen as NetworksSeen
from dashcam.link.network_messages import NetworkStatus as NetworkStatus
from dashcam.link.network_messages import OrderNetworks as OrderNetworks
from dashcam.link.network_messages import SavedNetwork as SavedNetwork
from dashcam.link.network_messages import ScannedNetwork as ScannedNetwork
from dashcam.link.network_messages import ScanNetworks as ScanNetworks
from dashcam.link.network_messages import SetSharePassword as SetSharePassword
from dashcam.link.network_messages import ShareStatus as ShareStatus
from dashcam.link.network_messages import TryBegins as TryBegins
from dashcam.link.network_messages import TryNetwork as TryNetwork
from dashcam.link.network_messages import WifiStatus as WifiStatus
from dashcam.link.status import Announcement as Announcement
from dashcam.link.status import CameraMode as CameraMode
from dashcam.link.status import CameraStatus as CameraStatus
from dashcam.link.status import CardStatus as CardStatus
from dashcam.link.status import ClockStatus as ClockStatus
from dashcam.link.status import EventStatus as EventStatus
from dashcam.link.status import GpsStatus as GpsStatus
from dashcam.link.status import JobStatus as JobStatus
from dashcam.link.status import ModeStatus as ModeStatus
from dashcam.link.status import MotionPoint as MotionPoint
from dashcam.link.status import MotionRegion as MotionRegion
from dashcam.link.status import MotionStatus as MotionStatus
from dashcam.link.status import OpenClip as OpenClip
from dashcam.link.status import QueueStatus as QueueStatus
from dashcam.link.status import RingStatus as RingStatus
from dashcam.link.status import SystemClock as SystemClock
from dashcam.link.status import TripStatus as TripStatus
from dashcam.link.status import Usage as Usage

# A status with some pictures' worth of room; a message beyond it is refused unread.
MAX_MESSAGE_BYTES = 8 * 1024 * 1024

RecorderState = Literal[
    "starting",
    "recording",
    "stopped",
    "guarding",
    "off",
    "no_camera",
    "camera_failed",
    "no_card",
    "card_full",
    "card_read_only",
    "card_slow",
]


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
    """Keeps the last seconds and some that follow; answered with Saved once the request is durable."""

    cause: EventCause = "button"
    before_seconds: float | None = None
    """None: as the settings say."""
    after_seconds: float | None = None


class StartRecording(Message, frozen=True, kw_only=True):
    """Starts recording by hand; answered with Done."""


class StopRecording(Message, frozen=True, kw_only=True):
    """Stops recording by hand, the open clip is closed; answered with Stopped."""


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


class WatchMotion(Message, frozen=True, kw_only=True):
    """A stream of MotionSeen, one for each picture that is looked at; newest wins."""


class GetMotionHistory(Message, frozen=True, kw_only=True):
    """Answered with MotionHistory."""


class MotionHistory(Message, frozen=True, kw_only=True):
    """What moved in the last minutes, a point a second, oldest first; seconds without a look are left out."""

    points: tuple[MotionPoint, ...]


class MotionSeen(Message, frozen=True, kw_only=True):
    """One picture that was looked at."""

    motion: MotionStatus


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
    """The request's id, the clips that it is in, and how much is kept: less before the press than asked for is said."""

    id: str
    clip_ids: tuple[str, ...]
    before_seconds: float = 0.0
    after_seconds: float = 0.0
    words: str = ""


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
    mode: ModeStatus = ModeStatus()
    motion: MotionStatus = MotionStatus()
    ring: RingStatus = RingStatus()
    event: EventStatus | None = None
    """The event that is being recorded now."""
    events: int = 0
    """How many there were since the start."""
    is_safe_mode: bool = False
    """After several short starts: it records with built-in settings; the first warning says so, with the cure."""


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
    | WatchMotion
    | GetMotionHistory
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
    | MotionSeen
    | MotionHistory
)
