"""No route is without a role."""

from __future__ import annotations

from pathlib import Path

import pytest
from bottle import Bottle

from dashcam.web.access import needs, refuse_routes_without_role, role_of
from tests.web.bare_app import bare_app


def routes(tmp_path: Path) -> dict[str, str | None]:
    """Every route of the app and its role."""
    return {f"{route.method} {route.rule}": role_of(route.callback) for route in bare_app(tmp_path).routes}


def test_reading_needs_a_viewer_and_deleting_an_owner(tmp_path: Path) -> None:
    found = routes(tmp_path)
    owners = {rule for rule, role in found.items() if role == "owner"}
    assert owners == {
        "POST /api/clips/delete",
        "POST /api/power/off",
        "POST /api/power/restart",
        "GET /api/logs",
        "GET /api/logs/<program>",
        "GET /api/settings",
        "PATCH /api/settings",
        "POST /api/settings/apply",
        "POST /api/network/scan",
        "POST /api/network/networks",
        "DELETE /api/network/networks/<network_id>",
        "POST /api/network/order",
        "GET /api/network/access-point",
        "GET /api/network/access-point/qr",
        "POST /api/shares/password",
    }
    assert {role for rule, role in found.items() if rule.startswith("GET ") and rule not in owners} == {"viewer"}
    assert {rule for rule, role in found.items() if role == "driver"} == {
        "POST /api/announcements/seen",
        "POST /api/clips/cut",
        "POST /api/clips/lock",
        "POST /api/clips/unlock",
        "POST /api/jobs/<job_id>/stop",
        "POST /api/motion/search",
        "POST /api/network/try",
        "POST /api/photo",
        "POST /api/save",
        "POST /api/recording/start",
        "POST /api/recording/stop",
        "POST /api/time",
    }


def test_nothing_is_changed_by_reading(tmp_path: Path) -> None:
    assert {rule.split()[0] for rule in routes(tmp_path)} == {"GET", "POST", "PATCH", "DELETE"}


def test_a_route_without_a_role_keeps_the_app_from_starting() -> None:
    app = Bottle()
    app.route("/open", "GET", needs("viewer")(lambda: ""))
    refuse_routes_without_role(app.routes)
    app.route("/forgotten", "GET", lambda: "")
    with pytest.raises(TypeError, match="GET /forgotten"):
        refuse_routes_without_role(app.routes)
