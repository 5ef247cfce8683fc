"""How tests look at the map: a drive over it without internet, and where on the screen its line and car are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.drives import DAY
from tests.browser.looking import CLIP_SECONDS
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

CLIPS = 3
TILES = "**/tile.openstreetmap.org/**"
# 20 m/s are 72 km/h.
COLOUR = [240, 168, 28]
VIDEO = ".map-player video"
CURRENT = f"document.querySelector('{VIDEO}').currentTime"
# The first and the last column in which the map's canvas has a colour, and its row there, in pixels of the page.
LINE_ON_SCREEN = """([selector, red, green, blue]) => {
    const canvas = document.querySelector(selector);
    if (!canvas?.width) return null;
    const {data, width} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const found = [];
    for (let at = 0; at < data.length; at += 4) {
        if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) {
            found.push([(at / 4) % width, Math.floor(at / 4 / width)]);
        }
    }
    if (!found.length) return null;
    found.sort((one, other) => one[0] - other[0]);
    const box = canvas.getBoundingClientRect();
    const scale = box.width / width;
    const middle = found[Math.floor(found.length / 2)];
    return [box.left + found[0][0] * scale, box.left + found.at(-1)[0] * scale, box.top + middle[1] * scale];
}"""
CAR = """() => {
    const box = document.querySelector(".car-mark")?.getBoundingClientRect();
    return box ? [box.left + box.width / 2, box.top + box.height / 2] : null;
}"""
LEAFLET, PLAIN = ".leaflet-overlay-pane canvas", ".plain-map"
# A line is so much thicker than its places, on each side; the canvas has a pixel of doubt.
LINE_ENDS_PIXELS = 2.5


def open_day(page: Page, site: Site, canvas: str = LEAFLET) -> tuple[float, float, float]:
    """The left and right end of the drive on the screen, and how high it lies."""
    page.goto(f"{site.website.address}/#map/{DAY}")
    page.locator(".trips .trip").first.wait_for()
    wait_until(lambda: page.evaluate(LINE_ON_SCREEN, [canvas, *COLOUR]) is not None)
    left, right, height = page.evaluate(LINE_ON_SCREEN, [canvas, *COLOUR])
    assert right - left > 100
    return left + LINE_ENDS_PIXELS, right - LINE_ENDS_PIXELS, height


def tap_at(page: Page, ends: tuple[float, float, float], seconds: float) -> None:
    """Touches the line where the car was so long after the drive began."""
    left, right, height = ends
    whole = CLIPS * CLIP_SECONDS - 1
    page.touchscreen.tap(left + (right - left) * seconds / whole, height)


def wait_for_clip(page: Page, number: int) -> None:
    """Until a picture of this clip is shown beside the map."""
    condition = f"video => video.src.endsWith('/42-{number}') && video.currentTime > 0 && video.readyState >= 2"
    wait_until(lambda: page.locator(VIDEO).evaluate(condition))
