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

from dashcam.clock import Anchor, ClockSource, trust_in
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


@dataclass(frozen=True, slots=True)
class BootTime:
    """The time of a boot as far as it is known by now: its best line or one of the same start of the machine."""

    best: AnchorLine
    own: tuple[AnchorLine, ...]
    """What the boot itself has written."""

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


_decoder = msgspec.json.Decoder(AnchorLine)


def encode_anchor(boot: int, anchor: Anchor, kernel: str = "", asleep_ns: int = 0) -> bytes:
    """The whole line of a boot's anchor."""
    line = AnchorLine(boot, anchor.monotonic_ns, anchor.utc_ns, anchor.source, kernel, asleep_ns)
    return msgspec.json.encode(line) + b"\n"


def read_boot_times(path: Path) -> dict[int, BootTime]:
    """The time of each boot for which a trusted one is known; lines that cannot be read are passed over.

    The most trusted counts, of equals the boot's own, of these the last.
    """
    own: dict[int, list[AnchorLine]] = defaultdict(list)
    best_of_boot: dict[int, AnchorLine] = {}
    best_of_start: dict[str, AnchorLine] = {}
    for line in _lines(path):
        own[line.boot].append(line)
        if line.anchor.is_trusted:
            best_of_boot[line.boot] = _better(best_of_boot.get(line.boot), line)
            if line.kernel:
                best_of_start[line.kernel] = _better(best_of_start.get(line.kernel), line)
    times: dict[int, BootTime] = {}
    for boot, lines in own.items():
        best = best_of_boot.get(boot)
        for kernel in {line.kernel for line in lines}:
            found = best_of_start.get(kernel)
            if found is not None and (best is None or trust_in(found.source) > trust_in(best.source)):
                best = found
        if best is not None:
            times[boot] = BootTime(best, tuple(lines))
    return times


def best_of_kernel(path: Path, kernel: str) -> AnchorLine | None:
    """The most trusted of this start of the machine, of equals the last, by whichever boots of the recorder."""
    best: AnchorLine | None = None
    for line in _lines(path):
        if kernel and line.kernel == kernel and line.anchor.is_trusted:
            best = _better(best, line)
    return best


def _better(known: AnchorLine | None, later: AnchorLine) -> AnchorLine:
    return later if known is None or trust_in(later.source) >= trust_in(known.source) else known


def _lines(path: Path) -> Iterator[AnchorLine]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        try:
            yield _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # the end of a line that a power cut has taken
