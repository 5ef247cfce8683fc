"""How fast a clip was recorded beside how fast it plays."""

from __future__ import annotations

import msgspec
import pytest

from dashcam.clips.track_log import gap
from dashcam.clock import NANOSECONDS
from dashcam.keeper.pace import pace_of
from tests import golden_values as golden

START_NS = 100 * NANOSECONDS
# A minute of 30 frames a second: the last one is a thirtieth before its end.
MINUTE = msgspec.structs.replace(golden.SIDECAR, started_monotonic_ns=START_NS, duration_seconds=60.0, frames=1800)
LAST_NS = round((60 - 1 / 30) * NANOSECONDS)


@pytest.mark.parametrize("clock_ns", [LAST_NS, LAST_NS + NANOSECONDS, LAST_NS - NANOSECONDS, 0, -NANOSECONDS])
def test_a_clip_that_plays_as_it_was_recorded_has_none(clock_ns: int) -> None:
    assert pace_of(msgspec.structs.replace(MINUTE, ended_monotonic_ns=START_NS + clock_ns)) is None


def test_a_clip_whose_end_is_not_known_has_none() -> None:
    assert pace_of(msgspec.structs.replace(MINUTE, ended_monotonic_ns=None)) is None


def test_what_came_while_a_replay_was_played_is_put_where_the_video_shows_it() -> None:
    pace = pace_of(msgspec.structs.replace(MINUTE, ended_monotonic_ns=START_NS + LAST_NS // 4))
    assert pace is not None
    assert pace.rate == pytest.approx(4)
    assert pace.in_video(gap("silent", START_NS + 5 * NANOSECONDS)).monotonic_ns == START_NS + 20 * NANOSECONDS
    assert pace.clock_ns(START_NS + 20 * NANOSECONDS) == pytest.approx(START_NS + 5 * NANOSECONDS, abs=10)
