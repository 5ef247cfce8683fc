"""Every setting, once: name, type, limits, default, label and help.

The file reader, `--set`, the settings page and the README's table all come from these classes. A field's `title` is its
label, its `description` the help; in `extra` stand its unit, what else checks it, and when a change comes into force
(`applies`). Names are promised to stay.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dashcam.clock import zone_of
from dashcam.moment import SpeedUnit
from dashcam.settings.checks import check_log_quota, check_queue, check_share, check_tiles

# When a saved change comes into force: at once (where nothing else is said); from the next clip on; when the camera is
# opened anew, which costs a second or two of recording; when the page listens elsewhere.
Applies = Literal["at_once", "next_clip", "camera", "page"]

_ANEW = {"applies": "camera"}
_PIXELS_ANEW = {"unit": "pixels", "applies": "camera"}
_RATE = {"unit": "frames/s"}

CameraKind = Literal["auto", "picamera", "usb", "replay", "pattern"]
GpsKind = Literal["auto", "serial", "gpsd", "replay", "simulated", "none"]

# Bytes ("16 MB", "2 GiB") or a share of the space the card offers ("80 %"). Never without its unit: a bare 75, meant as
# per cent, would be 75 bytes, and every clip be deleted.
Quantity = Annotated[
    str, Meta(pattern=r"^\s*\d{1,15}(\.\d{1,9})?\s*(%|[kKMGT]i?B|B)\s*$", extra={"unit": "bytes or %"})
]

_SHARED = {"check": check_share}


class CameraSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which camera, and what is asked of it. 0 means: what suits the camera."""

    kind: Annotated[
        CameraKind,
        Meta(
            title="Camera",
            description="auto takes a Pi camera, else a webcam; replay plays a file as a camera",
            extra=_ANEW,
        ),
    ] = "auto"
    source: Annotated[
        str,
        Meta(
            title="Source",
            description="replay: the video file; usb: the device; picamera: model or number",
            max_length=1024,
            extra=_ANEW,
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
        int, Meta(title="Width", description="0: the camera's own choice", ge=0, le=7680, extra=_PIXELS_ANEW)
    ] = 0
    height: Annotated[
        int, Meta(title="Height", description="0: the camera's own choice", ge=0, le=4320, extra=_PIXELS_ANEW)
    ] = 0
    fps: Annotated[
        float,
        Meta(title="Frame rate", description="0: 30 where possible", ge=0, le=240, extra=_RATE | _ANEW),
    ] = 0.0
    bitrate: Annotated[
        int,
        Meta(
            title="Bit rate",
            description="0: 8 Mbit/s at 1080p30, scaled with the picture",
            ge=0,
            le=100_000_000,
            extra={"unit": "bit/s", "applies": "camera"},
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
        Meta(title="Speed", description="replay and pattern only: times real time", gt=0, le=100, extra=_ANEW),
    ] = 1.0


class RecordingSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How clips are cut and what a slow card may cost."""

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
        Meta(title="Live width", description="width of the live picture", ge=160, le=1920, extra=_PIXELS_ANEW),
    ] = 640
    rate: Annotated[
        float,
        Meta(title="Live rate", description="pictures a second at most", gt=0, le=30, extra=_RATE),
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
        Meta(title="Events", description="events beyond this are deleted, locked ones never", extra=_SHARED),
    ] = "20 %"
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


class GpsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which GPS receiver, and what is kept of it; the recording never waits for it."""

    kind: Annotated[
        GpsKind,
        Meta(
            title="Receiver",
            description="auto finds one; replay drives a recorded drive again, simulated makes one up, none is off",
        ),
    ] = "auto"
    speed_unit: Annotated[
        SpeedUnit,
        Meta(title="Speeds in", description="on the page, on pictures and in subtitles; feet and miles with mph"),
    ] = "km/h"
    telemetry: Annotated[
        bool,
        Meta(
            title="Position in the clips",
            description="writes time, speed and position into the MP4, as subtitles and for other programs",
            extra={"applies": "next_clip"},
        ),
    ] = True
    device: Annotated[
        str,
        Meta(
            title="Serial port",
            description="for auto and serial: such as /dev/ttyACM0; empty: it is found, like its baud rate",
            max_length=1024,
        ),
    ] = ""
    source: Annotated[
        str,
        Meta(
            title="Recorded drive",
            description="for replay: an NMEA or GPX file; its pauses of over a minute are shortened to one",
            max_length=1024,
        ),
    ] = ""
    host: Annotated[
        str, Meta(title="gpsd's address", description="for auto and gpsd: where it runs", min_length=1, max_length=255)
    ] = "127.0.0.1"
    port: Annotated[int, Meta(title="gpsd's port", description="for auto and gpsd", ge=1, le=65535)] = 2947
    log_quota: Annotated[
        Quantity,
        Meta(
            title="Track log",
            description="its oldest drives are deleted beyond this; clips keep their tracks",
            extra={"check": check_log_quota},
        ),
    ] = "64 MB"


class StampSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Time, speed and place, written into the pictures themselves."""

    video: Annotated[
        bool,
        Meta(title="On the video", description="also on the live picture; not where a camera sends ready H.264"),
    ] = False
    photo: Annotated[bool, Meta(title="On photos", description="where the video has none already")] = True
    corner: Annotated[
        Literal["top-left", "top-right", "bottom-left", "bottom-right"],
        Meta(title="Corner", description="of the picture: where the stamp stands"),
    ] = "bottom-right"
    place: Annotated[bool, Meta(title="With position", description="off: only time, speed and the camera's name")] = (
        True
    )


class MapSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The map on the page; its pictures come from the internet, through the phone."""

    tiles: Annotated[
        str,
        Meta(
            title="Map pictures",
            description="address with {z}, {x} and {y} that the phone asks; empty: a plain grid",
            max_length=300,
            extra={"check": check_tiles},
        ),
    ] = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
    attribution: Annotated[
        str,
        Meta(title="Credit on the map", description="whose pictures they are, as their owners wish", max_length=200),
    ] = "© OpenStreetMap contributors"


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
    photo: Annotated[PhotoSettings, Meta(title="Photos")] = PhotoSettings()
    preview: Annotated[PreviewSettings, Meta(title="Live view")] = PreviewSettings()
    storage: Annotated[StorageSettings, Meta(title="Storage")] = StorageSettings()
    clock: Annotated[ClockSettings, Meta(title="Time")] = ClockSettings()
    gps: Annotated[GpsSettings, Meta(title="GPS")] = GpsSettings()
    stamp: Annotated[StampSettings, Meta(title="Stamp")] = StampSettings()
    map: Annotated[MapSettings, Meta(title="Map")] = MapSettings()
    web: Annotated[WebSettings, Meta(title="Page")] = WebSettings()
    accounts: Annotated[AccountsSettings, Meta(title="Login")] = AccountsSettings()
