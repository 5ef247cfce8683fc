"""The page's address: a port for it, whether it answers, and a QR code to point a phone at."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from dashcam.errors import SettingsError
from dashcam.system.addresses import is_local_only, page_addresses
from dashcam.system.http_probe import answers
from dashcam.system.qr import terminal_qr
from dashcam.worker import Worker

_ASK_AGAIN_SECONDS = 0.2
# Once it is known, it moves only when somebody changes the settings.
_LOOK_AGAIN_SECONDS = 1.0
# White on black, whatever colours the terminal has; some phones do not read the inverse.
_QR_COLOURS, _END_OF_COLOURS = "\x1b[97;40m", "\x1b[0m"
# Addresses beyond these help nobody who reads them.
_MOST_ADDRESSES = 4


def free_port(host: str) -> int:
    """A port of `host` that nobody has at this moment. Raises SettingsError when `host` is no address of ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise SettingsError(f"web.host: {host} is no address of this machine; try 0.0.0.0") from error
        return int(probe.getsockname()[1])


class PageWatch:
    """Waits in the background until the page answers, then calls `answered` with its address; again when it has moved.

    `announcement` is the file that our own page writes its address into once it listens: who answers before may be
    another dashcam that has the port.
    """

    def __init__(self, host: str, port: int, announcement: Path, answered: Callable[[str, int], None]) -> None:
        self._host, self._port = host, port
        self._announcement = announcement
        self._answered = answered
        self._worker = Worker("page-watch", self._wait)

    def start(self) -> None:
        """Begins to ask. What an earlier page left behind, when it was killed, is no announcement."""
        self._announcement.unlink(missing_ok=True)
        self._worker.start()

    def close(self) -> None:
        """Asks no more. May be called twice."""
        self._worker.stop()

    def _wait(self, stop: threading.Event) -> None:
        told: tuple[str, int] | None = None
        while not stop.wait(_LOOK_AGAIN_SECONDS if told else _ASK_AGAIN_SECONDS):
            announced = self._announced()
            if announced is not None and announced != told and answers(*announced) and not stop.is_set():
                self._answered(*announced)
                told = announced

    def _announced(self) -> tuple[str, int] | None:
        try:
            address = urlsplit(self._announcement.read_text(encoding="utf-8").strip())
        except OSError:
            return None
        return address.hostname or self._host, address.port or self._port


def page_words(host: str, port: int, *, has_login: bool, has_colours: bool) -> str:
    """What is printed once the page answers: addresses, QR code, and who may open it."""
    addresses = page_addresses(host, port)[:_MOST_ADDRESSES]
    lines = ["", f"  Open  {'  or  '.join(addresses)}", "", qr_code(addresses[0], has_colours=has_colours), ""]
    if is_local_only(host):
        lines.append("  Only this machine can open it; --set web.host=0.0.0.0 lets phones in.")
    elif not has_login:
        lines.append("  There is no login yet: everyone in this network can open it, watch, save and delete.")
    return "\n".join([*lines, ""])


def qr_code(address: str, *, has_colours: bool) -> str:
    """The address as a QR code of half-block characters; empty where the library is missing."""
    lines = terminal_qr(address)
    if has_colours:
        lines = [f"{_QR_COLOURS}{line}{_END_OF_COLOURS}" for line in lines]
    return "\n".join(f"  {line}" for line in lines)
