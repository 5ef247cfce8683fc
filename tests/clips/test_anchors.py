"""The anchors of the boots, as they lie in the state."""

from __future__ import annotations

from pathlib import Path

from dashcam.clips.anchors import ANCHORS_NAME, read_anchors
from dashcam.clock import Anchor


def test_the_most_trusted_anchor_of_a_boot_counts_and_bad_lines_do_not(tmp_path: Path) -> None:
    path = tmp_path / ANCHORS_NAME
    path.write_bytes(
        b'{"boot":1,"monotonic_ns":1,"utc_ns":10,"source":"system"}\n'
        b'{"boot":1,"monotonic_ns":2,"utc_ns":20,"source":"gps"}\n'
        b'{"boot":1,"monotonic_ns":3,"utc_ns":30,"source":"phone"}\n'
        b'{"boot":2,"monotonic_ns":4,"utc_ns":40,"source":"system"}\n'
        b'{"boot":2,"monotonic_ns":5,"utc_ns":50,"source":"system"}\n'
        b'not json\n\xff\xfe\n{"boot":3,"monotonic_ns":1}\n{"boot":4,"monotonic_ns":6,"utc'
    )
    assert read_anchors(path) == {1: Anchor(2, 20, "gps"), 2: Anchor(5, 50, "system")}
    assert read_anchors(tmp_path / "none") == {}
