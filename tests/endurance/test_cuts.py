"""Cuts fall into every phase of a recording, and know what had been promised by then."""

from __future__ import annotations

import random

import pytest

from dashcam.clock import NANOSECONDS
from tests.endurance.cuts import Promises, choose_cuts
from tests.endurance.disk_log import DiskLog, Record
from tests.endurance.notes import Note, What

MILLISECOND = NANOSECONDS // 1000


def note(at_milliseconds: int, what: What, **facts: int | str) -> Note:
    return Note(at_milliseconds * MILLISECOND, what, **facts)  # type: ignore[arg-type]


# Two clips: the first is closed between 2000 and 2040 ms, the second first synced at 2510 ms.
NOTES = [
    note(1000, "delivered", pts_ns=0),
    note(1010, "taken"),
    note(1520, "synced", inode=5, bytes=100, began_ns=1500 * MILLISECOND),
    note(1990, "delivered", pts_ns=990 * MILLISECOND),
    note(2000, "closing"),
    note(2020, "synced", inode=5, bytes=200, began_ns=2015 * MILLISECOND),
    note(2040, "finished", id="1-1"),
    note(2100, "taken"),
    note(2510, "synced", inode=6, bytes=50, began_ns=2500 * MILLISECOND),
    note(2900, "delivered", pts_ns=1895 * MILLISECOND),
]
# The disk does something every 10 ms.
LOG = DiskLog([Record("write", moment * MILLISECOND, 0, b"") for moment in range(500, 3000, 10)])


def test_every_phase_is_hit_and_closings_most() -> None:
    cuts = choose_cuts(LOG, NOTES, 300, random.Random(1))
    assert len(cuts) == 300
    phases = [cut.phase for cut in cuts]
    assert set(phases) == {"starting", "growing", "closing", "rolling"}
    assert phases.count("closing") == max(phases.count(phase) for phase in set(phases))
    assert len({cut.survival for cut in cuts}) == 5


def test_a_cut_is_where_the_disk_was_at_its_moment() -> None:
    cuts = choose_cuts(LOG, NOTES, 300, random.Random(2))
    assert [cut.position for cut in cuts] == sorted(cut.position for cut in cuts)
    assert all(cut.position == LOG.position_at(cut.moment_ns) for cut in cuts)
    closing = [cut.moment_ns for cut in cuts if cut.phase == "closing"]
    assert min(closing) >= 2000 * MILLISECOND
    assert max(closing) <= 2040 * MILLISECOND
    assert len({cut.position for cut in cuts if cut.phase == "closing"}) == 5


@pytest.mark.parametrize(
    ("milliseconds", "delivered", "finished", "synced"),
    [
        (999, 0, set(), {}),
        (1500, 1, set(), {}),
        (1520, 1, set(), {5: 100}),
        (2039, 2, set(), {5: 200}),
        (2040, 2, {"1-1"}, {5: 200}),
        (3000, 3, {"1-1"}, {5: 200, 6: 50}),
    ],
)
def test_a_promise_counts_from_the_moment_it_was_made(
    milliseconds: int, delivered: int, finished: set[str], synced: dict[int, int]
) -> None:
    promises, moment_ns = Promises(NOTES), milliseconds * MILLISECOND
    assert promises.delivered_frames(moment_ns) == delivered
    assert promises.finished_ids(moment_ns) == finished
    assert promises.synced_bytes(moment_ns) == synced


def test_a_machine_is_behind_by_what_camera_writer_and_card_were_late() -> None:
    promises = Promises(NOTES)
    assert promises.machine_behind_seconds(1100 * MILLISECOND) == pytest.approx(0.010)
    assert promises.machine_behind_seconds(2050 * MILLISECOND) == pytest.approx(0.060 + 0.020)
    assert promises.machine_behind_seconds(3000 * MILLISECOND) == pytest.approx(0.110 + 0.020 + 0.005)
