"""The settings of what is kept when something happens; see `dashcam.settings.schema`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dashcam.settings.checks import check_ring, check_webhook
from dashcam.settings.schema_terms import RATE, Quantity
from dashcam.settings.zones import parse_zones


class EventsSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is kept when something happens: motion, a press on save, an impact."""

    before_seconds: Annotated[
        float,
        Meta(
            title="Seconds before",
            description="kept in memory all the time; more only where the memory for it suffices",
            ge=0,
            le=120,
            extra={"unit": "s"},
        ),
    ] = 10.0
    after_seconds: Annotated[
        float,
        Meta(title="Seconds after", description="an event ends when it was quiet for so long", ge=0, le=300,
             extra={"unit": "s"}),
    ] = 20.0  # fmt: skip
    longest_seconds: Annotated[
        float,
        Meta(title="Longest event", description="a longer one goes on in another clip", ge=10, le=3600,
             extra={"unit": "s"}),
    ] = 180.0  # fmt: skip
    ring: Annotated[
        Quantity,
        Meta(
            title="Memory for them",
            description="at most so much for the seconds before; when it is full, fewer are kept",
            extra={"check": check_ring},
        ),
    ] = "24 MB"
    save_before_seconds: Annotated[
        float,
        Meta(title="Save: seconds before", description="what one press on Save keeps", ge=5, le=3600,
             extra={"unit": "s"}),
    ] = 60.0  # fmt: skip
    save_after_seconds: Annotated[
        float,
        Meta(title="Save: seconds after", description="so long it goes on after the press", ge=0, le=600,
             extra={"unit": "s"}),
    ] = 10.0  # fmt: skip
    impact_g: Annotated[
        float,
        Meta(
            title="Impact",
            description="a car that slows down harder than this, as GPS sees it, makes an event; 0: off",
            ge=0,
            le=10,
            extra={"unit": "g"},
        ),
    ] = 0.9
    button_pin: Annotated[
        int,
        Meta(title="Save button", description="GPIO (BCM) number of a button to ground; -1: none", ge=-1, le=27),
    ] = -1
    command: Annotated[
        str,
        Meta(
            title="Command on events",
            description="is run with the event as JSON on its standard input; empty: off",
            max_length=1024,
        ),
    ] = ""
    webhook: Annotated[
        str,
        Meta(
            title="Webhook on events",
            description="an http(s) address that gets the event as JSON; empty: off",
            max_length=1024,
            extra={"check": check_webhook},
        ),
    ] = ""


class MotionSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When something that moves counts; while the car drives everything does, so then it is off."""

    detect: Annotated[
        Literal["auto", "on", "off"],
        Meta(title="Detection", description="auto: in the modes park and watch; on: while driving, too"),
    ] = "auto"
    threshold: Annotated[
        int,
        Meta(title="Sensitivity threshold", description="lower is more sensitive", ge=5, le=100),
    ] = 25
    min_area: Annotated[
        int,
        Meta(
            title="Smallest area",
            description="what moves must be as large, in a picture of 640x480 pixels; scaled to others",
            ge=10,
            le=100_000,
            extra={"unit": "pixels"},
        ),
    ] = 500
    confirm_frames: Annotated[
        int,
        Meta(title="Pictures to confirm", description="so many in a row must show it", ge=1, le=20),
    ] = 2
    rate: Annotated[
        float,
        Meta(title="Looks", description="pictures a second that are looked at", ge=1, le=15, extra=RATE),
    ] = 5.0
    zones: Annotated[
        str,
        Meta(
            title="Zones",
            description="drawn on the picture: watch and ignore with corners, as shares of width and height",
            max_length=4000,
            extra={"check": parse_zones},
        ),
    ] = ""
    scan_missed: Annotated[
        bool,
        Meta(title="Search clips later", description="in mode watch, those recorded while detection was off"),
    ] = True
