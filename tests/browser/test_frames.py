"""The player with clips of the synthetic drive: every picture says which frame it is."""

from __future__ import annotations

import base64
import json
import math
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest
from PIL import Image

from dashcam.camera import frame_code
from tests.browser.looking import LUMA_OF, until
from tests.browser.whole import running_dashcam
from tests.web.sites import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

FPS, WIDTH, HEIGHT = 15, 640, 360
SETTINGS = (
    "camera.kind=pattern",
    f"camera.width={WIDTH}",
    f"camera.height={HEIGHT}",
    f"camera.fps={FPS}",
    "recording.segment_seconds=2",
)
SHOWN = "#player video.is-shown"
# At a change of clips: what the video showed when it ended, and what the next one shows when it takes over.
WATCH_CHANGES = f"""() => {{
    const lumaOf = {LUMA_OF};
    window.seen = [];
    const see = (what, video) => window.seen.push([what, lumaOf(video), video.currentTime]);
    for (const video of document.querySelectorAll("#player video")) {{
        video.addEventListener("ended", () => see("end", video), {{capture: true}});
        new MutationObserver(() => {{
            if (!video.classList.contains("is-shown")) return;
            if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) see("start", video);
            // A busy machine has not unpacked its first picture yet.
            else video.addEventListener("loadeddata", () => see("start", video), {{once: true}});
        }}).observe(video, {{attributeFilter: ["class"]}});
    }}
}}"""
# Between looking and touching a busy machine may let a short clip end: both are done in one go.
PAUSE = """() => new Promise(done => {
    const look = () => {
        const video = document.querySelector("#player video.is-shown");
        if (!(video?.currentTime > 0)) return requestAnimationFrame(look);
        if (!video.paused) document.querySelector("#player .play").click();
        done();
    };
    look();
})"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dashcam that records the synthetic drive, with some closed clips."""
    with running_dashcam(tmp_path_factory.mktemp("drive"), SETTINGS) as found:
        wait_until(lambda: len(clips_of(found)) >= 3)
        yield found


def clips_of(address: str) -> list[dict[str, Any]]:
    """The closed clips, newest first; none while the catalogue is being made."""
    try:
        with urllib.request.urlopen(f"{address}/api/clips", timeout=PATIENCE_SECONDS) as answer:
            clips: list[dict[str, Any]] = json.load(answer)["clips"]
    except urllib.error.HTTPError:
        return []
    return clips


def numbers_in(address: str, clip: dict[str, Any], folder: Path) -> list[int]:
    """The frames that a clip's file holds, by the numbers in their pictures."""
    path = folder / clip["name"]
    urllib.request.urlretrieve(address + clip["media"], path)
    with av.open(str(path)) as container:
        lumas = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    return [number_in(luma) for luma in lumas]


def number_in(luma: Any) -> int:
    code = frame_code.read(luma)
    assert code is not None
    return code.number


def number_of(text: str) -> int:
    """The frame in what LUMA_OF gave."""
    return number_in(np.frombuffer(base64.b64decode(text), np.uint8).reshape(HEIGHT, WIDTH))


def shown_number(page: Page) -> int:
    return number_of(page.locator(SHOWN).evaluate(LUMA_OF))


def open_paused(page: Page, address: str, clip: dict[str, Any]) -> None:
    page.add_init_script("localStorage.setItem('player-goes-on', 'no')")
    page.goto(f"{address}/#clips/{clip['id']}")
    page.wait_for_selector(SHOWN)
    page.evaluate(PAUSE)
    assert page.locator(SHOWN).evaluate("video => video.paused")


def seek(page: Page, seconds: float) -> None:
    page.locator("#player .seek").fill(str(seconds))
    wait_until(lambda: page.locator(SHOWN).evaluate("video => !video.seeking"))
    assert page.locator(SHOWN).evaluate("video => video.currentTime") == pytest.approx(seconds, abs=0.001)


def test_seeking_and_single_steps_show_the_very_frame(phone: Page, address: str, tmp_path: Path) -> None:
    clip = clips_of(address)[1]
    numbers = numbers_in(address, clip, tmp_path)
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    open_paused(phone, address, clip)
    for seconds in (1.6, 1.0):
        seek(phone, seconds + 0.5 / FPS)
        assert shown_number(phone) == numbers[round(seconds * FPS)]
    place = phone.locator("#player .place")
    for key, number in [(".", 17), (".", 18), (".", 19), (",", 18), (",", 17), (",", 16), (",", 15)]:
        phone.keyboard.press(key)
        until(place, f"frame {number} of {len(numbers)}")
        assert shown_number(phone) == numbers[number - 1]


