"""Which clips go: a table of cases, one rule a line."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import pytest

from dashcam.clips.clip import ClipId, ClipKind
from dashcam.clips.retention import (
    Candidate,
    Limits,
    choose_emergency_victims,
    choose_victims,
    limits_of,
)
from dashcam.errors import BadRequest
from dashcam.settings.schema import StorageSettings
from tests.golden_values import SIDECAR

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: dict[str, ClipKind] = {"L": "loop", "E": "event", "P": "photo"}


def clips(words: str) -> list[Candidate]:
    """`L1:10 E2:5!r L3:10o` : kind, id (`boot.number` or of boot 1), bytes; `!` locked, `o` open, `r` released."""
    found = []
    for word in words.split():
        name, _, rest = word.partition(":")
        kind = KINDS[name[0]]
        number = name[1:].replace(".", "-") if "." in name else f"1-{name[1:]}"
        size = int(rest.rstrip("!or"))
        found.append(Candidate(ClipId.parse(number), kind, name, size, "!" in rest, "o" in rest, "r" in rest))
    return found


@dataclass(frozen=True)
class Case:
    """One line of the table: what lies on the card, the limits, and what must go."""

    rule: str
    clips: str
    victims: str
    free: int = 1000
    loop: int = 1000
    event: int = 1000
    photo: int = 1000
    floor: int = 0
    needed: int = 0
    wanted: int = 0
    missing: int = 0
    beyond: Mapping[ClipKind, int] = field(default_factory=dict)
    may_go: bool = False
    announce: str = ""


CASES = (
    Case("nothing on the card, nothing goes", "", ""),
    Case("a quota that is just full holds", "L1:10 L2:10", "", loop=20),
    Case("one byte too much costs the oldest", "L1:10 L2:11", "L1", loop=20),
    Case("as many go as it takes, and no more", "L1:10 L2:10 L3:10 L4:10", "L1 L2", loop=20),
    Case("the order on the card does not matter", "L3:10 L1:10 L4:10 L2:10", "L1 L2", loop=20),
    Case("ids count as numbers, not as text", "L10:10 L9:10 L100:10", "L9", loop=20),
    Case("an earlier boot is older whatever its numbers", "L2.1:10 L1.500:10", "L1.500", loop=10),
    Case("what the keeper adopted is younger than what was recorded", "L1.k1:10 L1.7:10", "L1.7", loop=10),
    Case("locked clips stay, the next oldest goes", "L1:10! L2:10 L3:10", "L2", loop=20),
    Case("locked clips count in the quota", "L1:15! L2:10 L3:10", "L2", loop=25),
    Case("the open clip stays", "L1:10o L2:10 L3:10", "L2", loop=20),
    Case("only locked clips beyond the quota: said", "L1:20! L2:10!", "", loop=20, beyond={"loop": 10}),
    Case("locked and unlocked beyond: what can go goes, the rest is said", "L1:25! L2:10", "L2", loop=20,
         beyond={"loop": 5}),
    Case("each kind has its own quota", "L1:10 E2:10 P3:10 E4:10", "E2", event=10),
    Case("photos have a quota too", "P1:5 P2:5 L3:5", "P1", photo=5),
    Case("locked events are never deleted by their quota", "E1:10! E2:10!", "", event=5, beyond={"event": 15}),
    Case("unlocked events beyond the quota go", "E1:10! E2:10 E3:10", "E2", event=20),
    Case("a quota of nothing keeps nothing", "L1:10 L2:10", "L1 L2", loop=0),
    Case("room is made before it is needed", "L1:10 L2:10", "L1", loop=20, needed=10),
    Case("room that is needed does not count for events", "E1:10 E2:10", "", event=20, needed=10),
    Case("a quota below two clips still keeps the newest", "L1:10 L2:10", "L1", loop=20, needed=30),
    Case("the floor takes the oldest loop clips", "L1:10 L2:10 L3:10", "L1 L2", free=5, floor=20),
    Case("the floor is just kept: nothing goes", "L1:10", "", free=20, floor=20),
    Case("the floor counts what is about to be written", "L1:10 L2:10", "L1", free=20, floor=20, needed=10),
    Case("what a quota frees counts for the floor", "L1:10 L2:10", "L1", free=10, floor=20, loop=10),
    Case("the floor takes loops before older events and photos", "E1:10 P2:10 L3:10", "L3", free=0, floor=10),
    Case("without loops the floor takes events, then photos", "P1:10 E2:10 E3:10", "E2 E3 P1", free=0, floor=25),
    Case("nothing may be deleted: said", "L1:10! L2:10o E3:10!", "", free=4, floor=10, missing=6),
    Case("all that may go is not enough: it goes, and the rest is said", "L1:10 L2:10!", "L1", free=0, floor=30,
         missing=20),
    Case("an empty card that is too full of other things: said", "", "", free=3, floor=10, missing=7),
    Case("the loop makes room for what somebody has saved", "L1:10 L2:10! L3:10 L4:10", "L1 L3", free=15, floor=10,
         wanted=20),
    Case("room that is there is not made again", "L1:10 L2:10", "", free=30, floor=10, wanted=20),
    Case("what the floor takes too much counts for what is saved", "L1:10 L2:10", "L1", free=5, floor=10, wanted=5),
    Case("for what is saved no events and photos go, and nothing is announced", "E1:10 P2:10 E3:10!", "", free=10,
         floor=10, wanted=20, may_go=True),
    Case("locked loops beyond the quota alone lack no space", "L1:30!", "", loop=20, beyond={"loop": 10}, floor=10),
    Case("while there are unsaved events, no saved one is announced", "E1:10! E2:10 E3:10", "E2 E3", event=10,
         may_go=True),
    Case("without unsaved ones the oldest saved are announced, and stay", "E1:10! E2:10! E3:10!", "", event=12,
         beyond={"event": 18}, may_go=True, announce="E1 E2"),
    Case("unsaved ones go first, and saved ones are announced for the rest", "E1:10! E2:10 E3:10!", "E2", event=15,
         beyond={"event": 5}, may_go=True, announce="E1"),
    Case("what is released goes", "E1:10!r E2:10!r E3:10!", "E1", event=20, may_go=True),
    Case("what is released goes only as far as it has to, the rest is announced", "E1:10!r E2:10! E3:10!", "E1",
         event=10, beyond={"event": 10}, may_go=True, announce="E2"),
    Case("an older one that was not announced does not keep a released one", "E1:10! E2:10!r E3:10!", "E2", event=10,
         beyond={"event": 10}, may_go=True, announce="E1"),
    Case("a released one that is not needed any more stays", "E1:10!r E2:10!", "", event=20, may_go=True),
    Case("nothing saved goes where it may not", "E1:10!r E2:10!", "", event=10, beyond={"event": 10}),
    Case("released or not, what is waited for stays", "E1:10!ro E2:10!r", "E2", event=10, may_go=True),
    Case("for the floor saved ones go last of all", "E1:10!r L2:10 P3:10 E4:10", "L2 E4 P3 E1", free=0, floor=40,
         may_go=True),
    Case("for the floor they are announced, too", "E1:10! E2:10! L3:10", "L3", free=0, floor=25, missing=15,
         may_go=True, announce="E1 E2"),
    Case("locked loop clips and photos never go", "L1:10!r P2:10!r", "", free=0, floor=10, missing=10, may_go=True),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_victims(case: Case) -> None:
    limits = Limits({"loop": case.loop, "event": case.event, "photo": case.photo}, case.floor)
    found = clips(case.clips)
    choice = choose_victims(
        found,
        free_bytes=case.free,
        limits=limits,
        needed_bytes=case.needed,
        wanted_bytes=case.wanted,
        saved_may_go=case.may_go,
    )
    assert " ".join(victim.path for victim in choice.victims) == case.victims
    assert " ".join(clip.path for clip in choice.to_announce) == case.announce
    assert (choice.missing_bytes, dict(choice.beyond_quota_bytes)) == (case.missing, dict(case.beyond))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_once_they_are_gone_nothing_else_goes(case: Case) -> None:
    limits = Limits({"loop": case.loop, "event": case.event, "photo": case.photo}, case.floor)
    found = clips(case.clips)
    wishes = {
        "limits": limits,
        "needed_bytes": case.needed,
        "wanted_bytes": case.wanted,
        "saved_may_go": case.may_go,
    }
    first = choose_victims(found, free_bytes=case.free, **wishes)  # type: ignore[arg-type]
    free = case.free + sum(victim.bytes for victim in first.victims)
    rest = [clip for clip in found if clip not in first.victims]
    again = choose_victims(rest, free_bytes=free, **wishes)  # type: ignore[arg-type]
    assert again.victims == ()
    assert again.to_announce == first.to_announce
    assert again.missing_bytes == first.missing_bytes


def test_known_usage_counts_when_only_the_oldest_are_given() -> None:
    limits = Limits({"loop": 100}, 0)
    choice = choose_victims(clips("L1:10 L2:10 L3:10"), free_bytes=9, limits=limits, used_bytes={"loop": 120})
    assert [victim.path for victim in choice.victims] == ["L1", "L2"]


def test_locked_and_open_clips_never_go_whatever_the_numbers() -> None:
    chance = random.Random(7)
    for _ in range(300):
        found = [
            Candidate(ClipId(chance.randint(1, 3), chance.random() < 0.2, number), chance.choice(list(KINDS.values())),
                      str(number), chance.randint(0, 50), chance.random() < 0.3, chance.random() < 0.1,
                      chance.random() < 0.3)
            for number in range(1, chance.randint(2, 30))
        ]  # fmt: skip
        limits = Limits({kind: chance.randint(0, 400) for kind in KINDS.values()}, chance.randint(0, 300))
        may_go = chance.random() < 0.5
        choice = choose_victims(
            found,
            free_bytes=chance.randint(0, 300),
            limits=limits,
            needed_bytes=chance.randint(0, 90),
            saved_may_go=may_go,
        )
        released = [victim for victim in choice.victims if victim.is_locked]
        assert not any(victim.is_open for victim in choice.victims)
        assert all(may_go and victim.is_released and victim.kind == "event" for victim in released)
        assert len(set(choice.victims)) == len(choice.victims)
        free_ones = [clip for clip in found if not clip.is_locked and not clip.is_open]
        if released or choice.to_announce:
            assert {clip for clip in free_ones if clip.kind == "event"} <= set(choice.victims)
        if choice.missing_bytes:
            assert set(free_ones) <= set(choice.victims)


def test_in_an_emergency_the_oldest_unlocked_loop_clips_go_and_then_unsaved_events() -> None:
    found = clips("L5:10 L2:10 E1:10 P3:10 L4:10! L6:10o L7:10 E8:10!r E9:10")
    protected = frozenset({"1-2"})
    assert [victim.path for victim in choose_emergency_victims(found, 15, protected)] == ["L5", "L7"]
    assert [victim.path for victim in choose_emergency_victims(found, 25, protected)] == ["L5", "L7", "E1"]
    assert [victim.path for victim in choose_emergency_victims(found, 95, protected)] == ["L5", "L7", "E1", "E9"]
    assert choose_emergency_victims(found, 0, frozenset()) == []
    assert choose_emergency_victims(clips("L1:10! E2:10! P3:10"), 5, frozenset()) == []


def test_emergency_victims_are_those_that_were_given() -> None:
    found = clips("L1:10 L2:10")
    for victim in choose_emergency_victims(found, 15, frozenset()):
        found.remove(victim)
    assert found == []


def test_shares_are_of_the_whole_and_the_floor_leaves_a_small_card_alone() -> None:
    storage = StorageSettings(loop_quota="50 %", event_quota="2 kB", photo_quota="10%", free_floor="500 MB")
    limits = limits_of(storage, 10_000)
    assert limits.quota_bytes == {"loop": 5000, "event": 2000, "photo": 1000}
    assert limits.free_floor_bytes == 2500
    assert limits_of(storage, 64 * 10**9).free_floor_bytes == 500 * 10**6


def test_a_candidate_is_locked_when_its_sidecar_says_so() -> None:
    assert Candidate.of(SIDECAR, "EVENT/x.mp4", 5) == Candidate(ClipId(42, False, 17), "event", "EVENT/x.mp4", 5, True)
    with pytest.raises(BadRequest):
        Candidate.of(msgspec.structs.replace(SIDECAR, id="nonsense"), "x", 1)
