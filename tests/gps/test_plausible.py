"""What is believed of a fix, as tables."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dashcam.gps.base import Fix, Verdict
from dashcam.gps.plausible import Judge
from tests.gps.made import fix

HERE, NEAR, FAR = (52.5, 13.4), (52.5001, 13.4001), (48.1, 11.6)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "good"),
        ({"hdop": None}, "good"),
        ({"hdop": 10.0}, "good"),
        ({"hdop": 10.1}, "imprecise"),
        ({"quality": "estimated"}, "imprecise"),
        ({"quality": "none"}, "no_fix"),
        ({"latitude": None}, "no_fix"),
        ({"longitude": None}, "no_fix"),
        # 89 degrees and 60 minutes, from a receiver that has just been switched on.
        ({"latitude": 90.0}, "implausible"),
        ({"longitude": 181.0}, "implausible"),
        ({"latitude": 0.0, "longitude": 0.0}, "implausible"),
        ({"latitude": 0.0}, "good"),
        ({"speed_mps": 341.0}, "implausible"),
        ({"speed_mps": -1.0}, "implausible"),
        ({"speed_mps": 0.0}, "good"),
    ],
)
def test_a_fix_by_itself(changes: dict[str, Any], verdict: Verdict) -> None:
    assert Judge().verdict(msgspec.structs.replace(fix(utc_seconds=100), **changes)) == verdict


CASES: dict[str, list[tuple[Fix, Verdict]]] = {
    "a car drives": [(fix(0, place=HERE), "good"), (fix(1, place=NEAR), "good")],
    "a jump and back": [
        (fix(0, place=HERE), "good"),
        (fix(1, place=FAR), "implausible"),
        (fix(2, place=NEAR), "good"),
    ],
    "a jump that stays was a mistake before": [
        (fix(0, place=HERE), "good"),
        (fix(1, place=FAR), "implausible"),
        (fix(2, place=FAR), "implausible"),
        (fix(3, place=FAR), "good"),
        (fix(4, place=HERE), "implausible"),
    ],
    "jumps that do not agree are never believed": [
        (fix(0, place=HERE), "good"),
        *((fix(n, place=(10.0 * n, 20.0)), "implausible") for n in range(1, 6)),
    ],
    "after a flight of an hour": [(fix(0, place=HERE), "good"), (fix(3600, place=FAR), "good")],
    "a burst has the time that the satellites say": [
        (fix(0, utc_seconds=0, place=HERE), "good"),
        (fix(0, utc_seconds=3600, place=FAR), "good"),
    ],
    "the receiver says the same again": [
        (fix(0, utc_seconds=7, place=HERE), "good"),
        (fix(1, utc_seconds=7, place=HERE), "stale"),
        (fix(2, utc_seconds=8, place=HERE), "good"),
    ],
    "what is only guessed is no ground to judge by": [
        (fix(0, place=FAR, hdop=50), "imprecise"),
        (fix(1, place=HERE), "good"),
        (fix(2, place=None), "no_fix"),
        (fix(3, place=NEAR), "good"),
    ],
}


@pytest.mark.parametrize("case", CASES)
def test_fixes_after_one_another(case: str) -> None:
    judge = Judge()
    assert [judge.verdict(each) for each, _ in CASES[case]] == [verdict for _, verdict in CASES[case]]
