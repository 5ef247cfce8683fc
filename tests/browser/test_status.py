"""The status page: facts, storage, logs, power, and the help."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashcam.system.log_writer import LogFile, LogFileHandler
from dashcam.web import power
from tests.browser.looking import until
from tests.system.stand_in_logind import StandInLogind, stand_in_logind
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route


@pytest.fixture
def logind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInLogind]:
    """What switches the machine off, without the machine."""
    with stand_in_logind(tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def recorder_log(site: Site) -> Iterator[logging.Logger]:
    """What the recorder logs, where the page finds it."""
    handler = LogFileHandler(LogFile(site.state, "recorder"))
    logger = logging.getLogger("tests.browser.recorder_log")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(handler)
    yield logger
    logger.removeHandler(handler)
    handler.close()


def answer(page: Page, path: str, content: object, status: int = 200) -> None:
    """Has the browser hear this from `path`."""

    def fulfil(route: Route) -> None:
        route.fulfill(status=status, content_type="application/json", body=json.dumps(content))

    page.route(f"**{path}", fulfil)


def test_facts_tell_what_should_worry(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#status")
    until(page.locator("#view-status"), "60 of 2,265")
    assert "60 of 2,265" in page.locator("#view-status .bad").all_inner_texts()
    until(page.locator("#view-status"), "1280 × 720, 30 pictures a second")
    until(page.locator(".storage"), "Kept clips")
    until(page.locator("#views .badge"), "1")


@pytest.mark.parametrize(("state", "case"), [("card_full", "the card is full"), ("stopped", "stopped by hand")])
def test_the_bar_leads_to_the_help_that_fits(page: Page, site: Site, state: str, case: str) -> None:
    page.goto(site.website.address)
    site.recorder.say(is_recording=False, state=state, reason="as it is", open_clip=None)
    page.locator("#recording .why").click()
    opened = page.locator(".help details[open]")
    until(opened, case)
    until(opened, "now")
    assert opened.count() == 1
    page.locator(".help .heading a").click()
    until(page.locator("#view-status h2").first, "Status")


def test_a_log_is_followed_filtered_and_paused(page: Page, site: Site, recorder_log: logging.Logger) -> None:
    recorder_log.info("camera opened")
    recorder_log.warning("the card is slow")
    page.goto(f"{site.website.address}/#status")
    lines = page.locator(".log .lines")
    until(lines, "camera opened")
    recorder_log.info("clip closed")
    until(lines, "clip closed")
    assert lines.locator("li").count() == 3
    page.locator(".log select").nth(1).select_option("warning")
    until(lines, "the card is slow")
    wait_until(lambda: lines.locator("li").count() == 1)
    page.locator(".log select").nth(1).select_option("info")
    page.locator(".log input").fill("CLIP")
    wait_until(lambda: lines.locator("li").all_inner_texts()[-1:] and lines.locator("li").count() == 1)
    until(lines, "clip closed")
    page.locator(".log .pause").click()
    with page.expect_request("**/api/logs/recorder*"):
        recorder_log.info("clip closed while paused")
        page.locator(".log .pause").click()
    until(lines, "clip closed while paused")


def test_what_cannot_be_told_is_said_calmly(page: Page, site: Site) -> None:
    trouble = {"error": {"code": "busy", "message": "Try again soon."}}
    for path in ("/api/storage", "/api/logs", "/api/power"):
        answer(page, path, trouble, 503)
    page.goto(f"{site.website.address}/#status")
    for place in (".storage", ".log", ".power"):
        until(page.locator(place), "Try again soon.")
    until(page.locator("#view-status"), "60 of 2,265")


def test_power_that_cannot_be_switched_is_greyed_with_the_reason(page: Page, site: Site, logind: StandInLogind) -> None:
    logind.answers |= {"CanPowerOff": "no", "CanReboot": "no"}
    page.goto(f"{site.website.address}/#status")
    reason = site.get("/api/power").json["reason"]
    assert reason
    until(page.locator(".power"), reason[1:])
    assert page.locator(".power .off").is_disabled()
    assert page.locator(".power .restart").is_disabled()


def test_power_off_asks_and_tells_when_it_is_safe_to_unplug(
    page: Page, site: Site, logind: StandInLogind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power, "UNPLUG_SECONDS", 1)
    page.goto(f"{site.website.address}/#status")
    page.locator(".power .off").click()
    page.locator("#question .no").click()
    assert page.locator(".farewell").is_hidden()
    page.locator(".power .off").click()
    page.locator("#question .yes").click()
    # As long as it answers it is not off, whatever the clock says.
    until(page.locator(".farewell"), "The dashcam still answers.")
    assert logind.done == ["PowerOff"]
    site.website.close()
    until(page.locator(".farewell"), "Safe to unplug")


def test_a_refused_restart_says_why_and_goes_on(page: Page, site: Site, logind: StandInLogind) -> None:
    page.goto(f"{site.website.address}/#status")
    page.locator(".power .restart:enabled").wait_for()
    logind.answers |= {"CanReboot": "no"}
    page.locator(".power .restart").click()
    page.locator("#question .yes").click()
    page.locator("#messages .complaint").wait_for()
    assert page.locator(".farewell").is_hidden()
    assert logind.done == []
