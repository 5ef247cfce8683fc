"""The keeper's pure decisions, as tables."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import pytest

from dashcam.clips.sidecar import Lock
from dashcam.clock import utc_ns_of, utc_text
from dashcam.errors import BadMedia
from dashcam.keeper.digest import settled_kind
from dashcam.keeper.listing import is_usable_name, media_suffix, split_name
from dashcam.keeper.origin import origin_of
from dashcam.keeper.pace import pace_of
from dashcam.keeper.verdict import Verdict, sidecar_from_tag, verdict_on
from dashcam.media.jobs import Inspected
from tests.golden_values import SIDECAR, TAG

BERLIN = ZoneInfo("Europe/Berlin")
CHANGED = utc_ns_of("2020-02-02T02:02:02.000Z")
GOOD = Inspected(
    frames=60, duration_seconds=2.0, width=320, height=180, codec="h264", comment="", is_fragmented=False,
    is_damaged=False,
)  # fmt: skip
FRAGMENTED = msgspec.structs.replace(GOOD, is_fragmented=True)
DAMAGED = msgspec.structs.replace(GOOD, is_damaged=True)
EMPTY = msgspec.structs.replace(GOOD, frames=0)
REFUSED = BadMedia("no")
LARGE = 20_000_000


@pytest.mark.parametrize(
    ("found", "is_opening", "size_bytes", "has_id", "is_recording", "verdict"),
    [
        (GOOD, False, LARGE, True, True, "record"),
        (GOOD, True, LARGE, True, True, "record"),
        (FRAGMENTED, False, LARGE, True, True, "repair"),
        (FRAGMENTED, True, 100, True, True, "repair"),
        (DAMAGED, False, LARGE, True, True, "repair"),
        (GOOD, False, LARGE, False, False, "adopt"),
        (FRAGMENTED, False, LARGE, False, False, "adopt"),
        (DAMAGED, False, LARGE, False, False, "adopt"),
        (FRAGMENTED, False, LARGE, False, True, "adopt"),
        (FRAGMENTED, False, LARGE, True, False, "record"),
        (REFUSED, False, 0, False, False, "broken"),
        (REFUSED, False, LARGE, True, True, "broken"),
        (EMPTY, False, LARGE, True, True, "broken"),
        (REFUSED, True, 0, False, True, "remove"),
        (EMPTY, True, 900_000, True, True, "remove"),
        (REFUSED, True, LARGE, False, True, "broken"),
    ],
)
def test_verdicts(
    found: Inspected | BadMedia,
    is_opening: bool,
    size_bytes: int,
    has_id: bool,
    is_recording: bool,
    verdict: Verdict,
) -> None:
    given = verdict_on(found, is_opening=is_opening, size_bytes=size_bytes, has_id=has_id, is_recording=is_recording)
    assert given == verdict


@pytest.mark.parametrize(
    ("speed", "rate"),
    [(4.0, 4.0), (0.25, 0.25), (1.0, None), (0.0, None), (-4.0, None), (1e-300, None), (1e300, None), (1.01, None)],
)
def test_a_clip_without_a_sidecar_plays_as_its_tag_says(speed: float, rate: float | None) -> None:
    tag = msgspec.structs.replace(TAG, speed=speed)
    pace = pace_of(sidecar_from_tag(tag, GOOD, kind="loop", size_bytes=1, integrity="repaired", note=""))
    assert (pace.rate if pace else None) == (rate if rate is None else pytest.approx(rate))


@pytest.mark.parametrize(
    ("name", "taken", "utc"),
    [
        ("dcp_20261120154500.mp4", None, "2026-11-20T14:45:00.000Z"),
        ("dcp_20260720154500_2.mp4", None, "2026-07-20T13:45:00.000Z"),
        ("2026-11-20_15-45-00.mp4", None, "2026-11-20T14:45:00.000Z"),
        ("VID_20261120_154500.mp4", None, "2026-11-20T14:45:00.000Z"),
        ("2026.11.20 15.45.00 (1).mp4", None, "2026-11-20T14:45:00.000Z"),
        ("20261120T154500Z.mp4", None, "2026-11-20T14:45:00.000Z"),
        # The name goes before what the file says itself.
        ("dcp_20261120154500.mp4", "2001-01-01T00:00:00Z", "2026-11-20T14:45:00.000Z"),
        ("holiday.mp4", "2026-11-20T15:45:00.000000Z", "2026-11-20T15:45:00.000Z"),
        ("holiday.jpg", "2026-11-20T15:45:00", "2026-11-20T14:45:00.000Z"),
        ("holiday.jpg", "2026-11-20T15:45:00-05:00", "2026-11-20T20:45:00.000Z"),
        # Neither counts when it cannot be: the date of change it is.
        ("1970-01-01_00-00-00.mp4", None, "2020-02-02T02:02:02.000Z"),
        ("2024-02-30_25-61-61.mp4", None, "2020-02-02T02:02:02.000Z"),
        ("99991231235959.mp4", "1904-01-01T00:00:00Z", "2020-02-02T02:02:02.000Z"),
        ("12345678901234567890.mp4", "", "2020-02-02T02:02:02.000Z"),
        ("holiday.mp4", "yesterday", "2020-02-02T02:02:02.000Z"),
        ("٢٠٢٦١١٢٠١٥٤٥٠٠.mp4", None, "2020-02-02T02:02:02.000Z"),
    ],
)
def test_when_a_dropped_file_was_recorded(name: str, taken: str | None, utc: str) -> None:
    assert utc_text(origin_of(name, taken, CHANGED, BERLIN).utc_ns) == utc


@pytest.mark.parametrize("modified_ns", [0, -5 * 10**9])
def test_a_date_before_1970_is_1970(modified_ns: int) -> None:
    assert origin_of("x.mp4", None, modified_ns, None).utc_ns == 0


@pytest.mark.parametrize(
    ("before", "kind", "lock", "after"),
    [
        ("loop", "loop", None, None),
        ("loop", "event", None, "hand"),
        ("loop", "event", "button", "button"),
        ("event", "loop", "button", None),
        ("event", "event", "button", "button"),
        ("event", "event", None, None),
        ("photo", "photo", "hand", "hand"),
        ("loop", None, "button", "button"),
    ],
)
def test_the_folder_decides_what_a_clip_is(before: str, kind: str | None, lock: str | None, after: str | None) -> None:
    locked = msgspec.convert({"cause": lock, "utc": None}, Lock) if lock else None
    sidecar = msgspec.structs.replace(SIDECAR, kind=before, locked=locked)
    settled = settled_kind(sidecar, msgspec.convert(kind, str | None), "2026-11-20T16:00:00.000Z")
    assert (settled.locked.cause if settled.locked else None) == after
    assert settled.kind == (kind or before)


@pytest.mark.parametrize(
    ("name", "suffix", "is_usable"),
    [
        ("dcp_20261120154500.mp4", ".mp4", True),
        ("with space.mp4", ".mp4", True),
        ("-rf.mp4", ".mp4", True),
        ("影片_🚗.mp4", ".mp4", True),
        ("UPPER.MP4", ".mp4", False),
        ("photo.jpeg", ".jpg", False),
        ("new\nline.mp4", ".mp4", False),
        ("\udcff.mp4", ".mp4", False),
        ("L" * 196 + ".mp4", ".mp4", True),
        ("L" * 197 + ".mp4", ".mp4", False),
        ("no_suffix", None, False),
        ("a.ts", None, False),
        ("mp4", None, False),
    ],
)
def test_which_names_may_stay(name: str, suffix: str | None, is_usable: bool) -> None:
    assert media_suffix(name) == suffix
    assert is_usable_name(name) == is_usable
    assert "".join(split_name(name)) == name
