"""Every setting, once: name, type, limits, default, label and help.

The file reader, `--set`, the settings page and the README's table all come from these classes. A field's `title` is its
label, its `description` the help; in `extra` stand its unit, what else checks it, and when a change comes into force
(`applies`). Names are promised to stay.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dashcam.clock import zone_of
from dashcam.settings.checks import check_bit_rate, check_queue, check_share
from dashcam.settings.schema_events import EventsSettings as EventsSettings
from dashcam.settings.schema_events import MotionSettings as MotionSettings
from dashcam.settings.schema_network import FtpTls as FtpTls
from dashcam.settings.schema_network import NetworkSettings as NetworkSettings
from dashcam.settings.schema_network import SharesSettings as SharesSettings
from dashcam.settings.schema_place import GpsKind as GpsKind
from dashcam.settings.schema_place import GpsSettings as GpsSettings
from dashcam.settings.schema_place import MapSettings as MapSettings
from dashcam.settings.schema_place import StampSettings as StampSettings
from dashcam.settings.schema_terms import ANEW, PIXELS_ANEW, RATE
from dashcam.settings.schema_terms import Applies as Applies
from dashcam.settings.schema_terms import Quantity as Quantity
from dashcam.settings.timetable import parse_timetable

CameraKind = Literal["auto", "picamera", "usb", "replay", "pattern"]
_SHARED = {"check": check_share}


class CameraSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which camera, and what is asked of it. 0 means: what suits the camera."""

    kind: Annotated[
        CameraKind,
        Meta(
            title="Camera",
            description="auto takes a Pi camera, else a webcam; replay plays a file as a camera",
            extra=ANEW,
        ),
    ] = "auto"
    source: Annotated[
        str,
        Meta(
            title="Source",
            description="replay: the video file; usb: the device; picamera: model or number",
            max_length=1024,
            extra=ANEW,
        ),
    ] = ""
    name: Annotated[
        str,
        Meta(
            title="Name",
            description="stands in the clips' sidecars and in stamps",
            min_length=1,
            max_length=32,
            extra={"applies": "next_clip"},
        ),
    ] = "front"
    width: Annotated[
        int, Meta(title="Width", description="0: the camera's own choice", ge=0, le=7680, extra=PIXELS_ANEW)
    ] = 0
    height: Annotated[
        int, Meta(title="Height", description="0: the camera's own choice", ge=0, le=4320, extra=PIXELS_ANEW)
    ] = 0
    fps: Annotated[
        float,
        Meta(title="Frame rate", description="0: 30 where possible", ge=0, le=240, extra=RATE | ANEW),
    ] = 0.0
    bitrate: Annotated[
        int,
        Meta(
            title="Bit rate",
            description="0: 8 Mbit/s at 1080p30, scaled with the picture",
            ge=0,
            le=100_000_000,
            extra={"unit": "bit/s", "applies": "camera", "check": check_bit_rate},
        ),
    ] = 0
    rotation: Annotated[
        Literal[0, 90, 180, 270],
        Meta(
            title="Rotation",
            description="for a camera mounted turned or head down",
            extra={"unit": "degrees", "applies": "camera"},
        ),
    ] = 0
    speed: Annotated[
        float,
        Meta(title="Speed", description="replay and pattern only: times real time", gt=0, le=100, extra=ANEW),
    ] = 1.0


class RecordingSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How clips are cut and what a slow card may cost."""

    mode: Annotated[
        Literal["auto", "drive", "park", "watch", "off"],
        Meta(
            title="Mode",
            description="drive: all the time; park: only events; watch: all the time, and motion makes events; "
            "auto: drive, and park once GPS has seen the car stand for long",
        ),
    ] = "auto"
    timetable: Annotated[
        str,
        Meta(
            title="Mode by time of day",
            description="such as 22:00-06:00 park, Mon-Fri 08:00-18:00 watch; outside of these the mode above",
            max_length=400,
            extra={"check": parse_timetable},
        ),
    ] = ""
    park_after_minutes: Annotated[
        float,
        Meta(
            title="Parked after",
            description="for auto: so long the car must have stood, as GPS sees it; without GPS it goes on as in drive",
            ge=1,
            le=240,
            extra={"unit": "minutes"},
        ),
    ] = 10.0
    autostart: Annotated[
        bool,
        Meta(title="Record at start", description="off: recording starts by hand (surveillance)"),
    ] = True
    segment_seconds: Annotated[
        float,
        Meta(
            title="Clip length",
            description="a clip ends at the first keyframe past it",
            ge=1,
            le=3600,
            extra={"unit": "s", "applies": "next_clip"},
        ),
    ] = 60.0
    queue: Annotated[
        Quantity,
        Meta(
            title="Write queue",
            description="memory that carries the recording over a card that stalls",
            extra={"check": check_queue},
        ),
    ] = "16 MB"


class PhotoSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Photos taken while recording."""

    quality: Annotated[int, Meta(title="Photo quality", description="JPEG quality", ge=10, le=100)] = 90


class PreviewSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The live view; it costs nothing while nobody watches."""

    width: Annotated[
        int,
        Meta(title="Live width", description="width of the live picture", ge=160, le=1920, extra=PIXELS_ANEW),
    ] = 640
    rate: Annotated[
        float,
        Meta(title="Live rate", description="pictures a second at most", gt=0, le=30, extra=RATE),
    ] = 10.0
    quality: Annotated[int, Meta(title="Live quality", description="JPEG quality", ge=10, le=95)] = 60
    max_viewers: Annotated[int, Meta(title="Live viewers", description="viewers at the same time", ge=1, le=50)] = 10


class StorageSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may lie on the card. Shares are of the space that clips have: what is free and what they use already."""

    loop_quota: Annotated[
        Quantity, Meta(title="Loop clips", description="oldest loop clips are deleted beyond this", extra=_SHARED)
    ] = "75 %"
    event_quota: Annotated[
        Quantity,
        Meta(
            title="Events",
            description="oldest events are deleted beyond this, saved ones last",
            extra=_SHARED,
        ),
    ] = "20 %"
    saved_may_go: Annotated[
        bool,
        Meta(
            title="Saved clips may go",
            description="when only saved clips are left of the events: the oldest goes, a day after the page has said "
            "so; off: never",
        ),
    ] = True
    photo_quota: Annotated[
        Quantity, Meta(title="Photos", description="oldest photos are deleted beyond this", extra=_SHARED)
    ] = "3 %"
    free_floor: Annotated[
        Quantity,
        Meta(title="Always free", description="space that is always left free on the card", extra=_SHARED),
    ] = "500 MB"
    warn_free_percent: Annotated[
        float,
        Meta(title="Warn below", description="warning when less is free and the quota would not hold", ge=0, le=90,
             extra={"unit": "%"}),
    ] = 15.0  # fmt: skip


class ClockSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Local time in names and pictures."""

    zone: Annotated[
        str,
        Meta(
            title="Time zone",
            description="such as Europe/Berlin; empty: the machine's",
            max_length=64,
            extra={"check": zone_of},
        ),
    ] = ""
    machine: Annotated[
        Literal["auto", "trusted", "untrusted"],
        Meta(
            title="Machine's own clock",
            description="auto: believed with a clock chip, or once network time has set it; else an estimate",
        ),
    ] = "auto"


class WebSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the page is served."""

    host: Annotated[
        str,
        Meta(
            title="Address",
            description="0.0.0.0: every network; 127.0.0.1: this machine",
            max_length=255,
            extra={"applies": "page"},
        ),
    ] = "0.0.0.0"
    port: Annotated[
        int, Meta(title="Port", description="0: any free one", ge=0, le=65535, extra={"applies": "page"})
    ] = 8000


class AccountsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who may use the page."""

    mode: Annotated[
        Literal["off"],
        Meta(title="Login", description="off: everyone on this network may watch, save and delete"),
    ] = "off"


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings; a section a struct, addressed as `section.name`."""

    camera: Annotated[CameraSettings, Meta(title="Camera")] = CameraSettings()
    recording: Annotated[RecordingSettings, Meta(title="Recording")] = RecordingSettings()
    events: Annotated[EventsSettings, Meta(title="Events")] = EventsSettings()
    motion: Annotated[MotionSettings, Meta(title="Motion")] = MotionSettings()
    photo: Annotated[PhotoSettings, Meta(title="Photos")] = PhotoSettings()
    preview: Annotated[PreviewSettings, Meta(title="Live view")] = PreviewSettings()
    storage: Annotated[StorageSettings, Meta(title="Storage")] = StorageSettings()
    clock: Annotated[ClockSettings, Meta(title="Time")] = ClockSettings()
    gps: Annotated[GpsSettings, Meta(title="GPS")] = GpsSettings()
    stamp: Annotated[StampSettings, Meta(title="Stamp")] = StampSettings()
    map: Annotated[MapSettings, Meta(title="Map")] = MapSettings()
    web: Annotated[WebSettings, Meta(title="Page")] = WebSettings()
    network: Annotated[NetworkSettings, Meta(title="Wi-Fi")] = NetworkSettings()
    shares: Annotated[SharesSettings, Meta(title="Shares")] = SharesSettings()
    accounts: Annotated[AccountsSettings, Meta(title="Login")] = AccountsSettings()
