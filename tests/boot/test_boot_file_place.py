"""All programs of the appliance look for dashcam.toml at the same places, and so does `dashcam` in a terminal."""

from __future__ import annotations

import pytest

from dashcam.settings.load import BOOT_FILE_VARIABLE
from dashcam.system import appliance
from tests.conftest import CHECKOUT


@pytest.mark.parametrize(
    "unit", [appliance.RECORDER_UNIT, appliance.KEEPER_UNIT, appliance.WEB_UNIT, appliance.NETWORK_UNIT]
)
def test_a_unit_names_the_file_on_the_boot_partition(unit: str) -> None:
    lines = (CHECKOUT / "boot" / unit).read_text().splitlines()
    words = [
        word for line in lines if line.startswith("Environment=") for word in line.removeprefix("Environment=").split()
    ]
    assert f"{BOOT_FILE_VARIABLE}={appliance.BOOT_FILE_PLACES}" in words
