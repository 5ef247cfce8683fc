"""Ready-made settings for what people do with a dashcam. All set the same ones: the last one chosen counts."""

from __future__ import annotations

from typing import Any

import msgspec


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Some settings by their full names, under a word that people know."""

    name: str
    label: str
    help: str
    changes: dict[str, Any]


def _changes(
    *,
    size: tuple[int, int] = (0, 0),
    fps: float = 0.0,
    bitrate: int = 0,
    mode: str = "auto",
    segment_seconds: float = 60.0,
    live: tuple[int, float, int] = (640, 10.0, 60),
    quotas: tuple[str, str, str] = ("75 %", "20 %", "3 %"),
) -> dict[str, Any]:
    return {
        "camera.width": size[0],
        "camera.height": size[1],
        "camera.fps": fps,
        "camera.bitrate": bitrate,
        "recording.mode": mode,
        "recording.autostart": True,
        "recording.segment_seconds": segment_seconds,
        "preview.width": live[0],
        "preview.rate": live[1],
        "preview.quality": live[2],
        "storage.loop_quota": quotas[0],
        "storage.event_quota": quotas[1],
        "storage.photo_quota": quotas[2],
    }


PROFILES: tuple[Profile, ...] = (
    Profile(
        name="dashcam",
        label="Dashcam",
        help="What it came with: the camera's own size, one-minute clips, a fifth of the card for events.",
        changes=_changes(),
    ),
    Profile(
        name="surveillance",
        label="Surveillance",
        help="A place that is watched for days: motion makes events, half the frames, five-minute clips, "
        "nearly all of the card for them.",
        changes=_changes(fps=15.0, mode="watch", segment_seconds=300.0, quotas=("90 %", "5 %", "3 %")),
    ),
    Profile(
        name="low-power",
        label="Low power",
        help="For a power bank or a small machine: 720p at 15 frames a second, a small live picture.",
        changes=_changes(size=(1280, 720), fps=15.0, live=(320, 5.0, 50)),
    ),
    Profile(
        name="night",
        label="Night",
        help="Half the frames, so that each gets twice the light, at a full bit rate for the noise of the dark.",
        changes=_changes(size=(1920, 1080), fps=15.0, bitrate=8_000_000),
    ),
)
