"""The app with all its routes and nothing behind them: no recorder, no keeper, no card."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from dashcam.clips.catalogue import CatalogueReader
from dashcam.link.follow import FollowedStatus
from dashcam.settings.schema import WebSettings
from dashcam.system.health import Machine
from dashcam.system.power import Logind
from dashcam.web.app import WebParts, make_routes
from dashcam.web.live import LivePictures
from dashcam.web.motion import MotionStream
from dashcam.web.pages import find_www
from dashcam.web.power import PowerSwitch
from dashcam.web.settings_in_force import SettingsInForce
from dashcam.web.status import KeeperWord, NetworkWord, StatusBoard
from tests.web.sites import settings


def bare_app(folder: Path) -> Any:
    """The Bottle app over an empty folder."""
    catalogue, live = CatalogueReader(folder), LivePictures(folder, 1)
    board = StatusBoard(
        followed=FollowedStatus(folder),
        keeper=KeeperWord(folder),
        network=NetworkWord(folder),
        catalogue=catalogue,
        live=live,
        loaded=settings(),
        machine=Machine(),
        pending_settings=tuple,
    )
    stop = threading.Event()
    parts = WebParts(
        data=folder,
        state=folder,
        www=find_www(),
        catalogue=catalogue,
        board=board,
        live=live,
        motion=MotionStream(folder),
        settings=SettingsInForce(
            folder,
            (),
            took=board.take,
            listening=WebSettings,
            move=lambda wanted, _mover: wanted.host,
            recorder_pending=lambda: (),
        ),
        power=PowerSwitch(folder, board, Logind(), stop),
        stop=stop,
    )
    return make_routes(parts)
