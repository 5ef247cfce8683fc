"""What a setting must be beyond its limits: refused in words that tell the cure."""

from __future__ import annotations

import pytest

from dashcam.errors import SettingsError
from dashcam.settings.checks import check_log_quota


@pytest.mark.parametrize("quantity", ["0 MB", "0 B", "999 kB", "0.5 MB", "0 %", "0.5 %"])
def test_a_track_log_that_would_be_gone_at_once_is_refused(quantity: str) -> None:
    with pytest.raises(SettingsError, match="write at least 1 "):
        check_log_quota(quantity)


@pytest.mark.parametrize("quantity", ["1 MB", "1 MiB", "64 MB", "1 %"])
def test_a_track_log_of_a_few_hours_is_enough(quantity: str) -> None:
    check_log_quota(quantity)
