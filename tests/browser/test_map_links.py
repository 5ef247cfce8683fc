"""The map in a real browser: addresses of days and clips that are gone, and a phone to which not everything comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from dashcam.clips.row import ClipRow
from tests.browser.drives import DAY, driven
from tests.browser.looking import until
from tests.browser.map_fixtures import leaflet, offline
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Found here by the tests of this file.
__all__ = ["leaflet", "offline"]
pytestmark = pytest.mark.usefixtures("leaflet", "offline")
OTHER_DAY = "2026-11-19"
SAID = ".map-day .said"


@pytest.fixture
def days(site: Site) -> list[ClipRow]:
    """A clip on each of two days."""
    rows = [driven(2), driven(1, day=OTHER_DAY, path=f"VIDEO/{OTHER_DAY}/dcp_20261119150000.mp4")]
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


@pytest.mark.usefixtures("days")
def test_a_link_to_what_is_gone_says_so(page: Page, site: Site) -> None:
    page.route("**/media/*", lambda route: route.fulfill(body=b""))
    address = f"{site.website.address}/#map"
    page.goto(f"{address}/{DAY}/42-2/1")
    player = page.locator(".map-player")
    player.wait_for()
    page.goto(f"{address}/{DAY}/42-777/1")
    until(page.locator(SAID), "This clip is not there any more")
    assert player.is_hidden()
    page.goto(f"{address}/2020-01-01")
    until(page.locator(SAID), "Nothing of this day is on the card")
    choice = page.locator(".day-bar select")
    assert choice.input_value() == "2020-01-01"
    assert page.locator(".trips .trip").count() == 0
    assert page.locator(".day-bar .gpx").is_hidden()
    choice.select_option(OTHER_DAY)
    page.locator(".trips .trip").wait_for()
    page.goto(f"{address}/no-day")
    wait_until(lambda: choice.input_value() == DAY)


@pytest.mark.usefixtures("days")
def test_who_goes_back_comes_to_the_day_where_he_was(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#map/day")
    choice = page.locator(".day-bar select")
    wait_until(lambda: choice.input_value() == DAY)
    choice.select_option(OTHER_DAY)
    page.wait_for_url(f"**/#map/{OTHER_DAY}")
    page.go_back()
    wait_until(lambda: choice.input_value() == DAY)
    # The page itself comes back to the day that was chosen.
    page.locator(".map-modes a").first.click()
    page.locator(".map-modes a").last.click()
    wait_until(lambda: page.url.endswith(OTHER_DAY) and choice.input_value() == OTHER_DAY)


def test_the_player_tells_what_is_known_of_a_clip_and_no_more(page: Page, site: Site) -> None:
    page.route("**/media/*", lambda route: route.fulfill(body=b""))
    track = driven(2).track
    assert track is not None
    line = [point if second != 3 else replace(point, speed_mps=None) for second, point in enumerate(track.line)]
    tunnel = replace(track, points=0, line=())
    rows = [driven(1, track=tunnel), driven(2, track=replace(track, line=tuple(line)))]
    site.keeper.catalogue.put(rows)
    gpx, title = page.locator(".map-player .gpx"), page.locator(".map-player h3")
    page.goto(f"{site.website.address}/#map/{DAY}/42-2/1")
    until(title, "15:00:07")
    assert gpx.is_visible()
    # One part before the second without a speed, one after it, and nothing at the floor, where no car stood.
    curve = page.locator(".graph .curve").get_attribute("d") or ""
    assert curve.count("M") == 2
    assert curve.count("L") == len(line) - 3
    assert " 100.0" not in curve
    page.goto(f"{site.website.address}/#map/{DAY}/42-1/4")
    until(title, "15:00:04")
    assert gpx.is_hidden()
    assert page.locator(".map-player .graph").is_visible()
