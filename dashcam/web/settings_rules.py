"""What may not be set from the page although it may by file or `--set`: there, whoever asks need not be the owner."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from dashcam.settings import Settings
from dashcam.web.visitor import answers_at

_OTHERWISE = "elsewhere it can be set only on the machine itself, in its settings file or with --set."
_VIDEO_DEVICE = re.compile(r"/dev/video\d{1,3}")
_SERIAL_DEVICE = re.compile(r"/dev/(tty|rfcomm|gps|serial/by-(id|path)/)[\w:.+-]+")


def refusals(
    settings: Settings, changed: Iterable[str], *, below: Settings, data: Path, called_at: str
) -> dict[str, str]:
    """What is wrong with the settings as they would be, by full name, where one of `changed` has to do with it.

    `below`: what would count if the page had saved nothing; that may always come back. `called_at`: the address of this
    machine that the request came to.
    """
    names = set(changed)
    return (
        _of_the_camera(settings, names, below, data)
        | _of_the_receiver(settings, names, below, data)
        | _of_the_events(settings, names, below)
        | _of_the_page(settings, names, called_at)
    )


def moving_refusals(settings: Settings, changed: Iterable[str], below: Settings) -> dict[str, str]:
    """What is wrong with moving a page that systemd listens for; going back to what would count anyway is allowed."""
    words = (
        "Here the system holds the page's ports and the page cannot move; whoever looks after this machine can change "
        "that with `systemctl edit dashcam-web.socket`."
    )
    fields = {name.partition(".")[2]: name for name in changed if name.startswith("web.")}
    return {name: words for field, name in fields.items() if getattr(settings.web, field) != getattr(below.web, field)}


def address_refusal(host: str, called_at: str) -> str:
    """Why the page may not be served at `host` only; empty when it may."""
    if answers_at(host, called_at):
        return ""
    every = "::" if ":" in called_at else "0.0.0.0"
    own = f" or {called_at}, where it was opened" if called_at else ""
    return f"At {host!r} the page would no longer answer this phone; write {every}{own}; {_OTHERWISE}"


def _of_the_camera(settings: Settings, names: set[str], below: Settings, data: Path) -> dict[str, str]:
    camera = settings.camera
    if not names & {"camera.kind", "camera.source"} or camera.source in ("", below.camera.source):
        return {}
    if camera.kind == "replay":
        may_be = _lies_below(data, camera.source)
    else:
        is_name = "/" not in camera.source and not camera.source.startswith("~")
        may_be = is_name or bool(_VIDEO_DEVICE.fullmatch(camera.source)) or _lies_below(data, camera.source)
    words = f"Name a file below {data}, a device such as /dev/video0, or a camera's number or model; {_OTHERWISE}"
    return {} if may_be else {"camera.source": words}


def _of_the_receiver(settings: Settings, names: set[str], below: Settings, data: Path) -> dict[str, str]:
    wrong: dict[str, str] = {}
    gps, former = settings.gps, below.gps
    is_device = gps.device in ("", former.device) or _SERIAL_DEVICE.fullmatch(gps.device)
    if "gps.device" in names and not is_device:
        wrong["gps.device"] = f"Name a serial port such as /dev/ttyACM0; {_OTHERWISE}"
    if "gps.source" in names and gps.source not in ("", former.source) and not _lies_below(data, gps.source):
        wrong["gps.source"] = f"Name a file below {data}; {_OTHERWISE}"
    if "gps.host" in names and gps.host != former.host and not _is_near(gps.host):
        wrong["gps.host"] = f"Write an address of this network such as 192.168.1.7, or 127.0.0.1; {_OTHERWISE}"
    return wrong


def _of_the_events(settings: Settings, names: set[str], below: Settings) -> dict[str, str]:
    """What runs here, and where events and places are told to."""
    wrong: dict[str, str] = {}
    events, former = settings.events, below.events
    if "events.command" in names and events.command.strip() and events.command != former.command:
        wrong["events.command"] = "A command can be set only on the machine itself, in its settings file or with --set."
    is_known = events.webhook.strip() in ("", former.webhook)
    if "events.webhook" in names and not is_known and not _is_near(urlsplit(events.webhook).hostname or ""):
        wrong["events.webhook"] = f"Write an address of this network such as http://192.168.1.7/; {_OTHERWISE}"
    return wrong


def _of_the_page(settings: Settings, names: set[str], called_at: str) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if "web.host" in names and (words := address_refusal(settings.web.host, called_at)):
        wrong["web.host"] = words
    if "web.port" in names and settings.web.port == 0:
        wrong["web.port"] = f"Choose a port from 1 to 65535: nobody could tell which it is; {_OTHERWISE}"
    return wrong


def _lies_below(data: Path, source: str) -> bool:
    """Also without what is hidden there: state and accounts."""
    try:
        path, folder = Path(source).expanduser(), data.resolve()
        inside = path.resolve().relative_to(folder) if path.is_absolute() else None
    except (OSError, RuntimeError, ValueError):
        return False
    return inside is not None and not any(part.startswith(".") for part in inside.parts)


def _is_near(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private or address.is_link_local
