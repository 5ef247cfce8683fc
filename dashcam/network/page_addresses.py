"""Where the page is, for whoever has to type it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from dashcam.link.network_messages import WifiStatus
from dashcam.link.place import page_address_path
from dashcam.system.addresses import lan_addresses

_HTTP_PORT = 80
_MOST_CHARACTERS = 300
# Where it listens everywhere, nobody can open it by that.
_EVERY_ADDRESS = ("0.0.0.0", "::")


def page_addresses(
    state: Path, host_name: str, wifi: WifiStatus, others: Callable[[], list[str]] = lan_addresses
) -> tuple[str, ...]:
    """Best first: the announced name, the address of the radio, and where else the page is by what it has written down.

    Nothing as long as there is no network. `others`: the machine's addresses, also those of a cable.
    """
    written = _written(state)
    port = _port_of(written)
    end = "/" if port == _HTTP_PORT else f":{port}/"
    named = [f"{host_name}.local"] if host_name else []
    numbers = [wifi.address] if wifi.address else []
    if _host_of(written) not in _EVERY_ADDRESS:
        return tuple(dict.fromkeys([*_in_full([*named, *numbers], end), *([written] if written else [])]))
    numbers += others()
    return _in_full([*named, *numbers], end) if numbers else ()


def _in_full(hosts: list[str], end: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"http://{host}{end}" for host in hosts))


def _written(state: Path) -> str:
    try:
        with open(page_address_path(state), encoding="utf-8") as file:
            text = file.read(_MOST_CHARACTERS).strip()
    except (OSError, UnicodeError):
        return ""
    # Another program's word, which is shown in root's terminal.
    if not (text and text.isascii() and text.isprintable()):
        return ""
    return f"{text.removesuffix('/')}/"


def _port_of(address: str) -> int:
    try:
        return urlsplit(address).port or _HTTP_PORT
    except ValueError:
        return _HTTP_PORT


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
