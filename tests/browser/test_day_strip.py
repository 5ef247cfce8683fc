"""The line of a day: what it shows, and that a tap plays the very second."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashcam.clips.event import EventFacts, MotionTrace, MotionWindow
from tests.browser.looking import CLIP_SECONDS, GREY_OF_MIDDLE, until
from tests.browser.pictures import luma_of_second, write_clip
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

DAY = "2026-11-20"
SHOWN = ".player[open] video.is-shown"
THREE = 15 * 3600
STARTS = (0, 20)
EVENT_AT = 43.0
# Also of a player that comes late: whatever was touched before has opened its own until the next one plays.
COUNT_PLAYERS = """() => {
    const { showModal } = HTMLDialogElement.prototype;
    window.playersOpened = 0;
    HTMLDialogElement.prototype.showModal = function () {
        window.playersOpened += this.matches(".player");
        return showModal.call(this);
    };
}"""
STEP = abs(luma_of_second(1) - luma_of_second(0))


@pytest.fixture
def strip(page: Page, site: Site, tmp_path: Path) -> Locator:
    """The line of a day with two clips, motion in the second, and an event; a minute of it is seen."""
    path = tmp_path / "clip.mp4"
    write_clip(path, CLIP_SECONDS)
    video = path.read_bytes()
    trace = MotionTrace(seen="live", step_seconds=1.0, windows=(MotionWindow(2.0, 4.0, 62.0),), looked_seconds=6.0)
    for place, start in enumerate(STARTS):
        motion = trace if place else None
        row = clip_row(start, DAY, id=f"42-{place + 1}", duration_seconds=float(CLIP_SECONDS), motion=motion)
        site.keeper.add(row, video)
    event = EventFacts(cause="motion", id="42-9", at_seconds=3.0, peak_seconds=3.0, score=62.0)
    event_path = f"EVENT/{DAY}/dcp_20261120150040.mp4"
    row = clip_row(40, DAY, id="42-9", kind="event", path=event_path, event=event, duration_seconds=float(CLIP_SECONDS))
    site.keeper.add(row, video)
    page.goto(f"{site.website.address}/#events")
    page.locator(".overview.is-loaded").wait_for()
    page.evaluate(COUNT_PLAYERS)
    canvas = page.locator(".day-canvas")
    canvas.scroll_into_view_if_needed()
    canvas.focus()
    page.keyboard.press("Home")
    move_to(page, canvas, THREE + 30)
    while (before := seen(canvas))[1] - before[0] > 60:
        page.keyboard.press("+")
        wait_until(partial(has_moved, canvas, before))
    return canvas


def has_moved(canvas: Locator, before: tuple[float, float]) -> bool:
    return seen(canvas) != before


def seen(canvas: Locator) -> tuple[float, float]:
    """From which second of the day to which the strip goes."""
    start, end = canvas.evaluate("canvas => [canvas.dataset.from, canvas.dataset.to]")
    return float(start), float(end)


def players_opened(page: Page) -> int:
    return int(page.evaluate("playersOpened"))


def pinch(page: Page, middle: float, y: float, before: float, after: float) -> None:
    """Two fingers, so many pixels from each other before and after."""
    session = page.context.new_cdp_session(page)
    apart = [before + (after - before) * step / 5 for step in range(6)]
    for kind, width in [("touchStart", apart[0]), *(("touchMove", width) for width in apart[1:])]:
        points = [{"x": middle + side * width / 2, "y": y, "id": number} for number, side in enumerate((-1, 1))]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def move_to(page: Page, canvas: Locator, moment: float) -> None:
    """A pointer goes there: closer and further are around it."""
    page.locator(".whole-day").evaluate("button => button.disabled || button.click()")
    wait_until(lambda: seen(canvas)[1] >= 86_400)
    x, y = place_of(canvas, moment)
    page.mouse.move(x, y)


def place_of(canvas: Locator, moment: float, share: float = 0.7) -> tuple[float, float]:
    """Where on the screen a second of the day is."""
    box = canvas.bounding_box()
    assert box
    start, end = seen(canvas)
    return box["x"] + (moment - start) / (end - start) * box["width"], box["y"] + share * box["height"]


def wait_for_second(page: Page, title: str, second: float) -> None:
    until(page.locator(".player[open] h2"), title)
    page.wait_for_selector(SHOWN)
    video = page.locator(SHOWN)
    wait_until(lambda: video.evaluate("video => video.readyState > 1 && !video.seeking && video.currentTime > 0"))
    first = video.evaluate("video => video.currentTime")
    assert second - 0.5 <= first <= CLIP_SECONDS
    grey = video.evaluate(GREY_OF_MIDDLE)
    now = video.evaluate("video => video.currentTime")
    assert luma_of_second(int(first)) - STEP / 2 <= grey <= luma_of_second(min(int(now), CLIP_SECONDS - 1)) + STEP / 2


def test_a_tap_plays_the_clip_of_that_moment_from_that_second(page: Page, strip: Locator) -> None:
    page.mouse.click(*place_of(strip, THREE + 23.5))
    wait_for_second(page, "15:00:20", 3.5)
    page.keyboard.press("Escape")
    page.mouse.click(*place_of(strip, THREE + 13))
    until(page.locator(".strip-words"), "15:00:13 · not recorded")
    page.mouse.click(*place_of(strip, THREE + EVENT_AT, share=0.1))
    wait_for_second(page, "15:00:40", 1.0)
    assert players_opened(page) == 2


def test_the_line_is_read_played_and_zoomed_by_keyboard(page: Page, strip: Locator) -> None:
    strip.focus()
    page.keyboard.press("Home")
    page.keyboard.press("PageDown")
    until(page.locator(".strip-words"), "15:00:43 · Motion")
    assert "15:00:43 · Motion" in (strip.get_attribute("aria-valuetext") or "")
    page.keyboard.press("Enter")
    wait_for_second(page, "15:00:40", 3.0)
    page.keyboard.press("Escape")
    strip.focus()
    page.keyboard.press("0")
    wait_until(lambda: seen(strip) == (0.0, 86_400.0))


def test_a_finger_that_drags_plays_nothing_where_it_began_or_ended(page: Page, strip: Locator) -> None:
    start, _ = seen(strip)
    x, y = place_of(strip, THREE + 23)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y, steps=4)
    page.mouse.up()
    wait_until(lambda: seen(strip)[0] > start + 5)
    page.mouse.click(*place_of(strip, THREE + EVENT_AT, share=0.1))
    wait_for_second(page, "15:00:40", 1.0)
    assert players_opened(page) == 1


def test_two_fingers_zoom_and_play_nothing(page: Page, strip: Locator) -> None:
    before = seen(strip)
    # The left one lies on a clip all the time.
    x, y = place_of(strip, THREE + 23)
    pinch(page, x + 100, y, 200, 50)
    wait_until(lambda: seen(strip)[1] - seen(strip)[0] == pytest.approx(4 * (before[1] - before[0]), rel=0.05))
    page.mouse.click(*place_of(strip, THREE + EVENT_AT, share=0.1))
    wait_for_second(page, "15:00:40", 1.0)
    assert players_opened(page) == 1
