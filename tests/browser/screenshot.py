"""Makes pictures of the page: `python -m tests.browser.screenshot TARGET`, or `--panels FOLDER` for one of every panel.

Runs the real dashcam on its synthetic drive in a temporary folder, waits for clips, and looks at it with a phone.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.chromium import arguments, find_chromium
from tests.browser.panels import panels_of
from tests.browser.whole import running_dashcam
from tests.web.sites import PATIENCE_SECONDS, wait_until

# Enough to fill the gallery's first rows, and a live picture from the middle of a clip.
CLIPS = 6
CLIP_SECONDS = 5
SETTINGS = ("camera.kind=pattern", f"recording.segment_seconds={CLIP_SECONDS}", "events.save_after_seconds=2")
GAP = 24
# Keeps the file small; the page has few colours, the synthetic drive not many more.
COLOURS = 256

THEMES = ("dark", "light")
UPRIGHT = {"width": 390, "height": 760}
SIZES = {
    "upright": {"width": 360, "height": 740},
    "lying": {"width": 740, "height": 360},
    "desktop": {"width": 1280, "height": 800},
}
# Longer than a screen: the picture shows all of it.
LONG_PANELS = ("settings-closed", "settings", "settings-refused", "status", "help")


@contextmanager
def chromium() -> Iterator[tuple[Playwright, Browser]]:
    """The system's, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=arguments())
        yield playwright, browser
        browser.close()


def phone(playwright: Playwright, browser: Browser, theme: str, size: dict[str, int]) -> Page:
    """A page of a phone of this size."""
    kind: dict[str, Any] = {**playwright.devices["Pixel 7"], "device_scale_factor": 1, "viewport": size}
    context = browser.new_context(**kind, color_scheme=theme)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    return context.new_page()


def wait_for_clips(page: Page, address: str) -> None:
    """Until the gallery is worth a look."""
    page.goto(f"{address}/#clips")
    wait_until(lambda: page.locator("#view-clips .tile img").count() >= CLIPS)


def save_something(page: Page, address: str) -> None:
    """Until there is an event: what the last seconds are cut into."""
    page.goto(f"{address}/#live")
    page.locator("#controls .save").click()
    page.goto(f"{address}/#events")
    page.locator("#view-events .tile img").first.wait_for()


def pictures_of(page: Page, address: str) -> list[Image.Image]:
    """The live view, the gallery, and a clip that plays."""
    wait_for_clips(page, address)
    gallery = page.screenshot()
    page.locator("#view-clips .tile").nth(1).click()
    wait_until(lambda: page.evaluate("document.querySelector('#player video.is-shown')?.currentTime > 1"))
    playing = page.screenshot()
    page.keyboard.press("Escape")
    page.goto(f"{address}/#live")
    page.wait_for_selector("#live.has-picture")
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


def write_overview(target: Path) -> None:
    """The README's picture."""
    with tempfile.TemporaryDirectory() as folder, chromium() as (playwright, browser):
        page = phone(playwright, browser, "dark", UPRIGHT)
        with running_dashcam(Path(folder), SETTINGS) as address:
            picture = side_by_side(pictures_of(page, address))
    picture.save(target, "PNG", optimize=True)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


def write_panel(target: Path, page: Page, *, is_long: bool = False) -> None:
    """A picture of the screen, or of all that can be scrolled to."""
    size = page.viewport_size
    assert size
    # On a screen so high, what is fixed stands where the page ends. A phone that lies would not lie any more.
    if is_long and size["width"] != SIZES["lying"]["width"]:
        page.set_viewport_size({**size, "height": page.evaluate("document.documentElement.scrollHeight")})
        page.screenshot(path=target)
        page.set_viewport_size(size)
    else:
        page.screenshot(path=target, full_page=is_long)


def write_panels(target: Path) -> None:
    """Every panel in dark and light, on a phone upright and lying and on a desktop: `<panel>-<size>-<theme>.png`."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as (playwright, browser):
        pages = {
            f"{name}-{theme}": phone(playwright, browser, theme, size)
            for name, size in SIZES.items()
            for theme in THEMES
        }

        with running_dashcam(Path(folder), SETTINGS) as address:
            first = next(iter(pages.values()))
            wait_for_clips(first, address)
            save_something(first, address)
            for kind, page in pages.items():
                for panel in panels_of(page, address):
                    write_panel(target / f"{panel}-{kind}.png", page, is_long=panel in LONG_PANELS)
                page.goto(f"{address}/#live")
            first.locator("#controls .toggle").click()
            first.locator("#question .yes").click()
            for kind, page in pages.items():
                page.wait_for_selector("[data-look=alarm]")
                write_panel(target / f"not-recording-{kind}.png", page)
        for kind, page in pages.items():
            page.wait_for_selector("[data-look=lost]")
            write_panel(target / f"lost-{kind}.png", page)
    print(f"{target}: {len(list(target.glob('*.png')))} pictures")


def main() -> int:
    """Writes what was asked for."""
    parser = argparse.ArgumentParser(description="Pictures of the page, from the synthetic drive")
    parser.add_argument("target", type=Path, nargs="?", default=Path("screenshot.png"), help="the README's picture")
    parser.add_argument("--panels", type=Path, metavar="FOLDER", help="every panel in dark and light instead")
    chosen = parser.parse_args()
    if chosen.panels:
        write_panels(chosen.panels)
    else:
        write_overview(chosen.target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
