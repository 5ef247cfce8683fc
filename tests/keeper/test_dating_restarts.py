"""A recorder that was restarted within one start of the machine is told the time: what it took before is dated, too."""

from __future__ import annotations

import msgspec
import pytest

from dashcam.clips.anchors import ANCHORS_NAME
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS, RELEASE_UTC_NS, Anchor, WallClock, utc_ns_of
from dashcam.recorder.anchors import AnchorLog
from dashcam.recorder.timekeeper import Timekeeper
from tests.keeper.rig import Rig
from tests.keeper.taken_photos import put_taken_photo, taken
from tests.made_clips import STARTED_NS, put_clip

S = NANOSECONDS
FIRST, SECOND = 41, 42
LAST_ON_NS = RELEASE_UTC_NS + 5 * S
"""What the machine remembers."""


class Run:
    """One run of the recorder: its clock and what it writes down of it, as its bookkeeper does."""

    def __init__(self, rig: Rig, boot: int, second: int, kernel: str, asleep_seconds: int = 0) -> None:
        self.monotonic_ns = second * S
        machine = WallClock(lambda: self.monotonic_ns, lambda: LAST_ON_NS, evidence=lambda _utc_ns: "nothing")
        self.boot, self.clock = boot, Timekeeper(machine, lambda: asleep_seconds * S)
        self._anchors = AnchorLog(rig.options.state, kernel, lambda: asleep_seconds * S)
        self.clock.recall(self._anchors.earlier())
        self.note()

    def note(self) -> None:
        """A turn of the bookkeeper."""
        self._anchors.note(self.boot, self.clock.anchor())


def record(rig: Rig, boot: int, number: int, second: int) -> list[str]:
    """A clip and a photo of that monotonic second, by a clock that knows nothing; gives their ids."""
    ids = [f"{boot}-{number}", f"{boot}-{number + 1}"]
    for path in (put_clip(rig.data, ids[0], source="saved"), put_taken_photo(rig.data, ids[1])):
        beside = sidecar_of(path)
        write_sidecar(beside, msgspec.structs.replace(read_sidecar(beside), started_monotonic_ns=second * S))
    return ids


@pytest.mark.parametrize("source", ["gps", "phone"])
def test_what_the_run_before_took_gets_its_time(rig: Rig, source: str) -> None:
    Run(rig, FIRST, 50, "this start")
    ids = record(rig, FIRST, 1, 60)
    rig.start().scan()
    later = Run(rig, SECOND, 200, "this start")
    ids += record(rig, SECOND, 1, 210)
    rig.scan()
    assert {row.day for row in rig.rows().values()} == {"undated"}
    later.monotonic_ns = 260 * S
    if source == "gps":
        later.clock.offer_gps(Anchor(260 * S, STARTED_NS + 200 * S, "gps"))
    else:
        assert later.clock.offer_phone(STARTED_NS + 200 * S, 260 * S, 0.1) == ""
    later.note()
    rig.settle().assert_whole()
    assert {clip_id: rig.path(clip_id).stem for clip_id in ids} == {
        "41-1": "dcp_20261120144500",
        "41-2": "dcp_20261120144500",
        "42-1": "dcp_20261120144730",
        "42-2": "dcp_20261120144730",
    }
    assert {rig.sidecar(clip_id).clock_source for clip_id in ids} == {source}
    assert taken(rig.path("41-2")) == "2026-11-20T14:45:00+00:00"
    assert taken(rig.path("42-2")) == "2026-11-20T14:47:30+00:00"


def test_a_run_that_knows_from_the_one_before_says_so_itself(rig: Rig) -> None:
    first = Run(rig, FIRST, 50, "this start")
    first.clock.offer_gps(Anchor(50 * S, STARTED_NS, "gps"))
    first.note()
    assert Run(rig, SECOND, 90, "this start").clock.anchor() == Anchor(90 * S, STARTED_NS + 40 * S, "gps")
    record(rig, SECOND, 1, 70)
    rig.start().scan().assert_whole()
    assert rig.path("42-1").stem == rig.path("42-2").stem == "dcp_20261120144520"


@pytest.mark.parametrize("kernel", ["another start", ""])
def test_another_start_of_the_machine_says_nothing_of_it(rig: Rig, kernel: str) -> None:
    Run(rig, FIRST, 50, kernel)
    record(rig, FIRST, 1, 60)
    told = Run(rig, SECOND, 70, "this start" if kernel else "")
    told.clock.offer_gps(Anchor(70 * S, STARTED_NS, "gps"))
    told.note()
    rig.start().scan().assert_whole()
    assert {row.day for row in rig.rows().values()} == {"undated"}


def test_what_was_written_before_starts_of_the_machine_were_known_counts_for_its_own_boot(rig: Rig) -> None:
    rig.options.state.mkdir()
    lines = b'{"boot":41,"monotonic_ns":%d,"utc_ns":%d,"source":"gps"}\n' % (60 * S, STARTED_NS)
    (rig.options.state / ANCHORS_NAME).write_bytes(lines)
    record(rig, FIRST, 1, 60)
    record(rig, SECOND, 1, 60)
    rig.start().scan().assert_whole()
    assert [rig.reader.get(f"{boot}-1").day for boot in (FIRST, SECOND)] == ["2026-11-20", "undated"]


def test_the_machine_may_have_slept_between_the_runs(rig: Rig) -> None:
    Run(rig, FIRST, 50, "this start")
    record(rig, FIRST, 1, 60)
    later = Run(rig, SECOND, 100, "this start", asleep_seconds=3600)
    record(rig, SECOND, 1, 110)
    later.monotonic_ns = 120 * S
    later.clock.offer_gps(Anchor(120 * S, STARTED_NS + 3660 * S, "gps"))
    later.note()
    rig.start().scan().assert_whole()
    assert rig.sidecar("41-1").started_utc == "2026-11-20T14:45:00.000Z"
    started_utc = rig.sidecar("42-1").started_utc
    assert started_utc is not None
    assert utc_ns_of(started_utc) == STARTED_NS + 3650 * S
