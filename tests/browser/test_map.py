"""The map in a real browser: the drives of a day, and the video from where a line is touched."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import gpxpy
import msgspec
import pytest

from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import TrackSummary
from tests import golden_values as golden
from tests.browser.coded import CODED_FPS, STOP, number_shown
from tests.browser.drives import DAY, add_photo, driven
from tests.browser.looking import CLIP_SECONDS, until
from tests.browser.map_fixtures import day, leaflet, offline
from tests.browser.on_map import (
    CAR,
    COLOUR,
    CURRENT,
    LEAFLET,
    LINE_ON_SCREEN,
    PLAIN,
    VIDEO,
    open_day,
    tap_at,
    wait_for_clip,
)
from tests.web.sites import Site, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Found here by the tests of this file.
__all__ = ["day", "leaflet", "offline"]
pytestmark = pytest.mark.usefixtures("leaflet", "offline")
NO_TRACK = TrackSummary(points=0, gap_seconds=6.0, distance_m=0.0, moving_seconds=0.0, top_speed_mps=None)
# At once: a list that is just being filled takes elements away between two questions. Not of what Leaflet credits.
BOXES_BY_NAME = """elements => elements
    .filter((one) => one.closest(".leaflet-control-attribution") === null)
    .map((one) => {
        const { left, right, width, height } = one.getBoundingClientRect();
        return [one.innerText, [left, right, Math.min(width, height)]];
    })"""
# Where a video was sent, whoever did it.
HEAR_SEEKS = """
    window.sought = [];
    document.addEventListener("seeking", (event) => sought.push(event.target.currentTime), true);
