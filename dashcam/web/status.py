"""`/api/status`: how everything stands, put together from recorder, keeper and catalogue."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from bottle import HTTPResponse

from dashcam import __version__
from dashcam.clips.catalogue import CatalogueReader
from dashcam.link.follow import FollowedStatus
from dashcam.link.messages import (
    GetNetworkStatus,
    GetProgress,
    KeeperProgress,
    NetworkStatus,
    OpenClip,
    RecorderStatus,
    WifiStatus,
)
from dashcam.moment import SpeedUnit
from dashcam.settings import LoadedSettings, Settings
from dashcam.system.health import Health, Machine, warnings_of
from dashcam.web.access import needs
from dashcam.web.describe import describes
from dashcam.web.live import LivePictures
from dashcam.web.program_word import ProgramWord
from dashcam.web.remembered import Remembered
from dashcam.web.reply import json_reply

# How old the keeper's word may be; it changes slowly, and asking costs it a thread.
_KEEPER_FRESH_SECONDS = 2.0
# A network that is joined or lost is noticed about as soon as a person looks.
_NETWORK_FRESH_SECONDS = 3.0
_MACHINE_FRESH_SECONDS = 5.0
# Finding out reads the files of settings.
_SETTINGS_FRESH_SECONDS = 2.0

UNREACHABLE = "unreachable"
_NO_RECORDER = (
    "The recorder does not answer. It may be starting; if this stays for a minute, restart the dashcam and look at "
    "its log."
)
_NO_KEEPER = "The keeper does not answer: new clips appear, and old ones are deleted, once it is back."
NO_NETWORK = (
    "The network program does not answer: Wi-Fi and the shares stay as they are until it is back. If this stays for a "
    "minute, restart the dashcam."
)


class LiveFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Who watches the live view, through this web server."""

    viewers: int
    max_viewers: int


class NetworkFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Wi-Fi as the network program has it; `/api/network` tells more."""

    wifi: WifiStatus
    page_addresses: tuple[str, ...]
    """Where the page is, best first."""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of /api/status. `recorder`, `keeper` and `network` are None while they cannot be reached."""

    connected: bool
    """The recorder answers. While it does not, `state` is `unreachable` and whether it records is not known."""
    is_recording: bool
    state: str
    """A state of the recorder, or `unreachable`."""
    reason: str
    """In words why it does not record, and the cure; empty while it does."""
    warnings: tuple[str, ...]
    """Of all programs, the machine and the settings, for the driver."""
    generation: int
    """Another number whenever the catalogue has changed."""
    is_building: bool
    """The catalogue is being filled from the card; lists are not complete yet."""
    version: str
    accounts: str
    live: LiveFacts
    speed_unit: SpeedUnit
    """What speeds are told in, by the setting."""
    machine: Health
    pending_settings: tuple[str, ...]
    """Full names of saved settings that wait for a restart of recording or of the page."""
    recorder: dict[str, Any] | None
    keeper: dict[str, Any] | None
    network: NetworkFacts | None


