"""The web program put together: starts its parts in order, ends them in reverse."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from dashcam.clips.catalogue import CatalogueReader
from dashcam.errors import AlreadyRunning, DashcamError, SettingsError
from dashcam.files import write_durably
from dashcam.link.follow import FollowedStatus
from dashcam.link.place import page_address_path
from dashcam.settings import LoadedSettings
from dashcam.settings.save import save_changes
from dashcam.settings.schema import WebSettings
from dashcam.system.health import Machine
from dashcam.system.power import Logind
from dashcam.system.runtime_folder import make_runtime_folder
from dashcam.web.app import WebParts, make_app
from dashcam.web.clip_files import MAX_TRANSFERS
from dashcam.web.events import MAX_EVENT_STREAMS
from dashcam.web.guard import WsgiApp
from dashcam.web.live import LivePictures
from dashcam.web.motion import MAX_MOTION_STREAMS, MotionStream
from dashcam.web.moving import ARRIVAL_SECONDS, Arrival, Move
from dashcam.web.power import PowerSwitch
from dashcam.web.server import PAGE_THREADS, WebServer
from dashcam.web.settings_in_force import SettingsInForce
from dashcam.web.status import KeeperWord, NetworkWord, StatusBoard
from dashcam.web.visitor import Visitor

log = logging.getLogger(__name__)


class Website:
    """Serves the page for one data and state folder; `on_death` is called if it ends by itself.

    `inherited`: where systemd listens for it; then the address of the settings counts for nothing, and it never moves.
    `move_seconds`: how long somebody may take to come to the page at a new port before it goes back.
    """

    def __init__(
        self,
        *,
        data: Path,
        state: Path,
        www: Path,
        loaded: LoadedSettings,
        catalogue: CatalogueReader,
        on_death: Callable[[BaseException], None],
        assignments: Sequence[str] = (),
        machine: Machine | None = None,
        move_seconds: float = ARRIVAL_SECONDS,
        inherited: Sequence[socket.socket] = (),
    ) -> None:
        settings = loaded.settings
        self._loaded = loaded
        self._state = state
        self._stop = threading.Event()
        self._followed = FollowedStatus(state)
        self._live = LivePictures(state, settings.preview.max_viewers)
        self._motion = MotionStream(state)
        self._on_death = on_death
        self._threads = _threads_for(loaded)
        self._inherited = tuple(inherited)
        self._in_force = in_force = SettingsInForce(
            state,
            assignments,
            took=self._take,
            listening=lambda: self._listening,
            move=self._move,
            recorder_pending=lambda: self._followed.status.pending_settings if self._followed.status else (),
            never_moves=bool(inherited),
        )
        self._board = StatusBoard(
            followed=self._followed,
            keeper=KeeperWord(state),
            network=NetworkWord(state),
            catalogue=catalogue,
            live=self._live,
            loaded=loaded,
            machine=machine or Machine(),
            pending_settings=lambda: in_force.pending,
        )
        self._power = PowerSwitch(state, self._board, Logind(), self._stop)
        parts = WebParts(
            data=data,
            state=state,
            www=www,
            catalogue=catalogue,
            board=self._board,
            live=self._live,
            motion=self._motion,
            settings=in_force,
            power=self._power,
            stop=self._stop,
        )
        self._app = make_app(parts)
        self._listening = settings.web
        self._server = self._server_for(settings.web)
        self._move_seconds = move_seconds
        self._moves: list[Move] = []

    @property
    def address(self) -> str:
        """`http://host:port`, real once started."""
        return self._server.address

    def start(self) -> None:
        """Listens when it returns. Raises AlreadyRunning or SettingsError when it cannot."""
        try:
            self._server.start()
        except (AlreadyRunning, SettingsError) as error:
            self._start_without_what_was_saved(error)
        self._followed.start()
        make_runtime_folder(self._state, "web")
        self._announce()

    def close(self) -> None:
        """Ends every stream and download, then the server. May be called twice."""
        self._stop.set()
        self._live.close()
        self._motion.close()
        self._followed.close()
        self._server.close()
        for move in self._moves:
            move.close()
        self._power.close()
        page_address_path(self._state).unlink(missing_ok=True)

    def _start_without_what_was_saved(self, error: DashcamError) -> None:
        """An address saved from the page that has turned out bad must not lock everybody out of the page."""
        below = self._in_force.without_saved().settings.web
        origins = {self._loaded.origins.get(f"web.{field}") for field in WebSettings.__struct_fields__}
        if "saved" not in origins or below == self._listening:
            raise error
        log.error("%s; the page is served as if that had not been saved", error)
        self._listening = below
        self._server = self._server_for(below)
        self._server.start()
        mistake = f"The page is not where the settings want it: {error}"
        self._board.take(msgspec.structs.replace(self._loaded, mistakes=(*self._loaded.mistakes, mistake)))

    def _announce(self) -> None:
        log.info("listening on %s", self.address)
        write_durably(page_address_path(self._state), f"{self.address}\n".encode())

    def _take(self, loaded: LoadedSettings) -> None:
        """In the thread of a request: settings that were read anew."""
        self._live.max_viewers = loaded.settings.preview.max_viewers
        self._board.take(loaded)
        self._threads = max(self._threads, _threads_for(loaded))
        self._server.grow(self._threads)

    def _move(self, wanted: WebSettings, mover: Visitor) -> str:
        """In the thread of a request, which is answered by the old server before that ends.

        That goes on, too, until `mover` has come to the new one: their network may let nobody in there. Raises
        AlreadyRunning or SettingsError when nothing can listen there; the old server goes on then.
        """
        old, former = self._server, self._listening
        if any(move.is_open for move in self._moves):
            raise AlreadyRunning(f"The page is just moving to {self.address}: open it there, or wait a minute.")
        arrival = Arrival(self._app, mover.address)
        new = self._server_for(wanted, arrival)
        new.start_beside(old)
        self._server, self._listening = new, wanted
        self._announce()
        if wanted.port == former.port:
            # The mover's own address is among those that are served, and only one can answer there.
            arrival.arrive()
        move = Move(
            old, arrival, go_back=lambda: self._go_back(old, former, new, wanted), limit_seconds=self._move_seconds
        )
        self._moves.append(move)
        move.start()
        return new.address

    def _go_back(self, old: WebServer, former: WebSettings, new: WebServer, wanted: WebSettings) -> None:
        """Nobody came; what was saved for it is taken back, else the next start would lose the page."""
        self._server, self._listening = old, former
        self._announce()
        new.close()
        words = f"The page was to be at {new.address}, but nobody came to it there: it has stayed where it was."
        log.warning("%s", words)
        loaded, below = self._in_force.reload(), self._in_force.without_saved().settings.web
        changes = {
            f"web.{field}": None if getattr(former, field) == getattr(below, field) else getattr(former, field)
            for field in WebSettings.__struct_fields__
            if getattr(former, field) != getattr(wanted, field) and loaded.origins.get(f"web.{field}") == "saved"
        }
        try:
            save_changes(self._state, changes)
        except DashcamError as error:
            log.warning("the address that was saved cannot be taken back: %s", error)
        loaded = self._in_force.reload()
        self._board.take(msgspec.structs.replace(loaded, mistakes=(*loaded.mistakes, words)))

    def _server_for(self, wanted: WebSettings, app: WsgiApp | None = None) -> WebServer:
        app = app or self._app
        return WebServer(
            app,
            host=wanted.host,
            port=wanted.port,
            threads=self._threads,
            on_death=self._on_death,
            inherited=self._inherited,
        )


def _threads_for(loaded: LoadedSettings) -> int:
    held = loaded.settings.preview.max_viewers + MAX_EVENT_STREAMS + MAX_MOTION_STREAMS + MAX_TRANSFERS
    return held + PAGE_THREADS
