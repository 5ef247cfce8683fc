"""The gallery in a real browser: what is shown, chosen, locked, deleted and downloaded."""

from __future__ import annotations

import io
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashcam.clips.row import ClipRow
from dashcam.link import messages as m
from tests.browser.looking import until
from tests.browser.pictures import jpeg
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

DAYS = [f"2026-11-{day:02d}" for day in range(1, 11)]
CLIPS_A_DAY = 1000
# Three screens of tiles, ten headings and what stands around them.
MOST_NODES = 3000
TIMES_ON_SCREEN = """[...document.querySelectorAll(".tile")].filter((tile) => {
    const {top, bottom} = tile.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
}).map((tile) => tile.querySelector(".time").textContent)"""

# The screen is full of tiles, and none of them is unknown yet.
IS_SETTLED = f'({TIMES_ON_SCREEN}).length >= 12 && document.querySelector(".unknown") === null'


def wait_for_tiles(page: Page, tiles: int) -> None:
    wait_until(lambda: page.locator(".tile").count() == tiles)


def is_newest_on_screen(page: Page, time: str) -> bool:
    return bool(page.evaluate(TIMES_ON_SCREEN)[:1] == [time])


def open_gallery(page: Page, site: Site, tiles: int) -> None:
    page.goto(f"{site.website.address}/#clips")
    wait_for_tiles(page, tiles)


def row_of_minute(number: int, day: str, minute: int) -> ClipRow:
    """A clip of a day that began at a minute of it."""
    path = f"VIDEO/{day}/dcp_{day.replace('-', '')}{minute // 60:02d}{minute % 60:02d}00.mp4"
    return clip_row(number, day, path=path)


@pytest.fixture
def many(site: Site) -> Site:
    """Ten thousand clips of ten days, in the catalogue only."""
    for place, day in enumerate(DAYS):
        first = place * CLIPS_A_DAY + 1
        site.keeper.catalogue.put([row_of_minute(first + minute, day, minute) for minute in range(CLIPS_A_DAY)])
    # Word of them would be news to a page that is opened earlier.
    generation = site.keeper.catalogue.state().generation
    wait_until(lambda: site.get("/api/status").json["generation"] == generation)
    return site


def test_ten_thousand_clips_are_scrolled_in_order_with_few_of_them_in_the_page(page: Page, many: Site) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/clips?" in request.url else None)
    page.goto(f"{many.website.address}/#clips")
    wait_until(lambda: page.evaluate(IS_SETTLED))
    assert len(asked) == 1
    assert page.locator(".day").count() == len(DAYS)
    assert page.locator(".day .counts").all_text_contents() == ["1000 clips · 60 GB"] * len(DAYS)
    height = page.evaluate("document.querySelector('.days').offsetHeight")
    numbers: list[int] = []
    page.evaluate("document.querySelectorAll('.day')[9].scrollIntoView()")
    page.evaluate("scrollBy(0, -600)")
    for _ in range(12):
        wait_until(lambda: page.evaluate(IS_SETTLED))
        numbers += [int(time[:2]) * 60 + int(time[3:5]) for time in page.evaluate(TIMES_ON_SCREEN)]
        assert page.evaluate("document.querySelectorAll('*').length") < MOST_NODES
        page.evaluate("scrollBy(0, 300)")
    seen = list(dict.fromkeys(numbers))
    end_of_second_day = seen.index(0)
    assert seen[: end_of_second_day + 1] == list(range(end_of_second_day, -1, -1))
    first_day = seen[end_of_second_day + 1 :]
    assert first_day == list(range(999, 999 - len(first_day), -1))
    assert len(first_day) > 30
    heading = page.locator(".day").last.locator(".heading")
    assert heading.evaluate("element => element.getBoundingClientRect().top") == pytest.approx(
        page.locator(".top").evaluate("element => element.getBoundingClientRect().bottom"), abs=2
    )
    until(heading, "1 November 2026")
    assert page.evaluate("document.querySelector('.days').offsetHeight") == height


def test_a_clip_of_the_day_before_is_found_with_three_touches(page: Page, many: Site) -> None:
    page.goto(many.website.address)
    page.locator("#views a[href='#clips']").click()
    page.locator(".strip .chip").nth(1).click()
    wait_until(lambda: page.evaluate("document.querySelector('.day[data-day=\"2026-11-09\"] .tile')"))
    tile = page.locator('.day[data-day="2026-11-09"] .tile').first
    assert tile.evaluate("tile => tile.getBoundingClientRect().bottom < innerHeight")
    tile.click()
    until(page.locator("#player .facts"), "9 November 2026")


