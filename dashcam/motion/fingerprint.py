"""Tells whether a clip was looked at with the settings that hold now."""

from __future__ import annotations

import hashlib

import msgspec

from dashcam.motion.sight import MotionWish
from dashcam.settings.schema import MotionSettings

# A detector that sees other things is worth another look at old clips: then this grows.
_DETECTOR = 1
_LENGTH = 12


def fingerprint_of(settings: MotionSettings) -> str:
    """Another one whenever other things may be found. Raises SettingsError for zones that are none."""
    told = msgspec.json.encode((_DETECTOR, settings.rate, MotionWish.of(settings)), order="deterministic")
    return hashlib.sha256(told).hexdigest()[:_LENGTH]
