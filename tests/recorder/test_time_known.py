"""A machine without a clock chip records at once, under names by number, and by names of the time once it is told."""

from __future__ import annotations

import os
import time
from pathlib import Path

import av
import pytest

from dashcam.clips.anchors import ANCHORS_NAME, best_of_kernel, read_boot_times
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import decode_tag, read_sidecar
from dashcam.clock import NANOSECONDS, RELEASE_UTC_NS, Evidence, WallClock, utc_ns_of
from dashcam.link import messages as m
from dashcam.recorder.card import Card
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.timekeeper import Timekeeper
from dashcam.settings.save import save_changes
from dashcam.system.kernel import kernel_boot
from dashcam.system.machine_clock import MachineEvidence
from tests.packets import FPS
from tests.recorder.asked import wait_until
from tests.recorder.cameras import Cameras
from tests.recorder.rig import clips_of
from tests.recorder.running import RunningRecorder
from tests.recorder.test_service import check_whole

CLIP_FRAMES = 2 * FPS
YEAR_NS = 365 * 86_400 * NANOSECONDS
LAST_ON_NS = RELEASE_UTC_NS + YEAR_NS
"""What the machine remembers of its last run."""
TRUTH_NS = LAST_ON_NS + YEAR_NS // 2


def board(evidence: Evidence = "nothing") -> WallClock:
    """A clock that goes on from where the machine was last on."""
    started_ns = time.monotonic_ns()
    return WallClock(
        system_utc_ns=lambda: LAST_ON_NS + time.monotonic_ns() - started_ns, evidence=lambda _utc_ns: evidence
    )


def offer(monotonic_ns: int) -> m.OfferTime:
    """A phone's, that was 0.1 s under way."""
    return m.OfferTime(utc_ns=TRUTH_NS, monotonic_ns=monotonic_ns, error_seconds=0.1)


def started_ns(clip: Path) -> int:
    started = read_sidecar(sidecar_of(clip)).started_utc
    assert started is not None
    return utc_ns_of(started)


def test_a_phones_time_names_the_next_clip_and_is_written_down(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), "clock.zone=UTC", clock=board()) as recorder:
        status = recorder.wait_until_recording(CLIP_FRAMES + 1)
        assert (status.clock.source, status.clock.error_seconds) == ("saved", None)
        assert "estimate" in status.clock.words
        anchors = recorder.state / ANCHORS_NAME
        wait_until(anchors.exists, "the line of this boot")
        assert not read_boot_times(anchors)
        told_ns = time.monotonic_ns()
        answer = recorder.ask(offer(told_ns), m.TimeAnswer)
        assert answer.is_taken
        assert (answer.clock.source, answer.clock.zone) == ("phone", "UTC")
        assert answer.clock.utc_ns - answer.clock.monotonic_ns == TRUTH_NS - told_ns
        status = recorder.status()
        assert (status.clock.source, status.clock.words) == ("phone", "From a phone.")
        assert not recorder.ask(offer(told_ns), m.TimeAnswer).is_taken
        wait_until(lambda: bool(read_boot_times(anchors)), "the anchor")
        recorder.wait_until_recording(recorder.status().frames_written + 2 * CLIP_FRAMES)
    line = best_of_kernel(anchors, kernel_boot())
    assert line is not None
    assert (line.boot, line.source, line.utc_ns - line.monotonic_ns) == (1, "phone", TRUTH_NS - told_ns)
    first, *_, last = clips_of(tmp_path)
    assert first.relative_to(tmp_path).as_posix() == "DCIM/VIDEO/undated/boot0001_000001.mp4"
    assert read_sidecar(sidecar_of(first)).clock_source == "saved"
    assert 0 <= started_ns(first) - LAST_ON_NS < YEAR_NS // 4, "an estimate, kept for what it is"
    assert last.parent.name == time.strftime("%Y-%m-%d", time.gmtime(TRUTH_NS // NANOSECONDS))
    assert last.stem.startswith("dcp_")
    assert 0 <= started_ns(last) - TRUTH_NS < YEAR_NS // 4
    assert check_whole(tmp_path) == recorder.cameras.newest.frames_sent


def test_a_recorder_that_is_started_again_needs_not_be_told_again(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), clock=board()) as recorder:
        recorder.wait_until_recording()
        assert recorder.ask(offer(time.monotonic_ns()), m.TimeAnswer).is_taken
        wait_until(lambda: bool(read_boot_times(recorder.state / ANCHORS_NAME)), "the anchor")
    with RunningRecorder(tmp_path, Cameras(), clock=board()) as again:
        assert again.wait_until_recording().clock.source == "phone"
        wait_until(lambda: 2 in read_boot_times(again.state / ANCHORS_NAME), "its own line")
    assert clips_of(tmp_path)[-1].stem.startswith("dcp_")


def test_it_is_recorded_while_the_clock_chip_hangs_and_named_by_it_once_it_has_told(tmp_path: Path) -> None:
    chip = tmp_path / "root/sys/class/rtc/rtc0/since_epoch"
    chip.parent.mkdir(parents=True)
    os.mkfifo(chip)
    evidence = MachineEvidence(root=tmp_path / "root", processor="aarch64", is_synchronized=lambda: False)
    clock = WallClock(evidence=evidence.of, refresh=evidence.refresh)
    with RunningRecorder(tmp_path, Cameras(), "stamp.video=true", clock=clock) as recorder:
        assert recorder.wait_until_recording(CLIP_FRAMES + 1).clock.source == "saved"
        chip.write_text(f"{time.time_ns() // NANOSECONDS}\n")
        wait_until(lambda: recorder.status().clock.source == "system", "the chip's word")
        recorder.wait_until_recording(recorder.status().frames_written + 2 * CLIP_FRAMES)
    assert clips_of(tmp_path)[0].stem == "boot0001_000001"
    assert clips_of(tmp_path)[-1].stem.startswith("dcp_")
    assert check_whole(tmp_path) == recorder.cameras.newest.frames_sent


def test_the_owners_word_over_the_machines_clock_counts_as_soon_as_it_is_saved(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), clock=board("chip")) as recorder:
        assert recorder.wait_until_recording().clock.source == "system"
        for word, source in (("untrusted", "saved"), ("trusted", "system")):
            save_changes(recorder.state, {"clock.machine": word})
            recorder.ask(m.SettingsChanged(), m.SettingsTaken)
            assert recorder.status().clock.source == source


