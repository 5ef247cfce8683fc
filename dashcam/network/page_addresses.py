"""Where the page is, for whoever has to type it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from dashcam.link.network_messages import WifiStatus
from dashcam.link.place import page_address_path

_HTTP_PORT = 80


def page_addresses(state: Path, host_name: str, wifi: WifiStatus) -> tuple[str, ...]:
    """Best first: the announced name, the address of the radio, and what the page itself has written down."""
    written = _written(state)
    port = _port_of(written)
    end = "/" if port == _HTTP_PORT else f":{port}/"
    found = []
    if host_name:
        found.append(f"http://{host_name}.local{end}")
    if wifi.address:
        found.append(f"http://{wifi.address}{end}")
    return tuple(dict.fromkeys([*found, *([written] if written else [])]))


def _written(state: Path) -> str:
    try:
        return page_address_path(state).read_text().strip()
    except (OSError, UnicodeError):
        return ""


def _port_of(address: str) -> int:
    try:
        return urlsplit(address).port or _HTTP_PORT
    except ValueError:
        return _HTTP_PORT
