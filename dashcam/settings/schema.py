"""Every setting, once: name, type, limits, default, label and help.

The file reader, `--set`, the settings page and the README's table all come from these classes. A field's `title` is its
label, its `description` the help; in `extra` stand its unit and what else checks it. Names are promised to stay.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dashcam.clock import zone_of

CameraKind = Literal["auto", "picamera", "usb", "replay", "pattern"]

# Bytes ("16 MB", "2 GiB") or a share of the space the card offers ("80 %").
Quantity = Annotated[str, Meta(pattern=r"^\s*\d+(\.\d+)?\s*(%|[kKMGT]i?B|B)?\s*$", extra={"unit": "bytes or %"})]


class CameraSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which camera, and what is asked of it. 0 means: what suits the camera."""

    kind: Annotated[
        CameraKind,
        Meta(
            title="Camera",
            description="auto takes a Pi camera, else a webcam; replay plays a file as a camera",
        ),
    ] = "auto"
    source: Annotated[
        str,
        Meta(
            title="Source",
            description="replay: the video file; usb: the device; picamera: model or number",
        ),
    ] = ""
    name: Annotated[
        str,
        Meta(title="Name", description="stands in the clips' sidecars", min_length=1, max_length=32),
    ] = "front"
    width: Annotated[
        int,
        Meta(
            title="Width",
            description="0: the camera's own choice",
            ge=0,
            le=7680,
            extra={"unit": "pixels"},
        ),
    ] = 0
    height: Annotated[
        int,
        Meta(
            title="Height",
            description="0: the camera's own choice",
            ge=0,
            le=4320,
            extra={"unit": "pixels"},
        ),
    ] = 0
    fps: Annotated[
        float,
        Meta(
            title="Frame rate",
            description="0: 30 where possible",
            ge=0,
            le=240,
            extra={"unit": "frames/s"},
        ),
    ] = 0.0
    bitrate: Annotated[
        int,
        Meta(title="Bit rate", description="0: 8 Mbit/s at 1080p30, scaled with the picture", ge=0, le=100_000_000,
             extra={"unit": "bit/s"}),
    ] = 0  # fmt: skip
    rotation: Annotated[
        Literal[0, 90, 180, 270],
        Meta(title="Rotation", description="for a camera mounted turned or head down"),
    ] = 0
    speed: Annotated[
        float,
        Meta(title="Speed", description="replay and pattern only: times real time", gt=0, le=100),
    ] = 1.0


class RecordingSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How clips are cut and what a slow card may cost."""

    autostart: Annotated[
        bool,
        Meta(title="Record at start", description="off: recording starts by hand (surveillance)"),
    ] = True
    segment_seconds: Annotated[
        float,
        Meta(title="Clip length", description="a clip ends at the first keyframe past it", ge=1, le=3600,
             extra={"unit": "s"}),
    ] = 60.0  # fmt: skip
    queue: Annotated[
        Quantity,
        Meta(
            title="Write queue",
            description="memory that carries the recording over a card that stalls",
        ),
    ] = "16 MB"


class PhotoSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Photos taken while recording."""

    quality: Annotated[int, Meta(title="Photo quality", description="JPEG quality", ge=10, le=100)] = 90


class PreviewSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The live view; it costs nothing while nobody watches."""

    width: Annotated[
        int,
        Meta(
            title="Live width",
            description="width of the live picture",
            ge=160,
            le=1920,
            extra={"unit": "pixels"},
        ),
    ] = 640
    rate: Annotated[
        float,
        Meta(
            title="Live rate",
            description="pictures a second at most",
            gt=0,
            le=30,
            extra={"unit": "frames/s"},
        ),
    ] = 10.0
    quality: Annotated[int, Meta(title="Live quality", description="JPEG quality", ge=10, le=95)] = 60
    max_viewers: Annotated[int, Meta(title="Live viewers", description="viewers at the same time", ge=1, le=50)] = 10


class StorageSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What may lie on the card. Shares are of the space that clips have: what is free and what they use already."""

    loop_quota: Annotated[
        Quantity, Meta(title="Loop clips", description="oldest loop clips are deleted beyond this")
    ] = "75 %"
    event_quota: Annotated[
        Quantity,
        Meta(title="Events", description="events beyond this are deleted, locked ones never"),
    ] = "20 %"
    photo_quota: Annotated[Quantity, Meta(title="Photos", description="oldest photos are deleted beyond this")] = "3 %"
    free_floor: Annotated[
        Quantity,
        Meta(title="Always free", description="space that is always left free on the card"),
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


class WebSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the page is served."""

    host: Annotated[str, Meta(title="Address", description="0.0.0.0: every network; 127.0.0.1: this machine")] = (
        "0.0.0.0"
    )
    port: Annotated[int, Meta(title="Port", description="0: any free one", ge=0, le=65535)] = 8000


class AccountsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who may use the page."""

    mode: Annotated[
        Literal["off"],
        Meta(title="Login", description="off: everyone on this network may watch, save and delete"),
    ] = "off"


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings; a section a struct, addressed as `section.name`."""

    camera: CameraSettings = CameraSettings()
    recording: RecordingSettings = RecordingSettings()
    photo: PhotoSettings = PhotoSettings()
    preview: PreviewSettings = PreviewSettings()
    storage: StorageSettings = StorageSettings()
    clock: ClockSettings = ClockSettings()
    web: WebSettings = WebSettings()
    accounts: AccountsSettings = AccountsSettings()
