"""When a clock became known, one line each in the state: the recorder writes, the keeper dates clips by them.

The first line of a boot says in which start of the machine it ran, also while no clock is trusted: what a later boot of
the same start learns of the time counts for it, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dashcam.clock import Anchor, ClockSource, is_apart, trust_in
from dashcam.system.kernel import has_slept

ANCHORS_NAME = "anchors.jsonl"


class AnchorLine(msgspec.Struct, frozen=True):
    """One moment of a boot on both clocks. A boot is a start of the recorder; `kernel` is one of the machine."""

    boot: int
    monotonic_ns: int
    utc_ns: int
    source: ClockSource
    """One that is not trusted, as at the begin of a boot, vouches for `kernel` and `asleep_ns` alone."""
    kernel: str = ""
    """`monotonic_ns` tells of now only in the same start of the machine; empty: nobody knows which it was."""
    asleep_ns: int = 0
    """How long the machine had been suspended by then."""

    @property
    def anchor(self) -> Anchor:
        """The moment alone."""
        return Anchor(self.monotonic_ns, self.utc_ns, self.source)

    @property
    def trust(self) -> int:
        """More for a better clock; 0 for one that nobody vouches for."""
        return trust_in(self.source) if self.anchor.is_trusted else 0

    def refutes(self, earlier: AnchorLine) -> bool:
        """True when both, of one source and one start of the machine, cannot be right: a receiver corrects itself."""
        apart_ns = (self.utc_ns - self.monotonic_ns - self.asleep_ns) - (
            earlier.utc_ns - earlier.monotonic_ns - earlier.asleep_ns
        )
        return is_apart(self.source, apart_ns, self.monotonic_ns - earlier.monotonic_ns)


@dataclass(frozen=True, slots=True)
class BootTime:
    """The time of a boot as far as it is known by now: its best line or one of the same start of the machine."""

    best: AnchorLine
    own: tuple[AnchorLine, ...]
    """What the boot itself has written."""
    is_corrected: bool = False
    """The source itself has refuted what it said first: what was dated by that is to be dated anew."""

    @property
    def source(self) -> ClockSource:
        """Who vouches for it."""
        return self.best.source

    def utc_ns_at(self, monotonic_ns: int) -> int:
        """UTC at a moment of the boot, also where the machine was suspended between that and the anchor.

        CLOCK_MONOTONIC stood still then, and the day went on.
        """
        before = [line for line in self.own if line.monotonic_ns <= monotonic_ns]
        asleep_ns = (before[-1] if before else self.own[0]).asleep_ns
        utc_ns = self.best.anchor.utc_ns_at(monotonic_ns)
        is_other = has_slept(asleep_ns, self.best.asleep_ns)
        return utc_ns - (self.best.asleep_ns - asleep_ns) if is_other else utc_ns

    def refutes(self, monotonic_ns: int, utc_ns: int) -> bool:
        """True when the same source has dated a moment of the boot by what it takes back.

        A moment after its last word was dated by that or by what the recorder has known since.
        """
        after_ns = self.best.monotonic_ns - monotonic_ns
        return after_ns >= 0 and is_apart(self.source, self.utc_ns_at(monotonic_ns) - utc_ns, after_ns)


_decoder = msgspec.json.Decoder(AnchorLine)


def encode_anchor(boot: int, anchor: Anchor, kernel: str = "", asleep_ns: int = 0) -> bytes:
    """The whole line of a boot's anchor."""
    return encode_line(AnchorLine(boot, anchor.monotonic_ns, anchor.utc_ns, anchor.source, kernel, asleep_ns))


def encode_line(line: AnchorLine) -> bytes:
    """With its end."""
    return msgspec.json.encode(line) + b"\n"


def decode_anchor(line: bytes) -> AnchorLine | None:
    """None for what is no anchor."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


@dataclass(slots=True)
class BestLine:
    """The most trusted of lines that are taken one after the other, of equals the last."""

    line: AnchorLine | None = None
    is_corrected: bool = False
    """Its source has refuted itself."""

    def take(self, later: AnchorLine) -> None:
        """The next one; one that nobody vouches for is passed over."""
        known = self.line
        if not later.trust or (known is not None and later.trust < known.trust):
            return
        if known is None or known.source != later.source:
            self.is_corrected = False
        elif later.refutes(known):
            self.is_corrected = True
        self.line = later

    def outdoes(self, own: AnchorLine | None) -> bool:
        """Whether a boot whose own best is `own` is to believe this one, of its start of the machine, instead."""
        if self.line is None or own is None:
            return self.line is not None
        if self.line.source == own.source:
            return self.line.refutes(own)
        return self.line.trust > own.trust


def read_boot_times(path: Path) -> dict[int, BootTime]:
    """The time of each boot for which a trusted one is known; lines that cannot be read are passed over.

    The most trusted counts, of equals the boot's own, of these the last; but the last one of the same start of the
    machine where that refutes it.
    """
    lines: dict[int, list[AnchorLine]] = defaultdict(list)
    of_boot: dict[int, BestLine] = defaultdict(BestLine)
    of_start: dict[str, BestLine] = defaultdict(BestLine)
    for line in _lines(path):
        lines[line.boot].append(line)
        of_boot[line.boot].take(line)
        if line.kernel:
            of_start[line.kernel].take(line)
    times: dict[int, BootTime] = {}
    for boot, own in lines.items():
        starts = [of_start[kernel] for kernel in {line.kernel for line in own} if kernel]
        best = of_boot[boot].line
        is_corrected = False
        for start in starts:
            if start.outdoes(best):
                is_corrected = best is not None and start.line is not None and start.line.source == best.source
                best = start.line
        if best is not None:
            said = [found for found in (of_boot[boot], *starts) if found.line and found.line.source == best.source]
            times[boot] = BootTime(best, tuple(own), is_corrected or any(found.is_corrected for found in said))
    return times


def best_of_kernel(path: Path, kernel: str) -> AnchorLine | None:
    """The most trusted of this start of the machine, of equals the last, by whichever boots of the recorder."""
    best = BestLine()
    for line in _lines(path):
        if kernel and line.kernel == kernel:
            best.take(line)
    return best.line


def _lines(path: Path) -> Iterator[AnchorLine]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return
    # Without the end of a line that a power cut has taken.
    yield from (line for line in map(decode_anchor, lines) if line is not None)
