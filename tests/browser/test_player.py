"""The player in a real browser, with what a stand-in's card holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from dashcam.clips.row import ClipRow
from dashcam.link import messages as m
from tests.browser.looking import CLIP_SECONDS, GREY_OF_MIDDLE, until
from tests.browser.pictures import HEIGHT, WIDTH, jpeg, luma_of_second
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOWN = "#player video.is-shown"
SECONDS = f"document.querySelector('{SHOWN}').currentTime"


def wait_for(page: Page, condition: str) -> None:
    wait_until(lambda: page.evaluate(condition))


def open_clip(page: Page, site: Site, place: int = 0) -> None:
    page.goto(f"{site.website.address}/#clips")
    page.locator(".tile").nth(place).click()


def test_a_clip_plays_and_seeks_to_the_very_second(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_clip(page, site)
    wait_until(lambda: page.evaluate(f"{SECONDS} > 0.3"))
    video = page.locator(SHOWN)
    assert video.evaluate("video => [video.videoWidth, video.videoHeight]") == [WIDTH, HEIGHT]
    assert video.evaluate("video => video.duration") == pytest.approx(CLIP_SECONDS, abs=0.2)
    page.locator("#player .play").click()
    for second in (4, 1, 5):
        page.locator("#player .seek").fill(str(second + 0.5))
        wait_for(page, f"{SECONDS} === {second + 0.5}")
        wait_until(lambda: not video.evaluate("video => video.seeking"))
        grey = luma_of_second(second)
        assert abs(video.evaluate(GREY_OF_MIDDLE) - grey) < abs(luma_of_second(1) - luma_of_second(0)) / 2
        until(page.locator("#player .place"), f"0:0{second} / 0:0{CLIP_SECONDS}")
        until(page.locator("#player .wall"), f"15:00:0{3 + second}")


def test_older_and_newer_lead_over_days_and_end_where_the_clips_end(
    page: Page, site: Site, clips: list[ClipRow]
) -> None:
    site.recorder.say(open_clip=None)
    wait_until(lambda: site.get("/api/status").json["recorder"]["open_clip"] is None)
    site.keeper.add(clip_row(9, "2026-11-19"), (site.data / "DCIM" / clips[0].path).read_bytes())
    open_clip(page, site)
    title, older, newer = (page.locator(f"#player {name}") for name in ("h2", ".older", ".newer"))
    until(title, "15:00:03")
    wait_until(older.is_enabled)
    assert newer.is_disabled()
    for name in ("15:00:02", "15:00:01", "15:00:09"):
        older.click()
        until(title, name)
    until(page.locator("#player .facts"), "19 November 2026")
    wait_until(older.is_disabled)
    newer.click()
    until(title, "15:00:01")
    assert "speed" in page.locator("#player select").get_attribute("class")  # type: ignore[operator]


def test_the_phones_back_button_closes_the_player_and_nothing_goes_on_loading(
    page: Page, site: Site, clips: list[ClipRow]
) -> None:
    open_clip(page, site, 1)
    assert page.evaluate("location.hash") == "#clips/42-2"
    page.go_back()
    page.wait_for_selector("#player", state="hidden")
    assert page.evaluate("location.hash") == "#clips"
    assert page.locator("#view-clips").is_visible()
    assert page.locator("#player video[src]").count() == 0
    page.go_forward()
    # Its title is still that of the last time: only once it is open does it hear a key.
    page.wait_for_selector("#player", state="visible")
    until(page.locator("#player h2"), "15:00:02")
    page.keyboard.press("Escape")
    page.wait_for_selector("#player", state="hidden")
    page.goto("about:blank")
    page.goto(f"{site.website.address}/#clips/42-1")
    until(page.locator("#player h2"), "15:00:01")
    page.locator("#player .close").click()
    page.wait_for_selector("#player", state="hidden")
    assert page.evaluate("location.hash") == "#clips"


def test_a_clip_is_locked_while_it_plays_and_goes_on_playing(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_clip(page, site)
    wait_until(lambda: page.evaluate(f"{SECONDS} > 0.1"))
    page.evaluate(f"""() => {{
        window.stops = 0;
        const video = document.querySelector("{SHOWN}");
        for (const event of ["pause", "emptied", "error"])
            video.addEventListener(event, () => {{ window.stops += 1; }});
    }}""")
    page.locator("#player .lock").click()
    until(page.locator("#player .lock"), "Unlock")
    until(page.locator("#player .facts"), "locked by hand")
    wait_until(lambda: page.evaluate(f"{SECONDS} > 1.5"))
    assert page.evaluate("window.stops") == 0
    assert (site.data / "DCIM" / clips[2].path.replace("VIDEO", "EVENT")).exists()
    page.locator("#player .lock").click()
    until(page.locator("#player .facts dd").nth(3), "no")
    assert (site.data / "DCIM" / clips[2].path).exists()


def test_deleting_shows_the_next_clip_and_undo_the_old_one(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_clip(page, site)
    title = page.locator("#player h2")
    wait_until(page.locator("#player .older").is_enabled)
    page.locator("#player .delete").click()
    page.locator("#question .no").click()
    until(title, "15:00:03")
    page.locator("#player .delete").click()
    page.locator("#question .yes").click()
    until(title, "15:00:02")
    page.locator("#player .undo .act").click()
    until(title, "15:00:03")
    page.locator("#player .delete").click()
    page.locator("#question .yes").click()
    until(title, "15:00:02")
    page.locator("#player .close").click()
    assert page.locator(".tile").count() == 2
    assert page.locator(".undo").is_visible()
    page.goto("about:blank")
    wait_until(lambda: m.DeleteClips(ids=("42-3",)) in site.keeper.asked)


def test_deleting_works_when_the_list_changes_under_the_question(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_clip(page, site)
    wait_until(page.locator("#player .older").is_enabled)
    page.locator("#player .delete").click()
    site.keeper.catalogue.put([msgspec.structs.replace(clips[2], dropped_frames=7)])
    until(page.locator("#player .facts"), "7 lost")
    page.locator("#question .yes").click()
    until(page.locator("#player h2"), "15:00:02")
    page.locator("#player .close").click()
    page.goto("about:blank")
    wait_until(lambda: m.DeleteClips(ids=("42-3",)) in site.keeper.asked)


def test_downloads_have_the_clips_name_and_content(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_clip(page, site)
    with page.expect_download() as started:
        page.locator("#player .download").click()
    assert started.value.suggested_filename == "dcp_20261120150003.mp4"
    assert Path(started.value.path()).read_bytes() == (site.data / "DCIM" / clips[2].path).read_bytes()


def test_photos_are_shown_large_among_the_clips(page: Page, site: Site, clips: list[ClipRow]) -> None:
    row = clip_row(5, kind="photo", path="PHOTO/2026-11-20/dcp_20261120150005.jpg", duration_seconds=0.0)
    site.keeper.add(row, jpeg((10, 200, 10), 1280, 720), jpeg((10, 200, 10)))
    open_clip(page, site)
    wait_until(lambda: page.evaluate("document.querySelector('#player .stage img').naturalWidth === 1280"))
    for name in (".lock", ".play", ".seek", ".picture-of-frame"):
        assert page.locator(f"#player {name}").is_hidden()
    wait_until(page.locator("#player .older").is_enabled)
    page.locator("#player .older").click()
    wait_until(lambda: page.evaluate(f"{SECONDS} > 0"))
    assert page.locator("#player .stage img").is_hidden()


def test_what_cannot_be_played_says_why_and_what_to_do(page: Page, site: Site, clips: list[ClipRow]) -> None:
    site.keeper.add(clip_row(4), b"this is no video")
    open_clip(page, site)
    until(page.locator("#player .problem"), "cannot be played")
    wait_until(page.locator("#player .older").is_enabled)
    page.locator("#player .older").click()
    wait_until(lambda: page.evaluate(f"{SECONDS} > 0"))
    assert page.locator("#player .problem").is_hidden()
    page.keyboard.press("Escape")
    page.wait_for_selector("#player", state="hidden")
    site.keeper.catalogue.remove(["42-1"])
    page.goto(f"{site.website.address}/#clips/42-1")
    until(page.locator("#messages"), "it may have been deleted")
    assert page.locator("#player").is_hidden()


def test_a_broken_connection_is_named_and_trying_again_helps(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.route("**/media/42-2*", lambda route: route.abort())
    page.route("**/api/clips/42-2", lambda route: route.abort())
    open_clip(page, site, 1)
    problem = page.locator("#player .problem")
    until(problem, "The dashcam cannot be reached")
    page.unroute("**/api/clips/42-2")
    until(problem, "cannot be played")
    page.unroute_all()
    problem.locator("button").click()
    wait_for(page, f"{SECONDS} > 0")
    until(page.locator("#player .facts"), "dcp_20261120150002.mp4")
    assert page.locator("#player .problem").is_hidden()


def test_keys_play_skip_and_lead_on(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_clip(page, site, 1)
    wait_until(lambda: page.evaluate(f"{SECONDS} > 0.1"))
    page.locator("#player .stage").click()
    assert page.locator(SHOWN).evaluate("video => video.paused")
    page.locator("#player .older").focus()
    before = page.evaluate(SECONDS)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(SECONDS) == pytest.approx(before + 5, abs=0.01)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(SECONDS) == 0
    page.locator("#player .speed").select_option("2")
    page.locator("#player h2").click()
    page.keyboard.press("Space")
    wait_until(lambda: page.evaluate(f"{SECONDS} > 0.3"))
    assert page.locator(SHOWN).evaluate("video => video.playbackRate") == 2
    page.keyboard.press("]")
    until(page.locator("#player h2"), "15:00:03")
    assert page.locator(SHOWN).evaluate("video => video.playbackRate") == 2
