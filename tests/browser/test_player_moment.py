"""Speed and place beside a clip that plays, and what is told of its drive."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import LinePoint
from tests import golden_values as golden
from tests.browser.looking import CLIP_SECONDS, until
from tests.browser.pictures import jpeg, write_clip
from tests.browser.test_player import SECONDS, SHOWN, wait_for
from tests.web.sites import Site, clip_row, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

# It becomes faster for two seconds, is in a tunnel, and has one place more behind it.
LINE = (
    LinePoint(0.0, 53.0, -6.0, 10.0, True),
    LinePoint(2.0, 53.001, -6.002, 20.0),
    LinePoint(5.0, 53.01, -6.02, 30.0, True),
)
SIZES = [(360, 740), (568, 320), (740, 360), (1280, 800)]
LEAST_TOUCH = 44
BOX = "document.querySelector('#player .deck').getBoundingClientRect().top"


@pytest.fixture
def drive(site: Site, tmp_path: Path) -> list[ClipRow]:
    """A clip without GPS, and a newer one with a tunnel."""
    source = tmp_path / "clip.mp4"
    write_clip(source, CLIP_SECONDS)
    track = msgspec.structs.replace(
        golden.TRACK, line=LINE, points=3, gap_seconds=3.0, distance_m=812.4, moving_seconds=3.0, top_speed_mps=30.0
    )
    length = float(CLIP_SECONDS)
    none = msgspec.structs.replace(golden.TRACK, line=(), points=0, gap_seconds=length, distance_m=0.0)
    rows = [
        clip_row(1, duration_seconds=length, track=none, place=None),
        clip_row(2, duration_seconds=length, track=track, place=golden.PLACE),
    ]
    return [site.keeper.add(row, source.read_bytes(), jpeg((0, 90, 160))) for row in rows]


def open_paused(page: Page, site: Site, clip_id: str) -> None:
    page.goto(f"{site.website.address}/#clips/{clip_id}")
    page.locator(SHOWN).wait_for()
    wait_for(page, f"{SECONDS} > 0")
    page.locator("#player .play").click()


def seek(page: Page, second: float) -> None:
    page.locator("#player .seek").fill(str(second))
    wait_for(page, f"{SECONDS} === {second}")


def test_speed_and_place_follow_the_picture_and_are_blank_in_a_gap(
    page: Page, site: Site, drive: list[ClipRow]
) -> None:
    open_paused(page, site, "42-2")
    words = page.locator("#player .moment p")
    until(words, "km/h")
    top = page.evaluate(BOX)
    seek(page, 1.0)
    # Half way between two points, as far as a frame is exact.
    wait_until(lambda: words.inner_text().split() == ["54", "km/h", "53.00050,", "-6.00100"])
    seek(page, 3.5)
    wait_until(lambda: words.inner_text().strip() == "")
    assert page.evaluate(BOX) == top
    seek(page, 5.0)
    wait_until(lambda: words.inner_text().split() == ["108", "km/h", "53.01000,", "-6.02000"])


def test_who_does_not_want_to_see_it_is_remembered(page: Page, site: Site, drive: list[ClipRow]) -> None:
    open_paused(page, site, "42-2")
    words, switch = page.locator("#player .moment p"), page.locator("#player .moment button")
    until(words, "km/h")
    switch.click()
    wait_until(words.is_hidden)
    page.reload()
    until(switch, "Show speed")
    assert words.is_hidden()
    switch.click()
    until(words, "km/h")


def test_the_facts_tell_of_the_drive_and_without_gps_nothing(page: Page, site: Site, drive: list[ClipRow]) -> None:
    site.ask("PATCH", "/api/settings", {"changes": {"gps.speed_unit": "mph"}})
    open_paused(page, site, "42-2")
    facts = page.locator("#player .facts")
    for words in (
        "31 mph to the west · 40 ft above the sea · 9 satellites",
        "0.5 mi · mean 606 mph · top 67 mph",
        "no GPS for 3 s",
    ):
        until(facts, words)
    page.locator("#player .older").click()
    until(page.locator("#player h2"), "15:00:01")
    until(facts, "dcp_20261120150001.mp4")
    assert page.locator("#player .moment").is_hidden()
    for word in ("GPS", "mph", "Place", "Driven", "–"):
        assert word not in facts.inner_text()


def test_it_fits_and_covers_nothing_that_is_touched(page: Page, site: Site, drive: list[ClipRow]) -> None:
    open_paused(page, site, "42-2")
    until(page.locator("#player .moment p"), "km/h")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        line = page.locator("#player .moment").bounding_box()
        button = page.locator("#player .moment button").bounding_box()
        assert line
        assert button
        assert min(button["width"], button["height"]) >= LEAST_TOUCH
        assert 0 <= line["x"] <= line["x"] + line["width"] <= width
        for name in (".seek", ".play", ".older", ".close"):
            # A touch in the middle of it reaches it.
            page.locator(f"#player {name}").click(trial=True)
