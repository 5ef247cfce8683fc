"""Recorder, keeper and page together, as the driver has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import until
from tests.browser.whole import running_dashcam
from tests.web.sites import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

# For a clip of seven seconds on a machine that decodes it in software beside everything else.
PLAY_MILLISECONDS = 90_000
PLAY_TO_THE_END = """milliseconds => new Promise(over => {
    const video = document.querySelector("#player video.is-shown");
    video.playbackRate = 4;
    video.onended = video.onerror = over;
    setTimeout(over, milliseconds);
    if (video.ended || video.error) over();
}).then(() => null)"""
SMALL_PATTERN = ("camera.kind=pattern", "camera.width=640", "camera.height=360", "camera.fps=15")


def play_to_the_end(page: Page, number: int) -> float:
    """Opens the clip of a tile and lets it play whole, quickly; its duration. Fails when it cannot be played."""
    page.locator(".tile").nth(number).click()
    goes_on = page.locator("#player .goes-on")
    if goes_on.get_attribute("aria-pressed") == "true":
        goes_on.click()
    # Waited for inside the page: a busy machine has better to do than to answer a hundred times a second.
    page.evaluate(PLAY_TO_THE_END, PLAY_MILLISECONDS)
    assert page.evaluate("document.querySelector('#player video.is-shown').error?.message ?? ''") == ""
    assert page.evaluate("document.querySelector('#player video.is-shown').ended")
    seconds = float(page.evaluate("document.querySelector('#player video.is-shown').duration"))
    page.locator("#player .close").click()
    return seconds


def turn_to(page: Page, view: str) -> None:
    """As a person does, by the names of the pages."""
    page.locator("#views a", has_text=view).click()


def open_and_wait_for_clips(page: Page, address: str, clips: int) -> None:
    page.goto(address)
    page.wait_for_selector("[data-look=recording]")
    page.wait_for_selector("#live.has-picture")
    turn_to(page, "Clips")
    wait_until(lambda: page.locator(".tile img").count() >= clips)


def test_clips_and_photos_of_the_synthetic_drive_appear_and_play(phone: Page, tmp_path: Path) -> None:
    wishes = [*SMALL_PATTERN, "recording.segment_seconds=2", "events.save_after_seconds=1"]
    with running_dashcam(tmp_path, wishes) as address:
        open_and_wait_for_clips(phone, address, 2)
        assert play_to_the_end(phone, 0) == pytest.approx(2, abs=1.1)
        turn_to(phone, "Live")
        phone.locator("#controls .photo").click()
        phone.locator("#controls .save").click()
        until(phone.locator("#messages"), "1 s more to come")
        phone.locator("#recording .kept").wait_for()
        turn_to(phone, "Clips")
        wait_until(lambda: phone.locator(".tile", has_text="photo").count() == 1)
        # What was saved becomes a clip of its own; the page says when, and leads there.
        phone.locator("#view-clips .save-line a").click()
        phone.wait_for_selector("#player[open]")
        [event] = (tmp_path / "dashcam" / "DCIM" / "EVENT").rglob("*.mp4")
        assert event.stat().st_size
        phone.locator("#player .close").click()
        turn_to(phone, "Live")
        phone.locator("#controls .toggle").click()
        phone.locator("#question .yes").click()
        phone.wait_for_selector("[data-look=alarm]")


def replay(video: Path) -> Sequence[str]:
    return ("camera.kind=replay", f"camera.source={video}", "camera.speed=4", "recording.segment_seconds=5")


def test_clips_of_a_real_drive_play(phone: Page, tmp_path: Path, shared_data: Path) -> None:
    with running_dashcam(tmp_path, replay(shared_data / "driving" / "drive_joined_720p_54s.mp4")) as address:
        open_and_wait_for_clips(phone, address, 3)
        for number in range(3):
            assert 5 <= play_to_the_end(phone, number) <= 8
