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

SETTINGS = (
    "camera.kind=pattern",
    "camera.width=640",
    "camera.height=360",
    "camera.fps=15",
    "recording.segment_seconds=2",
)
HAS_PLAYED = """const video = document.querySelector("#player video");
return Boolean(video && video.currentTime > 1 && !video.error)"""


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
        assert _there(driver, "return document.querySelector('#live.has-picture canvas')?.width") > 0
        for view in ("settings", "status"):
            driver.get(f"{address}/#{view}")
            assert (
                _there(driver, f"return document.querySelector('#view-{view}:not([hidden])')?.textContent.length") > 100
            )
        driver.get(f"{address}/#clips")
        _there(driver, "return document.querySelectorAll('.tile img').length >= 2")
        driver.execute_script("document.querySelector('.tile[data-id], .tile').click()")
        assert _there(driver, HAS_PLAYED)
