"""A phone that opens the page brings its time to a dashcam that knows none, and its time zone if its driver agrees."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import pytest

from dashcam.clock import NANOSECONDS, local_time
from dashcam.link import messages as m
from dashcam.settings import load_settings
from tests import golden_values as golden
from tests.browser.looking import until
from tests.web.sites import PATIENCE_SECONDS, Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

QUESTION = "#notices .zone-question li"
# Of two zones at most one is this machine's. Chromium calls the first Asia/Calcutta.
ZONES = {"Asia/Kolkata": 330, "Asia/Tokyo": 540}


def offers(site: Site) -> list[m.OfferTime]:
    return [message for message in site.recorder.asked if isinstance(message, m.OfferTime)]


def say_clock(site: Site, source: str, zone: str = "Europe/Berlin") -> None:
    clock = msgspec.structs.replace(golden.CLOCK, source=source, zone=zone)
    site.recorder.say(clock=clock)


def test_a_dashcam_that_only_estimates_is_told_the_time_the_second_time_more_exactly(page: Page, site: Site) -> None:
    say_clock(site, "saved")
    page.goto(site.website.address)
    wait_until(lambda: len(offers(site)) == 2)
    first, second = offers(site)
    assert first.error_seconds == 1.0
    assert second.error_seconds < 1.0 or second.error_seconds > 2.0, "it was measured"
    for offer in (first, second):
        here_ns = time.time_ns() - (time.monotonic_ns() - offer.monotonic_ns)
        assert abs(offer.utc_ns - here_ns) < 30 * NANOSECONDS
    assert site.recorder.timekeeper.anchor().source == "phone"
    say_clock(site, "phone")
    assert page.locator(QUESTION).count() == 0


@pytest.mark.parametrize("source", ["system", "ntp", "gps"])
def test_a_dashcam_that_knows_better_is_left_alone(page: Page, site: Site, source: str) -> None:
    say_clock(site, source)
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    take_photo(page)
    assert site.recorder.asked == [m.TakePhoto()]


@pytest.fixture
def far() -> str:
    """A zone with another time than this machine's."""
    offset = local_time(time.time_ns(), None).utcoffset()
    assert offset is not None
    return next(zone for zone, minutes in ZONES.items() if minutes * 60 != offset.total_seconds())


@pytest.fixture
def page_far_away(far: str, browser_and_phone: tuple[Browser, dict[str, object]]) -> Iterator[Page]:
    """Of a phone in that zone."""
    browser, kind = browser_and_phone
    context = browser.new_context(**{**kind, "timezone_id": far})  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    yield context.new_page()
    context.close()


def zone_saved(site: Site) -> str:
    return load_settings(site.state).settings.clock.zone


def take_photo(page: Page) -> None:
    """Whatever the page does by itself is done when this is."""
    page.locator("#controls .photo").click()
    until(page.locator("#messages"), "Photo taken")


def test_the_phones_zone_is_saved_if_the_driver_agrees(page_far_away: Page, site: Site, far: str) -> None:
    say_clock(site, "saved", zone="")
    page_far_away.goto(site.website.address)
    until(page_far_away.locator(QUESTION), "This phone's time zone is")
    until(page_far_away.locator(f"{QUESTION} .yes"), f"Use {far}")
    # Until it is answered the page is as it was: nothing is between the driver and his buttons.
    take_photo(page_far_away)
    assert page_far_away.locator("dialog[open]").count() == 0
    page_far_away.locator(f"{QUESTION} .yes").click()
    until(page_far_away.locator("#messages"), f"time zone is {far} now")
    assert zone_saved(site) == far
    page_far_away.locator(QUESTION).wait_for(state="detached")


def test_a_no_is_remembered_by_the_phone(page_far_away: Page, site: Site, far: str) -> None:
    say_clock(site, "saved", zone="")
    page_far_away.goto(site.website.address)
    page_far_away.locator(f"{QUESTION} .no").click()
    page_far_away.locator(QUESTION).wait_for(state="detached")
    wait_until(lambda: page_far_away.evaluate("localStorage.getItem('zone-declined')") == far)
    before = len(offers(site))
    page_far_away.reload()
    wait_until(lambda: len(offers(site)) == before + 2)
    take_photo(page_far_away)
    assert page_far_away.locator(QUESTION).count() == 0
    assert zone_saved(site) == ""


def test_where_a_zone_is_set_nobody_is_asked(page_far_away: Page, site: Site, far: str) -> None:
    body = {"changes": {"clock.zone": "Europe/Berlin"}}
    assert site.ask("PATCH", "/api/settings", body).status == 200
    say_clock(site, "saved")
    page_far_away.goto(site.website.address)
    wait_until(lambda: len(offers(site)) == 2)
    take_photo(page_far_away)
    assert page_far_away.locator(QUESTION).count() == 0
    assert zone_saved(site) == "Europe/Berlin"


def test_the_status_says_what_helps_where_the_time_is_an_estimate(page: Page, site: Site) -> None:
    from playwright.sync_api import expect

    words = site.recorder.timekeeper.status("").words
    site.recorder.say(clock=msgspec.structs.replace(golden.CLOCK, source="saved", words=words))
    page.goto(f"{site.website.address}/#status")
    until(page.locator("#view-status"), "An estimate: without a clock chip")
    until(page.locator("#view-status"), "What helps")
    say_clock(site, "gps")
    expect(page.locator("#view-status")).not_to_contain_text("What helps", timeout=PATIENCE_SECONDS * 1000)