def test_every_day_is_reached_through_the_list_of_days(page: Page, many: Site) -> None:
    page.goto(f"{many.website.address}/#clips")
    page.get_by_role("button", name="All days").click()
    assert page.locator(".all-days li").count() == len(DAYS)
    page.locator(".all-days button").nth(6).click()
    wait_until(lambda: page.evaluate("document.querySelector('.day[data-day=\"2026-11-04\"] .tile')"))
    assert page.evaluate("document.activeElement.textContent").endswith("4 November 2026")


def test_filters_show_only_what_they_say_with_its_counts(page: Page, site: Site, clips: list[ClipRow]) -> None:
    site.keeper.add(clip_row(8, kind="event", path="EVENT/2026-11-20/a.mp4", lock_cause="motion"), b"x" * 5000)
    site.keeper.add(clip_row(9, kind="photo", path="PHOTO/2026-11-20/b.jpg"), b"x" * 3000)
    open_gallery(page, site, 5)
    counts = page.locator(".day .counts")
    until(counts, "4 clips · 1 kept · 1 photo")
    for chip, tiles, words in [("Photos", 1, "1 photo · 3.0 kB"), ("Kept", 1, "1 kept"), ("Loop", 3, "3 clips")]:
        page.locator(".chips .chip", has_text=chip).click()
        wait_for_tiles(page, tiles)
        until(counts, words)
    page.locator(".chips .chip", has_text="Locked").click()
    until(page.locator("#view-clips .empty"), "nothing of this kind")
    page.locator(".show-all").click()
    wait_until(lambda: page.locator(".tile").count() == 5)