def test_the_owners_word_counts_from_the_start(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), "clock.machine=untrusted", clock=board("ntp")) as recorder:
        assert recorder.wait_until_recording().clock.source == "saved"
    assert clips_of(tmp_path)[0].stem == "boot0001_000001"
    assert not read_boot_times(recorder.state / ANCHORS_NAME)


@pytest.mark.parametrize("utc_ns", [315_532_800 * NANOSECONDS, 3_471_292_800 * NANOSECONDS])
def test_an_offer_of_1980_or_2080_changes_nothing(tmp_path: Path, utc_ns: int) -> None:
    with RunningRecorder(tmp_path, Cameras(), clock=board()) as recorder:
        recorder.wait_until_recording()
        wrong = m.OfferTime(utc_ns=utc_ns, monotonic_ns=time.monotonic_ns(), error_seconds=0.1)
        answer = recorder.ask(wrong, m.TimeAnswer)
        assert (answer.is_taken, answer.clock.source) == (False, "saved")
        assert "cannot be right" in answer.words


@pytest.mark.parametrize(("evidence", "day"), [("nothing", "undated"), ("chip", "2027-11-20"), ("ntp", "2027-11-20")])
def test_an_estimate_makes_no_name_and_goes_into_the_tag(tmp_path: Path, evidence: Evidence, day: str) -> None:
    numbering = Numbering(tmp_path / ".state")
    numbering.start()
    machine = WallClock(lambda: 0, lambda: LAST_ON_NS, evidence=lambda _utc_ns: evidence)
    card = Card(tmp_path, numbering, Timekeeper(machine, lambda: 0), "UTC")
    for place in (card.place_for_clip(0), card.place_for_photo(0)):
        assert place.final.parent.name == day
        assert place.anchor.is_trusted == (evidence != "nothing")
        assert place.anchor.utc_ns == LAST_ON_NS
    card.close()


def test_the_tag_of_a_clip_says_that_its_time_is_an_estimate(tmp_path: Path) -> None:
    with RunningRecorder(tmp_path, Cameras(), clock=board()) as recorder:
        recorder.wait_until_recording(2)
    with av.open(str(clips_of(tmp_path)[0])) as container:
        tag = decode_tag(container.metadata["comment"])
    assert tag is not None
    assert tag.clock_source == "saved"
    assert tag.started_utc is not None
    assert 0 <= utc_ns_of(tag.started_utc) - LAST_ON_NS < YEAR_NS // 4
