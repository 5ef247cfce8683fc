"""Makes the README's picture of the page: `python -m tests.browser.screenshot TARGET`.

Runs the real dashcam on its synthetic drive in a temporary folder, waits for clips, and looks at it with a phone.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.browser.whole import running_dashcam
from tests.web.sites import wait_until

# Enough to fill the gallery's first rows, and a live picture from the middle of a clip.
CLIPS = 6
CLIP_SECONDS = 5
SETTINGS = ("camera.kind=pattern", f"recording.segment_seconds={CLIP_SECONDS}")
GAP = 24
# Keeps the file small; the page has few colours, the synthetic drive not many more.
COLOURS = 256


def pictures_of(page: Page, address: str) -> list[Image.Image]:
    """The live view, the gallery, and a clip that plays."""
    page.goto(address)
    page.wait_for_selector("#live.has-picture")
    page.goto(f"{address}/#clips")
    wait_until(lambda: page.locator(".tile img").count() >= CLIPS)
    gallery = page.screenshot()
    page.locator(".tile").nth(1).click()
    wait_until(lambda: page.evaluate("document.querySelector('#player video.is-shown')?.currentTime > 1"))
    playing = page.screenshot()
    page.keyboard.press("Escape")
    page.goto(f"{address}/#live")
    page.wait_for_selector("#live.has-picture")
    wait_until(lambda: page.locator(".timer").inner_text() == f"00:0{CLIP_SECONDS // 2}")
    return [Image.open(io.BytesIO(shot)).convert("RGB") for shot in (page.screenshot(), gallery, playing)]


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """One picture of all, with gaps between."""
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) - 1)
    whole = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    left = 0
    for picture in pictures:
        whole.paste(picture, (left, 0))
        left += picture.width + GAP
    # Coverage, not frequency: the red dot is small and matters.
    return whole.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)


def main(target: Path) -> None:
    """Writes the picture to `target`."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
        phone = {**playwright.devices["Pixel 7"], "device_scale_factor": 1, "viewport": {"width": 390, "height": 760}}
        page = browser.new_context(**phone, color_scheme="dark").new_page()
        with running_dashcam(Path(folder), SETTINGS) as address:
            picture = side_by_side(pictures_of(page, address))
        browser.close()
    picture.save(target, "PNG", optimize=True)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
