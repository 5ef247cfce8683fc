"""Edits of other people's files as pure functions on text, each with its way back.

A block of ours stands between two marked lines. A line of theirs that is in the way becomes a comment with a mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_BEGIN = "# >>> dashcam {name}: taken out again by scripts/install --remove"
_END = "# <<< dashcam {name}"
# Behind a block that was put after a last line without its end: that end is ours as well.
_JOINED = " (and the line end before)"
_OFF = "#dashcam {name}# "


def block_of(text: str, name: str) -> list[str] | None:
    """The lines between the marks; None when there is no such block."""
    lines = _lines(text)
    if (place := _place(lines, name)) is None:
        return None
    return [line.rstrip("\r\n") for line in lines[place.start + 1 : place.stop - 1]]


def outside_block(text: str, name: str) -> str:
    """All but the block, with what was put off still put off."""
    lines = _lines(text)
    if (place := _place(lines, name)) is None:
        return text
    is_last = place.stop == len(lines)
    is_joined = _JOINED in lines[place.stop - 1]
    before = "".join(lines[: place.start])
    if is_joined and is_last:
        before = before.removesuffix("\n").removesuffix("\r")
    return before + "".join(lines[place.stop :])


def with_block(text: str, name: str, lines: Sequence[str], in_the_way: str = "") -> str:
    """The text with the block at its end, and with every line that `in_the_way` matches from its start put off."""
    text = without_block(text, name)
    end_of_line = "\r\n" if "\r\n" in text else "\n"
    if in_the_way:
        off = _OFF.format(name=name)
        text = re.sub(rf"^(?={in_the_way})", lambda _: off, text, flags=re.MULTILINE)
    is_joined = text != "" and not text.endswith("\n")
    end = _END.format(name=name) + (_JOINED if is_joined else "")
    block = end_of_line.join([_BEGIN.format(name=name), *lines, end, ""])
    return text + (end_of_line if is_joined else "") + block


def without_block(text: str, name: str) -> str:
    """The text as it was before, with what was put into it elsewhere since."""
    return re.sub(rf"^{re.escape(_OFF.format(name=name))}", "", outside_block(text, name), flags=re.MULTILINE)


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _place(lines: Sequence[str], name: str) -> range | None:
    """Where the block is, its marks included."""
    begin, end = _BEGIN.format(name=name), _END.format(name=name)
    bare = [line.rstrip("\r\n").removesuffix(_JOINED) for line in lines]
    if begin not in bare or end not in bare[bare.index(begin) :]:
        return None
    start = bare.index(begin)
    return range(start, bare.index(end, start) + 1)


# Options that may be there several times, each with a value of its own.
_SEVERAL = ("console", "cgroup_enable", "cgroup_disable")


def words_of(command_line: str) -> list[str]:
    """The kernel's command line, word by word; a quoted value stays one."""
    return re.findall(r'(?:[^\s"]|"[^"]*")+', first_line(command_line))


def first_line(text: str) -> str:
    """The firmware reads just this of cmdline.txt."""
    return re.split(r"\r?\n", text, maxsplit=1)[0]


def with_words(text: str, add: Sequence[str], drop: Sequence[str]) -> str:
    """cmdline.txt with words added at its end and others left out; all else, byte by byte, as it was.

    A word that is added replaces another value of the same option, but for options that may be there several times.
    """
    line = first_line(text)
    rest = text[len(line) :]
    replaced = {option_of(word) for word in add if "=" in word}
    gone = [word for word in words_of(line) if word in drop or (option_of(word) in replaced and word not in add)]
    for word in gone:
        line = _without_word(line, word)
    missing = [word for word in add if word not in words_of(line)]
    return " ".join([*([line.rstrip()] if line.strip() else []), *missing]) + rest if missing else line + rest


def option_of(word: str) -> str:
    """`quiet` of itself, `root` of root=..., `console=tty3` as a whole: there may be several consoles."""
    name = word.partition("=")[0]
    return word if name in _SEVERAL else name


def _without_word(line: str, word: str) -> str:
    return re.sub(rf"(?:^|(?<=\s)){re.escape(word)}(?:\s+|$)", "", line, count=1).rstrip()