def test_new_clips_appear_and_old_ones_go_without_reloading(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_gallery(page, site, 3)
    page.locator(".tile").first.evaluate("tile => { tile.isStillTheSame = true; }")
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


def test_a_hundred_clips_arrive_on_two_phones_and_move_nothing_that_is_looked_at(page: Page, many: Site) -> None:
    other = page.context.new_page()
    other.goto(f"{many.website.address}/#clips")
    page.goto(f"{many.website.address}/#clips")
    page.wait_for_selector(".tile")
    page.evaluate("scrollTo(0, 1500)")
    wait_until(lambda: page.evaluate(IS_SETTLED))
    seen = page.evaluate(TIMES_ON_SCREEN)
    for number in range(100):
        many.keeper.catalogue.put([row_of_minute(20_000 + number, DAYS[-1], CLIPS_A_DAY + number)])
    until(page.locator(".pill"), "100 new")
    until(other.locator(".day .counts").first, "1100 clips")
    assert page.evaluate(TIMES_ON_SCREEN) == seen
    page.locator(".pill").click()
    for phone in (page, other):
        wait_until(partial(is_newest_on_screen, phone, "18:19:00"))
    wait_until(lambda: page.evaluate(TIMES_ON_SCREEN) == other.evaluate(TIMES_ON_SCREEN))
    page.locator(".pill").wait_for(state="hidden")
    other.close()


def test_two_are_downloaded_as_one_zip_of_their_files(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_gallery(page, site, 3)
    page.locator(".select").click()
    page.locator(".tile").nth(0).click()
    page.locator(".tile").nth(2).click()
    until(page.locator(".chosen"), "2 items · ")
    with page.expect_download() as started:
        page.locator(".selection .download").click()
    assert started.value.suggested_filename == "dashcam-2026-11-20.zip"
    with zipfile.ZipFile(io.BytesIO(Path(started.value.path()).read_bytes())) as zipped:
        assert {name: zipped.read(name) for name in zipped.namelist()} == {
            row.path.removeprefix("VIDEO/"): (site.data / "DCIM" / row.path).read_bytes()
            for row in (clips[0], clips[2])
        }


def test_a_whole_day_is_locked_and_unlocked(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_gallery(page, site, 3)
    page.locator(".select").click()
    page.locator(".heading .pick").click()
    until(page.locator(".chosen"), "3 items")
    page.locator(".selection .lock").click()
    until(page.locator(".day .counts"), "3 kept")
    assert page.locator(".selection").is_hidden()
    wait_until(lambda: page.locator(".tile", has_text="locked").count() == 3)
    # A finger that rests chooses, a keyboard's shift takes what lies between.
    page.locator(".tile").first.dispatch_event("pointerdown", {"pointerType": "touch", "isPrimary": True})
    until(page.locator(".chosen"), "1 item")
    page.locator(".tile").first.dispatch_event("pointerup")
    page.locator(".tile").nth(2).click(modifiers=["Shift"])
    until(page.locator(".chosen"), "3 items")
    page.locator(".selection .unlock").click()
    wait_until(lambda: page.locator(".tile", has_text="locked").count() == 0)
    assert all((site.data / "DCIM" / row.path).exists() for row in clips)


def choose_and_delete(page: Page, *places: int) -> None:
    page.locator(".select").click()
    for place in places:
        page.locator(".tile").nth(place).click()
    page.locator(".selection .delete").click()
    page.locator("#question .yes").click()


def deletions(site: Site) -> list[m.Message]:
    return [message for message in site.keeper.asked if isinstance(message, m.DeleteClips)]


def test_deleting_asks_takes_away_at_once_and_can_be_undone(page: Page, site: Site, clips: list[ClipRow]) -> None:
    page.clock.install()
    open_gallery(page, site, 3)
    page.locator(".select").click()
    page.locator(".tile").first.click()
    page.locator(".selection .delete").click()
    page.locator("#question .no").click()
    assert page.locator(".tile").count() == 3
    page.locator(".selection .stop").click()
    choose_and_delete(page, 0, 1)
    until(page.locator(".undo"), "2 clips deleted.")
    assert page.locator(".tile").count() == 1
    until(page.locator(".day .counts"), "1 clip")
    assert page.evaluate("document.activeElement.className") == "tile"
    page.clock.run_for(4000)
    page.locator(".undo .act").click()
    assert page.locator(".tile").count() == 3
    page.clock.run_for(10_000)
    assert deletions(site) == []
    choose_and_delete(page, 0)
    page.clock.run_for(6_500)
    wait_until(lambda: deletions(site) == [m.DeleteClips(ids=("42-3",))])
    assert page.locator(".undo").is_hidden()
    assert page.locator(".tile").count() == 2


def test_what_was_deleted_is_gone_when_the_page_is_left(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_gallery(page, site, 3)
    choose_and_delete(page, 1)
    page.goto("about:blank")
    wait_until(lambda: deletions(site) == [m.DeleteClips(ids=("42-2",))])
    wait_until(lambda: not (site.data / "DCIM" / clips[1].path).exists())


def test_a_clip_that_is_busy_comes_back_with_words_and_is_deleted_later(
    page: Page, site: Site, clips: list[ClipRow]
) -> None:
    page.clock.install()
    open_gallery(page, site, 3)
    busy = '{"done": [], "failed": {"42-3": "The clip is still being recorded or finished."}}'
    page.route("**/api/clips/delete", lambda route: route.fulfill(body=busy, content_type="application/json"), times=1)
    choose_and_delete(page, 0)
    page.clock.run_for(6_500)
    until(page.locator(".undo"), "1 clip could not be deleted: The clip is still being recorded or finished.")
    wait_until(lambda: page.locator(".tile").count() == 3)
    page.locator(".undo .act").click()
    assert page.locator(".tile").count() == 2
    page.clock.run_for(6_500)
    wait_until(lambda: deletions(site) == [m.DeleteClips(ids=("42-3",))])


def test_sharing_is_offered_only_where_the_browser_can(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_gallery(page, site, 3)
    page.locator(".select").click()
    offered = page.evaluate("Boolean(navigator.canShare?.({files: [new File([''], 'a.mp4', {type: 'video/mp4'})]}))")
    assert page.locator(".selection .share").count() == int(offered)
    page.add_init_script("""
        window.shared = [];
        Object.assign(Navigator.prototype, {
            canShare: () => true,
            async share({ files }) { window.shared = files.map(({ name, size }) => [name, size]); },
        });
    """)
    page.reload()
    page.locator(".select").click()
    page.locator(".tile").nth(0).click()
    page.locator(".selection .share").click()
    wait_until(lambda: page.evaluate("window.shared") == [["dcp_20261120150003.mp4", clips[2].bytes]])


def test_the_gallery_can_be_used_by_keyboard_alone(page: Page, site: Site, clips: list[ClipRow]) -> None:
    open_gallery(page, site, 3)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "tile":
            break
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.id") == "42-2"
    page.keyboard.press("Enter")
    page.wait_for_selector("#player[open]")
    assert page.evaluate("document.activeElement.closest('#player') !== null")
    page.keyboard.press("Escape")
    page.wait_for_selector("#player", state="hidden")
    wait_until(lambda: page.evaluate("document.activeElement.dataset.id") == "42-2")
