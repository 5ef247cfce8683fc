"""A setting that the boot partition gives is read-only on the page, and it is said where it can be changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dashcam.settings.load import BOOT_FILE_VARIABLE
from tests.browser.looking import until
from tests.browser.test_settings import setting

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.sites import Site


def test_what_the_boot_partition_gives_is_read_only_and_says_where(
    page: Page, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot_file = tmp_path / "of the boot partition.toml"
    boot_file.write_text("[override]\nphoto.quality = 55\n")
    monkeypatch.setenv(BOOT_FILE_VARIABLE, str(boot_file))
    page.goto(f"{site.website.address}/#settings")
    page.wait_for_selector(".settings .sections .section")
    quality = setting(page, "photo.quality")
    until(quality, "Given on the boot partition of the card")
    until(quality.locator("output"), "55")
    until(quality, "Default: 90")
    assert quality.locator("input, .back:visible").count() == 0
