"""Cutting a part out: what the handles and buttons ask for, and what becomes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from dashcam.errors import ClipBusy
from dashcam.link import messages as m
from tests.browser.looking import CLIP_SECONDS, until
from tests.browser.pictures import FPS, jpeg, write_clip
from tests.browser.test_events import event_row
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOWN = "#player video.is-shown"
# A thumb's width, in CSS pixels.
LEAST_TOUCH = 48


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    """A clip of some seconds."""
    path = tmp_path / "clip.mp4"
    write_clip(path, CLIP_SECONDS)
    return path.read_bytes()


@pytest.fixture
def drive(page: Page, site: Site, video: bytes) -> None:
    """Two clips that continue each other, the older one opened and paused."""
    for place in (0, 1):
        row = clip_row(place * CLIP_SECONDS, id=f"42-{place + 1}", duration_seconds=float(CLIP_SECONDS))
        site.keeper.add(msgspec.structs.replace(row, frames=CLIP_SECONDS * FPS), video, jpeg((0, 90, 160)))
    # What was cut out of them before lies between them in the list.
    site.keeper.add(event_row(4), video)
    page.add_init_script("localStorage.setItem('player-goes-on', 'no')")
    page.goto(f"{site.website.address}/#clips/42-1")
    wait_until(lambda: page.locator(SHOWN).evaluate("video => video.readyState > 1"))
    page.evaluate(f"document.querySelector('{SHOWN}').paused || document.querySelector('#player .play').click()")


def seek(page: Page, seconds: float) -> None:
    """To the middle of a frame, so that it is this one for sure."""
    page.locator("#player .seek").fill(str(seconds + 0.5 / FPS))
    wait_until(lambda: page.locator(SHOWN).evaluate("video => !video.seeking"))
    until(page.locator("#player .place"), f"frame {round(seconds * FPS) + 1} of")


def asked_ranges(site: Site) -> list[m.CutRange]:
    return [asked for asked in site.keeper.asked if isinstance(asked, m.CutRange)]


@pytest.mark.usefixtures("drive")
def test_a_range_over_two_clips_is_cut_followed_and_offered(page: Page, site: Site, video: bytes) -> None:
    words = page.locator("#player .cut-length")
    seek(page, 4.0)
    page.keyboard.press("i")
    until(words, "0:02.00, 20 frames · 15:00:04 to 15:00:05")
    page.locator("#player .cut-newer").click()
    until(page.locator("#player h2"), "15:00:06")
    until(words, "0:08.00, 80 frames of 2 clips · 15:00:04 to 15:00:11")
    wait_until(lambda: page.locator(SHOWN).evaluate("video => video.readyState > 1 && !video.seeking"))
    seek(page, 1.9)
    page.keyboard.press("o")
    until(words, "0:04.00, 40 frames of 2 clips · 15:00:04 to 15:00:07")
    page.locator("#player .cut-now").click()
    wait_until(lambda: asked_ranges(site))
    [asked] = asked_ranges(site)
    assert (asked.from_id, asked.to_id) == ("42-1", "42-2")
    assert (asked.from_seconds, asked.to_seconds) == pytest.approx((4.0, 1.9 + 0.5 / FPS), abs=0.001)
    until(page.locator("#player .job"), "Waits for its turn.")
    made = site.keeper.add(event_row(30, cause="hand", id="42-k1"), video)
    site.keeper.tell_job("cut-1", state="done", words="Saved 4 s", share=1.0, result_ids=("42-k1",))
    until(page.locator("#player .job"), "Saved 4 s.")
    with page.expect_download() as started:
        page.locator("#player .cut-results").get_by_text("Download").click()
    assert started.value.suggested_filename == Path(made.path).name
    page.locator("#player .cut-results").get_by_text("Show").click()
    until(page.locator("#player h2"), "15:00:30")
    assert not page.locator("#player section.cut").is_visible()


@pytest.mark.usefixtures("drive")
def test_a_cut_that_is_done_while_the_phone_is_away_is_offered_later(page: Page, site: Site, video: bytes) -> None:
    seek(page, 4.0)
    page.keyboard.press("i")
    page.route("**/api/clips/42-k1", lambda route: route.abort())
    page.locator("#player .cut-now").click()
    until(page.locator("#player .job"), "Waits for its turn.")
    site.keeper.add(event_row(30, cause="hand", id="42-k1"), video)
    site.keeper.tell_job("cut-1", state="done", words="Cut: a clip of 6 s", share=1.0, result_ids=("42-k1",))
    page.locator("#player .cut-results").get_by_text("Done").wait_for()
    store = page.locator("#player .cut-results").get_by_text("Download")
    assert not store.is_visible()
    page.unroute("**/api/clips/42-k1")
    site.recorder.say(warnings=("Less than 15 % of the card is free.",))
    store.wait_for()


@pytest.mark.usefixtures("drive")
def test_handles_are_as_wide_as_a_thumb_and_follow_finger_and_keys(page: Page, site: Site) -> None:
    page.locator("#player .cut").first.click()
    handle = page.locator("#player .handle.start")
    box = handle.bounding_box()
    track = page.locator("#player .cut-track").bounding_box()
    assert box
    assert track
    assert min(box["width"], box["height"]) >= LEAST_TOUCH
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + track["width"] / 2 + 2, box["y"] + box["height"] / 2, steps=3)
    page.mouse.up()
    words = page.locator("#player .cut-length")
    until(words, "0:03.00, 30 frames")
    wait_until(lambda: page.locator(SHOWN).evaluate("video => Math.abs(video.currentTime - 3.05) < 0.06"))
    handle.focus()
    page.keyboard.press("ArrowRight")
    until(words, "0:02.90, 29 frames")
    page.locator("#player .handle.end").focus()
    page.keyboard.press("PageDown")
    # The end is never before the start: that one gives way.
    page.keyboard.press("PageDown")
    until(words, "0:00.10, 1 frame")
    site.keeper.failure = ClipBusy("This clip is still being made ready; try again in a moment.")
    page.locator("#player .cut-now").click()
    until(page.locator("#player .message"), "still being made ready")
    assert page.locator("#player .cut-now").is_visible()
    page.locator("#player .cut-older").click()
    until(page.locator("#player .message"), "Nothing was recorded right before this clip.")
    page.locator("#player .cut-cancel").click()
    assert page.locator("#player .transport .newer").is_visible()