def test_a_photo_of_a_frame_has_all_its_pixels_and_its_time(phone: Page, address: str, tmp_path: Path) -> None:
    clip = clips_of(address)[1]
    numbers = numbers_in(address, clip, tmp_path)
    open_paused(phone, address, clip)
    seek(phone, 1.0 + 0.5 / FPS)
    with phone.expect_download() as started:
        phone.locator("#player .picture-of-frame").click()
    taken = datetime.fromisoformat(clip["local_time"]).replace(microsecond=0) + timedelta(seconds=1)
    assert re.fullmatch(rf"dcp_{taken:%Y%m%d_%H%M%S}_\d{{3}}\.jpg", started.value.suggested_filename)
    with Image.open(started.value.path()) as picture:
        assert picture.size == (WIDTH, HEIGHT)
        assert number_in(np.asarray(picture.convert("L"))) == numbers[FPS]


def test_playing_goes_on_over_clips_without_losing_a_frame(phone: Page, address: str) -> None:
    clip = clips_of(address)[-1]
    phone.goto(f"{address}/#clips/{clip['id']}")
    phone.wait_for_selector(SHOWN)
    phone.evaluate(WATCH_CHANGES)
    phone.locator("#player .speed").select_option("2")
    wait_until(lambda: phone.evaluate("window.seen.length") >= 4)
    seen = phone.evaluate("window.seen.slice(0, 4)")
    assert [what for what, *_ in seen] == ["end", "start", "end", "start"]
    numbers = [number_of(luma) for _, luma, _ in seen]
    for end, start in ((0, 1), (2, 3)):
        # The very first frame, unless the machine was so busy that the clip had begun to play when it was looked at.
        assert 1 <= numbers[start] - numbers[end] <= 1 + math.ceil(seen[start][2] * FPS)
    assert numbers[2] > numbers[1] + FPS


def test_what_is_being_recorded_is_played_and_goes_on_when_it_is_closed(phone: Page, address: str) -> None:
    phone.goto(f"{address}/#clips")
    phone.locator(".now").click()
    until(phone.locator("#player h2"), "Recording now")
    for name in (".lock", ".delete", ".download", ".newer"):
        assert not phone.locator(f"#player {name}").is_visible() or phone.locator(f"#player {name}").is_disabled()
    wait_until(lambda: phone.locator(SHOWN).evaluate("video => video.currentTime > 0"))
    first = shown_number(phone)
    growing = phone.evaluate("location.hash")
    wait_until(lambda: phone.evaluate("location.hash") != growing)
    wait_until(lambda: phone.locator(SHOWN).evaluate("video => video.currentTime > 0"))
    assert first < shown_number(phone)


def test_a_range_over_clips_is_cut_downloaded_and_played_exactly(phone: Page, address: str, tmp_path: Path) -> None:
    newer, older = clips_of(address)[1:3]
    numbers = [*numbers_in(address, older, tmp_path), *numbers_in(address, newer, tmp_path)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    length = round(older["frames"])
    open_paused(phone, address, older)
    # Where a keyframe is: from another place it would begin a little earlier.
    seek(phone, 1.0 + 0.5 / FPS)
    phone.keyboard.press("i")
    first = shown_number(phone)
    phone.locator("#player .cut-newer").click()
    until(phone.locator("#player .cut-length"), "of 2 clips")
    wait_until(lambda: phone.locator(SHOWN).evaluate("video => video.readyState > 1 && !video.seeking"))
    seek(phone, 0.6 + 0.5 / FPS)
    phone.keyboard.press("o")
    last = shown_number(phone)
    assert (first, last) == (numbers[FPS], numbers[length + round(0.6 * FPS)])
    until(phone.locator("#player .cut-length"), f"{last - first + 1} frames of 2 clips")
    phone.locator("#player .cut-now").click()
    results = phone.locator("#player .cut-results")
    with phone.expect_download() as started:
        results.get_by_text("Download").click()
    with av.open(str(started.value.path())) as container:
        cut = [number_in(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)]
    assert cut == list(range(first, last + 1))
    results.get_by_text("Show").click()
    until(phone.locator("#player .facts"), "cut out afterwards")
    phone.evaluate(PAUSE)
    seek(phone, 0.5 / FPS)
    assert shown_number(phone) == first
    seek(phone, (last - first + 0.5) / FPS)
    assert shown_number(phone) == last
