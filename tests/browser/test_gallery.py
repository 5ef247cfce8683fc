"""The gallery and the player, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashcam.clips.row import ClipRow
from dashcam.link import messages as m
from tests.browser.looking import CLIP_SECONDS, GREY_OF_MIDDLE, until
from tests.browser.pictures import HEIGHT, WIDTH, jpeg, luma_of_second
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_clip_plays_and_seeks_to_the_very_second(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.goto(site.website.address)
    page.locator(".tile").first.click()
    video = page.locator("#player video")
    wait_until(lambda: page.evaluate("document.querySelector('#player video').currentTime > 0.3"))
    assert video.evaluate("video => [video.videoWidth, video.videoHeight]") == [WIDTH, HEIGHT]
    assert video.evaluate("video => video.duration") == pytest.approx(CLIP_SECONDS, abs=0.2)
    for second in (4, 1, 5):
        video.evaluate(
            """(video, second) => new Promise((resolve) => {
                video.pause();
                video.addEventListener("seeked", resolve, { once: true });
                video.currentTime = second + 0.5;
            })""",
            second,
        )
        grey = luma_of_second(second)
        assert abs(video.evaluate(GREY_OF_MIDDLE) - grey) < abs(luma_of_second(1) - luma_of_second(0)) / 2


def test_older_and_newer_lead_through_the_clips(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.goto(site.website.address)
    page.locator(".tile").first.click()
    title = page.locator("#player h2")
    until(title, "15:00:03")
    page.locator("#player .older").click()
    until(title, "15:00:02")
    page.locator("#player .older").click()
    until(title, "15:00:01")
    page.locator("#player .older").click()
    until(page.locator("#messages"), "no older clip")
    page.locator("#player .newer").click()
    until(title, "15:00:02")
    page.keyboard.press("Escape")
    assert page.locator("#player").is_hidden()
    wait_until(lambda: page.locator("#player video").count() == 0)


def test_a_clip_is_locked_while_it_plays_and_goes_on_playing(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.goto(site.website.address)
    page.locator(".tile").first.click()
    wait_until(lambda: page.evaluate("document.querySelector('#player video').currentTime > 0.1"))
    page.evaluate("document.querySelector('#player video').isStillTheSame = true")
    page.locator("#player .lock").click()
    until(page.locator("#player .lock"), "Unlock")
    until(page.locator("#player .facts"), "locked by hand")
    assert page.evaluate("document.querySelector('#player video').isStillTheSame")
    wait_until(lambda: page.evaluate("document.querySelector('#player video').currentTime > 1"))
    assert page.evaluate("document.querySelector('#player video').error") is None
    page.locator("#player .close").click()
    until(page.locator("#clips .counts"), "1 kept")
    assert "locked" in (page.locator(".tile").first.text_content() or "")
    page.locator(".tile").first.click()
    page.locator("#player .lock").click()
    until(page.locator("#player .lock"), "Lock")
    assert (site.data / "DCIM" / clips[2].path).exists()


def test_deleting_asks_and_shows_the_next_clip(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.goto(site.website.address)
    page.locator(".tile").first.click()
    page.locator("#player .delete").click()
    page.locator("#question .no").click()
    assert m.DeleteClips(ids=("42-3",)) not in site.keeper.asked
    page.locator("#player .delete").click()
    page.locator("#question .yes").click()
    until(page.locator("#player h2"), "15:00:02")
    until(page.locator("#messages"), "Deleted")
    page.locator("#player .close").click()
    wait_until(lambda: page.locator(".tile").count() == 2)


def test_downloads_have_the_clips_name_and_content(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.goto(site.website.address)
    page.locator(".tile").first.click()
    with page.expect_download() as started:
        page.locator("#player .download").click()
    assert started.value.suggested_filename == "dcp_20261120150003.mp4"
    assert Path(started.value.path()).read_bytes() == (site.data / "DCIM" / clips[2].path).read_bytes()


def test_new_clips_appear_and_old_ones_go_without_reloading(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.goto(site.website.address)
    wait_until(lambda: page.locator(".tile").count() == 3)
    first = page.locator(".tile").first
    first.evaluate("tile => { tile.isStillTheSame = true; }")
    content = (site.data / "DCIM" / clips[0].path).read_bytes()
    added = site.keeper.add(clip_row(4), content)
    until(page.locator(".tile").first, "15:00:04")
    until(page.locator(".tile").first, "no picture yet")
    assert page.locator(".tile").nth(1).evaluate("tile => tile.isStillTheSame")
    site.keeper.add(added, content, thumbnail=jpeg((200, 0, 0)))
    wait_until(lambda: page.locator(".tile .no-picture").count() == 0)
    site.keeper.catalogue.remove(["42-1"])
    wait_until(lambda: page.locator(".tile").count() == 3)
    site.keeper.add(clip_row(1, "2026-11-21"), content)
    wait_until(lambda: page.locator(".day").count() == 2)
    assert page.locator(".day summary").first.inner_text() != page.locator(".day summary").nth(1).inner_text()


def test_many_clips_come_a_page_at_a_time(page: Page, site: Site) -> None:
    site.keeper.catalogue.put([clip_row(number) for number in range(1, 121)])
    site.keeper.catalogue.put([clip_row(200 + number, "2026-11-19") for number in range(1, 3)])
    page.goto(site.website.address)
    wait_until(lambda: page.locator(".tile").count() == 48)
    page.locator(".more:visible").click()
    wait_until(lambda: page.locator(".tile").count() == 96)
    page.locator(".more:visible").click()
    wait_until(lambda: page.locator(".tile").count() == 120)
    assert page.locator(".more:visible").count() == 0
    page.locator(".day summary").nth(1).click()
    wait_until(lambda: page.locator(".tile").count() == 122)
    times = page.locator(".day").first.locator(".tile .time").all_text_contents()
    assert times == sorted(times, reverse=True)


def test_ten_thousand_clips_cost_the_page_one_page_of_them(page: Page, site: Site) -> None:
    days = [f"2026-11-{day:02d}" for day in range(1, 11)]
    for place, day in enumerate(days):
        site.keeper.catalogue.put([clip_row(1000 * place + number, day) for number in range(1, 1000)])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/clips" in request.url else None)
    page.goto(site.website.address)
    wait_until(lambda: page.locator(".tile").count() == 48)
    assert page.locator(".day").count() == 10
    assert len(asked) == 1


def test_photos_are_shown_large(page: Page, site: Site) -> None:
    row = clip_row(5, kind="photo", path="PHOTO/2026-11-20/dcp_20261120150005.jpg", duration_seconds=0.0)
    site.keeper.add(row, jpeg((10, 200, 10), 1280, 720), jpeg((10, 200, 10)))
    page.goto(site.website.address)
    page.locator(".tile").first.click()
    wait_until(lambda: page.evaluate("document.querySelector('#player .stage img').naturalWidth === 1280"))
    assert page.locator("#player .lock").is_hidden()


def test_a_clip_that_cannot_be_played_is_said(page: Page, site: Site) -> None:
    site.keeper.add(clip_row(1), b"this is no video")
    page.goto(site.website.address)
    page.locator(".tile").first.click()
    until(page.locator("#messages"), "cannot be played")


def test_the_gallery_can_be_used_by_keyboard_alone(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.goto(site.website.address)
    page.wait_for_selector(".tile")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className"))
        if reached[-1] == "tile":
            break
    assert reached[:3] == ["save", "photo", "toggle"]
    page.keyboard.press("Enter")
    page.wait_for_selector("#player[open]")
    assert page.evaluate("document.activeElement.closest('#player') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.className") == "tile"
