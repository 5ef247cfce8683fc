"""When a start of the machine reached what: written by each program as it gets there, shown on the page.

In the state folder, `boots/<program>.jsonl`, a line a start of that program; each program writes its own file alone.
"""

from __future__ import annotations

import msgspec

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
