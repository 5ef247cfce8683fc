"""How long the map of a day with a thousand clips takes: the answer, and until it stands on a phone's screen.

The peer is the same day as the list of its clips, which has no lines.
"""

from __future__ import annotations

import gzip
import http.client
import json
import math
import time
from datetime import UTC, datetime, timedelta
from statistics import median

import msgspec

from dashcam.clips.catalogue_writer import CatalogueWriter
from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import LinePoint, TrackSummary
from tests import golden_values as golden
from tests.bench.measuring import Bench
from tests.bench.table import Row
from tests.browser.chromium import arguments, find_chromium
from tests.programs import Programs

_CLIPS, _QUICK_CLIPS = 1_000, 100
_REPEATS, _QUICK_REPEATS = 7, 3
_CLIP_SECONDS = 60
# As many as the keeper leaves of a minute in a town.
_POINTS = 15
DAY = "2026-11-20"
_BEGAN = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
_METRES_PER_DEGREE = 111_195
# The page's own files have come in the background; Leaflet has not.
_HAS_FILES = """() => new Promise((resolve) => {
    const names = () => performance.getEntriesByType("resource").map((one) => one.name);
    const look = () => names().some((name) => name.endsWith("/js/map.js")) ? resolve() : setTimeout(look, 50);
    look();
})"""
# Two frames later what was drawn is on the screen.
_IS_DRAWN = """() => new Promise((resolve) => {
    const look = () => document.querySelector("#view-map .trips .trip")
        ? requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())))
        : requestAnimationFrame(look);
    look();
})"""


def measure(bench: Bench) -> list[Row]:
    """The answer beside that of the list, and the whole way to the screen."""
    count = _QUICK_CLIPS if bench.is_quick else _CLIPS
    repeats = _QUICK_REPEATS if bench.is_quick else _REPEATS
    with Programs(bench.folder / "card", bench.folder / "log") as programs:
        catalogue = CatalogueWriter(programs.state)
        catalogue.open()
        catalogue.put(rows(count))
        catalogue.mark_complete(True)
        address = programs.start_page()
        answer, size = _answer(address, f"/api/days/{DAY}/map", repeats)
        listed, listed_size = _answer(address, f"/api/clips?day={DAY}&limit=500", repeats)
        drawn = _drawn(address, repeats)
        catalogue.close()
    bench.say(f"map of {count} clips: answer {answer:.0f} ms, {size / 1000:.0f} kB; on the screen {drawn:.0f} ms")
    return [
        Row(
            f"map of a day with {count:,} clips: the answer",
            f"{answer:.0f} ms, {size / 1000:.0f} kB",
            f"list of {min(count, 500)}: {listed:.0f} ms, {listed_size / 1000:.0f} kB",
            answer / listed,
        ),
        Row(f"map of a day with {count:,} clips: from the touch to the screen", f"{drawn:.0f} ms"),
    ]


def rows(count: int) -> list[ClipRow]:
    """A day that drives on and on through bends."""
    return [_row(number) for number in range(count)]


def _row(number: int) -> ClipRow:
    began = _BEGAN + timedelta(seconds=number * _CLIP_SECONDS)
    step = _CLIP_SECONDS / _POINTS
    line = tuple(
        LinePoint(round(at * step, 3), *_place(number * _CLIP_SECONDS + at * step), 8.0 + (number + at) % 25, at == 0)
        for at in range(_POINTS)
    )
    track = TrackSummary(
        points=_CLIP_SECONDS,
        gap_seconds=0.0,
        distance_m=900.0,
        moving_seconds=float(_CLIP_SECONDS),
        top_speed_mps=33.0,
        line=line,
    )
    return msgspec.structs.replace(
        golden.ROW,
        id=f"42-{number + 1}",
        kind="loop",
        path=f"VIDEO/{DAY}/dcp_{began:%Y%m%d%H%M%S}.mp4",
        day=DAY,
        lock_cause=None,
        clock_source="gps",
        started_utc_ms=round(began.timestamp() * 1000),
        track=track,
    )


def _place(seconds: float) -> tuple[float, float]:
    """Around a town in circles that drift."""
    angle = seconds / 400
    north, east = 6000 * math.sin(angle) + seconds * 0.3, 4000 * math.cos(angle * 1.3)
    return round(53.35 + north / _METRES_PER_DEGREE, 6), round(-6.26 + east / _METRES_PER_DEGREE / 0.6, 6)


def _answer(address: str, path: str, repeats: int) -> tuple[float, int]:
    """Milliseconds, the median, and bytes as they come to a browser."""
    seconds, content = [], b""
    for _ in range(repeats + 1):
        connection = http.client.HTTPConnection(address, timeout=60)
        began = time.monotonic()
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        content = answer.read()
        seconds.append(time.monotonic() - began)
        is_packed = answer.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(content) if is_packed else content)["clips"], path
        connection.close()
    return 1000 * median(seconds[1:]), len(content)


def _drawn(address: str, repeats: int) -> float:
    """Milliseconds from the touch on the map's name, on a page that has brought its files beforehand."""
    from playwright.sync_api import sync_playwright

    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments())
        for _ in range(repeats):
            context = browser.new_context(**playwright.devices["Pixel 7"])
            page = context.new_page()
            page.route("**/tile.openstreetmap.org/**", lambda route: route.abort())
            page.goto(f"http://{address}/#status")
            page.evaluate(_HAS_FILES)
            began = page.evaluate(f"() => {{ location.hash = '#map/{DAY}'; return performance.now(); }}")
            found.append(page.evaluate(_IS_DRAWN) - began)
            context.close()
        browser.close()
    return float(median(found))
