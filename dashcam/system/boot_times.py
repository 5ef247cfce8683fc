"""When a start of the machine reached what: written by each program as it gets there, shown on the page.

In the state folder, `boots/<program>.jsonl`, a line a start of that program; each program writes its own file alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

BOOTS_FOLDER = "boots"
"""In the state folder."""
LASTED_SECONDS = 180.0
"""Who has run for so long has not ended because of how it was started."""
Mark = str
"""One of MARKS."""
MARKS: dict[Mark, str] = {
    "process": "program started",
    "imported": "program loaded",
    "camera": "camera open",
    "durable": "first video on the card",
    "lasted": "three minutes",
    "ended": "ended in good order",
    "joined": "network joined",
    "access_point": "own access point open",
    "served": "page ready",
}
"""With the words of people, in the order in which they usually come. `kernel` is the zero of all."""
MOST_BOOTS = 50
"""So many are kept and shown."""


class BootLine(msgspec.Struct, frozen=True, kw_only=True):
    """One start of one program. `marks`: seconds since the kernel started (CLOCK_BOOTTIME), by what was reached."""

    kernel: str
    """Which start of the machine: the kernel's boot id."""
    program: str
    boot: int | None = None
    """The dashcam's own number of this start, as in the ids of clips; the recorder knows it."""
    marks: dict[Mark, float] = {}
    utc: str = ""
    """When the program started, as far as that was known at its last mark; empty: not at all."""
    version: str = ""
    settings: str = ""
    """A mark of the settings that were wanted then: starts with other ones say nothing about these. Recorder only."""


def boots_path(state: Path, program: str) -> Path:
    """The file of a program."""
    return state / BOOTS_FOLDER / f"{program}.jsonl"


def encode_boot_line(line: BootLine) -> bytes:
    """The line with its end."""
    return msgspec.json.encode(line) + b"\n"


def read_boot_lines(path: Path) -> list[BootLine]:
    """All starts in the file, oldest first; what cannot be read is left out."""
    try:
        content = path.read_bytes()
    except OSError:
        return []
    lines: list[BootLine] = []
    for text in content.splitlines():
        try:
            lines.append(_decoder.decode(text))
        except (msgspec.MsgspecError, UnicodeError):
            continue  # a full state or a failing card
    return lines


_decoder = msgspec.json.Decoder(BootLine)


def kept(lines: Sequence[BootLine], most_boots: int = MOST_BOOTS) -> list[BootLine]:
    """The lines of the last starts of the machine.

    Of a program that starts again and again in one of them: its first line, its last, and the first that has lasted.
    """
    kernels = list(dict.fromkeys(line.kernel for line in lines))[-most_boots:]
    found: list[BootLine] = []
    for kernel in kernels:
        own = [line for line in lines if line.kernel == kernel]
        chosen = (own[0], next((line for line in own if "lasted" in line.marks), None), own[-1])
        found += [line for line in own if any(line is other for other in chosen)]
    return found


def has_gone_well(lines: Iterable[BootLine]) -> bool:
    """Whether one of these starts has lasted for three minutes, or ended in good order."""
    return any("lasted" in line.marks or "ended" in line.marks for line in lines)
