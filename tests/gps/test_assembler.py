"""From bytes to fixes: nothing is lost that came whole, however it was cut and whatever came between."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.clock import NANOSECONDS
from dashcam.gps.assembler import LONGEST_SENTENCE_BYTES, SentenceAssembler
from dashcam.gps.base import Fix
from tests.gps.made import drive, second, sentence

BEGAN = datetime(2026, 11, 21, 23, 59, 55, tzinfo=UTC)
REFERENCE = date(2026, 11, 1)
DRIVE = drive(BEGAN, 10)
RMC, VTG, GGA = second(BEGAN).splitlines(keepends=True)


def assembled(*pieces: bytes, seconds_apart: float = 1.0) -> list[Fix]:
    assembler = SentenceAssembler(REFERENCE)
    found = []
    for number, piece in enumerate(pieces):
        found += assembler.feed(piece, round(number * seconds_apart * NANOSECONDS))
    return found + assembler.flush()


def utc_seconds(fixes: list[Fix]) -> list[float | None]:
    """Since BEGAN."""
    began = BEGAN.timestamp()
    return [None if fix.utc_ns is None else fix.utc_ns / NANOSECONDS - began for fix in fixes]


def test_three_sentences_are_one_fix() -> None:
    (fix,) = assembled(RMC, VTG, GGA, seconds_apart=0.1)
    assert fix == Fix(
        received_monotonic_ns=0,
        verdict="good",
        quality="gps",
        utc_ns=round(BEGAN.timestamp()) * NANOSECONDS,
        latitude=52.5,
        longitude=13.4,
        altitude_m=40.0,
        speed_mps=fix.speed_mps,
        course_degrees=90.0,
        hdop=1.1,
        satellites=8,
    )
    assert fix.speed_mps == pytest.approx(10.0, abs=0.001)


@pytest.mark.parametrize("order", list(itertools.permutations((RMC, VTG, GGA))), ids=lambda order: "".join(
    line[3:6].decode() for line in order))  # fmt: skip
def test_the_order_of_a_receiver_does_not_matter(order: tuple[bytes, ...]) -> None:
    names = [line[3:6] for line in order]
    blocks = []
    for block in DRIVE:
        lines = {line[3:6]: line for line in block.splitlines(keepends=True)}
        blocks.append(b"".join(lines[name] for name in names))
    fixes = assembled(*blocks)
    assert utc_seconds(fixes) == list(range(10))
    assert all(fix.altitude_m == 40.0 and fix.is_good for fix in fixes)


def test_a_fix_comes_with_its_last_sentence_not_with_the_next_second() -> None:
    assembler = SentenceAssembler(REFERENCE)
    for block in DRIVE[:2]:
        assembler.feed(block, 0)
    *first, last = DRIVE[2].splitlines(keepends=True)
    assert assembler.feed(b"".join(first), NANOSECONDS) == []
    (fix,) = assembler.feed(last, 2 * NANOSECONDS)
    assert fix.received_monotonic_ns == NANOSECONDS


def test_a_speed_that_comes_first_is_not_waited_for() -> None:
    """VTG before RMC: it is taken for the second before, and RMC has a speed of its own."""
    assembler = SentenceAssembler(REFERENCE)
    fixes = []
    for number, block in enumerate(DRIVE):
        rmc, vtg, gga = block.splitlines(keepends=True)
        fixes.append(assembler.feed(vtg + rmc + gga, number * NANOSECONDS))
    assert [len(each) for each in fixes[2:]] == [1] * 8


@given(st.lists(st.integers(0, len(b"".join(DRIVE))), max_size=40))
def test_it_does_not_matter_where_reads_cut_the_line(cuts: list[int]) -> None:
    data = b"".join(DRIVE)
    edges = [0, *sorted(cuts), len(data)]
    pieces = [data[begin:end] for begin, end in itertools.pairwise(edges)]
    assert utc_seconds(assembled(*pieces, seconds_apart=0)) == list(range(10))


@given(st.lists(st.binary(max_size=200), min_size=10, max_size=10))
def test_rubbish_between_sentences_costs_none(rubbish: list[bytes]) -> None:
    pieces = itertools.chain.from_iterable(zip(rubbish, DRIVE, strict=True))
    assert utc_seconds(assembled(*pieces, seconds_apart=0.5)) == list(range(10))


@given(st.lists(st.binary(max_size=900)))
def test_rubbish_makes_no_fix_and_is_not_kept(rubbish: list[bytes]) -> None:
    assembler = SentenceAssembler(REFERENCE)
    for piece in [*rubbish, b"$GPRMC" + b"," * 100_000]:
        assert assembler.feed(piece, 0) == []
        assert assembler.kept_bytes <= LONGEST_SENTENCE_BYTES + 1


@given(st.integers(0, len(RMC) - 3), st.integers(0, 7))
def test_a_flipped_bit_is_never_believed(position: int, bit: int) -> None:
    """Neither in the sentence nor in its checksum; the line end does not count."""
    damaged = bytearray(RMC)
    damaged[position] ^= 1 << bit
    fixes = assembled(bytes(damaged))
    # A checksum in small letters is the same checksum.
    assert fixes == [] or bytes(damaged).upper() == RMC.upper()


def test_a_sentence_without_its_line_end_counts() -> None:
    assembler = SentenceAssembler(REFERENCE)
    assembler.feed(b"".join(block.replace(b"\r\n", b"") for block in DRIVE) + b"$GPRMC,2359", 0)
    assert (assembler.counts.good, assembler.counts.bad, assembler.counts.fixes) == (30, 0, 10)


def test_what_came_is_counted() -> None:
    assembler = SentenceAssembler(REFERENCE)
    damaged = RMC.replace(b"13", b"14", 1)
    assembler.feed(
        RMC + sentence("GPTXT,01,01,02,hello") + b"$GSENSORD,0.1,0.2,0.3\r\n" + damaged + b"\xb5\x62$\x01", 0
    )
    assembler.flush()
    assert (assembler.counts.good, assembler.counts.bad, assembler.counts.ignored) == (1, 1, 2)


def test_midnight_needs_no_new_date() -> None:
    """GGA alone carries no date; it is counted on from the last one."""
    blocks = [DRIVE[0], *(block.splitlines(keepends=True)[2] for block in DRIVE[1:])]
    assert utc_seconds(assembled(*blocks)) == list(range(10))


def test_a_receiver_without_gga_has_places_without_height() -> None:
    fixes = assembled(*(block.splitlines(keepends=True)[0] for block in DRIVE))
    assert utc_seconds(fixes) == list(range(10))
    assert {fix.altitude_m for fix in fixes} == {None}
    assert all(fix.is_good for fix in fixes)


def test_two_talkers_of_one_moment_are_one_fix() -> None:
    both = [second(BEGAN + timedelta(seconds=n)) + second(BEGAN + timedelta(seconds=n), talker="GN") for n in range(10)]
    assert utc_seconds(assembled(*both)) == list(range(10))


def test_satellites_of_all_systems_are_seen_together_for_a_while() -> None:
    views = [sentence("GPGSV,1,1,04,01,40,083,46"), sentence("GLGSV,1,1,03,65,40,083,46")]
    fixes = assembled(*views, *DRIVE, seconds_apart=2.0)
    assert fixes[0].satellites_in_view == 7
    assert fixes[-1].satellites_in_view is None


def test_a_burst_after_a_stall_loses_nothing() -> None:
    fixes = assembled(b"".join(DRIVE))
    assert utc_seconds(fixes) == list(range(10))
    assert all(fix.is_good for fix in fixes)
    assert {fix.received_monotonic_ns for fix in fixes} == {0}


def test_without_a_fix_moments_come_all_the_same() -> None:
    void = sentence("GPRMC,,V,,,,,,,,,,N") + sentence("GPGGA,,,,,,0,00,99.99,,M,,M,,")
    fixes = assembled(void, void, void)
    assert [fix.verdict for fix in fixes] == ["no_fix"] * 3
    assert {(fix.utc_ns, fix.latitude) for fix in fixes} == {(None, None)}


def test_no_fix_of_one_sentence_is_enough() -> None:
    (fix,) = assembled(RMC + sentence(f"GPGGA,{BEGAN:%H%M%S}.00,5230.0,N,01324.0,E,0,00,,,M,,M,,"))
    assert (fix.verdict, fix.utc_ns) == ("no_fix", None)
