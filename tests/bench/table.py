"""The table that is printed at the end, and its place in the README."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_HEAD = ("what", "dashcam", "peer", "ratio", "target")


@dataclass(frozen=True, slots=True)
class Row:
    """One line. `ratio` is ours by the peer's; `is_met` None: there is no target."""

    what: str
    ours: str
    peer: str = ""
    ratio: float | None = None
    target: str = ""
    is_met: bool | None = None

    def cells(self) -> tuple[str, ...]:
        """The cells of the line; a target that is missed says so."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        verdict = {None: "", True: " (met)", False: " (**missed**)"}[self.is_met]
        return self.what, self.ours, self.peer, ratio, f"{self.target}{verdict}"


def as_markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    return markdown(_HEAD, [row.cells() for row in rows])


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def put_into(path: Path, table: str, name: str = "bench") -> None:
    """Replaces what stands between the marks of that name in a README. Raises ValueError when they are missing."""
    begin_mark, end_mark = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    text = path.read_text()
    before, begin, rest = text.partition(begin_mark)
    _, end, after = rest.partition(end_mark)
    if not begin or not end:
        raise ValueError(f"{path} has no marks {begin_mark.strip()} and {end_mark}")
    path.write_text(f"{before}{begin}\n{table}\n{end}{after}")
