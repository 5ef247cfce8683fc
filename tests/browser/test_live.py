"""The live view: its age, its zoom, the full screen, a phone that lies, and a view that is switched off."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.fingers import Fingers
from tests.browser.looking import until
from tests.browser.pictures import jpeg
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

OLD_SECONDS = 7.0
LYING_WIDTH, LYING_HEIGHT = 740, 360
SCALE = "new DOMMatrix(getComputedStyle(document.querySelector('#live canvas')).transform).a"
MIDDLE_OF_PICTURE = """() => {
    const box = document.querySelector("#live canvas").getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
}"""


@pytest.fixture
def old_pictures(site: Site) -> Iterator[None]:
    """Live pictures that the camera took long ago."""
    stop = threading.Event()

    def show() -> None:
        while not stop.wait(0.1):
            site.recorder.show(jpeg((90, 90, 90), 640, 360), OLD_SECONDS)

    thread = threading.Thread(target=show)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.usefixtures("old_pictures")
def test_the_age_of_the_picture_is_told_by_the_dashcams_own_clock(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    page.wait_for_selector("#live.has-picture")
    until(page.locator("#live .age"), "s old")

    def is_as_old_as_told() -> bool:
        told = re.search(r"([\d.]+) s old", page.locator("#live .age").inner_text())
        assert told
        # It is never younger; on its way to the screen it becomes older, by however much a busy machine takes.
        assert float(told[1]) >= OLD_SECONDS - 0.1
        return float(told[1]) < OLD_SECONDS + 1

    wait_until(is_as_old_as_told)


@pytest.mark.usefixtures("pictures")
def test_a_view_that_is_off_or_left_costs_nothing_and_stays_off(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    page.wait_for_selector("#live.has-picture")
    page.locator("#views a", has_text="Status").click()
    wait_until(lambda: site.recorder.viewers == 0)
    page.locator("#views a", has_text="Live").click()
    wait_until(lambda: site.recorder.viewers == 1)
    page.locator("#live .preview").click()
    wait_until(lambda: site.recorder.viewers == 0)
    until(page.locator("#live .veil"), "off on this phone")
    page.reload()
    until(page.locator("#recording"), "Recording")
    until(page.locator("#live .veil"), "off on this phone")
    assert site.recorder.viewers == 0
    page.locator("#live .preview").click()
    wait_until(lambda: site.recorder.viewers == 1)


@pytest.mark.usefixtures("pictures")
def test_fingers_zoom_the_picture_and_not_the_page(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    page.wait_for_selector("#live.has-picture")
    reset = page.locator("#live .reset")
    assert reset.is_hidden()
    x, y = page.evaluate(MIDDLE_OF_PICTURE)
    fingers = Fingers(page)
    fingers.move(*([(x - apart, y), (x + apart, y)] for apart in (20, 30, 40, 50, 60)))
    wait_until(lambda: page.evaluate(SCALE) == pytest.approx(3, abs=0.2))
    assert page.evaluate("visualViewport.scale") == 1
    until(reset, "3")
    before = page.evaluate(MIDDLE_OF_PICTURE)
    fingers.move([(x, y)], [(x + 25, y + 15)], [(x + 50, y + 30)])
    wait_until(lambda: page.evaluate(MIDDLE_OF_PICTURE) == pytest.approx([before[0] + 50, before[1] + 30], abs=1))
    reset.click()
    assert page.evaluate(SCALE) == 1
    page.touchscreen.tap(x, y)
    page.touchscreen.tap(x, y)
    wait_until(lambda: page.evaluate(SCALE) == pytest.approx(2.5))
    page.locator("#live canvas").press("0")
    assert page.evaluate(SCALE) == 1


@pytest.mark.usefixtures("pictures")
def test_the_picture_fills_the_screen_and_says_there_when_nothing_is_recorded(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    page.wait_for_selector("#live.has-picture")
    page.locator("#live .full").click()
    page.wait_for_selector("#live.is-full")
    assert page.evaluate("document.fullscreenElement.id") == "live"
    site.recorder.say(is_recording=False, state="card_full", reason="The card is full.", open_clip=None)
    until(page.locator("#live .trouble"), "NOT RECORDING. The card is full.")
    assert page.locator("#live .trouble").is_visible()
    page.locator("#live .full").click()
    page.locator("#live .trouble").wait_for(state="hidden")
    assert page.evaluate("document.fullscreenElement") is None


@pytest.mark.usefixtures("pictures")
def test_without_a_full_screen_of_the_browsers_the_picture_covers_the_page(page: Page, site: Site) -> None:
    page.add_init_script("delete Element.prototype.requestFullscreen; delete Element.prototype.webkitRequestFullscreen")
    page.goto(site.website.address)
    page.wait_for_selector("#live.has-picture")
    page.locator("#live .full").click()
    size = page.viewport_size
    assert size
    assert page.locator("#live").bounding_box() == {"x": 0, "y": 0, **size}
    page.keyboard.press("Escape")
    until(page.locator("#live .full"), "Full screen")


@pytest.mark.usefixtures("pictures")
def test_on_a_phone_that_lies_the_picture_has_the_height_and_the_buttons_are_beside_it(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": LYING_WIDTH, "height": LYING_HEIGHT})
    page.goto(site.website.address)
    page.wait_for_selector("#live.has-picture")
    picture = page.locator("#live .frame").bounding_box()
    assert picture
    assert (picture["y"], picture["height"]) == (0, LYING_HEIGHT)
    for button in page.locator("#controls button, #views a, #recording h1").all():
        box = button.bounding_box()
        assert box
        assert box["x"] >= picture["x"] + picture["width"]
        assert box["y"] + box["height"] <= LYING_HEIGHT
