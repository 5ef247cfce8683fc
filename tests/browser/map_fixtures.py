"""A day with a drive on the card, and a phone without internet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashcam.clips.row import ClipRow
from dashcam.web.leaflet import LeafletFiles
from tests.browser.coded import write_coded_clip
from tests.browser.drives import driven
from tests.browser.looking import CLIP_SECONDS
from tests.browser.on_map import CLIPS, TILES
from tests.browser.pictures import jpeg
from tests.conftest import skip_unless_in_ci
from tests.web.sites import Site
from tests.web.test_tracks import gpx_file

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def leaflet() -> None:
    """Leaflet is installed."""
    if LeafletFiles().version is None:
        skip_unless_in_ci("there is no Leaflet; install the package libjs-leaflet")


@pytest.fixture
def offline(page: Page) -> None:
    """The phone has no internet: on the dashcam's own network that is so."""
    page.route(TILES, lambda route: route.abort())


@pytest.fixture
def day(site: Site, tmp_path: Path) -> list[ClipRow]:
    """A drive of some clips whose pictures are numbered: the first of clip 2 is 2000."""
    rows = []
    for number in range(1, CLIPS + 1):
        source = tmp_path / f"{number}.mp4"
        write_coded_clip(source, CLIP_SECONDS, number * 1000)
        row = driven(number)
        rows.append(site.keeper.add(row, source.read_bytes(), jpeg((0, 90, 160)), track=gpx_file(number)))
    return rows
