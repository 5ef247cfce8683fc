"""The web program put together: starts its parts in order, ends them in reverse."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from dashcam.clips.catalogue import CatalogueReader
from dashcam.errors import AlreadyRunning, DashcamError, SettingsError
from dashcam.files import write_durably
from dashcam.link.follow import FollowedStatus
from dashcam.link.place import make_socket_folder, page_address_path
from dashcam.settings import LoadedSettings
from dashcam.settings.schema import WebSettings
from dashcam.system.health import Machine
from dashcam.system.power import Logind
from dashcam.web.app import WebParts, make_app
from dashcam.web.clip_files import MAX_TRANSFERS
from dashcam.web.events import MAX_EVENT_STREAMS
from dashcam.web.live import LivePictures
from dashcam.web.power import PowerSwitch
from dashcam.web.server import PAGE_THREADS, WebServer
from dashcam.web.settings_in_force import SettingsInForce
from dashcam.web.status import KeeperWord, StatusBoard
from dashcam.worker import Worker

log = logging.getLogger(__name__)


class Website:
    """Serves the page for one data and state folder; `on_death` is called if it ends by itself."""

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
    ) -> None:
        settings = loaded.settings
        self._loaded = loaded
        self._state = state
        self._stop = threading.Event()
        self._followed = FollowedStatus(state)
        self._live = LivePictures(state, settings.preview.max_viewers)
        self._on_death = on_death
        self._threads = _threads_for(loaded)
        self._in_force = in_force = SettingsInForce(
            state,
            assignments,
            took=self._take,
            listening=lambda: self._listening,
            move=self._move,
            recorder_pending=lambda: self._followed.status.pending_settings if self._followed.status else (),
        )
        self._board = StatusBoard(
            followed=self._followed,
            keeper=KeeperWord(state),
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
            settings=in_force,
            power=self._power,
            stop=self._stop,
        )
        self._app = make_app(parts)
        self._listening = settings.web
        self._server = self._server_for(settings.web)
        self._farewells: list[Worker] = []

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
        make_socket_folder(self._state)
        self._announce()

    def close(self) -> None:
        """Ends every stream and download, then the server. May be called twice."""
        self._stop.set()
        self._live.close()
        self._followed.close()
        self._server.close()
        for farewell in self._farewells:
            farewell.stop()
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

    def _move(self, wanted: WebSettings) -> str:
        """In the thread of a request, which is answered by the old server before that ends.

        Raises AlreadyRunning or SettingsError when nothing can listen there; the old server goes on then.
        """
        old = self._server
        new = self._server_for(wanted)
        new.start_beside(old)
        self._server, self._listening = new, wanted
        self._announce()
        farewell = Worker("web-farewell", lambda _stop: old.close())
        self._farewells.append(farewell)
        farewell.start()
        return new.address

    def _server_for(self, wanted: WebSettings) -> WebServer:
        return WebServer(self._app, host=wanted.host, port=wanted.port, threads=self._threads, on_death=self._on_death)


def _threads_for(loaded: LoadedSettings) -> int:
    return loaded.settings.preview.max_viewers + MAX_EVENT_STREAMS + MAX_TRANSFERS + PAGE_THREADS
