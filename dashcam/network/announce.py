"""The machine's name on the network and what it offers, published by avahi: dashcam.local, _http, _smb, _ftp."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashcam.system.bus import SYSTEM_BUS


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that others may find, such as `_http._tcp` at port 80."""

    type: str
    port: int
    text: tuple[str, ...] = ()
    """TXT records such as `path=/`."""


class Announcer:
    """Publishes by avahi, and does so again after it was started anew. `turn` is one thread's, the rest any's."""

    def __init__(self, *, bus_address: str = SYSTEM_BUS) -> None:
        self.host_name = ""
        """As it is announced, without .local; empty while nobody announces it."""
        self.words = ""
        """Why the name is another than wanted, or why there is none; else empty."""

    def turn(self, host_name: str, offers: Sequence[Offer]) -> None:
        """Makes true what is wanted; cheap when it is. Never raises."""

    def close(self) -> None:
        """Takes back what was published. May be called twice."""
