"""A phone that loses the dashcam: what it says, and that all of the page is there all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.browser.looking import until
from tests.browser.relay import Relay
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route


LAST_MODULES = {"power.js", "help.js", "status-log.js", "status-facts.js", "status-storage.js", "help-words.js"}


def has_come(page: Page, addresses: list[str], names: set[str]) -> bool:
    # Playwright tells of requests only while it is asked something.
    page.evaluate("0")
    return names <= {address.rpartition("/")[2] for address in addresses}


def lose(page: Page, relay: Relay) -> None:
    relay.is_silent.set()
    page.clock.fast_forward("00:10")
    until(page.locator("#recording"), "Connection lost")


def find_again(page: Page, relay: Relay) -> None:
    relay.is_silent.clear()
    page.clock.fast_forward("00:10")


def test_pages_first_touched_while_the_connection_is_lost_open_all_the_same(
    page: Page, site: Site, relay: Relay
) -> None:
    come: list[str] = []
    page.on("requestfinished", lambda request: come.append(request.url))
    page.clock.install()
    page.goto(relay.address)
    until(page.locator("#recording"), "Recording")
    # Of the pages that come in the background, status comes last.
    wait_until(lambda: has_come(page, come, LAST_MODULES))
    lose(page, relay)
    page.locator("#views a", has_text="Status").click()
    until(page.locator("#view-status h2").first, "Status")
    page.locator("#recording .why").click()
    until(page.locator(".help"), "Connection lost")
    page.locator("#views a", has_text="Clips").click()
    page.locator(".gallery-top").wait_for()
    assert page.locator("#messages .message").count() == 0


def test_a_page_that_could_not_be_loaded_opens_by_itself_when_the_connection_is_back(
    page: Page, site: Site, relay: Relay
) -> None:
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    page.route("**/status-log.js", refuse)
    page.clock.install()
    page.goto(relay.address)
    until(page.locator("#recording"), "Recording")
    wait_until(lambda: has_come(page, refused, {"status-log.js"}))
    lose(page, relay)
    page.locator("#views a", has_text="Status").click()
    until(page.locator("#messages"), "opens by itself")
    page.unroute("**/status-log.js")
    find_again(page, relay)
    until(page.locator("#view-status h2").first, "Status")
    until(page.locator("#recording"), "Recording")
    assert page.url.endswith("#status")


def test_a_page_that_can_never_be_loaded_is_not_asked_for_in_a_circle(page: Page, site: Site) -> None:
    loads: list[str] = []
    page.on("domcontentloaded", lambda _page: loads.append("document"))
    page.route("**/status-log.js", lambda route: route.abort())
    page.goto(f"{site.website.address}/#status")
    # The first time it was loaded anew, without a word.
    until(page.locator("#messages"), "could not be loaded")
    site.recorder.say(warnings=("One piece of news.",))
    until(page.locator("#views .badge"), "2")
    assert len(loads) == 2


def test_a_lost_connection_promises_nothing_and_looks_like_nothing_else(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    colour = "getComputedStyle(document.querySelector('#recording')).backgroundColor"
    well = page.evaluate(colour)
    site.recorder.say(is_recording=False, state="card_full", reason="The card is full.", open_clip=None)
    until(page.locator("#recording"), "NOT RECORDING")
    alarm = page.evaluate(colour)
    page.locator("#live .full").click()
    page.wait_for_selector("#live:is(.is-full, .is-filling)")
    site.website.close()
    until(page.locator("#recording"), "not known from here whether it records")
    lost = page.evaluate(colour)
    assert len({well, alarm, lost}) == 3
    until(page.locator("#live .trouble"), "Connection lost")
    assert page.evaluate("getComputedStyle(document.querySelector('#live .trouble')).backgroundColor") == lost
