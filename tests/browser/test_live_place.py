"""Speed and GPS over the live picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dashcam.link import messages as m
from tests import golden_values as golden
from tests.browser.looking import until
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request

GPS = golden.STATUS.gps
# Longer than between two questions.
A_WHILE_MILLISECONDS = 1_200
FITS = "lines => lines.map(line => [line, ...line.children].every(part => part.scrollWidth <= part.clientWidth))"


def say_gps(site: Site, **changes: object) -> None:
    site.recorder.say(gps=msgspec.structs.replace(GPS, **changes))


def driving(metres_a_second: float) -> dict[str, object]:
    return {"place": msgspec.structs.replace(golden.PLACE, speed_mps=metres_a_second)}


def test_the_speed_is_told_and_nothing_moves_when_the_words_change(page: Page, site: Site) -> None:
    say_gps(site, **driving(2.5))
    page.goto(site.website.address)
    line = page.locator(".live-place")
    until(line, "9 km/h GPS")
    box, buttons = line.bounding_box(), page.locator("#controls").bounding_box()
    # It asks by itself: of another speed nobody tells the page.
    say_gps(site, **driving(36.1))
    until(line, "130 km/h GPS")
    states: dict[str, dict[str, object]] = {
        "– km/h no GPS now": {"status": "stale", "age_seconds": 12.0},
        "– km/h searching": {"status": "searching", "place": None},
        "– km/h no receiver": {"status": "stale", "is_connected": False},
        "50 km/h simulated": {"kind": "simulated", "is_real": False},
        "50 km/h replay": {"kind": "replay", "is_real": False},
    }
    for words, changes in states.items():
        say_gps(site, **changes)
        until(line, words)
        assert line.bounding_box() == box, words
        assert line.evaluate_all(FITS) == [True], words
    site.recorder.say(gps=m.GpsStatus())
    wait_until(line.is_hidden)
    assert page.locator("#controls").bounding_box() == buttons


def test_a_page_that_does_not_show_it_does_not_ask(page: Page, site: Site) -> None:
    asked: list[str] = []

    def hear(request: Request) -> None:
        asked.append(request.url.partition("/api/")[2])

    page.goto(site.website.address)
    until(page.locator(".live-place"), "50 km/h")
    page.locator("#views a[href='#clips']").click()
    page.locator("#view-clips .empty").wait_for()
    page.on("request", hear)
    page.wait_for_timeout(A_WHILE_MILLISECONDS)
    assert "place" not in asked
    page.locator("#views a[href='#live']").click()
    until(page.locator(".live-place"), "GPS")
    with page.expect_request("**/api/place"):
        pass
    site.recorder.say(gps=m.GpsStatus())
    wait_until(page.locator(".live-place").is_hidden)
    asked.clear()
    page.wait_for_timeout(A_WHILE_MILLISECONDS)
    assert "place" not in asked


def test_without_a_receiver_it_is_not_even_loaded(page: Page, site: Site) -> None:
    site.recorder.say(gps=m.GpsStatus())
    wait_until(lambda: site.get("/api/status").json["recorder"]["gps"]["kind"] == "none")
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    assert page.locator(".live-place").count() == 0
    say_gps(site)
    until(page.locator(".live-place"), "50 km/h GPS")
