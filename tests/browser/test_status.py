"""The status page: facts, storage, logs, power, and the help."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashcam.link.messages import Message, StopRecording
from dashcam.system.log_writer import LogFile, LogFileHandler
from dashcam.web import events, power
from tests.browser.looking import HEAR_TONES, until
from tests.system.stand_in_logind import StandInLogind, stand_in_logind
from tests.web.sites import PATIENCE_SECONDS, Site, wait_until

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


def order_power_off(page: Page) -> None:
    """Touches the button and says yes."""
    page.locator(".power .off:enabled").wait_for()
    page.locator(".power .off").click()
    page.locator("#question .yes").click()


def is_told_to_be_safe(page: Page) -> bool:
    """Whether the message looks as if the power may be taken away."""
    return page.locator(".farewell.is-safe").count() == 1


def test_power_off_asks_and_tells_what_is_known_of_it_without_a_sound(
    page: Page, site: Site, logind: StandInLogind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power, "UNPLUG_SECONDS", 1)
    page.add_init_script(HEAR_TONES)
    page.goto(f"{site.website.address}/#status")
    page.locator("#sound").click()
    wait_until(lambda: page.evaluate("tones.splice(0)") == [660, 880])
    page.locator(".power .off").click()
    page.locator("#question .no").click()
    assert page.locator(".farewell").is_hidden()
    order_power_off(page)
    # As long as it answers it is not off, whatever the clock says.
    until(page.locator(".farewell"), "The dashcam still answers.")
    assert logind.done == ["PowerOff"]
    assert not is_told_to_be_safe(page)
    until(page.locator("#recording"), "NOT RECORDING")
    site.website.close()
    until(page.locator(".farewell"), "It was told to switch off at")
    until(page.locator(".farewell"), "check that its green light is out")
    assert is_told_to_be_safe(page)
    until(page.locator("#recording"), "Connection lost")
    assert page.evaluate("tones") == []


@pytest.mark.parametrize("status", [None, 500])
def test_an_order_without_an_answer_never_says_that_it_is_off(
    page: Page, site: Site, logind: StandInLogind, status: int | None
) -> None:
    page.goto(f"{site.website.address}/#status")
    if status is None:
        page.route("**/api/power/off", lambda route: route.abort())
    else:
        answer(page, "/api/power/off", {"error": {"code": "error", "message": "Something went wrong."}}, status)
    order_power_off(page)
    until(page.locator(".farewell"), "not known whether it is off")
    site.recorder.say(warnings=("Something new.",))
    until(page.locator(".farewell"), "The dashcam is still on")
    site.website.close()
    until(page.locator(".farewell"), "Wait for its light to stop")
    assert not is_told_to_be_safe(page)
    assert logind.done == []


def test_a_connection_interrupted_while_the_clip_is_closed_changes_nothing(
    page: Page, site: Site, logind: StandInLogind, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seconds in ("SIGN_OF_LIFE_SECONDS", "STATUS_SECONDS"):
        monkeypatch.setattr(events, seconds, 1e6)
    is_closed = threading.Event()

    def close_slowly(message: Message) -> None:
        if isinstance(message, StopRecording):
            assert is_closed.wait(PATIENCE_SECONDS)

    site.recorder.answering = close_slowly
    page.goto(f"{site.website.address}/#status")
    order_power_off(page)
    until(page.locator(".farewell"), "The clip is being closed")
    page.route("**/api/status", lambda route: route.abort())
    until(page.locator("#recording"), "Connection lost")
    page.unroute("**/api/status")
    until(page.locator("#recording"), "Recording")
    until(page.locator(".farewell"), "The clip is being closed")
    is_closed.set()
    until(page.locator(".farewell"), "s more.")
    assert logind.done == ["PowerOff"]


def test_a_dashcam_that_stays_on_and_records_again_says_so(
    page: Page, site: Site, logind: StandInLogind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(power, "UNPLUG_SECONDS", 1)
    monkeypatch.setattr(power, "STILL_ON_SECONDS", 1.0)
    page.goto(f"{site.website.address}/#status")
    order_power_off(page)
    until(page.locator(".farewell"), "It has not switched off")
    assert not is_told_to_be_safe(page)
    page.locator(".farewell button").click()
    until(page.locator("#view-status .notices"), "is still on; it records again.")


def test_a_refused_restart_says_why_and_goes_on(page: Page, site: Site, logind: StandInLogind) -> None:
    page.goto(f"{site.website.address}/#status")
    page.locator(".power .restart:enabled").wait_for()
    logind.answers |= {"CanReboot": "no"}
    page.locator(".power .restart").click()
    page.locator("#question .yes").click()
    page.locator("#messages .complaint").wait_for()
    assert page.locator(".farewell").is_hidden()
    assert logind.done == []
