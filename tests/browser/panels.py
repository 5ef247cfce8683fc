"""Every panel of the page, one after the other, as a person brings it onto the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.browser.looking import until
from tests.browser.on_map import TILES
from tests.web.sites import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Bars that go by themselves after six seconds stay: a busy machine takes longer to look at them.
KEEP_BARS = """
    const ring = window.setTimeout;
    window.setTimeout = (work, milliseconds, ...given) =>
        ring(work, milliseconds === 6000 ? 1e9 : milliseconds, ...given);
"""
OPEN_ALL = "places => { for (const one of document.querySelectorAll(places)) one.open = true; }"
IS_PLAYING = "document.querySelector('#player video.is-shown')?.currentTime > 0.5"
ARE_PICTURES_THERE = (
    "[...document.querySelectorAll('#view-clips .tile img')].every((one) => one.complete && one.naturalWidth > 0)"
)


def panels_of(page: Page, address: str) -> Iterator[str]:
    """The name of each panel once it is there; a log must have lines, the gallery clips, the map a trip."""
    page.add_init_script(KEEP_BARS)
    page.goto(f"{address}/#live")
    page.wait_for_selector("[data-look=recording]")
    page.wait_for_selector("#live.has-picture")
    yield "live"
    yield from _motion(page)
    yield from _gallery(page, address)
    yield from _events(page, address)
    yield from _map(page, address)
    yield from _settings(page, address)
    page.goto(f"{address}/#status")
    page.locator("#view-status .storage .meters li").first.wait_for()
    page.locator("#view-status .log .lines li").first.wait_for()
    yield "status"
    page.goto(f"{address}/#status/help")
    page.evaluate(OPEN_ALL, ".help details")
    page.locator(".help .cures li").first.wait_for()
    yield "help"


def _motion(page: Page) -> Iterator[str]:
    page.locator(".boxes-switch").click()
    page.locator(".boxes-words").wait_for()
    yield "live-motion"
    page.locator(".zones-button").click()
    for kind in ("Watch", "Ignore"):
        # By the keys each is drawn in the middle.
        page.locator(".zones .tool", has_text=kind).press("Enter")
    until(page.locator(".zone-words"), "Zone 2 is ignored.")
    yield "zones"
    page.locator(".zones").get_by_role("button", name="Undo").click()
    page.locator(".zones").get_by_role("button", name="Undo").click()
    page.locator(".zones").get_by_role("button", name="Cancel").click()
    page.locator(".boxes-switch").click()


def _gallery(page: Page, address: str) -> Iterator[str]:
    page.goto(f"{address}/#clips")
    page.locator("#view-clips .tile").first.wait_for()
    wait_until(lambda: page.evaluate(ARE_PICTURES_THERE))
    yield "clips"
    page.locator("#view-clips .day .title").first.click()
    page.locator(".all-days button").first.wait_for()
    yield "days"
    page.keyboard.press("Escape")
    page.locator("#view-clips .select").click()
    page.locator("#view-clips .tile").nth(0).click()
    until(page.locator("#view-clips .chosen"), "1 item")
    yield "selecting"
    page.locator("#view-clips .selection .delete").click()
    page.locator("#question .yes").wait_for()
    yield "question"
    page.locator("#question .yes").click()
    page.locator(".undo .act").wait_for()
    yield "undo"
    page.locator(".undo .act").click()
    page.locator(".undo").wait_for(state="hidden")
    page.locator("#view-clips .tile").nth(1).click()
    wait_until(lambda: page.evaluate(IS_PLAYING))
    yield "player"
    page.locator("#player .extras .cut").click()
    page.locator("#player section.cut .cut-now").wait_for()
    yield "cutting"
    page.keyboard.press("Escape")
    page.wait_for_selector("#player", state="hidden")


def _events(page: Page, address: str) -> Iterator[str]:
    page.goto(f"{address}/#events")
    page.locator(".overview.is-loaded").wait_for()
    yield "events"
    page.locator(".search-motion").click()
    page.locator(".search-dialog .yes").wait_for()
    yield "search"
    page.keyboard.press("Escape")
    page.locator(".search-dialog").wait_for(state="detached")


def _map(page: Page, address: str) -> Iterator[str]:
    # As on the dashcam's own network, wherever the test runs.
    page.route(TILES, lambda route: route.abort())
    page.goto(f"{address}/#map/now")
    until(page.locator(".map-live .pace"), "km/h")
    yield "map-now"
    page.goto(f"{address}/#map/day")
    page.locator(".trips .trip").first.click()
    page.locator(".play-trip").wait_for()
    yield "map-day"
    page.locator(".play-trip").click()
    wait_until(lambda: page.evaluate("document.querySelector('.map-player video').currentTime > 0.5"))
    yield "map-player"


def _settings(page: Page, address: str) -> Iterator[str]:
    page.goto(f"{address}/#settings")
    page.locator(".settings .section summary").first.wait_for()
    yield "settings-closed"
    page.evaluate(OPEN_ALL, ".settings details")
    page.locator('.setting[data-name="photo.quality"] input').wait_for()
    yield "settings"
    page.locator('.setting[data-name="photo.quality"] input').fill("400")
    page.locator('.setting[data-name="clock.zone"] input').fill("Europe/Nowhere")
    page.locator(".save-bar .save").click()
    until(page.locator(".save-bar"), "Not saved")
    yield "settings-refused"
    page.locator(".save-bar .discard").click()
    page.locator(".save-bar .save").wait_for(state="hidden")
    page.locator("#messages button").click()
