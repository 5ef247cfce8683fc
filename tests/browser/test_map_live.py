"""The map in a real browser: where the car is now, the pictures of the world, and what the settings say of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from dashcam.clips.row import ClipRow
from dashcam.link import messages as m
from dashcam.place import Place
from tests.browser.drives import DAY, SPEED_MPS, driven, line_of, place_at
from tests.browser.looking import until
from tests.browser.map_fixtures import day, leaflet, offline
from tests.browser.on_map import CAR, COLOUR, LEAFLET, LINE_ON_SCREEN, TILES, open_day
from tests.browser.pictures import jpeg
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

# Found here by the tests of this file.
__all__ = ["day", "leaflet", "offline"]
pytestmark = pytest.mark.usefixtures("leaflet", "offline")
GPS = m.GpsStatus(kind="serial", is_connected=True, is_real=True, status="fix", age_seconds=0.3, satellites_in_view=11)


@pytest.fixture
def driving(site: Site) -> Callable[..., None]:
    """Tells where the car is so long after the trip began."""
    site.recorder.trip_line = line_of(0, 20)

    def drive(seconds: float, **changes: Any) -> None:
        latitude, longitude = place_at(seconds)
        place = Place(latitude=latitude, longitude=longitude, speed_mps=SPEED_MPS, course_degrees=90.0)
        trip = m.TripStatus(
            seconds=seconds, moving_seconds=seconds, distance_m=seconds * SPEED_MPS, top_speed_mps=SPEED_MPS
        )
        site.recorder.say(gps=msgspec.structs.replace(GPS, place=place, **changes), trip=trip)

    return drive


def test_the_live_marker_moves_until_the_map_is_dragged_and_follows_again(
    page: Page, site: Site, driving: Callable[..., None]
) -> None:
    driving(20)
    page.goto(f"{site.website.address}/#map/now")
    until(page.locator(".map-live .pace"), "72 km/h")
    until(page.locator(".map-live .trip"), "20 s · 400 m")
    wait_until(lambda: page.evaluate(LINE_ON_SCREEN, [LEAFLET, *COLOUR]) is not None)
    middle = page.evaluate(CAR)
    box = page.locator(".map-canvas").bounding_box()
    assert box is not None
    assert middle == pytest.approx([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2], abs=2)
    length = page.evaluate(LINE_ON_SCREEN, [LEAFLET, *COLOUR])[1]
    # It stays in the middle, and the world moves below it.
    driving(24)
    until(page.locator(".map-live .trip"), "24 s · 480 m")
    wait_until(lambda: page.evaluate(LINE_ON_SCREEN, [LEAFLET, *COLOUR])[0:2] != [length, length])
    assert page.evaluate(CAR) == pytest.approx(middle, abs=2)
    page.mouse.move(middle[0] + 40, middle[1] + 60)
    page.mouse.down()
    page.mouse.move(middle[0] - 40, middle[1] - 60, steps=8)
    page.mouse.up()
    page.locator(".follow").wait_for()
    dragged = page.evaluate(CAR)
    assert dragged[0] < middle[0] - 40
    driving(26)
    # Now it is the car that moves, to the east.
    wait_until(lambda: page.evaluate(CAR)[0] > dragged[0] + 5)
    page.locator(".follow").click()
    wait_until(lambda: page.evaluate(CAR) == pytest.approx(middle, abs=2))


def test_what_the_receiver_does_is_said(page: Page, site: Site, driving: Callable[..., None]) -> None:
    site.recorder.say(gps=m.GpsStatus(), trip=None)
    page.goto(f"{site.website.address}/#map/now")
    state = page.locator(".map-live .state")
    until(state, "No GPS receiver.")
    assert page.locator(".car-mark").count() == 0
    site.recorder.say(gps=m.GpsStatus(kind="serial", is_real=True, status="searching", satellites_in_view=7))
    until(state, "Searching for the place: 7 satellites in view.")
    driving(10)
    page.locator(".car-mark:not(.is-stale)").wait_for()
    assert state.inner_text() == ""
    driving(10, status="stale", age_seconds=75.0)
    until(state, "No GPS now. Last seen 75 seconds ago.")
    page.locator(".car-mark.is-stale").wait_for()
    until(page.locator(".map-live .pace"), "– km/h")
    driving(10, is_real=False)
    until(state, "Not the real place")
    page.locator(".car-mark:not(.is-stale)").wait_for()
    site.recorder.close()
    until(state, "The recorder does not answer.")
    page.locator(".car-mark.is-stale").wait_for()


def test_a_drive_that_grows_leaves_the_chosen_trip_in_peace(page: Page, site: Site, day: list[ClipRow]) -> None:
    page.clock.install()
    open_day(page, site)
    trip = page.locator(".trips .trip")
    trip.click()
    until(trip, "340 m")
    trip.focus()
    site.keeper.catalogue.put([driven(len(day) + 1)])

    def has_grown() -> bool:
        page.clock.run_for(5_000)
        return "460 m" in trip.inner_text()

    wait_until(has_grown)
    assert trip.get_attribute("aria-pressed") == "true"
    assert page.evaluate("document.activeElement.className") == "trip"
    assert page.locator(".play-trip").is_visible()


def test_pictures_of_the_world_come_when_there_is_internet_and_are_asked_for_once_when_not(
    page: Page, site: Site, day: list[ClipRow]
) -> None:
    asked: list[dict[str, str]] = []
    is_online = False

    def answer(route: Route) -> None:
        asked.append(route.request.headers)
        if is_online:
            route.fulfill(body=jpeg((230, 230, 210), 256, 256), content_type="image/jpeg")
        else:
            route.abort()

    page.unroute(TILES)
    page.route(TILES, answer)
    open_day(page, site)
    page.locator(".grid-tile").first.wait_for()
    page.locator(".trips .trip").first.click()
    # No flood: one question, however the map is led about.
    assert len(asked) == 1
    is_online = True
    page.evaluate("dispatchEvent(new Event('online'))")
    page.locator("img.leaflet-tile-loaded").first.wait_for()
    until(page.locator(".leaflet-control-attribution"), "© OpenStreetMap contributors")
    # Its owners ask for this; nobody else is told which page it is.
    assert {headers.get("referer") for headers in asked} == {f"{site.website.address}/"}


def test_the_setting_says_which_unit_and_whether_pictures_are_wanted(
    page: Page, site: Site, day: list[ClipRow]
) -> None:
    site.ask("PATCH", "/api/settings", {"changes": {"map.tiles": "", "gps.speed_unit": "mph"}})
    page.goto(f"{site.website.address}/#map/{DAY}")
    until(page.locator(".trips .trip").first, "mean 45 mph")
    until(page.locator(".legend"), "60+ mph")
    assert page.locator(".leaflet-control-attribution").inner_text() == ""


def test_leaflet_comes_only_when_the_map_is_opened(page: Page, site: Site, day: list[ClipRow]) -> None:
    def asked(end: str) -> bool:
        return bool(page.evaluate(f"performance.getEntriesByType('resource').some(one => one.name.endsWith('{end}'))"))

    page.goto(site.website.address)
    # The page's own files come beforehand.
    wait_until(lambda: asked("/js/map.js") and asked("/js/power.js"))
    assert not asked("/leaflet/leaflet.js")
    page.locator("#views a[href='#map']").click()
    page.locator(".leaflet-container").wait_for()
    assert asked("/leaflet/leaflet.js")
