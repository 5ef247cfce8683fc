"""What happened, as a person finds it: events that appear by themselves, their filters, and the way into the drive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dashcam.clips.event import EventFacts
from dashcam.clips.row import ClipRow
from dashcam.link import messages as m
from dashcam.place import Place
from tests.browser.looking import CLIP_SECONDS, until
from tests.browser.pictures import jpeg, write_clip
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHOWN = ".player[open] video.is-shown"
# A thumb's width, in CSS pixels.
LEAST_TOUCH = 48
# When its event began, in seconds of the clip.
TRIGGER = 4.0


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    """A clip of some seconds, each with its own grey."""
    path = tmp_path / "clip.mp4"
    write_clip(path, CLIP_SECONDS)
    return path.read_bytes()


# Words that reach below the sign of the button, by the boxes of their letters.
WORDS_BELOW = """() => {
    const sign = document.querySelector(".to-drive svg").getBoundingClientRect();
    return [...document.querySelectorAll(".event-words > *")].filter((line) => {
        const range = document.createRange();
        range.selectNodeContents(line);
        const box = range.getBoundingClientRect();
        const right = Math.min(box.right, line.getBoundingClientRect().right);
        return right > sign.left && box.bottom > sign.top && box.top < sign.bottom;
    }).map((line) => line.textContent);
}"""

BOXES = """all => all.map((one) => {
    const box = one.getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom];
})"""


def event_row(number: int, day: str = "2026-11-20", cause: str = "motion", **changes: Any) -> ClipRow:
    facts: dict[str, Any] = {"cause": cause, "id": f"42-{number}", "score": 62.4 if cause == "motion" else 0.0}
    event = EventFacts(at_seconds=TRIGGER, peak_seconds=5.0, **facts, **changes.pop("event", {}))
    path = f"EVENT/{day}/dcp_{day.replace('-', '')}15{number // 60:02d}{number % 60:02d}.mp4"
    given = {"kind": "event", "path": path, "event": event, "duration_seconds": float(CLIP_SECONDS), **changes}
    return clip_row(number, day, **given)


def open_events(page: Page, site: Site) -> None:
    page.goto(f"{site.website.address}/#events")
    page.locator("#view-events .events-filter").wait_for()


def causes_shown(page: Page) -> list[str]:
    words: list[str] = page.locator("#view-events .tile strong").evaluate_all("all => all.map(one => one.textContent)")
    return words


def wait_for_causes(page: Page, *causes: str) -> None:
    wait_until(lambda: causes_shown(page) == list(causes))


def test_an_event_appears_by_itself_and_plays_from_just_before_its_trigger(
    page: Page, site: Site, video: bytes
) -> None:
    open_events(page, site)
    until(page.locator("#view-events .empty"), "No events yet")
    site.keeper.add(event_row(5), video, jpeg((0, 90, 160)))
    tile = page.locator("#view-events .tile")
    until(tile, "Motion")
    for words in ("15:00:05", "6 s · score 62", "53.35122, -6.26031"):
        until(tile, words)
    wait_until(lambda: tile.locator("img").evaluate("picture => picture.naturalWidth > 0"))
    tile.click()
    page.wait_for_selector(SHOWN)
    wait_until(lambda: page.locator(SHOWN).evaluate("video => video.currentTime > 0 && !video.seeking"))
    assert page.locator(SHOWN).evaluate("video => video.currentTime") >= TRIGGER - 2
    assert page.locator(".player[open] .event-mark").is_visible()
    page.keyboard.press("Escape")
    page.locator(".player[open]").wait_for(state="hidden")
    assert page.evaluate("location.hash") == "#events"


def test_what_happens_now_stands_above_the_events_until_its_clip_is_there(page: Page, site: Site) -> None:
    site.keeper.add(clip_row(1), b"of the drive")
    site.recorder.say(event=m.EventStatus(id="42-9", cause="motion", seconds=161.0, score=62.4))
    open_events(page, site)
    row, counters = page.locator(".event-now"), page.locator(".counters")
    for words in ("Happening now", "Motion for 2:4", "score 62"):
        until(row, words)
    until(counters, "no event has ended yet")
    assert page.locator("#view-events .empty").is_hidden()
    site.recorder.say(event=None)
    until(row, "has ended, its clip is being closed")
    site.keeper.add(event_row(9), b"x", jpeg((0, 90, 160)))
    wait_for_causes(page, "Motion")
    row.wait_for(state="hidden")
    until(counters, "1 event: 1 motion")


def test_events_are_found_by_cause_and_by_day(page: Page, site: Site) -> None:
    site.keeper.add(clip_row(1), b"of the drive")
    for number, day, cause in (
        (5, "2026-11-20", "motion"),
        (6, "2026-11-20", "button"),
        (7, "2026-11-20", "api"),
        (8, "2026-11-19", "impact"),
    ):
        site.keeper.add(event_row(number, day, cause), b"x", jpeg((0, 90, 160)))
    open_events(page, site)
    wait_for_causes(page, "Program", "Saved", "Motion", "Impact")
    page.locator(".chip[data-cause='button,api']").click()
    wait_for_causes(page, "Program", "Saved")
    page.locator(".chip[data-cause='impact']").click()
    wait_for_causes(page, "Impact")
    page.locator(".chip[data-cause='all']").click()
    page.locator(".which-day").select_option("2026-11-19")
    wait_for_causes(page, "Impact")
    until(page.locator(".counters"), "19 November 2026 1 event: 1 impact")
    page.locator(".day-after").click()
    wait_for_causes(page, "Program", "Saved", "Motion")
    page.locator(".chip[data-cause='hand']").click()
    until(page.locator("#view-events .empty"), "No such events on this day.")


def test_an_event_leads_to_its_moment_in_the_drive_and_back(page: Page, site: Site, video: bytes) -> None:
    site.keeper.add(clip_row(1, duration_seconds=float(CLIP_SECONDS)), video)
    site.keeper.add(event_row(5, event={"loop_id": "42-1", "loop_seconds": 3.5}), video, jpeg((0, 90, 160)))
    open_events(page, site)
    page.locator(".to-drive").click()
    until(page.locator(".player[open] h2"), "15:00:01")
    wait_until(lambda: page.locator(SHOWN).evaluate("video => video.currentTime >= 3.5"))
    page.keyboard.press("Escape")
    page.locator("#view-events .tile").click()
    until(page.locator(".player[open] h2"), "15:00:05")
    page.locator(".player[open] .in-drive").click()
    until(page.locator(".player[open] h2"), "15:00:01")
    assert not page.locator(".player[open] .in-drive").is_visible()


def test_on_a_small_phone_every_kind_of_events_is_within_reach(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    site.keeper.add(event_row(5), b"x", jpeg((0, 90, 160)))
    open_events(page, site)
    page.locator("#view-events .select").wait_for()
    boxes = page.locator("#view-events .events-filter button").evaluate_all(BOXES)
    assert len(boxes) == 6
    for place, (left, top, right, bottom) in enumerate(boxes):
        assert left >= 0
        assert right <= 360
        assert min(right - left, bottom - top) >= LEAST_TOUCH
        for other in boxes[place + 1 :]:
            assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_on_a_small_phone_no_words_lie_below_the_way_to_the_drive(page: Page, site: Site) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    facts = {"loop_id": "42-1", "loop_seconds": 3.5}
    place = Place(latitude=53.35122, longitude=-106.26031)
    lasting: dict[str, Any] = {"duration_seconds": 1201.0, "place": place}
    row = event_row(5, cause="impact", lock_cause="impact", event=facts, **lasting)
    site.keeper.add(row, b"x", jpeg((0, 90, 160)))
    open_events(page, site)
    page.locator(".to-drive").wait_for()
    assert page.evaluate(WORDS_BELOW) == []


def test_events_are_saved_and_deleted_as_clips_are(page: Page, site: Site) -> None:
    for number in (5, 6):
        site.keeper.add(event_row(number), b"x", jpeg((0, 90, 160)))
    open_events(page, site)
    wait_for_causes(page, "Motion", "Motion")
    page.locator("#view-events .select").click()
    page.locator("#view-events .tile").first.click()
    page.locator("#view-events .selection .lock").click()
    until(page.locator("#view-events .tile").first, "saved")
    page.locator("#view-events .select").click()
    page.locator("#view-events .tile").nth(1).click()
    page.locator("#view-events .selection .delete").click()
    page.locator("#question .yes").click()
    wait_for_causes(page, "Motion")
    page.goto("about:blank")
    wait_until(lambda: m.DeleteClips(ids=("42-5",)) in site.keeper.asked)


def test_that_a_clip_is_saved_is_said_once_and_that_it_is_no_longer_too(page: Page, site: Site) -> None:
    for number, cause, lock in (
        (5, "button", "button"),
        (6, "button", None),
        (7, "impact", "impact"),
        (8, "motion", None),
    ):
        site.keeper.add(event_row(number, cause=cause, lock_cause=lock), b"x", jpeg((0, 90, 160)))
    open_events(page, site)
    wait_for_causes(page, "Motion", "Impact", "Saved", "Saved")
    lines = page.locator("#view-events .tile .cause").all_inner_texts()
    assert [line.split() for line in lines] == [["Motion"], ["Impact", "saved"], ["Saved", "unlocked"], ["Saved"]]


def test_chosen_clips_are_searched_for_motion(page: Page, site: Site) -> None:
    for number in (1, 2):
        site.keeper.add(clip_row(number), b"of the drive")
    page.goto(f"{site.website.address}/#clips")
    page.locator("#view-clips .select").click()
    page.locator("#view-clips .tile").first.click()
    page.locator("#view-clips .search-chosen").click()
    until(page.locator(".search-dialog"), "In 1 chosen clip")
    # Its look comes with the page of the clips, too.
    assert page.locator(".search-dialog select").evaluate("where => where.offsetHeight") >= 44
    page.locator(".search-dialog .yes").click()
    wait_until(lambda: m.SearchMotion(ids=("42-2",)) in site.keeper.asked)
    page.locator("#view-clips .selection").wait_for(state="hidden")


def test_a_search_for_motion_is_asked_for_followed_and_stopped(page: Page, site: Site) -> None:
    site.keeper.add(clip_row(1), b"of the drive")
    open_events(page, site)
    page.locator(".overview.is-loaded .search-motion").click()
    page.locator(".search-dialog .cut-too").check()
    page.locator(".search-dialog .yes").click()
    wait_until(lambda: m.SearchMotion(day="2026-11-20", cut=True) in site.keeper.asked)
    bar = page.locator("#view-events .jobs")
    site.keeper.tell_job("search-1", state="running", words="12 of 60 clips", share=0.2, seconds_left=95.0)
    until(bar, "12 of 60 clips, about 2 minutes left.")
    assert bar.locator("progress").evaluate("bar => bar.value") == pytest.approx(0.2)
    bar.locator(".stop-job").click()
    until(bar, "Stopped.")
    assert m.StopJob(id="search-1") in site.keeper.asked
    bar.get_by_text("OK").click()
    bar.wait_for(state="hidden")