"""


def without_leaflet(page: Page) -> None:
    page.route("**/api/map", lambda route: route.fulfill(json={**route.fetch().json(), "leaflet": None}))


@pytest.mark.parametrize("canvas", [LEAFLET, PLAIN])
def test_a_track_is_shown_offline_and_a_touch_on_it_seeks_the_video(
    page: Page, site: Site, day: list[ClipRow], canvas: str
) -> None:
    if canvas == PLAIN:
        without_leaflet(page)
    page.add_init_script(HEAR_SEEKS)
    ends = open_day(page, site, canvas)
    for clip, second in ((2, 3.5), (1, 1.5), (3, 4.5)):
        tap_at(page, ends, (clip - 1) * CLIP_SECONDS + second)
        wait_for_clip(page, clip)
        assert page.evaluate("sought[0]") == pytest.approx(second, abs=0.4)
        # The picture is that of this second of this clip.
        shown = page.locator(VIDEO).evaluate(STOP)
        assert shown >= second - 0.4
        assert number_shown(page.locator(VIDEO)) == clip * 1000 + math.floor(shown * CODED_FPS + 0.001)
        page.locator(".map-player .close").click()
        page.evaluate("sought.splice(0)")


def test_while_it_plays_the_marker_moves_along_the_line_and_the_graph_seeks(
    page: Page, site: Site, day: list[ClipRow]
) -> None:
    left, right, height = open_day(page, site)
    tap_at(page, (left, right, height), 1)
    wait_until(lambda: page.evaluate(CAR) is not None)
    seen: list[float] = []

    def has_moved() -> bool:
        x = page.evaluate(CAR)[0]
        if not seen or x > seen[-1] + 0.5:
            seen.append(x)
        return len(seen) >= 4

    wait_until(has_moved)
    until(page.locator(".map-player .pace"), "72 km/h")
    page.locator(VIDEO).evaluate("video => video.pause()")
    graph = page.locator(".graph")
    box = graph.bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    wait_until(lambda: page.evaluate(CURRENT) == pytest.approx(CLIP_SECONDS * 0.75, abs=0.1))
    graph.focus()
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: page.evaluate(CURRENT) == pytest.approx(CLIP_SECONDS * 0.75 - 1, abs=0.1))
    assert graph.get_attribute("aria-valuetext") == "0:03, 72 km/h"


def test_a_clip_that_ends_goes_on_with_the_next(page: Page, site: Site, day: list[ClipRow]) -> None:
    tap_at(page, open_day(page, site), CLIP_SECONDS - 1.5)
    wait_for_clip(page, 1)
    wait_for_clip(page, 2)


def test_trips_are_listed_and_lead_to_the_line_and_the_video(page: Page, site: Site, day: list[ClipRow]) -> None:
    later = [driven(number, path=f"VIDEO/{DAY}/dcp_2026112018{number:02d}00.mp4") for number in range(600, 603)]
    site.keeper.catalogue.put(
        [msgspec.structs.replace(row, started_utc_ms=(row.started_utc_ms or 0) + 3 * 3600_000) for row in later]
    )
    open_day(page, site)
    trips = page.locator(".trips .trip")
    assert trips.count() == 2
    until(trips.first, "15:00 – 15:00")
    until(trips.first, "340 m · 17 s")
    until(trips.first, "top 72 km/h · mean 72 km/h")
    before = page.evaluate(LINE_ON_SCREEN, [LEAFLET, *COLOUR])
    trips.first.click()
    assert trips.first.get_attribute("aria-pressed") == "true"
    wait_until(lambda: page.evaluate(LINE_ON_SCREEN, [LEAFLET, *COLOUR]) != before)
    page.locator(".whole").click()
    wait_until(lambda: page.evaluate(LINE_ON_SCREEN, [LEAFLET, *COLOUR]) == before)
    page.locator(".play-trip").click()
    wait_until(lambda: page.evaluate(f"{CURRENT} > 0.2"))
    assert page.locator(VIDEO).get_attribute("src") == "/media/42-1"


def test_a_photo_stands_on_the_map_and_opens(page: Page, site: Site, day: list[ClipRow]) -> None:
    add_photo(site, 50, 8.0)
    open_day(page, site)
    mark = page.locator(".photo-mark")
    assert mark.get_attribute("aria-label") == "Photo, 15:00:00"
    mark.tap()
    wait_until(lambda: page.evaluate("document.querySelector('.map-photo img')?.naturalWidth") == 1280)
    page.locator(".map-photo button").click()
    page.locator(".map-photo").wait_for(state="hidden")


def test_an_event_stands_on_the_map_and_opens_just_before_its_trigger(
    page: Page, site: Site, day: list[ClipRow]
) -> None:
    event = msgspec.structs.replace(golden.EVENT, id="42-77", at_seconds=2.5)
    path = "EVENT/2026-11-20/dcp_20261120150003.mp4"
    video = (site.data / "DCIM" / day[0].path).read_bytes()
    site.keeper.add(msgspec.structs.replace(day[0], id="42-77", kind="event", path=path, event=event), video)
    open_day(page, site)
    mark = page.locator(".photo-mark")
    assert mark.get_attribute("aria-label") == "Motion, 15:00:05"
    mark.tap()
    until(page.locator(".player[open] h2"), "15:00:03")
    assert page.evaluate("location.hash").startswith("#events/42-77")


def test_tracks_of_clip_day_and_selection_are_downloaded(page: Page, site: Site, day: list[ClipRow]) -> None:
    def points_of(press: Callable[[], None]) -> tuple[str, list[float]]:
        with page.expect_download() as started:
            press()
        found = gpxpy.parse(Path(started.value.path()).read_text())
        points = [point.latitude for track in found.tracks for part in track.segments for point in part.points]
        return started.value.suggested_filename, points

    ends = open_day(page, site)
    name, points = points_of(page.locator(".day-bar .gpx").click)
    assert (name, points) == (f"dashcam-{DAY}.gpx", [50.001, 50.002, 50.003])
    tap_at(page, ends, CLIP_SECONDS + 2)
    name, points = points_of(page.locator(".map-player .gpx").click)
    assert (name, points) == ("dcp_20261120150006.gpx", [50.002])
    page.goto(f"{site.website.address}/#clips")
    page.locator(".select").click()
    for place in (0, 2):
        page.locator(".tile").nth(place).click()
    name, points = points_of(page.locator(".selection .tracks").click)
    assert (name, points) == (f"dashcam-{DAY}.gpx", [50.001, 50.003])


def test_from_the_player_to_the_map_and_back_at_the_same_second(page: Page, site: Site, day: list[ClipRow]) -> None:
    page.add_init_script("localStorage.setItem('player-goes-on', 'no')")
    page.goto(f"{site.website.address}/#clips/42-2/2.5")
    large = "document.querySelector('#player video.is-shown')"
    wait_until(lambda: page.evaluate(f"{large}?.currentTime >= 2.5 && {large}.readyState >= 2"))
    page.evaluate(f"{large}.pause()")
    second = page.evaluate(f"{large}.currentTime")
    page.locator("#player .on-map").click()
    wait_until(lambda: page.evaluate(f"document.querySelector('{VIDEO}')?.currentTime >= {second:.1f}"))
    assert page.locator("#player").is_hidden()
    assert page.locator(VIDEO).get_attribute("src") == "/media/42-2"
    page.locator(".map-player .large").click()
    wait_until(lambda: page.evaluate(f"{large}?.currentTime >= {second:.1f}"))
    until(page.locator("#player h2"), "15:00:06")


def test_a_day_without_gps_says_so(page: Page, site: Site, clips: list[ClipRow]) -> None:
    rows = [msgspec.structs.replace(row, track=None, place=None) for row in clips]
    site.keeper.catalogue.put(rows)
    page.goto(f"{site.website.address}/#map/{DAY}")
    said = page.locator(".map-day .said")
    # Before all were looked for, nobody knows that there was none.
    until(said, "are still being made.")
    assert said.inner_text() == "The tracks of 3 clips are still being made."
    site.keeper.catalogue.put([msgspec.structs.replace(row, track=NO_TRACK) for row in rows])
    page.reload()
    until(said, "No tracks on this day: there was no GPS.")
    assert page.locator(".day-bar .gpx").is_hidden()


@pytest.mark.parametrize(("width", "height"), [(360, 740), (740, 360), (1280, 800)])
def test_on_every_screen_nothing_is_cut_off_and_all_is_large_enough(
    page: Page, site: Site, day: list[ClipRow], width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    ends = open_day(page, site)

    def check() -> None:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        boxes = page.locator("#view-map :is(button, a, select):visible").evaluate_all(BOXES_BY_NAME)
        assert boxes
        for name, (left, right, size) in boxes:
            assert size >= 48, name
            assert left >= 0, name
            assert right <= width + 0.5, name

    check()
    tap_at(page, ends, 3)
    wait_until(lambda: page.evaluate(f"{CURRENT} > 0"))
    check()
    for part in (VIDEO, ".graph"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height, part
        assert box["height"] >= 48
