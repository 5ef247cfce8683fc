"""The page in Safari's engine, as far as it can be had here: it works, and clips play."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.webkit import webkit
from tests.browser.whole import running_dashcam
from tests.web.sites import PATIENCE_SECONDS, wait_until

if TYPE_CHECKING:
    from selenium.webdriver import WebKitGTK

SEEK_SECONDS = 0.2
SETTINGS = (
    "camera.kind=pattern",
    "camera.width=640",
    "camera.height=360",
    "camera.fps=15",
    # Long enough that it does not end while one looks.
    "recording.segment_seconds=5",
)
# Once it has played for a second: back to near the beginning, by the player's own control, as a finger moves it.
PLAYS_AND_SEEKS = f"""const video = document.querySelector("#player video.is-shown");
if (!(video?.currentTime > 1) || video.error) return false;
video.addEventListener("seeked", () => {{ window.sought = {{at: video.currentTime}}; }}, {{once: true}});
const seek = document.querySelector("#player .seek");
seek.value = "{SEEK_SECONDS}";
seek.dispatchEvent(new Event("input", {{bubbles: true}}));
return true"""
GOES_ON = """const video = document.querySelector("#player video.is-shown");
return !video.error && video.currentTime > window.sought.at + 0.3"""
# Some pixels of the live picture; the drive never looks the same twice.
LOOK_OF_LIVE = """const canvas = document.querySelector("#live.has-picture canvas");
if (!canvas) return "";
const {data} = canvas.getContext("2d").getImageData(0, canvas.height / 2, canvas.width, 8);
return data.join(" ")"""
DIFFERENT_PICTURES = 3


def _there(driver: WebKitGTK, script: str) -> Any:
    """What `script` says once that is something; asked again and again."""
    found: Any = None

    def is_there() -> bool:
        nonlocal found
        found = driver.execute_script(script)
        return bool(found)

    wait_until(is_there)
    return found


# Selenium's own.
@pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")
def test_the_page_works_and_clips_play_in_webkit(tmp_path: Path) -> None:
    with running_dashcam(tmp_path, SETTINGS) as address, webkit() as driver:
        driver.set_page_load_timeout(PATIENCE_SECONDS)
        driver.get(f"{address}/")
        assert _there(driver, "return document.querySelector('[data-look=recording]')?.textContent.includes('Rec')")
        looks: set[str] = set()

        def has_moved() -> bool:
            looks.add(driver.execute_script(LOOK_OF_LIVE))
            return len(looks - {""}) >= DIFFERENT_PICTURES

        wait_until(has_moved)
        for view in ("settings", "status"):
            driver.get(f"{address}/#{view}")
            assert (
                _there(driver, f"return document.querySelector('#view-{view}:not([hidden])')?.textContent.length") > 100
            )
        driver.get(f"{address}/#clips")
        _there(driver, "return document.querySelectorAll('.tile img').length >= 1")
        # A clip that ends before it is looked at stays where it is.
        driver.execute_script("localStorage.setItem('player-goes-on', 'no')")
        driver.get("about:blank")
        driver.get(f"{address}/#clips")
        _there(driver, "return document.querySelectorAll('.tile img').length >= 1")
        driver.execute_script("document.querySelector('.tile').click()")
        _there(driver, PLAYS_AND_SEEKS)
        assert _there(driver, "return window.sought")["at"] < 1
        _there(driver, GOES_ON)
