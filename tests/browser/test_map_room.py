"""The map on phones that stand and lie: what is said does not cover what is shown or touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from dashcam.place import Place
from tests.browser.drives import SPEED_MPS, place_at
from tests.browser.looking import until
from tests.browser.map_fixtures import leaflet, offline
from tests.browser.test_map_live import GPS
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Box = tuple[float, float, float, float]

# Found here by the tests of this file.
__all__ = ["leaflet", "offline"]
pytestmark = pytest.mark.usefixtures("leaflet", "offline")
SIZES = [(360, 740), (740, 360)]
ZOOM = ".leaflet-control-zoom"


def box_of(page: Page, selector: str) -> Box:
    """Left, top, right and bottom."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_what_is_said_of_the_car_covers_neither_it_nor_the_buttons(page: Page, site: Site) -> None:
    latitude, longitude = place_at(20)
    place = Place(latitude=latitude, longitude=longitude, speed_mps=SPEED_MPS)
    stale = msgspec.structs.replace(GPS, place=place, status="stale", age_seconds=6.0)
    replayed = msgspec.structs.replace(GPS, place=place, is_real=False)
    page.goto(f"{site.website.address}/#map/now")
    for gps, words in ((stale, "No GPS now. Last seen 6 seconds ago."), (replayed, "Not the real place")):
        site.recorder.say(gps=gps)
        until(page.locator(".map-live .state"), words)
        page.locator(".car-mark").wait_for()
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            wait_until(lambda: meet(box_of(page, ".car-mark"), box_of(page, ".map-canvas")))
            panel = box_of(page, ".map-live")
            assert panel[2] <= width
            for other in (ZOOM, ".map-modes"):
                assert not meet(panel, box_of(page, other)), (words, width, other)
            # In the middle of the map, also when its size has just changed.
            wait_until(lambda: not meet(box_of(page, ".map-live"), box_of(page, ".car-mark")))
