"""One address may hold only so many places, whoever else is there."""

from __future__ import annotations

from dashcam.web.fair_share import FairShare


def test_one_address_gets_no_more_than_its_share_and_others_get_theirs() -> None:
    share = FairShare(2)
    assert [share.take("10.0.0.1") for _ in range(3)] == [True, True, False]
    assert share.take("10.0.0.2")
    share.give_back("10.0.0.1")
    assert [share.take("10.0.0.1") for _ in range(2)] == [True, False]


def test_who_has_gone_is_forgotten() -> None:
    share = FairShare(1)
    for number in range(1000):
        assert share.take(str(number))
        share.give_back(str(number))
    assert not share._held
