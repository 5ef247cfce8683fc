"""The settings of where the camera is, and where that is shown; see `dashcam.settings.schema`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dashcam.moment import SpeedUnit
from dashcam.settings.checks import check_log_quota, check_tiles
from dashcam.settings.schema_terms import Quantity

GpsKind = Literal["auto", "serial", "gpsd", "replay", "simulated", "none"]


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
