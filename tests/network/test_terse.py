r"""What nmcli prints tersely is read back as it was, whatever anybody has called a network."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashcam.network.terse import fields_of, rows_of

TEXT = st.text(st.characters(exclude_characters="\n", exclude_categories=()), max_size=40)


def as_nmcli_prints(fields: tuple[str, ...]) -> str:
    """nmcli -e yes: a backslash before each backslash and colon."""
    return ":".join(field.replace("\\", "\\\\").replace(":", "\\:") for field in fields)


@given(st.lists(TEXT, min_size=1, max_size=6))
def test_fields_come_back_as_they_were(fields: list[str]) -> None:
    assert fields_of(as_nmcli_prints(tuple(fields))) == tuple(fields)


@given(st.lists(st.tuples(TEXT, TEXT, st.just("x")), max_size=6))
def test_rows_come_back_as_they_were(rows: list[tuple[str, str, str]]) -> None:
    assert rows_of("".join(as_nmcli_prints(row) + "\n" for row in rows), 3) == tuple(rows)


@given(TEXT)
def test_anything_at_all_can_be_read(row: str) -> None:
    fields = fields_of(row)
    assert 1 <= len(fields) <= row.count(":") + 1
    assert sum(map(len, fields)) <= len(row)


def test_a_row_that_a_line_break_has_torn_costs_only_itself() -> None:
    assert rows_of("a:1\nb\nc:2\n\nd:3:4\ne\\:\\\\:5\n", 2) == (("a", "1"), ("c", "2"), ("e:\\", "5"))


def test_a_backslash_at_the_end_stays() -> None:
    assert fields_of("a:b\\") == ("a", "b\\")
