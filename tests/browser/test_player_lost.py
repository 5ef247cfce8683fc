"""The player while the dashcam cannot be reached, and afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashcam.clips.row import ClipRow
from dashcam.link import messages as m
from tests.browser.looking import until
from tests.browser.pictures import jpeg
from tests.browser.relay import Relay
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

IS_PLAYING = "document.querySelector('#player video.is-shown').currentTime > 0.2"


def open_clip(page: Page, address: str, place: int) -> None:
    page.clock.install()
    page.goto(f"{address}/#clips")
    page.locator(".tile").nth(place).click()
    wait_until(lambda: page.evaluate(IS_PLAYING))
    wait_until(page.locator("#player .older").is_enabled)


def lose(page: Page, relay: Relay) -> None:
    relay.is_silent.set()
    page.clock.fast_forward("00:10")
    until(page.locator("#player .trouble"), "Connection lost")


def find_again(page: Page, relay: Relay) -> None:
    relay.is_silent.clear()
    page.clock.fast_forward("00:10")
    wait_until(page.locator("#player .trouble").is_hidden)


def test_a_clip_goes_on_by_itself_once_the_connection_is_back(page: Page, relay: Relay, clips: list[ClipRow]) -> None:
    open_clip(page, relay.address, 1)
    relay.is_silent.set()
    page.locator("#player .older").click()
    lose(page, relay)
    problem = page.locator("#player .problem")
    until(problem, "goes on by itself")
    assert problem.locator("button").is_hidden()
    assert page.locator("#messages .message").count() == 0
    for name in (".lock", ".download", ".delete"):
        assert page.locator(f"#player {name}").is_disabled()
    assert page.locator("#player .play").get_attribute("aria-label") == "Play"
    find_again(page, relay)
    wait_until(problem.is_hidden)
    wait_until(lambda: page.evaluate(IS_PLAYING))
    until(page.locator("#player .facts"), "dcp_20261120150001.mp4")
    wait_until(page.locator("#player .newer").is_enabled)
    for name in (".lock", ".download", ".delete"):
        assert page.locator(f"#player {name}").is_enabled()


def test_what_was_paused_stays_paused_at_its_place(page: Page, relay: Relay, clips: list[ClipRow]) -> None:
    open_clip(page, relay.address, 1)
    page.locator("#player .play").click()
    page.locator("#player .seek").fill("3.5")
    lose(page, relay)
    assert page.locator("#player .problem").is_hidden()
    find_again(page, relay)
    wait_until(page.locator("#player .lock").is_enabled)
    assert page.evaluate("(video => [video.paused, video.currentTime])(document.querySelector('video.is-shown'))") == [
        True,
        3.5,
    ]


def test_no_answer_is_not_the_end_of_the_clips(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.route("**/neighbours*", lambda route: route.abort())
    page.goto(f"{site.website.address}/#clips")
    page.locator(".tile").nth(1).click()
    page.locator("#player .speed").select_option("4")
    until(page.locator("#player .problem"), "The dashcam cannot be reached")
    assert page.locator("#messages .message").count() == 0
    page.unroute_all()
    until(page.locator("#player h2"), "15:00:03")
    wait_until(lambda: page.evaluate(IS_PLAYING))
    assert page.locator("#player .problem").is_hidden()


def test_a_clip_that_is_being_closed_is_asked_for_only_once_it_is_listed(
    page: Page, site: Site, clips: list[ClipRow]
) -> None:
    row = clip_row(9, duration_seconds=6.0)
    (site.data / "DCIM" / row.path).write_bytes((site.data / "DCIM" / clips[0].path).read_bytes())
    site.recorder.say(open_clip=m.OpenClip(id=row.id, path=row.path, seconds=6.0, bytes=10_000))
    failures: list[str] = []
    page.on("response", lambda answer: failures.append(answer.url) if answer.status >= 400 else None)
    open_clip_now(page, site)
    page.locator("#player .speed").select_option("4")
    with page.expect_response(lambda answer: "/api/clips?" in answer.url and "limit=20" in answer.url):
        site.recorder.say(open_clip=None)
    until(page.locator("#player h2"), "Recording now")
    site.keeper.add(row, (site.data / "DCIM" / row.path).read_bytes(), jpeg((0, 90, 160)))
    until(page.locator("#player h2"), "15:00:09")
    assert failures == []


def open_clip_now(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#clips")
    page.locator(".now").click()
    until(page.locator("#player h2"), "Recording now")
    wait_until(lambda: page.evaluate(IS_PLAYING))
