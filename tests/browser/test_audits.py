"""What axe-core and Lighthouse say of every page: nobody is kept out of it."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from dashcam.clips.row import ClipRow
from tests.browser.judges import faults_of, lighthouse, scores_of, serious, shortcomings_of
from tests.conftest import skip_unless_in_ci
from tests.web.sites import PATIENCE_SECONDS, Site, clip_row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

THEMES = ("dark", "light")
VIEWS = ("live", "clips", "settings", "status")
CATEGORIES = ("accessibility", "best-practices")
LEAST_SCORE = 95
MANY_CLIPS = 10_000
CLIPS_A_DAY = 500


class Driven(NamedTuple):
    """A Chromium that others can drive, too."""

    context: BrowserContext
    port: int


@pytest.fixture
def driven(browser_and_phone: tuple[Browser, dict[str, object]], tmp_path: Path) -> Iterator[Driven]:
    """Its own Chromium, listening for Lighthouse."""
    chromium = shutil.which("chromium")
    if chromium is None:
        skip_unless_in_ci("there is no Chromium; install the package chromium")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    arguments = [f"--remote-debugging-port={port}"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    context = browser_and_phone[0].browser_type.launch_persistent_context(
        tmp_path / "profile", executable_path=chromium, args=arguments
    )
    yield Driven(context, port)
    context.close()


def fill(site: Site, count: int) -> None:
    """So many clips in the catalogue, without files."""
    rows = [
        clip_row(number, day=f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}")
        for number in range(1, count + 1)
        for day in [number // CLIPS_A_DAY]
    ]
    site.keeper.catalogue.put(rows)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.usefixtures("pictures")
def test_axe_finds_no_serious_fault_on_any_page(page: Page, site: Site, clips: list[ClipRow], theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    found: list[str] = []
    for view in VIEWS:
        page.goto(f"http://127.0.0.1:{site.port}/#{view}")
        page.wait_for_selector("[data-look=recording]")
        page.locator(f"#view-{view} :is(h1, h2, h3, button)").first.wait_for(timeout=PATIENCE_SECONDS * 1000)
        found += [f"{view}: {fault}" for fault in serious(faults_of(page))]
    page.goto(f"http://127.0.0.1:{site.port}/#clips")
    page.locator(".tile").first.click()
    page.wait_for_selector("#player video")
    found += [f"player: {fault}" for fault in serious(faults_of(page))]
    assert found == []
    assert len(clips) > 0


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
