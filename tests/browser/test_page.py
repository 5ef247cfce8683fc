"""What a driver sees and touches, in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from dashcam.clips.row import ClipRow
from dashcam.link import messages as m
from tests import golden_values as golden
from tests.browser.pictures import HEIGHT, WIDTH, jpeg, luma_of_second, write_clip
from tests.browser.relay import Relay
from tests.web.sites import PATIENCE_SECONDS, Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

CLIP_SECONDS = 6
MAX_VIEWERS = 10
# A thumb's width, in CSS pixels.
LEAST_TOUCH = 48
GREY_OF_MIDDLE = """element => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 8, height: 8});
    const context = canvas.getContext("2d");
    context.drawImage(element, 0, 0, 8, 8);
    return context.getImageData(4, 4, 1, 1).data[0];
}"""


def until(locator: Locator, text: str) -> None:
    """Waits until the element shows `text` somewhere."""
    from playwright.sync_api import expect

    expect(locator).to_contain_text(text, timeout=PATIENCE_SECONDS * 1000)


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


def test_recording_shows_at_a_glance_and_the_live_picture_moves(page: Page, site: Site, pictures: None) -> None:
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    assert re.search(r"Recording 00:1\d", page.locator("#recording h1").inner_text())
    until(page.locator("#notices"), "No camera found: showing the synthetic drive")
    assert page.locator("#notices li").count() == 1
    page.locator("#notices summary").click()
    until(page.locator("#notices"), "no camera was found")
    until(page.locator("#about"), "No login")
    picture = page.locator("#live img")
    page.wait_for_selector("#live.has-picture")
    seen: list[int] = []

    def has_moved() -> bool:
        seen.append(picture.evaluate(GREY_OF_MIDDLE))
        return len(set(seen)) >= 3

    wait_until(has_moved)


def test_every_button_is_large_enough_for_a_thumb(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.goto(site.website.address)
    page.locator(".tile").first.click()
    for button in page.locator("button:visible, a.button:visible, summary:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= LEAST_TOUCH, button.inner_text()


@pytest.mark.parametrize("width", [360, 412, 1280])
def test_nothing_is_cut_off_at_the_side(page: Page, site: Site, clips: list[ClipRow], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    site.recorder.say(is_recording=False, state="no_card", reason="There is no card. " * 20)
    page.goto(site.website.address)
    until(page.locator("#recording"), "NOT RECORDING")
    page.locator(".tile").first.click()
    for selector in ("html", "#player"):
        assert page.locator(selector).evaluate("element => element.scrollWidth <= element.clientWidth"), selector


def test_not_recording_is_loud_and_says_why(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    site.recorder.say(is_recording=False, state="card_full", reason="The card is full; delete clips.", open_clip=None)
    until(page.locator("#recording"), "NOT RECORDING")
    until(page.locator("#recording"), "The card is full; delete clips.")
    assert page.locator("#controls .save").is_disabled()
    assert "NOT RECORDING" in page.title()


def test_lost_connection_is_shown_and_found_again(page: Page, site: Site, relay: Relay) -> None:
    page.clock.install()
    page.goto(relay.address)
    until(page.locator("#recording"), "Recording")
    relay.is_silent.set()
    page.clock.fast_forward("00:10")
    until(page.locator("#recording"), "Connection lost")
    until(page.locator("#live"), "connection is lost")
    assert page.locator("#controls .photo").is_disabled()
    relay.is_silent.clear()
    page.clock.fast_forward("00:10")
    until(page.locator("#recording"), "Recording")
    assert page.locator("#controls .photo").is_enabled()


def test_a_page_server_that_ends_is_a_lost_connection_at_once(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    site.website.close()
    until(page.locator("#recording"), "Connection lost")


def test_a_recorder_that_does_not_answer_is_not_called_recording(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    site.recorder.close()
    until(page.locator("#recording"), "RECORDER DOES NOT ANSWER")
    until(page.locator("#live"), "the recorder does not answer")


def test_photo_and_save_reach_the_recorder_and_are_confirmed(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    page.locator("#controls .photo").click()
    until(page.locator("#messages"), "Photo taken")
    page.locator("#controls .save").click()
    until(page.locator("#messages"), "are kept")
    assert site.recorder.asked == [m.TakePhoto(), m.Save(cause="button")]


def test_what_goes_wrong_is_told_in_the_recorders_words(page: Page, site: Site) -> None:
    from dashcam.errors import CameraError

    site.recorder.failure = CameraError("The camera gave no picture; check its cable.")
    page.goto(site.website.address)
    page.locator("#controls .photo").click()
    until(page.locator("#messages"), "check its cable")


def test_stopping_asks_and_after_a_recording_by_hand_asks_what_to_keep(
    page: Page, site: Site, clips: list[ClipRow]
) -> None:
    site.recorder.clips_of_hand = ("42-2", "42-3")
    page.goto(site.website.address)
    page.locator("#controls .toggle").click()
    page.locator("#question .no").click()
    assert site.recorder.asked == []
    page.locator("#controls .toggle").click()
    page.locator("#question .yes").click()
    until(page.locator("#question"), "Keep or delete?")
    until(page.locator("#question"), "2 clips")
    until(page.locator("#recording"), "NOT RECORDING")
    page.locator("#question .yes").click()
    until(page.locator("#messages"), "2 clips deleted")
    assert m.DeleteClips(ids=("42-2", "42-3")) in site.keeper.asked
    page.locator("#controls .toggle").click()
    until(page.locator("#recording"), "Recording")


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
    assert page.locator("#player video").count() == 0


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


def test_a_hidden_page_watches_and_asks_nothing(page: Page, site: Site, pictures: None) -> None:
    page.goto(site.website.address)
    page.wait_for_selector("#live.has-picture")
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: true, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    wait_until(lambda: site.recorder.viewers == 0)
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: false, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    wait_until(lambda: site.recorder.viewers == 1)
    page.wait_for_selector("#live.has-picture")


def test_the_live_view_says_when_all_places_are_taken(page: Page, site: Site) -> None:
    held = [site.raw(f"GET /stream.mjpg HTTP/1.1\r\nHost: {site.netloc}\r\n\r\n".encode()) for _ in range(MAX_VIEWERS)]
    wait_until(lambda: site.get("/api/status").json["live"]["viewers"] == MAX_VIEWERS)
    page.goto(site.website.address)
    until(page.locator("#live"), "places are taken")
    for plain in held:
        plain.close()


def test_warnings_are_shown(page: Page, site: Site) -> None:
    site.keeper.progress = msgspec.structs.replace(golden.PROGRESS, warnings=("A broken clip lies in BROKEN.",))
    site.recorder.say(warnings=("Less than 15 % of the card is free.",))
    page.goto(site.website.address)
    until(page.locator("#notices"), "A broken clip lies in BROKEN.")
    until(page.locator("#notices"), "Less than 15 % of the card is free.")
