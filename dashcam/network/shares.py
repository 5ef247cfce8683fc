"""The shares, as the network program has them: what the settings want, what root has made of it, and what runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from dashcam.link.network_messages import ShareStatus
from dashcam.network.wanted import APPLIED_NAME, WantedBootFiles
from dashcam.settings import Settings
from dashcam.system.appliance import SHARES_RUNTIME_FOLDER
from dashcam.system.bus import SYSTEM_BUS


class Shares:
    """All that only root can do is asked for here. `turn` is one thread's; the rest may be called by any."""

    def __init__(
        self,
        state: Path,
        *,
        bus_address: str = SYSTEM_BUS,
        applied: Path = SHARES_RUNTIME_FOLDER / APPLIED_NAME,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`applied`: where root answers."""

    def take(self, settings: Settings, interface: str = "") -> None:
        """What is wanted from now on; put into force by the next turns. `interface`: the radio, where it is known."""

    def write_boot_files(self, files: WantedBootFiles) -> None:
        """Texts for the boot partition, written by the next turns."""

    def reload_radio(self) -> None:
        """Has the radio's driver loaded anew, once."""

    def turn(self) -> None:
        """A step further, about twice a second; never raises, holds up for a few seconds at worst."""

    def status(self, host_name: str = "", addresses: Sequence[str] = ()) -> tuple[ShareStatus, ...]:
        """Samba and FTP. `host_name`: as announced, without .local; `addresses`: the machine's own, best first."""
        return ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What root could not do, in words with the cure."""
        return ()

    def set_password(self, password: str) -> None:
        """Gives both shares this password, and returns when they have it.

        Raises BadRequest for one that cannot be, SharesRefused when it could not be set; the message says why.
        """

    def close(self) -> None:
        """Nothing is stopped: shares go on without us. May be called twice."""
