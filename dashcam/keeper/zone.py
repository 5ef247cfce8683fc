"""The time zone that names are made in."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from dashcam.clock import zone_of
from dashcam.errors import SettingsError

log = logging.getLogger(__name__)


def known_zone(name: str) -> tuple[ZoneInfo | None, str]:
    """The zone of the setting and its name; one that does not exist is told and is the machine's own."""
    try:
        return zone_of(name), name
    except SettingsError as error:
        log.warning("%s; the machine's own is used", error)
        return None, ""
