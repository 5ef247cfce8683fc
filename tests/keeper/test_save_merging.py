"""Presses that overlap become one save, whatever their order; those apart, begun or of other boots do not."""

from __future__ import annotations

from itertools import permutations

from dashcam.clips.save_request import ClipRange, SaveRequest
from dashcam.keeper.save_merging import merged

LONGEST = 600


def save(request_id: str, from_: int, to: int, at: int, *, made_id: str = "", is_named: bool = False) -> SaveRequest:
    return SaveRequest(
        id=request_id,
        clip_ids=(f"42-{from_}", f"42-{to}"),
        cause="button" if at % 2 else "impact",
        requested_utc=None,
        from_monotonic_ns=from_,
        to_monotonic_ns=to,
        at_monotonic_ns=at,
        made_id=made_id,
        parts=(ClipRange(clip_id="42-1"),) if is_named else (),
    )


def test_a_chain_of_presses_is_one_save_of_the_first_of_them() -> None:
    chain = [save("42-7", 0, 70, 61), save("42-9", 50, 120, 110), save("42-11", 115, 200, 190)]
    for presses in permutations(chain):
        [(one, others)] = merged(presses, LONGEST)
        assert (one.id, one.from_monotonic_ns, one.to_monotonic_ns) == ("42-7", 0, 200)
        assert (one.at_monotonic_ns, one.cause) == (61, "button")
        assert one.clip_ids == ("42-0", "42-70", "42-50", "42-120", "42-115", "42-200")
        assert [other.id for other in others] == ["42-9", "42-11"]
        # Killed in between: the same again.
        [(again, _)] = merged([one, *others], LONGEST)
        assert again == one


def test_what_counts_is_the_first_press_even_where_a_later_one_reaches_further_back() -> None:
    [(one, _)] = merged([save("42-7", 40, 70, 61), save("42-9", 0, 120, 110)], LONGEST)
    assert (one.id, one.from_monotonic_ns, one.to_monotonic_ns, one.at_monotonic_ns) == ("42-9", 0, 120, 61)


def test_nothing_else_becomes_one() -> None:
    first = save("42-7", 0, 70, 61)
    for other in (
        save("42-9", 71, 120, 110),
        save("43-9", 50, 120, 110),
        save("42-9", 50, 120, 110, made_id="42-k1"),
        save("42-9", 50, 120, 110, is_named=True),
        save("42-9", 50, 700, 650),
    ):
        assert merged([first, other], LONGEST) == []