class KeeperWord(ProgramWord[KeeperProgress]):
    """The keeper's progress, at most some seconds old."""

    def __init__(self, state: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(state, "keeper", GetProgress(), KeeperProgress, _KEEPER_FRESH_SECONDS, monotonic)


class NetworkWord(ProgramWord[NetworkStatus]):
    """What the network program says, some seconds ago at most; None on machines without it."""

    def __init__(self, state: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        super().__init__(state, "network", GetNetworkStatus(), NetworkStatus, _NETWORK_FRESH_SECONDS, monotonic)


def uses_network(settings: Settings) -> bool:
    """True when the settings want something of the network program, beside the clock."""
    return settings.network.wifi or settings.shares.smb or settings.shares.ftp


class StatusBoard:
    """Knows how everything stands, for the pages and for whoever looks up the open clip."""

    def __init__(
        self,
        *,
        followed: FollowedStatus,
        keeper: KeeperWord,
        network: NetworkWord,
        catalogue: CatalogueReader,
        live: LivePictures,
        loaded: LoadedSettings,
        machine: Machine,
        pending_settings: Callable[[], tuple[str, ...]],
    ) -> None:
        self._followed = followed
        self._keeper = keeper
        self._network = network
        self._catalogue = catalogue
        self._live = live
        self._loaded = loaded
        self._said = ""
        self._machine = Remembered(machine.health, _MACHINE_FRESH_SECONDS)
        self._pending_settings = Remembered(pending_settings, _SETTINGS_FRESH_SECONDS)

    @property
    def recorder(self) -> RecorderStatus | None:
        """What the recorder has said last; None while it cannot be reached."""
        return self._followed.status

    @property
    def keeper(self) -> KeeperProgress | None:
        """What the keeper has said some seconds ago; None while it cannot be reached."""
        return self._keeper()

    def take(self, loaded: LoadedSettings) -> None:
        """Settings that were read anew."""
        self._loaded = loaded

    def say(self, words: str) -> None:
        """What the web program itself has to warn of, until it says something else; empty: of nothing."""
        self._said = words

    @property
    def open_clip(self) -> OpenClip | None:
        """The clip that grows now, if the recorder says so."""
        status = self._followed.status
        return status.open_clip if status else None

    @property
    def bytes_per_second(self) -> float:
        """What the camera sends on average; 0 while that is not known."""
        status = self._followed.status
        return status.bytes_per_second if status else 0.0

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._loaded.settings

    def wait_for_news(self, version: int, limit_seconds: float) -> int:
        """Waits until the recorder has said something after `version` (start with -1); the version now."""
        return self._followed.wait_for_change(version, limit_seconds)[0]

    def now(self) -> Status:
        """The whole picture."""
        recorder, keeper = self._followed.status, self._keeper()
        network, catalogue, machine = self._network(), self._catalogue.state(), self._machine()
        return Status(
            connected=recorder is not None,
            is_recording=recorder.is_recording if recorder else False,
            state=recorder.state if recorder else UNREACHABLE,
            reason=recorder.reason if recorder else _NO_RECORDER,
            warnings=self._warnings(recorder, keeper, network, machine),
            generation=catalogue.generation,
            is_building=catalogue.is_building,
            version=__version__,
            accounts=self._loaded.settings.accounts.mode,
            live=LiveFacts(viewers=self._live.viewers, max_viewers=self._live.max_viewers),
            speed_unit=self._loaded.settings.gps.speed_unit,
            machine=machine,
            pending_settings=self._pending_settings(),
            recorder=_plain(recorder),
            keeper=_plain(keeper),
            network=NetworkFacts(wifi=network.wifi, page_addresses=network.page_addresses) if network else None,
        )

    def _warnings(
        self,
        recorder: RecorderStatus | None,
        keeper: KeeperProgress | None,
        network: NetworkStatus | None,
        machine: Health,
    ) -> tuple[str, ...]:
        no_network = (NO_NETWORK,) if uses_network(self._loaded.settings) else ()
        words = [
            *(recorder.warnings if recorder else ()),
            *(keeper.warnings if keeper else (_NO_KEEPER,)),
            *(network.warnings if network else no_network),
            *warnings_of(machine),
            *self._loaded.mistakes,
            *((self._said,) if self._said else ()),
        ]
        return tuple(dict.fromkeys(words))  # each once: recorder and keeper see some of the same things


def _plain(message: msgspec.Struct | None) -> dict[str, Any] | None:
    """A message as JSON has it, without the name of its type, which is the link's affair."""
    if message is None:
        return None
    fields: dict[str, Any] = msgspec.to_builtins(message)
    fields.pop("type", None)
    return fields


class StatusResource:
    """`/api/status`, and `/status` as people know it."""

    def __init__(self, board: StatusBoard) -> None:
        self._board = board

    def add_to(self, app: Any) -> None:
        """Adds the routes."""
        app.route(["/api/status", "/status"], "GET", self.status)

    @needs("viewer")
    @describes(answers=Status)
    def status(self) -> HTTPResponse:
        """How everything stands now."""
        return json_reply(self._board.now())
