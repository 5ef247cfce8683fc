"""Which GPS receiver there is; without one it records all the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dashcam.check.finding import Finding
from dashcam.errors import GpsError
from dashcam.gps.gpsd import has_receiver
from dashcam.gps.ports import all_ports, usb_ports
from dashcam.gps.recording import fixes_of
from dashcam.link.messages import GpsStatus
from dashcam.settings.schema import GpsSettings

_SUBJECT = "GPS"
_PLUG_IN = "plug one in by USB for places and the time; without one it records all the same"


def _may_open(port: str) -> bool:
    return os.access(port, os.R_OK | os.W_OK)


def finding_of_running_gps(gps: GpsStatus) -> Finding:
    """What the running recorder says: it has the port, and nobody else may listen there."""
    if not gps.is_connected:
        return Finding("ok" if gps.kind == "none" else "warn", _SUBJECT, gps.words)
    stands_in = "; it stands in, because no receiver was found" if gps.is_fallback else ""
    return Finding("ok", _SUBJECT, f"{gps.device}: {gps.words}{stands_in}")


def check_gps(
    gps: GpsSettings,
    *,
    ports: Callable[[], list[str]] = all_ports,
    plugged_in: Callable[[], list[str]] = usb_ports,
    gpsd_has_receiver: Callable[[str, int], bool] = has_receiver,
    may_open: Callable[[str], bool] = _may_open,
) -> Finding:
    """What there is for the receiver of the settings. No port is opened: a running program may be reading it."""
    match gps.kind:
        case "none":
            return Finding("ok", _SUBJECT, "switched off (gps.kind)")
        case "simulated":
            return Finding("ok", _SUBJECT, "a simulated drive, as gps.kind says")
        case "replay":
            return _of_replay(gps.source)
        case "gpsd":
            return _of_gpsd(gps, gpsd_has_receiver)
        case "serial":
            return _of_ports([gps.device] if gps.device else ports(), may_open, is_missed=True)
        case "auto":
            if not gps.device and gpsd_has_receiver(gps.host, gps.port):
                return _of_gpsd(gps, gpsd_has_receiver)
            if gps.device:
                return _of_ports([gps.device], may_open, is_missed=True)
            found = plugged_in()
            return _of_ports(found or ports(), may_open, is_missed=bool(found))


def _of_gpsd(gps: GpsSettings, gpsd_has_receiver: Callable[[str, int], bool]) -> Finding:
    name = f"gpsd at {gps.host}:{gps.port}"
    if gpsd_has_receiver(gps.host, gps.port):
        return Finding("ok", _SUBJECT, f"{name} has a receiver")
    return Finding("warn", _SUBJECT, f"{name} does not answer, or has no receiver; is it running, is one plugged in?")


def _of_replay(source: str) -> Finding:
    path = Path(source).expanduser()
    try:
        if not source or next(fixes_of(path), None) is None:
            words = f"{source or 'gps.source'} has no NMEA sentences with a place in it"
            return Finding("warn", _SUBJECT, f"{words}; name an NMEA or GPX file in gps.source")
    except (GpsError, OSError, ImportError) as error:
        return Finding("warn", _SUBJECT, f"{error}; name another file in gps.source")
    return Finding("ok", _SUBJECT, f"{path.name} is replayed")


def _of_ports(ports: list[str], may_open: Callable[[str], bool], *, is_missed: bool) -> Finding:
    """Of those that there are, and may be opened, one is enough. `is_missed`: there should be a receiver on them."""
    present = [port for port in ports if Path(port).exists()]
    usable = [port for port in present if may_open(port)]
    if usable:
        words = f"a receiver is listened for on {', '.join(usable)} while it records"
        return Finding("ok", _SUBJECT, words if is_missed else f"none on USB; {words}")
    if present and is_missed:
        words = f"{', '.join(present)} may not be opened"
        return Finding("warn", _SUBJECT, f"{words}; add this user to the group dialout (sudo adduser $USER dialout)")
    if is_missed:
        return Finding("warn", _SUBJECT, f"{', '.join(ports) or 'no serial port'} is not there; plug the receiver in")
    return Finding("ok", _SUBJECT, f"no receiver; {_PLUG_IN}")
