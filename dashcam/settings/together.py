"""What the page may not save although each value is right by itself: pure rules over the settings as they would be."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dashcam.settings.bit_rate import bits_per_second_for
from dashcam.settings.describe import value_of
from dashcam.settings.quantity import bytes_of, readable
from dashcam.settings.schema import Settings

_QUOTAS = ("storage.loop_quota", "storage.event_quota", "storage.photo_quota")
_FULL_PERCENT = 100
# Less deletes nearly everything there is: whoever writes that has forgotten a letter of the unit.
_LEAST_BYTES = {
    "storage.loop_quota": 100_000_000,
    "storage.event_quota": 100_000_000,
    "storage.photo_quota": 10_000_000,
    "storage.free_floor": 10_000_000,
}
# One that grows and one to look at.
_LEAST_CLIPS = 2
_OF_CLIPS = (
    "storage.loop_quota", "recording.segment_seconds", "camera.bitrate", "camera.width", "camera.height", "camera.fps",
)  # fmt: skip
# What a camera takes by itself, for the settings that leave it the choice.
_USUAL_SIZE, _USUAL_FPS = (1920, 1080), 30.0


def disagreements(settings: Settings, changed: Iterable[str], whole_bytes: int | None = None) -> dict[str, str]:
    """What is wrong and its cure, by full name; only where one of the values that disagree is among `changed`.

    `whole_bytes`: the space that the card offers clips, which shares count of; None: not known.
    """
    names = set(changed)
    return (
        _too_short(settings, names, whole_bytes)
        | _too_little(settings, names)
        | _of_the_camera(settings, names)
        | _too_much(settings, names)
    )


def _too_little(settings: Settings, names: set[str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for name, least_bytes in _LEAST_BYTES.items():
        quantity = str(value_of(settings, name))
        if name in names and _percent(quantity) is None and bytes_of(quantity, 0) < least_bytes:
            wrong[name] = (
                f"{quantity} is next to nothing; write at least {readable(least_bytes)} or a share of the card."
            )
    return wrong


def _too_short(settings: Settings, names: set[str], whole_bytes: int | None) -> dict[str, str]:
    quantity = settings.storage.loop_quota
    blamed = next((name for name in _OF_CLIPS if name in names), None)
    if blamed is None or (_percent(quantity) is not None and whole_bytes is None):
        return {}
    quota_bytes = bytes_of(quantity, whole_bytes or 0)
    needed_bytes = _LEAST_CLIPS * _clip_bytes(settings)
    if quota_bytes >= needed_bytes:
        return {}
    words = (
        f"{readable(quota_bytes)} for loop clips hold less than {_LEAST_CLIPS} clips of "
        f"{settings.recording.segment_seconds:g} s; give them at least {readable(needed_bytes)}, or make clips shorter."
    )
    return {blamed: words}


def _clip_bytes(settings: Settings) -> int:
    camera = settings.camera
    width, height = (camera.width, camera.height) if camera.width and camera.height else _USUAL_SIZE
    bits = bits_per_second_for(width, height, camera.fps or _USUAL_FPS, camera.bitrate)
    return round(bits * settings.recording.segment_seconds / 8)


def _of_the_camera(settings: Settings, names: set[str]) -> dict[str, str]:
    wrong: dict[str, str] = {}
    camera = settings.camera
    if names & {"camera.width", "camera.height"} and bool(camera.width) != bool(camera.height):
        missing = "camera.height" if camera.width else "camera.width"
        wrong[missing] = "Give width and height together, or 0 for both: the camera's own choice."
    if names & {"camera.kind", "camera.source"} and camera.kind == "replay" and not _is_file(camera.source):
        named = repr(camera.source) if camera.source else "nothing"
        wrong["camera.source"] = f"A replay needs a video file, and {named} is none on this machine."
    return wrong


def _is_file(source: str) -> bool:
    try:
        return Path(source).expanduser().is_file()
    except (OSError, RuntimeError, ValueError):  # no such user, or no name at all
        return False


def _too_much(settings: Settings, names: set[str]) -> dict[str, str]:
    percent = sum(_percent(str(value_of(settings, name))) or 0 for name in _QUOTAS)
    if percent <= _FULL_PERCENT:
        return {}
    words = f"The shares of loop clips, events and photos come to {percent:g} %; leave at most 100 % together."
    return dict.fromkeys([name for name in _QUOTAS if name in names], words)


def _percent(quantity: str) -> float | None:
    """`80` of `80 %`; None for bytes."""
    share, percent, _ = quantity.partition("%")
    return min(float(share), _FULL_PERCENT) if percent else None
