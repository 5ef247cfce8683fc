"""Saved clips that are to go: said where they are seen, and told as seen only when they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from dashcam.link import messages as m
from tests.browser.looking import until
from tests.browser.pictures import jpeg
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

WORDS = "Saved on 20 November at 15:00, goes from tomorrow"


def announce(site: Site, count: int) -> None:
    told = tuple(m.Announcement(id=f"a{number}", clip_id=f"42-{number}", words=WORDS) for number in range(1, count + 1))
    site.keeper.progress = msgspec.structs.replace(site.keeper.progress, announcements=told)


def seen_ids(site: Site) -> list[str]:
    return [one for asked in site.keeper.asked if isinstance(asked, m.SawAnnouncement) for one in asked.ids]


def test_what_is_announced_is_told_as_seen_once_it_was_on_the_screen(page: Page, site: Site) -> None:
    site.keeper.add(clip_row(1, lock_cause="button"), b"x", jpeg((0, 90, 160)))
    announce(site, 5)
    # On a screen so low it stands below its edge.
    page.set_viewport_size({"width": 412, "height": 500})
    page.goto(site.website.address)
    box = page.locator("#notices .announcements")
    until(box, f"{WORDS}.")
    assert box.locator("li").count() == 3
    assert seen_ids(site) == []
    box.locator("li").first.scroll_into_view_if_needed()
    wait_until(lambda: "a1" in seen_ids(site))
    box.get_by_text("2 more clips").click()
    assert box.locator("li").count() == 5
    box.locator("li").last.scroll_into_view_if_needed()
    wait_until(lambda: "a5" in seen_ids(site))
    assert len(seen_ids(site)) == len(set(seen_ids(site)))
    box.locator("li").first.get_by_text("Unlock").click()
    wait_until(lambda: m.UnlockClips(ids=("42-1",)) in site.keeper.asked)
