"""Range headers: what is sent of a file of a hundred bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.web.ranges import Unsatisfiable, asked_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("bytes", None),
        ("items=0-5", None),
        ("bytes=0-0", (0, 1)),
        ("bytes=0-9", (0, 10)),
        ("bytes=10-", (10, 100)),
        ("bytes=99-", (99, 100)),
        ("bytes=0-99", (0, 100)),
        ("bytes=0-100", (0, 100)),
        ("bytes=50-999999999999999999", (50, 100)),
        ("bytes=-1", (99, 100)),
        ("bytes=-100", (0, 100)),
        ("bytes=-999999", (0, 100)),
        ("BYTES = 5 - 6 ", (5, 7)),
        ("bytes=0-0,50-60", (0, 1)),
        ("bytes=500-,50-60", (50, 61)),
        ("bytes=,,5-6", (5, 7)),
    ],
)
def test_range_is_what_the_rfc_says(header: str | None, expected: tuple[int, int] | None) -> None:
    assert asked_range(header, 100) == expected


@pytest.mark.parametrize(
    "header",
    [
        "bytes=",
        "bytes=-",
        "bytes=--5",
        "bytes=-0",
        "bytes=5-4",
        "bytes=100-",
        "bytes=100-200",
        "bytes=a-b",
        "bytes=1.5-2",
        "bytes=0x1-5",
        "bytes=١-٢",
        "bytes=5",
        f"bytes={'9' * 5000}-",
        f"bytes=0-{'9' * 5000}",
        f"bytes={',' * 5000}",
    ],
)
def test_a_range_that_has_no_byte_of_the_file_is_unsatisfiable(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        asked_range(header, 100)


def test_an_empty_file_satisfies_no_range() -> None:
    with pytest.raises(Unsatisfiable):
        asked_range("bytes=0-", 0)


@given(st.text(max_size=40), st.integers(0, 1000))
def test_whatever_is_asked_the_range_lies_within_the_file(text: str, size: int) -> None:
    try:
        found = asked_range(f"bytes={text}", size)
    except Unsatisfiable:
        return
    assert found is not None
    assert 0 <= found.start < found.stop <= size
