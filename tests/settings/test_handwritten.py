"""What people write by hand is read as far as it can be understood, whatever their editor makes of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashcam.settings.handwritten import MOST_BYTES, read_bytes, understand

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
LINE_ENDS = ("\n", "\r\n", "\r")
FILE = """\
# what it is for
country = “DE”   # where the car is
\tTime-Zone : ‘Europe/Berlin’ \t
[[wifi]]
name = ‘Zoe’s iPhone’

[override]
"camera.fps" = 15"""


def _values(text: str) -> dict[str, Any]:
    return {".".join((*found.section, *found.key)): found.value for found in understand(text.encode()).statements}


@pytest.mark.parametrize("line_end", LINE_ENDS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_editor_s_encoding_and_line_end_is_read(encoding: str, line_end: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    content = (mark + FILE.replace("\n", line_end)).encode(encoding)
    found = understand(content)
    assert [(statement.line, statement.key, statement.value) for statement in found.statements] == [
        (2, ("country",), "DE"),
        (3, ("time_zone",), "Europe/Berlin"),
        (5, ("name",), "Zoe’s iPhone"),
        (8, ("camera", "fps"), 15),
    ]
    assert [statement.section for statement in found.statements] == [(), (), ("wifi",), ("override",)]
    assert not found.mistakes
    codec = "cp1252" if found.codec == "latin-1" else found.codec
    written = [content[statement.start : statement.end].decode(codec).rstrip() for statement in found.statements]
    assert written == [line.strip() for line in FILE.splitlines() if "=" in line or ":" in line]


def test_utf_16_without_a_mark_is_known_by_its_zeros() -> None:
    assert understand('name = "car"\r\n'.encode("utf-16-le")).statements[0].value == "car"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"plain"', "plain"),
        ("'plain'", "plain"),
        ("“typographic”", "typographic"),
        ("„German“", "German"),
        ("«French»", "French"),
        ('"half turned”', "half turned"),
        ("‘Zoe’s iPhone’", "Zoe’s iPhone"),
        ('"Zoe’s iPhone"', "Zoe’s iPhone"),
        ("“Zoe’s iPhone”", "Zoe’s iPhone"),
        ("'Zoe's iPhone'", "Zoe's iPhone"),
        ("Zoe’s iPhone", "Zoe’s iPhone"),
        ('"a "quoted" word"', 'a "quoted" word'),
        ("“#1 network” # the remark's “end”", "#1 network"),
        ("bare # remark", "bare"),
        ("pass#word", "pass#word"),
        (r'"C:\temp\new"', r"C:\temp\new"),
        (r'"back\\slash"', r"back\slash"),
        ('"caf\u00e9 \U0001f697"', "café 🚗"),
        ('" blanks kept "', " blanks kept "),
        ("", ""),
        ("# nothing", ""),
        ("true", True),
        ("15 # fps", 15),
        ("[1, 2]", [1, 2]),
    ],
)
def test_values_are_what_their_writer_meant(written: str, meant: Any) -> None:
    found = understand(f"name = {written}".encode())
    assert ([statement.value for statement in found.statements], found.mistakes) == ([meant], ())


@pytest.mark.parametrize(
    ("written", "text"), [("12345678", "12345678"), ("00123456 # key", "00123456"), ("1_0", "1_0")]
)
def test_a_password_that_looks_like_a_number_stays_as_it_was_written(written: str, text: str) -> None:
    assert understand(f"password = {written}".encode()).statements[0].text == text


def test_a_value_may_go_on_in_the_next_lines() -> None:
    assert _values('a = [\n 1,\n 2,\n]\nb = """x\ny"""\nc = 3') == {"a": [1, 2], "b": "x\ny", "c": 3}


def test_every_mistake_is_told_at_once_and_costs_no_other_line() -> None:
    found = understand(b'what is this\nname = "open\n[]\na = [1,\n[shares]\nftp = yes\n= 3\n')
    assert [str(mistake).partition(":")[0] for mistake in found.mistakes] == [
        "line 1",
        "line 2",
        "line 3",
        "line 4",
        "line 7",
    ]
    assert [(statement.section, statement.key, statement.value) for statement in found.statements] == [
        (("shares",), ("ftp",), "yes")
    ]


@given(st.binary(max_size=600) | st.text(max_size=300).map(lambda text: text.encode("utf-16", "surrogatepass")))
def test_nothing_that_a_file_may_hold_makes_it_fail(content: bytes) -> None:
    for statement in understand(content).statements:
        assert 0 <= statement.start < statement.end <= len(content)


_SHREDS = st.sampled_from(
    [
        "=",
        ":",
        "\n",
        "\r\n",
        "[",
        "]",
        "[[wifi]]",
        '"',
        "'",
        "“",
        "”",
        "‘",
        "’",
        "#",
        '"""',
        "\\",
        " ",
        "\t",
        "name",
        "password",
    ]
)


@given(st.lists(_SHREDS | st.just("S3cret"), max_size=40).map("".join))
def test_no_mistake_repeats_what_was_written(text: str) -> None:
    found = understand(text.encode())
    assert "S3cret" not in " ".join(str(mistake) for mistake in found.mistakes)
    assert all(statement.start < statement.end for statement in found.statements)


def test_a_file_of_unclosed_lists_is_given_up_soon() -> None:
    assert understand(b"a=[\n" * 10_000).statements == ()


def test_only_a_file_of_a_sensible_length_is_read(tmp_path: Path) -> None:
    assert read_bytes(tmp_path / "none" / "dashcam.toml") is None
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "long").write_bytes(b"#" * (MOST_BYTES + 1))
    for name in ("pipe", "long", "."):
        with pytest.raises(OSError):
            read_bytes(tmp_path / name)
