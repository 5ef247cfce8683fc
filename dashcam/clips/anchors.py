"""When a clock became known, one line each in the state: the recorder writes, the keeper dates clips by them."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dashcam.clock import Anchor, ClockSource, trust_in

ANCHORS_NAME = "anchors.jsonl"


class AnchorLine(msgspec.Struct, frozen=True):
    """One moment of a boot on both clocks."""

    boot: int
    monotonic_ns: int
    utc_ns: int
    source: ClockSource


_decoder = msgspec.json.Decoder(AnchorLine)


def encode_anchor(boot: int, anchor: Anchor) -> bytes:
    """The whole line of a boot's anchor."""
    return msgspec.json.encode(AnchorLine(boot, anchor.monotonic_ns, anchor.utc_ns, anchor.source)) + b"\n"


def read_anchors(path: Path) -> dict[int, Anchor]:
    """The most trusted anchor of each boot, of equals the last; lines that cannot be read are passed over."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return {}
    anchors: dict[int, Anchor] = {}
    for line in lines:
        try:
            found = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # the end of a line that a power cut has taken
        known = anchors.get(found.boot)
        if known is None or trust_in(found.source) >= trust_in(known.source):
            anchors[found.boot] = Anchor(found.monotonic_ns, found.utc_ns, found.source)
    return anchors
