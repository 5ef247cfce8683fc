"""What the boot partition says is shown with its place, and the page cannot change it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashcam.settings.load import BOOT_FILE_VARIABLE
from tests.web.sites import Site
from tests.web.test_settings import change, shown


def test_what_the_boot_partition_says_is_shown_and_stays_in_force(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    boot_file = tmp_path / "on the boot partition.toml"
    boot_file.write_text("[override]\nphoto.quality = 55\nphoto.qualty = 3\n")
    monkeypatch.setenv(BOOT_FILE_VARIABLE, str(boot_file))
    answer = change(site, photo__quality=70)
    quality = shown(answer)["photo.quality"]
    assert (quality["value"], quality["saved"], quality["origin"], quality["default"]) == (55, 70, "boot", 90)
    assert answer.json["applied"] == []
    assert answer.json["mistakes"] == [
        "boot partition, dashcam.toml, line 3: there is no such setting; did you mean 'photo.quality'?"
    ]
