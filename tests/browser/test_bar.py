"""The bar at the top: how long it records, what is not known, and starting again from every page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dashcam.link import messages as m
from tests import golden_values as golden
from tests.browser.looking import until
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

TEXTS = "selectors => selectors.map(selector => document.querySelector(selector).textContent)"
OVERLAP = """([one, other]) => {
    const [a, b] = [one, other].map(element => element.getBoundingClientRect());
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}"""


def seconds_in(text: str) -> int:
    """What `1:02:03` says."""
    return sum(int(part) * 60**power for power, part in enumerate(reversed(text.split(":"))))


def seconds_of(timer: Locator) -> int:
    """What a clock on the page shows."""
    return seconds_in(timer.inner_text())


def overlap(page: Page, one: str, other: str) -> bool:
    elements = [page.locator(selector).first.element_handle() for selector in (one, other)]
    return bool(page.evaluate(OVERLAP, elements))


def test_the_clock_goes_on_over_clips_and_begins_anew_with_the_recording(page: Page, site: Site) -> None:
    timer = page.locator("#recording .timer")
    page.goto(site.website.address)
    until(timer, "01:1")
    site.recorder.say(
        recording_since_seconds=3700.0,
        open_clip=m.OpenClip(id=golden.IDS[-1], path="VIDEO/2026-11-20/next.mp4", seconds=0.5, bytes=100),
    )
    until(timer, "1:01:4")
    wait_until(lambda: seconds_of(timer) >= 3704)
    page.locator("#views a", has_text="Clips").click()
    # What it is given was heard seconds ago.
    page.locator("button.now").wait_for()
    bar, row = (seconds_in(text) for text in page.evaluate(TEXTS, ["#recording .timer", "button.now .counts"]))
    assert abs(bar - row) <= 1
    site.recorder.say(is_recording=False, state="no_card", reason="No card.", recording_since_seconds=0.0)
    until(page.locator("#recording"), "NOT RECORDING")
    assert timer.inner_text() == ""
    site.recorder.say(is_recording=True, state="recording", reason="", recording_since_seconds=2.0)
    until(timer, "00:0")


def test_the_clock_never_goes_back_while_the_recorder_is_held_up(page: Page, site: Site) -> None:
    timer = page.locator("#recording .timer")
    page.goto(site.website.address)
    until(timer, "01:1")
    # Whatever is told now is told with the old time.
    wait_until(lambda: seconds_of(timer) >= 75)
    site.recorder.say(warnings=("One piece of news.",))
    until(page.locator("#views .badge"), "2")
    assert seconds_of(timer) >= 75


def test_a_recorder_that_does_not_answer_may_not_be_recording(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    site.recorder.close()
    until(page.locator("#recording h1"), "NOT RECORDING?")
    until(page.locator("#recording .reason"), "does not answer")
    assert page.locator("#recording .timer").inner_text() == ""
    page.locator("#recording .why").click()
    until(page.locator(".help details[open]"), "NOT RECORDING?")


def test_a_card_that_answers_slowly_is_told_and_called_recording(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    site.recorder.say(state="card_slow", reason="the card answers slowly")
    until(page.locator("#recording .reason"), "The card answers slowly.")
    assert re.match(r"Recording \d\d:\d\d", page.locator("#recording h1").inner_text())


@pytest.mark.parametrize("view", ["live", "clips", "settings", "status"])
def test_what_was_stopped_is_started_in_the_bar_on_every_page(page: Page, site: Site, view: str) -> None:
    site.recorder.say(is_recording=False, state="stopped", reason="Stopped by hand.", open_clip=None)
    page.goto(f"{site.website.address}/#{view}")
    until(page.locator("#recording"), "stopped by hand")
    page.locator("#recording .start").click()
    until(page.locator("#recording h1"), "Recording")
    assert m.StartRecording() in site.recorder.asked
    assert page.locator("#recording .start").is_hidden()


def test_the_help_is_called_by_what_is_asked(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    # The styles of the clips stay when they were looked at.
    page.goto(f"{site.website.address}/#clips")
    page.locator(".gallery-top").wait_for()
    page.locator("#views a", has_text="Status").click()
    link = page.locator("#view-status .heading a").first
    until(link, "Help")
    site.recorder.say(is_recording=False, state="card_full", reason="The card is full.", open_clip=None)
    until(link, "Why is it not recording?")
    assert not overlap(page, "#view-status .heading a", "#view-status .notices li")
    link.click()
    until(page.locator(".help h2"), "Why is it not recording?")
    assert not overlap(page, ".help .heading a", ".help .card")
    assert not overlap(page, ".help .heading a", ".help h2")


def test_on_a_phone_that_lies_no_words_run_under_the_buttons(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 740, "height": 360})
    site.recorder.say(is_recording=False, state="starting", reason="The camera is being started.", open_clip=None)
    page.goto(site.website.address)
    until(page.locator("#recording h1"), "Starting")
    assert page.locator("#recording .reason").is_hidden()
    bar, save = (page.locator(place).bounding_box() for place in ("#recording", "#controls .save"))
    assert bar
    assert save
    assert bar["y"] + bar["height"] <= save["y"]
    assert page.locator("#recording").evaluate("bar => bar.scrollHeight <= bar.clientHeight")
