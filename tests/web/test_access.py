"""No route is without a role."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from bottle import Bottle

from dashcam.clips.catalogue import CatalogueReader
from dashcam.link.follow import FollowedStatus
from dashcam.settings.schema import WebSettings
from dashcam.web.access import needs, refuse_routes_without_role, role_of
from dashcam.web.app import WebParts, make_routes
from dashcam.web.live import LivePictures
from dashcam.web.pages import find_www
from dashcam.web.settings_in_force import SettingsInForce
from dashcam.web.status import KeeperWord, StatusBoard
from tests.web.sites import settings


def routes(tmp_path: Path) -> dict[str, str | None]:
    """Every route of the app and its role."""
    catalogue, live = CatalogueReader(tmp_path), LivePictures(tmp_path, 1)
    board = StatusBoard(
        followed=FollowedStatus(tmp_path),
        keeper=KeeperWord(tmp_path),
        catalogue=catalogue,
        live=live,
        loaded=settings(),
    )
    parts = WebParts(
        data=tmp_path,
        state=tmp_path,
        www=find_www(),
        catalogue=catalogue,
        board=board,
        live=live,
        settings=SettingsInForce(
            tmp_path,
            (),
            took=board.take,
            listening=WebSettings,
            move=lambda wanted: wanted.host,
            recorder_pending=lambda: (),
        ),
        stop=threading.Event(),
    )
    return {f"{route.method} {route.rule}": role_of(route.callback) for route in make_routes(parts).routes}


def test_reading_needs_a_viewer_and_deleting_an_owner(tmp_path: Path) -> None:
    found = routes(tmp_path)
    owners = {rule for rule, role in found.items() if role == "owner"}
    assert owners == {
        "POST /api/clips/delete",
        "GET /api/settings",
        "PATCH /api/settings",
        "POST /api/settings/apply",
    }
    assert {role for rule, role in found.items() if rule.startswith("GET ") and rule not in owners} == {"viewer"}
    assert {rule for rule, role in found.items() if role == "driver"} == {
        "POST /api/clips/lock",
        "POST /api/clips/unlock",
        "POST /api/photo",
        "POST /api/save",
        "POST /api/recording/start",
        "POST /api/recording/stop",
    }


def test_nothing_is_changed_by_reading(tmp_path: Path) -> None:
    assert {rule.split()[0] for rule in routes(tmp_path)} == {"GET", "POST", "PATCH"}


def test_a_route_without_a_role_keeps_the_app_from_starting() -> None:
    app = Bottle()
    app.route("/open", "GET", needs("viewer")(lambda: ""))
    refuse_routes_without_role(app.routes)
    app.route("/forgotten", "GET", lambda: "")
    with pytest.raises(TypeError, match="GET /forgotten"):
        refuse_routes_without_role(app.routes)
