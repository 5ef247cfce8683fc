"""The page in the system's Chromium, at the size of a phone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashcam.clips.row import ClipRow
from tests.browser.chromium import arguments, find_chromium
from tests.browser.looking import CLIP_SECONDS
from tests.browser.pictures import jpeg, write_clip
from tests.browser.relay import Relay
from tests.conftest import skip_unless_in_ci
from tests.web.fixtures import site, sites
from tests.web.sites import PATIENCE_SECONDS, Site, clip_row

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Found here by the tests of this folder.
__all__ = ["site", "sites"]

PHONE = "Pixel 7"


@pytest.fixture(scope="session")
def browser_and_phone() -> Iterator[tuple[Browser, dict[str, object]]]:
    """Chromium without a window, and what makes it a phone."""
    chromium = find_chromium()
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        skip_unless_in_ci("playwright is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments())
        yield browser, dict(playwright.devices[PHONE])
        browser.close()


@pytest.fixture
def phone(browser_and_phone: tuple[Browser, dict[str, object]]) -> Iterator[Page]:
    """A phone's browser with nothing in it."""
    browser, kind = browser_and_phone
    context = browser.new_context(**kind)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(site: Site, browser_and_phone: tuple[Browser, dict[str, object]]) -> Iterator[Page]:
    """A phone's page of the site, not opened yet; nothing may go wrong in it unseen."""
    browser, phone = browser_and_phone
    context = browser.new_context(**phone)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
    )
    yield opened
    context.close()
    assert complaints == []


@pytest.fixture
def clips(site: Site, tmp_path: Path) -> list[ClipRow]:
    """Three clips of six seconds with thumbnails, oldest first."""
    source = tmp_path / "clip.mp4"
    write_clip(source, CLIP_SECONDS)
    rows = [clip_row(number, duration_seconds=float(CLIP_SECONDS)) for number in (1, 2, 3)]
    return [site.keeper.add(row, source.read_bytes(), jpeg((0, 90, 160))) for row in rows]


@pytest.fixture
def pictures(site: Site) -> Iterator[None]:
    """Live pictures that become brighter and darker."""
    stop = threading.Event()

    def show() -> None:
        number = 0
        while not stop.wait(0.1):
            number += 1
            site.recorder.show(jpeg((20 + number % 10 * 20,) * 3, 640, 360))

    thread = threading.Thread(target=show)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.fixture
def relay(site: Site) -> Iterator[Relay]:
    """A network to the site that can go silent."""
    between = Relay(site.port)
    between.start()
    yield between
    between.close()
