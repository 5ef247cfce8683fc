"""What the status page says of place, time and trip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dashcam.link import messages as m
from tests import golden_values as golden
from tests.browser.looking import until
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

GPS = golden.STATUS.gps


def card(page: Page, title: str) -> Locator:
    return page.locator(f"#view-status .card[aria-label='{title}']")


def say_gps(site: Site, **changes: object) -> None:
    site.recorder.say(gps=msgspec.structs.replace(GPS, **changes))


def test_a_place_that_is_known_leads_to_the_map(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#status")
    facts = card(page, "GPS")
    until(facts, "Fix from 9 satellites, 14 in view")
    until(facts, "/dev/ttyACM0 at 9600 baud")
    until(facts, "50 km/h to the west")
    assert facts.locator(".bad").count() == 0
    facts.get_by_text("53.35122, -6.26031").click()
    page.locator("#view-map:visible").wait_for()
    assert page.evaluate("location.hash") == "#map/now"


def test_what_the_receiver_does_is_said_in_words(page: Page, site: Site) -> None:
    say_gps(site, words="the receiver simulates: fix from 9 satellites")
    page.goto(f"{site.website.address}/#status")
    facts = card(page, "GPS")
    until(facts, "The receiver simulates: fix from 9 satellites")
    say_gps(site, status="searching", place=None, words="searching: 7 satellites in view")
    until(facts, "Searching: 7 satellites in view")
    assert "osition" not in facts.inner_text()
    say_gps(site, status="stale", age_seconds=75.0, words="no fix for 75 s: it needs a view of the sky")
    until(facts.locator(".bad"), "No fix for 75 s: it needs a view of the sky")
    until(facts, "Last position")
    until(facts, "75 seconds ago")
    assert "km/h" not in facts.inner_text()
    say_gps(site, status="stale", is_connected=False, words="the GPS receiver is gone; plug it in again")
    until(facts.locator(".bad"), "plug it in again")
    assert "/dev/ttyACM0" not in facts.inner_text()
    site.recorder.say(gps=m.GpsStatus())
    until(facts, "No GPS receiver")
    assert facts.locator(".bad").count() == 0


def test_what_is_not_the_real_place_says_so(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#status")
    for kind, words in {"replay": "a recorded drive that is played again", "simulated": "a simulated drive"}.items():
        say_gps(site, kind=kind, is_real=False)
        until(card(page, "GPS"), f"{words}: not the real place")


def test_the_running_trip_is_told_in_the_unit_of_the_settings(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#status")
    trip = card(page, "This trip")
    for words in ("10 min ago", "7.5 km", "9 min", "50 km/h without stops", "59 km/h"):
        until(trip, words)
    assert site.ask("PATCH", "/api/settings", {"changes": {"gps.speed_unit": "mph"}}).status == 200
    for words in ("4.7 mi", "31 mph without stops", "36 mph"):
        until(trip, words)
    until(card(page, "GPS"), "31 mph to the west")
    until(card(page, "GPS"), "40 ft above the sea")
    site.recorder.say(trip=None, clock=msgspec.structs.replace(golden.CLOCK, source="phone"))
    wait_until(trip.is_hidden)


def test_the_time_is_told_with_its_source_and_how_right_it_is(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#status")
    until(card(page, "Time"), "the machine's own clock, right within a minute")
    site.recorder.say(clock=msgspec.structs.replace(golden.CLOCK, source="gps", error_seconds=0.5))
    until(card(page, "Time"), "GPS, right within a second")
    site.recorder.say(clock=msgspec.structs.replace(golden.CLOCK, source="saved", error_seconds=None, words="Wait."))
    until(card(page, "Time"), "about 20 Nov 2026")
    until(card(page, "Time").locator(".bad").last, "an estimate")
