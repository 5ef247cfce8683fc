"""Recorded and photographed by one run that knew no time; a phone tells the next run, and the keeper puts all right."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from dashcam.clips.anchors import ANCHORS_NAME, read_boot_times
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar
from dashcam.clock import NANOSECONDS, utc_ns_of
from dashcam.link import messages as m
from tests.exiftool import exiftool_facts
from tests.keeper.rig import Rig
from tests.keeper.taken_photos import picture_of
from tests.recorder.asked import wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.running import RunningRecorder
from tests.recorder.test_time_known import CLIP_FRAMES, TRUTH_NS, board, offer


def test_what_a_run_before_took_is_named_by_the_moment_it_was_taken(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), "clock.zone=UTC", clock=board()) as recorder:
        recorder.wait_until_recording(CLIP_FRAMES + 1)
        recorder.ask(m.TakePhoto(), m.PhotoTaken)
        wait_until((recorder.state / ANCHORS_NAME).exists, "the line of this boot")
    (photo,) = tmp_path.rglob("DCIM/PHOTO/undated/*.jpg")
    facts, picture, taken_ns = exiftool_facts(photo), picture_of(photo), _moment_of(photo)
    assert not [name for name in facts if "Date" in name or "Time" in name]
    with RunningRecorder(tmp_path, Cameras(), "clock.zone=UTC", clock=board()) as recorder:
        recorder.wait_until_recording()
        told_ns = time.monotonic_ns()
        assert recorder.ask(offer(told_ns), m.TimeAnswer).is_taken
        wait_until(lambda: 1 in read_boot_times(recorder.state / ANCHORS_NAME), "the anchor")
    rig = Rig(tmp_path).start()
    try:
        rig.scan().assert_whole()
        assert {row.clock_source for row in rig.rows().values()} == {"phone"}
        assert {row.kind for row in rig.rows().values()} == {"loop", "photo"}
        (dated,) = tmp_path.rglob("DCIM/PHOTO/*/*.jpg")
    finally:
        rig.close()
    started_utc = read_sidecar(sidecar_of(dated)).started_utc
    assert started_utc is not None
    assert utc_ns_of(started_utc) == pytest.approx(TRUTH_NS + taken_ns - told_ns, abs=NANOSECONDS // 1000)
    said = f"{started_utc[:10].replace('-', ':')} {started_utc[11:-1]}+00:00"
    now = exiftool_facts(dated)
    assert now["Composite:SubSecDateTimeOriginal"] == said
    assert picture_of(dated) == picture
    lasting = facts.keys() - {"SourceFile"}
    assert {name: now[name] for name in lasting} == {name: facts[name] for name in lasting}


def _moment_of(photo: Path) -> int:
    moment_ns = read_sidecar(sidecar_of(photo)).started_monotonic_ns
    assert moment_ns is not None
    return moment_ns
