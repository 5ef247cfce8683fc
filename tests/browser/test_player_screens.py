"""What of player and gallery is in sight on a phone, standing and lying."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from dashcam.clips.row import ClipRow
from tests.browser.looking import until
from tests.browser.pictures import jpeg
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

LYING = [(640, 360), (740, 360), (844, 390)]
STANDING = [(360, 740), (412, 915)]
# By name: left, top, right and bottom of what can be touched, and of the picture.
BOXES = """() => Object.fromEntries(
    [...document.querySelectorAll("#player .stage, #player button, #player select, #player .seek")]
        .filter((part) => part.checkVisibility())
        .map((part) => {
            const {left, top, right, bottom} = part.getBoundingClientRect();
            return [part.className, [left, top, right, bottom]];
        }))"""
TOUCHED = {
    *("on-map", "close", "show-moment", "older", "frame-back", "play", "frame-on", "newer", "seek"),
    *("speed", "goes-on", "picture-of-frame", "cut", "large", "lock", "download", "delete"),
}


def open_player(page: Page, site: Site, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{site.website.address}/#clips")
    page.locator(".tile").nth(1).click()
    wait_until(lambda: page.evaluate("document.querySelector('#player video.is-shown').currentTime > 0.1"))


@pytest.mark.parametrize("size", LYING + STANDING)
def test_all_that_can_be_touched_is_in_sight(
    page: Page, site: Site, clips: list[ClipRow], size: tuple[int, int]
) -> None:
    open_player(page, site, size)
    boxes = page.evaluate(BOXES)
    stage = boxes.pop("stage")
    assert set(boxes) == TOUCHED
    for name, (left, top, right, bottom) in boxes.items():
        assert 0 <= left < right <= size[0], name
        assert 0 <= top < bottom <= size[1], name
        # The stamp in the picture can be read all the time.
        assert left >= stage[2] - 1 or top >= stage[3] - 1 or bottom <= stage[1] + 1, name
        assert right - left >= 40, name
        assert bottom - top >= 40, name


@pytest.mark.parametrize("size", [*LYING, *STANDING])
def test_words_stay_within_their_buttons(page: Page, site: Site, clips: list[ClipRow], size: tuple[int, int]) -> None:
    open_player(page, site, size)
    page.locator("#player .play").click()
    page.locator("#player .picture-of-frame").click()
    message = page.locator("#player .message")
    until(message, "Picture downloaded to this phone.")
    wide = """parts => parts.filter(part => part.scrollWidth > part.clientWidth).map(part => part.className)"""
    assert page.locator("#player button, #player .message").evaluate_all(wide) == []
    box = message.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size[0]


def test_whether_it_plays_on_is_said_in_words(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_player(page, site, STANDING[0])
    button = page.locator("#player .goes-on")
    until(button, "On")
    button.click()
    until(button, "Off")
    assert button.get_attribute("aria-pressed") == "false"
    page.reload()
    until(page.locator("#player .goes-on"), "Off")


@pytest.mark.parametrize("size", LYING + STANDING)
def test_today_and_yesterday_are_in_sight(page: Page, site: Site, size: tuple[int, int]) -> None:
    for number, day in enumerate(["2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"], 1):
        site.keeper.add(clip_row(number, day), b"x", jpeg((0, 90, 160)))
    page.clock.set_fixed_time("2026-11-21T16:00:00")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{site.website.address}/#clips")
    page.locator(".tile").first.wait_for()
    strip = page.locator(".strip").bounding_box()
    assert strip
    for day in ("Today", "Yesterday"):
        box = page.locator(".strip .chip", has_text=day).bounding_box()
        assert box
        assert strip["x"] <= box["x"]
        assert box["x"] + box["width"] <= strip["x"] + strip["width"]


def test_of_a_file_that_was_copied_to_the_card_nothing_is_said_twice(
    page: Page, site: Site, clips: list[ClipRow]
) -> None:
    adopted = msgspec.structs.replace(clips[2], integrity="adopted", clock_source="saved")
    site.keeper.catalogue.put(
        [msgspec.structs.replace(adopted, note="Was called dcp_20261120150003.mp4. The time is from its name.")]
    )
    page.goto(f"{site.website.address}/#clips/42-3")
    facts = page.locator("#player .facts div")
    until(facts.filter(has_text="Time from"), "its name")
    assert facts.filter(has_text="Note").count() == 0
    site.keeper.catalogue.put([msgspec.structs.replace(adopted, note="Was called film.mp4. It is damaged.")])
    until(facts.filter(has_text="Note"), "Was called film.mp4. It is damaged.")
    until(facts.filter(has_text="Time from"), "estimated")
