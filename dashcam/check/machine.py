"""Python and its libraries, memory, clock and the page's port."""

from __future__ import annotations

import errno
import http.client
import importlib.metadata
import importlib.util
import platform
import socket
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from dashcam.check.finding import Finding, Mark
from dashcam.clock import Anchor, WallClock, local_time, trust_in, zone_of
from dashcam.errors import SettingsError
from dashcam.link.messages import ClockStatus
from dashcam.settings import readable
from dashcam.settings.schema import WebSettings
from dashcam.system.addresses import page_addresses

_PYTHONS = ((3, 11), (3, 13))
# The first libavformat that writes hybrid MP4 as it is tried here.
_LEAST_AV = 18
# Recorder, page, keeper and its child of design.md, with something to spare for a software encoder.
_COMFORTABLE_BYTES = 300_000_000
# The recorder alone, with its queue full.
_LEAST_BYTES = 120_000_000
_ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Library:
    """A library: the module, the name of its package, and what is missing without it."""

    module: str
    package: str
    without_it: str
    mark: Mark


LIBRARIES = (
    Library("av", "av", "nothing can be recorded", "no"),
    Library("numpy", "numpy", "nothing can be recorded", "no"),
    Library("PIL", "pillow", "there are no photos, thumbnails and synthetic drive", "warn"),
    Library("bottle", "bottle", "there is no page", "warn"),
    Library("cheroot", "cheroot", "there is no page", "warn"),
    Library("zipstream", "zipstream-ng", "there is no page", "warn"),
    Library("jeepney", "jeepney", "the page cannot switch the machine off", "warn"),
    Library("watchdog", "watchdog", "the gallery does not see what others change on the card", "warn"),
    Library("segno", "segno", "there is no QR code", "warn"),
    Library("serial", "pyserial", "no GPS receiver on a serial port can be read", "warn"),
    Library("pynmea2", "pynmea2", "no GPS receiver on a serial port can be read", "warn"),
    Library("gpxpy", "gpxpy", "no recorded GPX can be played as a receiver", "warn"),
)


def check_python(version: tuple[int, int] | None = None) -> Finding:
    """The version of Python."""
    version = version or sys.version_info[:2]
    words = f"Python {version[0]}.{version[1]} on {platform.machine()}"
    if _PYTHONS[0] <= version <= _PYTHONS[1]:
        return Finding("ok", "python", words)
    return Finding("warn", "python", f"{words} is not tried; 3.11 to 3.13 are")


def check_libraries(libraries: Iterable[Library] = LIBRARIES) -> list[Finding]:
    """One line for all that are there, and one for each that is not."""
    there, findings = [], []
    for library in libraries:
        if importlib.util.find_spec(library.module) is None:
            words = f"{library.package} is missing: {library.without_it}; start with scripts/run, which installs it"
            findings.append(Finding(library.mark, "libraries", words))
            continue
        version = _version_of(library.package)
        there.append(f"{library.package} {version}".rstrip())
        if library.module == "av" and version.partition(".")[0].isdigit() and int(version.split(".")[0]) < _LEAST_AV:
            words = f"av {version} is too old to write clips that survive a power cut; {_LEAST_AV} or newer does"
            findings.append(Finding("no", "libraries", words))
    return [Finding("ok", "libraries", ", ".join(there)), *findings] if there else findings


def check_memory(meminfo: Path = Path("/proc/meminfo")) -> Finding:
    """What is free to use, as the kernel counts it."""
    try:
        amounts = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        total, free = (int(amounts[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    except (OSError, ValueError, KeyError, IndexError):
        return Finding("warn", "memory", "the kernel does not say how much is free")
    words = f"{readable(free)} of {readable(total)} are free"
    if free >= _COMFORTABLE_BYTES:
        return Finding("ok", "memory", words)
    if free >= _LEAST_BYTES:
        return Finding("warn", "memory", f"{words}; close other programs, {readable(_COMFORTABLE_BYTES)} are good")
    return Finding("warn", "memory", f"{words}, which is less than the recorder may need; close other programs")


def check_clock(zone_name: str, clock: WallClock, told: ClockStatus | None = None) -> Finding:
    """Whether names and times will be right. `told`: what a running recorder says, which may know more."""
    try:
        zone = zone_of(zone_name)
    except SettingsError as error:
        return Finding("warn", "clock", str(error))
    anchor, origin = clock.anchor(), clock.words()
    if told is not None and trust_in(told.source) > trust_in(anchor.source):
        anchor = Anchor(told.monotonic_ns, told.utc_ns, told.source).at(anchor.monotonic_ns)
        origin = told.words
    local = local_time(anchor.utc_ns, zone)
    words = f"{local:%Y-%m-%d %H:%M:%S} {zone_name or local.tzname() or ''}"
    if anchor.is_trusted:
        return Finding("ok", "clock", f"{words}. {origin}")
    doubt = " cannot be right" if anchor.source == "none" else ""
    return Finding("warn", "clock", f"{words}{doubt}; clips are named by number until the time is known. {origin}")


def check_port(web: WebSettings, addresses: Callable[[str, int], list[str]] = page_addresses) -> Finding:
    """Whether the page can be served; recording needs it not."""
    if web.port == 0:
        return Finding("ok", "page", "any free port will do; `dashcam run` prints the address")
    address = addresses(web.host, web.port)[0]
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((web.host, web.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE and _is_dashcam(web.port):
                return Finding("ok", "page", f"a dashcam is being served at {address}")
            cure = "choose another with --port" if error.errno != errno.EADDRNOTAVAIL else "see web.host"
            return Finding("warn", "page", f"port {web.port} of {web.host} cannot be used ({error.strerror}); {cure}")
    return Finding("ok", "page", f"port {web.port} is free: {address}")


def _version_of(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _is_dashcam(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("HEAD", "/")
        return connection.getresponse().getheader("Server", "").startswith("dashcam")
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
