"""What the network program is put together from besides clock and Wi-Fi, each with one that does nothing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

from dashcam.errors import BadRequest
from dashcam.link.network_messages import BootFileReport, ShareStatus
from dashcam.network.announce import Offer
from dashcam.network.wanted import WantedBootFiles
from dashcam.settings import Settings


class SharesPart(Protocol):
    """See `dashcam.network.shares.Shares`."""

    def take(self, settings: Settings, interface: str = "") -> None:
        """What is wanted from now on."""

    def turn(self) -> None:
        """A step further."""

    def status(self, host_name: str = "", addresses: Sequence[str] = ()) -> tuple[ShareStatus, ...]:
        """Samba and FTP."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """For the driver."""

    def set_password(self, password: str) -> None:
        """Returns when the shares have it."""

    def reload_radio(self) -> None:
        """Has the radio's driver loaded anew."""

    def write_boot_files(self, files: WantedBootFiles) -> None:
        """Texts for the boot partition."""

    def close(self) -> None:
        """May be called twice."""


class NoShares:
    """Of a machine that shares nothing."""

    def take(self, settings: Settings, interface: str = "") -> None:
        """Nothing is wanted of it."""

    def turn(self) -> None:
        """Nothing to do."""

    def status(self, host_name: str = "", addresses: Sequence[str] = ()) -> tuple[ShareStatus, ...]:
        """None."""
        del host_name, addresses
        return ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """None."""
        return ()

    def set_password(self, password: str) -> None:
        """Raises BadRequest."""
        del password
        raise BadRequest("this machine has no shares; scripts/install makes them")

    def reload_radio(self) -> None:
        """Nobody here may."""

    def write_boot_files(self, files: WantedBootFiles) -> None:
        """Nobody here may."""

    def close(self) -> None:
        """Nothing to end."""


class AnnouncerPart(Protocol):
    """See `dashcam.network.announce.Announcer`."""

    host_name: str
    words: str

    def turn(self, host_name: str, offers: Sequence[Offer], place: str = "") -> None:
        """Makes true what is wanted."""

    def close(self) -> None:
        """May be called twice."""


class NoAnnouncer:
    """Of a machine that says nothing."""

    host_name = ""
    words = ""

    def turn(self, host_name: str, offers: Sequence[Offer], place: str = "") -> None:
        """Nothing is said."""

    def close(self) -> None:
        """Nothing to take back."""


class BootFilePart(Protocol):
    """Takes over dashcam.toml on the boot partition; see `dashcam.network.boot_file_duty`."""

    report: BootFileReport | None

    def work(self, stop: threading.Event) -> None:
        """A thread's loop, which begins once no other network program works for this state."""

    def renew(self) -> None:
        """Something that is told beside it has changed."""


class NoBootFile:
    """Of a machine whose boot partition is none of ours."""

    report: BootFileReport | None = None

    def work(self, stop: threading.Event) -> None:
        """Nothing to take over."""

    def renew(self) -> None:
        """Nothing is told."""
