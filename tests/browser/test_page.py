"""What a driver sees and touches, in a real browser: recording, live view, buttons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from dashcam.clips.row import ClipRow
from dashcam.errors import CameraError
from dashcam.link import messages as m
from tests import golden_values as golden
from tests.browser.looking import GREY_OF_MIDDLE, HEAR_TONES, until
from tests.browser.relay import Relay
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

MAX_VIEWERS = 10
# A thumb's width, in CSS pixels.
SIZES_BY_NAME = """elements => elements.map((element) => {
    const box = element.getBoundingClientRect();
    return [element.innerText, Math.min(box.width, box.height)];
})"""
LEAST_TOUCH = 48
START_BYTES = 100_000
DARK_GROUND = "rgb(20, 24, 29)"
LATER_FILES = re.compile(
    r"/(announcements|events|gallery|help|live-now|map|phone-time|player|settings|status)[a-z-]*\.(js|css)$"
)
FILES_OF_PAGE = "performance.getEntriesByType('resource')"
VIEWS = ("live", "clips", "events", "map", "status")


def test_recording_shows_at_a_glance_and_the_live_picture_moves(page: Page, site: Site, pictures: None) -> None:
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    assert re.search(r"Recording 01:1\d", page.locator("#recording h1").inner_text())
    until(page.locator("#notices"), "No camera found: showing the synthetic drive")
    assert page.locator("#notices li").count() == 1
    page.locator("#notices summary").click()
    until(page.locator("#notices"), "No camera was found")
    until(page.locator("#about"), "No login")
    picture = page.locator("#live canvas")
    page.wait_for_selector("#live.has-picture")
    seen: list[int] = []

    def has_moved() -> bool:
        seen.append(picture.evaluate(GREY_OF_MIDDLE))
        return len(set(seen)) >= 3

    wait_until(has_moved)


@pytest.mark.parametrize("view", VIEWS)
def test_every_button_is_large_enough_for_a_thumb(page: Page, site: Site, view: str) -> None:
    page.goto(f"{site.website.address}/#{view}")
    until(page.locator("#recording"), "Recording")
    buttons = page.locator("button:visible, a.button:visible, summary:visible")
    buttons.first.wait_for()
    # All at once: a list that is just being filled takes buttons away between two questions.
    sizes = buttons.evaluate_all(SIZES_BY_NAME)
    assert [(name, size) for name, size in sizes if size < LEAST_TOUCH] == []


@pytest.mark.parametrize("width", [360, 412, 1280])
def test_nothing_is_cut_off_at_the_side(page: Page, site: Site, clips: list[ClipRow], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    site.recorder.say(is_recording=False, state="no_card", reason="There is no card. " * 20)
    for view in VIEWS:
        page.goto(f"{site.website.address}/#{view}")
        until(page.locator("#recording"), "NOT RECORDING")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view


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
    until(page.locator("#recording"), "NOT RECORDING?")
    until(page.locator("#live"), "the recorder does not answer")


def test_photo_and_save_reach_the_recorder_and_are_confirmed(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    page.locator("#controls .photo").click()
    until(page.locator("#messages"), "Photo taken")
    page.locator("#controls .save").click()
    until(page.locator("#messages"), "Saved the last 60 s, 10 s more to come.")
    assert site.recorder.asked == [m.TakePhoto(), m.Save(cause="button")]


def test_what_goes_wrong_is_told_in_the_recorders_words(page: Page, site: Site) -> None:
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
    asking = f"GET /stream.mjpg HTTP/1.1\r\nHost: {site.netloc}\r\n\r\n".encode()
    # Nobody gets all places.
    held = [site.raw(asking, f"127.0.0.{2 + number % 2}") for number in range(MAX_VIEWERS)]
    wait_until(lambda: site.get("/api/status").json["live"]["viewers"] == MAX_VIEWERS)
    page.goto(site.website.address)
    until(page.locator("#live"), "All places of the live view are taken")
    for plain in held:
        plain.close()


def test_warnings_are_shown(page: Page, site: Site) -> None:
    site.keeper.progress = msgspec.structs.replace(golden.PROGRESS, warnings=("A broken clip lies in BROKEN.",))
    site.recorder.say(warnings=("Less than 15 % of the card is free.",))
    page.goto(site.website.address)
    until(page.locator("#notices"), "A broken clip lies in BROKEN.")
    until(page.locator("#notices"), "Less than 15 % of the card is free.")


def test_the_colours_are_right_before_the_page_is_and_stay_as_chosen(page: Page, site: Site) -> None:
    page.emulate_media(color_scheme="light")
    page.route("**/js/main.js", lambda route: route.abort())
    page.goto(site.website.address)
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.unroute("**/js/main.js")
    page.reload()
    until(page.locator("#recording"), "Recording")
    page.locator("#theme label", has_text="Dark").click()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == DARK_GROUND
    page.reload()
    until(page.locator("#recording"), "Recording")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == DARK_GROUND
    assert page.locator("#theme input[value=dark]").is_checked()


def test_a_sound_tells_what_is_wrong_and_nothing_else(page: Page, site: Site) -> None:
    page.add_init_script(HEAR_TONES)
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    page.locator("#sound").click()
    wait_until(lambda: page.evaluate("tones") == [660, 880])
    site.recorder.say(warnings=("Less than 15 % of the card is free.",))
    until(page.locator("#notices"), "Less than 15 %")
    site.recorder.say(is_recording=False, state="card_full", reason="The card is full.", open_clip=None)
    wait_until(lambda: page.evaluate("tones.splice(2)") == [880, 660, 880, 660])
    site.website.close()
    wait_until(lambda: page.evaluate("tones.splice(2)") == [330])


def test_a_phone_without_the_switch_hears_nothing(page: Page, site: Site) -> None:
    page.add_init_script(HEAR_TONES)
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    page.locator("#recording").click()
    site.recorder.say(is_recording=False, state="card_full", reason="The card is full.", open_clip=None)
    until(page.locator("#recording"), "NOT RECORDING")
    assert page.evaluate("tones") == []


def test_the_start_page_is_light_and_comes_from_here_alone(page: Page, site: Site, pictures: None) -> None:
    answers: list[Response] = []

    def hear(answer: Response) -> None:
        answers.append(answer)

    page.on("response", hear)
    # What comes later and in the background; the start page stands without it.
    page.route(LATER_FILES, lambda route: route.abort())
    page.goto(site.website.address)
    page.wait_for_selector("#live.has-picture")
    assert all(answer.url.startswith(site.website.address) for answer in answers)
    files = [answer for answer in answers if re.search(r"(/|\.(js|css|svg|webmanifest))$", answer.url)]
    assert sum(len(answer.body()) for answer in files if answer.request.method == "GET") < START_BYTES


def test_what_the_other_pages_need_comes_when_the_start_page_stands(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    wait_until(lambda: page.evaluate(f"{FILES_OF_PAGE}.some(file => file.name.endsWith('/power.js'))"))
    files = page.evaluate(f"{FILES_OF_PAGE}.map(file => [file.name, file.startTime, file.responseEnd])")
    of_start = page.evaluate("[...document.querySelectorAll('link[rel=modulepreload]')].map(link => link.href)")
    stands = max(ended for name, _, ended in files if name in of_start)
    later = [began for name, began, _ in files if LATER_FILES.search(name)]
    assert len(later) > 20
    assert min(later) > stands


def test_a_saved_clip_is_marked_while_it_is_recorded(page: Page, site: Site) -> None:
    page.goto(site.website.address)
    until(page.locator("#recording"), "Recording")
    assert page.locator("#recording .kept").is_hidden()
    site.recorder.say(open_clip=m.OpenClip(id=golden.IDS[-1], path="", seconds=1.0, bytes=0))
    page.locator("#controls .save").click()
    page.locator("#recording .kept").wait_for()
    site.recorder.say(open_clip=golden.STATUS.open_clip)
    page.locator("#recording .kept").wait_for(state="hidden")
    # Another phone has pressed save.
    site.recorder.say(open_clip=m.OpenClip(id="42-99", path="", seconds=1.0, bytes=0, is_saved=True))
    page.locator("#recording .kept").wait_for()
