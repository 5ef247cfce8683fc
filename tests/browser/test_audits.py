"""What axe-core and Lighthouse say of every page: nobody is kept out of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from dashcam.system.log_writer import LogFile, LogFileHandler
from tests import golden_values as golden
from tests.browser.chromium import driven_chromium
from tests.browser.judges import faults_of, lighthouse, scores_of, serious, shortcomings_of
from tests.browser.panels import panels_of
from tests.browser.pictures import jpeg
from tests.browser.test_events import event_row
from tests.web.sites import Site, clip_row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser.chromium import Driven

# What the colours have to do with; the rest is the same in both.
RULES_OF_THEME: dict[str, tuple[str, ...]] = {"dark": ("color-contrast", "link-in-text-block"), "light": ()}
STATES: dict[str, dict[str, Any]] = {
    "guarding": {"is_recording": False, "state": "guarding", "event": None, "open_clip": None},
    "off": {"is_recording": False, "state": "off"},
    "waiting": {"is_recording": False, "state": "starting", "reason": "The camera is being opened."},
    "alarm": {"is_recording": False, "state": "card_full", "reason": "The card is full.", "open_clip": None},
}
CATEGORIES = ("accessibility", "best-practices")
LEAST_SCORE = 95
MANY_CLIPS = 10_000
CLIPS_A_DAY = 500


@pytest.fixture
def driven(browser_and_phone: tuple[Browser, dict[str, object]], tmp_path: Path) -> Iterator[Driven]:
    """Its own Chromium, listening for Lighthouse."""
    with driven_chromium(browser_and_phone[0].browser_type, tmp_path / "profile") as found:
        yield found


def fill(site: Site, count: int) -> None:
    """So many clips in the catalogue, without files."""
    rows = [
        clip_row(number, day=f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}")
        for number in range(1, count + 1)
        for day in [number // CLIPS_A_DAY]
    ]
    site.keeper.catalogue.put(rows)


@pytest.fixture
def log_line(site: Site) -> None:
    """Something in the log of the recorder."""
    handler = LogFileHandler(LogFile(site.state, "recorder"))
    handler.handle(logging.LogRecord("dashcam.recorder", logging.WARNING, "", 0, "The card is slow.", None, None))
    handler.close()


@pytest.fixture
def happened(site: Site) -> None:
    """An event, a search that runs, and something that is announced."""
    site.keeper.add(event_row(30), b"x", jpeg((0, 90, 160)))
    jobs, announcements = golden.PROGRESS.jobs, golden.PROGRESS.announcements
    site.keeper.progress = msgspec.structs.replace(site.keeper.progress, jobs=jobs, announcements=announcements)


@pytest.mark.parametrize("theme", RULES_OF_THEME)
@pytest.mark.usefixtures("pictures", "clips", "happened", "log_line")
def test_axe_finds_no_serious_fault_on_any_panel(page: Page, site: Site, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    found: list[str] = []
    rules = RULES_OF_THEME[theme]
    for panel in panels_of(page, site.website.address):
        found += [f"{panel}: {fault}" for fault in serious(faults_of(page, *rules))]
    site.recorder.say(event=golden.STATUS.event)
    for panel, sign in (("live", "#recording .happening"), ("events", ".event-now")):
        page.goto(f"{site.website.address}/#{panel}")
        page.locator(sign).wait_for()
        found += [f"event, {panel}: {fault}" for fault in serious(faults_of(page, *rules))]
    for look, changes in STATES.items():
        site.recorder.say(**changes)
        page.goto(f"{site.website.address}/#live")
        page.wait_for_selector(f"[data-look={look}]")
        found += [f"{look}: {fault}" for fault in serious(faults_of(page, *rules))]
    site.website.close()
    page.wait_for_selector("[data-look=lost]")
    found += [f"lost: {fault}" for fault in serious(faults_of(page, *rules))]
    assert found == []


@pytest.mark.parametrize(("view", "clips_there"), [("live", 0), ("clips", MANY_CLIPS)])
def test_lighthouse_finds_the_page_good(
    driven: Driven, site: Site, tmp_path: Path, view: str, clips_there: int
) -> None:
    fill(site, clips_there)
    address = f"http://127.0.0.1:{site.port}/#{view}"
    report = lighthouse(address, driven.port, CATEGORIES, tmp_path / "report.json")
    scores = scores_of(report)
    print(view, scores)
    assert min(scores.values()) >= LEAST_SCORE, shortcomings_of(report)
