"""The map in a real browser: addresses of days and clips that are gone, and a phone to which not everything comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dashcam.clips.row import ClipRow
from tests.browser.drives import DAY, driven
from tests.browser.looking import until
from tests.browser.map_fixtures import leaflet, offline
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

# Found here by the tests of this file.
__all__ = ["leaflet", "offline"]
pytestmark = pytest.mark.usefixtures("leaflet", "offline")
OTHER_DAY = "2026-11-19"
SAID = ".map-day .said"


@pytest.fixture
def days(site: Site) -> list[ClipRow]:
    """A clip on each of two days."""
    rows = [driven(2), driven(1, path=f"VIDEO/{OTHER_DAY}/dcp_20261119150000.mp4")]
    site.keeper.catalogue.put(rows)
    return rows


@pytest.mark.usefixtures("days")
def test_what_did_not_come_is_asked_for_again(page: Page, site: Site) -> None:
    page.route("**/leaflet/leaflet.js", lambda route: route.abort(), times=1)
    page.goto(f"{site.website.address}/#map/{DAY}")
    until(page.locator(".map-words"), "Leaflet did not come")
    page.locator(".plain-map").wait_for()
    page.locator("#views a[href='#live']").click()
    page.locator("#views a[href='#map']").click()
    page.locator(".leaflet-container").wait_for()
    assert page.locator(".map-words").is_hidden()
    assert page.locator(".plain-map").count() == 0
