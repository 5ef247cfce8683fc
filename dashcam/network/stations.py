"""Who is on the own access point, and by which country the radio goes: NetworkManager does not know, `iw` does."""

from __future__ import annotations

import re
import threading

from dashcam.network.base import Station
from dashcam.system.command_output import command_output
from dashcam.system.run_command import CommandFailed

_LIMIT_SECONDS = 3.0
_STATION = re.compile(r"^Station ((?:[0-9a-f]{2}:){5}[0-9a-f]{2}) ", re.ASCII)
_INACTIVE = re.compile(r"^\s+inactive time:\s*(\d+) ms", re.ASCII)
_COUNTRY = re.compile(r"^country ([A-Z]{2}):", re.ASCII | re.MULTILINE)
# Debian keeps it where only root's PATH leads.
_PATHS = ("iw", "/usr/sbin/iw", "/sbin/iw")


class Iw:
    """Asks `iw`, which needs no rights for that."""

    def __init__(self, stop: threading.Event | None = None, paths: tuple[str, ...] = _PATHS) -> None:
        self._stop = stop
        self._paths = paths

    def stations(self, interface: str) -> tuple[Station, ...] | None:
        """None when it cannot be told."""
        text = self._asked("dev", interface, "station", "dump")
        return None if text is None else stations_in(text)

    def country(self) -> str:
        """Two letters, or empty when none is set or it cannot be told."""
        return country_in(self._asked("reg", "get") or "")

    def _asked(self, *words: str) -> str | None:
        for path in self._paths:
            try:
                output = command_output([word.encode() for word in (path, *words)], _LIMIT_SECONDS, self._stop)
            except CommandFailed:
                continue
            return output.stdout.decode(errors="replace") if output.exit_code == 0 else None
        return None


def stations_in(text: str) -> tuple[Station, ...]:
    """What `iw dev X station dump` lists; who is there without a time was heard just now."""
    found: list[Station] = []
    for line in text.splitlines():
        if match := _STATION.match(line):
            found.append(Station(match[1], 0.0))
        elif found and (match := _INACTIVE.match(line)):
            found[-1] = Station(found[-1].address, int(match[1]) / 1000)
    return tuple(found)


def country_in(text: str) -> str:
    """What `iw reg get` calls the country: that of the whole machine comes first. 00 and 99 are none."""
    match = _COUNTRY.search(text)
    return match[1] if match else ""
