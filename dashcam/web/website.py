"""The web program put together: starts its parts in order, ends them in reverse."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from dashcam.clips.catalogue import CatalogueReader
from dashcam.files import write_durably
from dashcam.link.follow import FollowedStatus
from dashcam.link.place import make_socket_folder, page_address_path
from dashcam.settings import LoadedSettings
from dashcam.web.app import WebParts, make_app
from dashcam.web.events import MAX_EVENT_STREAMS
from dashcam.web.live import LivePictures
from dashcam.web.media import MAX_TRANSFERS
from dashcam.web.server import PAGE_THREADS, WebServer
from dashcam.web.status import KeeperWord, StatusBoard

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
    ) -> None:
        settings = loaded.settings
        self._state = state
        self._stop = threading.Event()
        self._followed = FollowedStatus(state)
        self._live = LivePictures(state, settings.preview.max_viewers)
        board = StatusBoard(
            followed=self._followed, keeper=KeeperWord(state), catalogue=catalogue, live=self._live, loaded=loaded
        )
        parts = WebParts(
            data=data, state=state, www=www, catalogue=catalogue, board=board, live=self._live, stop=self._stop
        )
        self._server = WebServer(
            make_app(parts),
            host=settings.web.host,
            port=settings.web.port,
            threads=settings.preview.max_viewers + MAX_EVENT_STREAMS + MAX_TRANSFERS + PAGE_THREADS,
            on_death=on_death,
        )

    @property
    def address(self) -> str:
        """`http://host:port`, real once started."""
        return self._server.address

    def start(self) -> None:
        """Listens when it returns. Raises AlreadyRunning or SettingsError when it cannot."""
        self._server.start()
        self._followed.start()
        log.info("listening on %s", self.address)
        make_socket_folder(self._state)
        write_durably(page_address_path(self._state), f"{self.address}\n".encode())

    def close(self) -> None:
        """Ends every stream and download, then the server. May be called twice."""
        self._stop.set()
        self._live.close()
        self._followed.close()
        self._server.close()
        page_address_path(self._state).unlink(missing_ok=True)
