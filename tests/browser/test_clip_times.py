"""What gallery and player say of a time that is only estimated, or not known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.looking import until
from tests.browser.pictures import jpeg
from tests.web.sites import Site, clip_row

if TYPE_CHECKING:
    from playwright.sync_api import Page

# The estimate is told in the phone's zone, which is this machine's.
STARTED = datetime(2026, 11, 20, 15, 45, 7, tzinfo=UTC)
LATER = STARTED.replace(minute=47)


@pytest.fixture
def undated(site: Site, page: Page) -> None:
    """A clip of an estimated time, one of none, one with a name that people gave; and one with a time."""

    def add(number: int, name: str = "", **changes: Any) -> None:
        path = f"VIDEO/undated/{name or f'boot0042_{number:06d}.mp4'}"
        site.keeper.add(clip_row(number, "undated", path=path, **changes), b"no video", jpeg((0, 90, 160)))

    add(2, clock_source="none", started_utc_ms=None)
    add(3, clock_source="saved", started_utc_ms=round(STARTED.timestamp() * 1000))
    add(4, "holiday.mp4", clock_source="none", started_utc_ms=None, integrity="adopted")
    site.keeper.add(clip_row(1), b"no video", jpeg((0, 90, 160)))
    # As an earlier version has called it.
    path = "VIDEO/2026-11-20/dcp_20261120145900.mp4"
    site.keeper.add(clip_row(1, id="41-1", path=path, clock_source="saved"), b"no video", jpeg((0, 90, 160)))
    page.clock.set_fixed_time(LATER)


def test_tiles_say_what_is_estimated_and_what_is_not_known(page: Page, site: Site, undated: None) -> None:
    local = STARTED.astimezone()
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{site.website.address}/#clips")
    until(page.locator(".day h3").first, "Date not certain")
    tiles = page.locator(".tile .time")
    until(tiles.last, "14:59")
    assert tiles.all_inner_texts() == [
        "holiday.mp4",
        f"about {local:%H:%M}",
        "time not known",
        "15:00:01",
        "about 14:59",
    ]
    assert page.locator(".tile .spoken", has_text="time estimated").count() == 2
    page.clock.set_fixed_time(LATER.replace(day=23))
    page.reload()
    until(tiles.last, "14:59")
    until(tiles.nth(1), f"{local.day} Nov ~{local:%H:%M}")
    cut_off = "tiles => tiles.filter(tile => tile.scrollWidth > tile.clientWidth).map(tile => tile.textContent)"
    assert tiles.evaluate_all(cut_off) == []


def test_the_player_says_where_an_estimate_is_from(page: Page, site: Site, undated: None) -> None:
    local = STARTED.astimezone()
    page.goto(f"{site.website.address}/#clips/42-3")
    facts = page.locator("#player .facts")
    until(facts, "estimated, from the clock the dashcam remembered")
    until(facts, f"Today, about {local:%H:%M}")
    until(page.locator("#player h2"), f"Today, about {local:%H:%M}")
    until(page.locator("#player .wall"), f"about {local:%H:%M}")
    page.goto(f"{site.website.address}/#clips/42-2")
    until(page.locator("#player h2"), "Time not known")
    until(facts, "no clock yet; the time is not known")
    page.goto(f"{site.website.address}/#clips/42-4")
    until(page.locator("#player h2"), "No date, holiday.mp4")
