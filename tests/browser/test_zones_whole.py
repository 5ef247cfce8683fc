"""A zone that was drawn with a finger is obeyed by the recorder."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tests.browser.fingers import Editor
from tests.browser.whole import running_dashcam
from tests.made_videos import write_video
from tests.web.sites import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

RATE, SECONDS = 15, 4
HEIGHT, WIDTH, SIDE = 360, 640, 90
# Long enough that what moves has been on its way at least once.
SEEN_SECONDS = SECONDS + 1.0


def crossing() -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """A dark thing crosses the left half of a still room, and comes again after a while."""
    room = np.tile(np.linspace(90, 170, WIDTH).astype(np.uint8), (HEIGHT, 1))
    room[:, ::40] = 60
    for number in range(RATE * SECONDS):
        picture = room.copy()
        top = round(number * (HEIGHT + SIDE) / (RATE * SECONDS / 2)) - SIDE
        picture[max(top, 0) : max(top + SIDE, 0), 100 : 100 + SIDE] = 20
        yield number / RATE, picture


def motion(address: str, what: str = "") -> Any:
    with urllib.request.urlopen(f"{address}/api/motion{what}", timeout=60) as answer:
        return json.load(answer)


def drawn(page: Page, tool: str, *, instead: bool = False) -> None:
    """Draws over the left half, and saves."""
    page.locator(".zones-button").click()
    editor = Editor(page)
    if instead:
        editor.pull((0.2, 0.5))
        editor.press("Delete zone")
    editor.press(tool)
    editor.pull((-0.02, -0.05), (0.2, 0.5), (0.5, 1.05))
    editor.save()


def learnt_anew(address: str) -> None:
    wait_until(lambda: motion(address)["state"] == "learning")
    wait_until(lambda: motion(address)["state"] not in ("learning", "off"))


def test_what_moves_in_a_drawn_zone_counts_only_where_it_is_to_be_watched(phone: Page, tmp_path: Path) -> None:
    video = tmp_path / "crossing.mp4"
    write_video(video, crossing(), rate=RATE)
    wishes = ("camera.kind=replay", f"camera.source={video}", "recording.mode=watch", "stamp.video=false")
    phone.add_init_script("localStorage.setItem('boxes', 'on')")
    with running_dashcam(tmp_path, wishes) as address:
        phone.goto(address)
        phone.wait_for_selector("#live.has-picture")
        drawn(phone, "Ignore a zone")
        learnt_anew(address)

        def seconds_seen() -> list[dict[str, Any]]:
            points: list[dict[str, Any]] = motion(address, "/history")["points"]
            return points

        began = len(seconds_seen())
        wait_until(lambda: len(seconds_seen()) >= began + SEEN_SECONDS)
        assert [point for point in seconds_seen()[began:] if point["is_motion"]] == []
        assert phone.locator(".boxes rect").count() == 0
        drawn(phone, "Watch a zone", instead=True)
        phone.locator(".boxes rect").first.wait_for()
        wait_until(lambda: any(point["is_motion"] for point in seconds_seen()[began:]))
