"""When a clock became known, one line each in the state: the recorder writes, the keeper dates clips by them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from dashcam.clock import Anchor, ClockSource, trust_in

ANCHORS_NAME = "anchors.jsonl"


class AnchorLine(msgspec.Struct, frozen=True):
    """One moment of a boot on both clocks. A boot is a start of the recorder; `kernel` is one of the machine."""

    boot: int
    monotonic_ns: int
    utc_ns: int
    source: ClockSource
    kernel: str = ""
    """`monotonic_ns` tells of now only in the same start of the machine; empty: nobody knows which it was."""
    asleep_ns: int = 0
    """How long the machine had been suspended by then."""

    @property
    def anchor(self) -> Anchor:
        """The moment alone."""
        return Anchor(self.monotonic_ns, self.utc_ns, self.source)


_decoder = msgspec.json.Decoder(AnchorLine)


def encode_anchor(boot: int, anchor: Anchor, kernel: str = "", asleep_ns: int = 0) -> bytes:
    """The whole line of a boot's anchor."""
    line = AnchorLine(boot, anchor.monotonic_ns, anchor.utc_ns, anchor.source, kernel, asleep_ns)
    return msgspec.json.encode(line) + b"\n"


def read_anchors(path: Path) -> dict[int, Anchor]:
    """The most trusted anchor of each boot, of equals the last; lines that cannot be read are passed over."""
    anchors: dict[int, Anchor] = {}
    for line in _lines(path):
        known = anchors.get(line.boot)
        if known is None or trust_in(line.source) >= trust_in(known.source):
            anchors[line.boot] = line.anchor
    return anchors


def best_of_kernel(path: Path, kernel: str) -> AnchorLine | None:
    """The most trusted of this start of the machine, of equals the last, by whichever boots of the recorder."""
    lines = [line for line in _lines(path) if kernel and line.kernel == kernel]
    return max(reversed(lines), key=lambda line: trust_in(line.source), default=None)


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
