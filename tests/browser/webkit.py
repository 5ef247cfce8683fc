"""WebKitGTK, the nearest thing to Safari outside Apple's machines: the same engine, another media player under it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import skip_unless_in_ci
from tests.web.sites import PATIENCE_SECONDS

if TYPE_CHECKING:
    from selenium.webdriver import WebKitGTK

WIDTH, HEIGHT = 412, 840


def _mini_browser() -> Path | None:
    found = sorted(Path("/usr/lib").glob(f"{platform.machine()}-linux-gnu/webkit2gtk-4.*/MiniBrowser"))
    return found[-1] if found else None


@contextmanager
def _display() -> Iterator[str]:
    """A screen that nobody sees; it chooses its own number."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1000x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def webkit() -> Iterator[WebKitGTK]:
    """A driven WebKit at a phone's size; skips the test (fails it in CI) where there is none."""
    browser, driver = _mini_browser(), shutil.which("WebKitWebDriver")
    if browser is None or driver is None or shutil.which("Xvfb") is None:
        skip_unless_in_ci("there is no WebKitGTK; install the packages webkit2gtk-driver and xvfb")
    from selenium import webdriver
    from selenium.webdriver.webkitgtk.options import Options
    from selenium.webdriver.webkitgtk.service import Service

    options = Options()
    options.binary_location = str(browser)
    options.add_argument("--automation")
    with ExitStack() as closing:
        display = closing.enter_context(_display())
        surroundings = {
            **os.environ,
            "DISPLAY": display,
            # As root, and inside a container, there is no sandbox to be had.
            "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1",
            "LIBGL_ALWAYS_SOFTWARE": "1",
        }
        opened = webdriver.WebKitGTK(options=options, service=Service(driver, env=surroundings))
        closing.callback(opened.quit)
        opened.set_script_timeout(PATIENCE_SECONDS)
        opened.set_window_size(WIDTH, HEIGHT)
        yield opened
