"""What a setting must be beyond its type and limits; each check raises SettingsError, in words that tell the cure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from dashcam.errors import SettingsError
from dashcam.settings.quantity import QUEUE_WHOLE_BYTES, bytes_of, machine_memory_bytes, readable

_WHOLE, _LEAST_SHARE = 10_000, 100
# A stalled card fills the queue; what is left is for the camera's buffers and the other programs.
_MEMORY_SHARE = 4
_LEAST_QUEUE_BYTES, _LARGEST_QUEUE_BYTES = 2_000_000, 512_000_000
# A few hours of driving: less would be deleted before the keeper has made the clips' tracks of it.
_LEAST_LOG_BYTES = 1_000_000
# Encoders refuse less; of small pictures it is enough.
_LEAST_BITS_PER_SECOND = 100_000
# The page's policy lets in pictures of one host, or of those below one for a leading {s}.
_TILES = re.compile(r"https?://(\{s\}\.)?[A-Za-z0-9.-]+(:\d{1,5})?/[^\s\"'<>;,]*", re.ASCII)
_WEBHOOK = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?")
_PART = re.compile(r"\{[^{}]*\}?|\}")
# What Leaflet fills in: column, row, zoom, one of the hosts a, b and c, and @2x on a fine screen.
_PARTS, _NEEDED_PARTS = frozenset({"{x}", "{y}", "{z}", "{s}", "{r}"}), ("{z}", "{x}", "{y}")


def check_queue(quantity: str, memory_bytes: int | None = None) -> None:
    """Raises SettingsError for a queue that could not hold a second of video, or takes too much of the memory there is.

    `memory_bytes`: of the machine; None: of this one.
    """
    memory_bytes = machine_memory_bytes() if memory_bytes is None else memory_bytes
    largest_bytes = max(min(memory_bytes // _MEMORY_SHARE, _LARGEST_QUEUE_BYTES), _LEAST_QUEUE_BYTES)
    if not _LEAST_QUEUE_BYTES <= bytes_of(quantity, QUEUE_WHOLE_BYTES) <= largest_bytes:
        raise SettingsError(
            f"recording.queue: write an amount from {readable(_LEAST_QUEUE_BYTES)} to {readable(largest_bytes)}"
            + (", a quarter of this machine's memory" if largest_bytes < _LARGEST_QUEUE_BYTES else "")
        )


def check_bit_rate(bits_per_second: int) -> None:
    """Raises SettingsError for what no encoder makes a picture of, such as megabits without their zeros."""
    if 0 < bits_per_second < _LEAST_BITS_PER_SECOND:
        raise SettingsError(
            f"camera.bitrate: write 0 for the usual one, or at least {_LEAST_BITS_PER_SECOND}: 8 Mbit/s are 8000000"
        )


def check_ring(quantity: str, memory_bytes: int | None = None) -> None:
    """Raises SettingsError for more than a quarter of the memory, or less than a second of video."""
    memory_bytes = machine_memory_bytes() if memory_bytes is None else memory_bytes
    largest_bytes = max(min(memory_bytes // _MEMORY_SHARE, _LARGEST_QUEUE_BYTES), _LEAST_QUEUE_BYTES)
    if not _LEAST_QUEUE_BYTES <= bytes_of(quantity, QUEUE_WHOLE_BYTES) <= largest_bytes:
        raise SettingsError(
            f"events.ring: write an amount from {readable(_LEAST_QUEUE_BYTES)} to {readable(largest_bytes)}"
        )


def check_webhook(address: str) -> None:
    """Raises SettingsError for what is no http(s) address."""
    if not address:
        return
    if not address.isascii() or _WEBHOOK.fullmatch(address) is None or not _has_host_and_port(address):
        raise SettingsError("events.webhook: write an address such as https://example.org/dashcam, or leave it empty")
    if "@" in urlsplit(address).netloc:
        raise SettingsError("events.webhook: name and password are not sent; write a secret into the address' path")


def _has_host_and_port(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "@" in address


def check_share(quantity: str) -> None:
    """Raises SettingsError for a share of the card that leaves next to nothing."""
    if quantity.rstrip().endswith("%") and bytes_of(quantity, _WHOLE) < _LEAST_SHARE:
        raise SettingsError("write at least 1 %; less deletes nearly everything there is")


def check_log_quota(quantity: str) -> None:
    """Raises SettingsError for so little that the log is deleted before the tracks of the clips are made of it."""
    check_share(quantity)
    if not quantity.rstrip().endswith("%") and bytes_of(quantity, _WHOLE) < _LEAST_LOG_BYTES:
        raise SettingsError(
            "gps.log_quota: write at least 1 MB; less is deleted before the tracks of the clips are made of it"
        )


def check_tiles(address: str) -> None:
    """Raises SettingsError for an address that gives no pictures of a map."""
    if not address:
        return
    host = address.partition("://")[2].partition("/")[0]
    if "@" in host:
        raise SettingsError("map.tiles: leave out name and password; browsers send none with the pictures of a page")
    for part in _PART.findall(address):
        if part not in _PARTS:
            raise SettingsError(
                f"map.tiles: {part} stands for nothing here; write the value itself, such as your key, in its place"
            )
    if "{s}" in host and not host.startswith("{s}."):
        raise SettingsError("map.tiles: {s} must be the first part of the host, as in https://{s}.tile.example/")
    if _TILES.fullmatch(address) is None or not all(part in address for part in _NEEDED_PARTS):
        raise SettingsError("map.tiles: write an address such as https://tile.openstreetmap.org/{z}/{x}/{y}.png")
