"""The whole dashcam on a replayed drive: a touch on the map's line shows the very picture that was taken there."""

from __future__ import annotations

import json
import math
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import pytest
from gpxpy.gpx import GPX, GPXTrack, GPXTrackPoint, GPXTrackSegment

from dashcam.camera import frame_code
from tests.browser.coded import CODED_HEIGHT, CODED_WIDTH, STOP, number_shown
from tests.browser.drives import place_at
from tests.browser.map_fixtures import leaflet
from tests.browser.on_map import COLOUR, LEAFLET, LINE_ENDS_PIXELS, LINE_ON_SCREEN, TILES, VIDEO
from tests.browser.whole import running_dashcam
from tests.web.sites import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Found here by the tests of this file.
__all__ = ["leaflet"]
FPS = 15
SETTINGS = (
    "camera.kind=pattern",
    f"camera.width={CODED_WIDTH}",
    f"camera.height={CODED_HEIGHT}",
    f"camera.fps={FPS}",
    "recording.segment_seconds=3",
    "gps.kind=replay",
)
DRIVE_SECONDS = 600
LEAST_CLIPS = 4


def write_drive(path: Path) -> None:
    """A track that goes to the east from its first second on."""
    began = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    places = [(place_at(second), began + timedelta(seconds=second)) for second in range(DRIVE_SECONDS)]
    points = [GPXTrackPoint(latitude, longitude, time=time) for (latitude, longitude), time in places]
    gpx = GPX()
    gpx.tracks.append(GPXTrack())
    gpx.tracks[0].segments.append(GPXTrackSegment(points))
    path.write_text(gpx.to_xml())


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A dashcam that records the pattern while it is driven along the track."""
    write_drive(tmp_path / "drive.gpx")
    with running_dashcam(tmp_path, (*SETTINGS, f"gps.source={tmp_path / 'drive.gpx'}")) as found:
        yield found


def ask(address: str, path: str) -> Any:
    """The answer; None while there is none."""
    try:
        with urllib.request.urlopen(address + path, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError:
        return None


def drive_of(address: str) -> dict[str, Any] | None:
    """The map of the newest day once it holds a trip of some clips."""
    days = ask(address, "/api/days")
    if not days or not days["days"]:
        return None
    found: dict[str, Any] | None = ask(address, f"/api/days/{days['days'][0]['day']}/map")
    is_long = found and found["trips"] and len(found["trips"][0]["clips"]) >= LEAST_CLIPS
    return found if is_long else None


def first_number(address: str, clip: dict[str, Any], folder: Path) -> int:
    """The number in the first picture of a clip's file."""
    path = folder / clip["name"]
    urllib.request.urlretrieve(address + clip["media"], path)
    with av.open(str(path)) as container:
        luma: Any = next(container.decode(video=0)).to_ndarray(format="gray")
    code = frame_code.read(luma)
    assert code is not None
    return code.number


@pytest.mark.usefixtures("leaflet")
def test_a_touch_on_the_line_shows_the_picture_that_was_taken_there(phone: Page, address: str, tmp_path: Path) -> None:
    wait_until(lambda: drive_of(address))
    drive = drive_of(address)
    assert drive is not None
    clip = next(clip for clip in drive["clips"] if clip["id"] == drive["trips"][0]["clips"][-2])
    # The page sees what was known then, and not what has come since.
    phone.route(f"**/api/days/{drive['day']}/map", lambda route: route.fulfill(json=drive))
    phone.route(TILES, lambda route: route.abort())
    phone.goto(f"{address}/#map/{drive['day']}")
    phone.locator(".trips .trip").wait_for()
    wait_until(lambda: phone.evaluate(LINE_ON_SCREEN, [LEAFLET, *COLOUR]) is not None)
    left, right, height = phone.evaluate(LINE_ON_SCREEN, [LEAFLET, *COLOUR])
    longitudes = [point[2] for each in drive["clips"] for point in each["line"]]
    [first, *_, last] = clip["line"]
    share = ((first[2] + last[2]) / 2 - min(longitudes)) / (max(longitudes) - min(longitudes))
    ends = left + LINE_ENDS_PIXELS, right - LINE_ENDS_PIXELS
    phone.touchscreen.tap(ends[0] + (ends[1] - ends[0]) * share, height)
    is_shown = f"video => video.src.endsWith('/{clip['id']}') && video.currentTime > 0 && video.readyState >= 2"
    wait_until(lambda: phone.locator(VIDEO).evaluate(is_shown))
    shown = phone.locator(VIDEO).evaluate(STOP)
    assert shown >= (first[0] + last[0]) / 2 - 0.4
    number = first_number(address, clip, tmp_path) + math.floor(shown * FPS + 0.001)
    assert abs(number_shown(phone.locator(VIDEO)) - number) <= 1
