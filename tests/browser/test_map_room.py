"""The map on phones that stand and lie: what is said does not cover what is shown or touched."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec
import pytest

from dashcam.clips.track_summary import LinePoint
from dashcam.place import Place
from tests.browser.drives import DAY, SPEED_MPS, START, driven, place_at
from tests.browser.looking import until
from tests.browser.map_fixtures import leaflet, offline
from tests.browser.on_map import COLOUR, LEAFLET, PLAIN
from tests.browser.test_map_live import GPS
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Box = tuple[float, float, float, float]

# Found here by the tests of this file.
__all__ = ["leaflet", "offline"]
pytestmark = pytest.mark.usefixtures("leaflet", "offline")
SIZES = [(360, 740), (740, 360)]
# From the north-east to the west, and on to the south-east: it ends where the buttons are.
BEND = tuple(
    LinePoint(float(at), START[0] + 0.00092 * (2.5 - at), START[1] + 0.0036 * abs(2.5 - at), SPEED_MPS, at == 0)
    for at in range(6)
)
END = 6
LEAST_HIGH = 80
BOX_OF_LINE = """([selector, red, green, blue]) => {
    const canvas = document.querySelector(selector);
    const {data, width} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const columns = [];
    const rows = [];
    for (let at = 0; at < data.length; at += 4) {
        if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) {
            columns.push((at / 4) % width);
            rows.push(Math.floor(at / 4 / width));
        }
    }
    if (!columns.length) return [0, 0, 0, 0];
    const box = canvas.getBoundingClientRect();
    const least = (numbers) => numbers.reduce((one, other) => Math.min(one, other));
    const most = (numbers) => numbers.reduce((one, other) => Math.max(one, other));
    const scale = box.width / width;
    return [box.left + least(columns) * scale, box.top + least(rows) * scale,
            box.left + most(columns) * scale, box.top + most(rows) * scale];
}"""
ZOOM = {LEAFLET: ".leaflet-control-zoom", PLAIN: ".plain-zoom"}


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
            for other in (ZOOM[LEAFLET], ".map-modes"):
                assert not meet(panel, box_of(page, other)), (words, width, other)
            # In the middle of the map, also when its size has just changed.
            wait_until(lambda: not meet(box_of(page, ".map-live"), box_of(page, ".car-mark")))


def test_a_chosen_trip_is_shown_beside_the_buttons_of_either_map(page: Page, site: Site) -> None:
    track = driven(1).track
    assert track is not None
    site.keeper.catalogue.put([driven(1, track=msgspec.structs.replace(track, line=BEND))])
    page.set_viewport_size({"width": 360, "height": 740})
    page.route("**/leaflet/leaflet.js", lambda route: route.abort(), times=1)
    page.goto(f"{site.website.address}/#map/{DAY}")

    def is_free(canvas: str) -> bool:
        _, top, right, bottom = page.evaluate(BOX_OF_LINE, [canvas, *COLOUR])
        ends = (right - END, top, right, top + END), (right - END, bottom - END, right, bottom)
        is_clear = not any(meet(end, box_of(page, other)) for end in ends for other in (".whole", ZOOM[canvas]))
        return is_clear and bottom - top > LEAST_HIGH

    for canvas in (PLAIN, LEAFLET):
        page.locator(canvas).wait_for()
        page.locator(".trips .trip").click()
        page.locator(".whole").wait_for()
        wait_until(partial(is_free, canvas))
        page.goto(f"{site.website.address}/#live")
        page.goto(f"{site.website.address}/#map/{DAY}")
