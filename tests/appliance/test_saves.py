"""Save, with the real programs: one exact clip out of the loop, whatever ends them after it was confirmed."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.names import CardFolders, sidecar_of
from dashcam.clips.save_request import SaveRequest, SaveRequests
from dashcam.clips.sidecar import Sidecar, read_sidecar
from dashcam.clock import NANOSECONDS
from dashcam.errors import DashcamError
from dashcam.keeper.cut_pieces import Source
from dashcam.link.client import ask
from dashcam.link.messages import Save, Saved
from dashcam.media.cut import TOLERANCE_SECONDS
from tests.endurance.clip_files import complaints, frame_numbers
from tests.programs import Programs

LIMIT_SECONDS = 60.0
FPS = 15
SETTINGS = (
    "camera.kind=pattern", "camera.width=320", "camera.height=180", f"camera.fps={FPS}", "gps.kind=none",
    "recording.segment_seconds=2", "recording.mode=drive", "motion.detect=off", "clock.zone=UTC",
)  # fmt: skip
BEFORE_SECONDS, AFTER_SECONDS = 4.2, 0.7


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of the loop: its number, when it was taken, and whether a clip could begin with it."""

    number: int
    moment_ns: int
    is_keyframe: bool


def wait_until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + LIMIT_SECONDS
    while not holds():
        assert time.monotonic() < until, f"never {what}"
        time.sleep(0.02)


def clips_of(data: Path, kind: str) -> dict[Path, Sidecar]:
    """Those that are closed."""
    folder = CardFolders(data).dcim / kind
    sidecars = [path for path in sorted(folder.rglob("*.json")) if not path.name.startswith(".")]
    return {path.with_suffix(".mp4"): read_sidecar(path) for path in sidecars}


def frames_of(path: Path, sidecar: Sidecar) -> Iterator[Frame]:
    """By the clip's own pace: on a busy machine its last picture may have come late."""
    assert sidecar.started_monotonic_ns is not None
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        assert video.time_base is not None
        packets = [packet for packet in container.demux(video) if packet.size]
        times = [round((packet.pts or 0) * video.time_base * NANOSECONDS) for packet in packets]
    source = Source(path, sidecar)
    for number, packet, media_ns in zip(frame_numbers(path), packets, times, strict=True):
        moment_ns = source.moment_at(media_ns / NANOSECONDS)
        assert moment_ns is not None
        yield Frame(number, moment_ns, packet.is_keyframe)


def expected_of(loop: list[Frame], request: SaveRequest) -> list[int]:
    """From the keyframe at or before its beginning to the last frame within."""
    tolerance_ns = TOLERANCE_SECONDS * NANOSECONDS
    first = max(
        number
        for number, frame in enumerate(loop)
        if frame.is_keyframe and frame.moment_ns <= request.from_monotonic_ns + tolerance_ns
    )
    return [frame.number for frame in loop[first:] if frame.moment_ns <= request.to_monotonic_ns + tolerance_ns]


def press(programs: Programs) -> SaveRequest:
    """Save, and what is written down when it is confirmed."""
    saved = ask(
        programs.state, "recorder", Save(before_seconds=BEFORE_SECONDS, after_seconds=AFTER_SECONDS), Saved, 20.0
    )
    (request,) = (request for request in SaveRequests(programs.state).waiting() if request.id == saved.id)
    return request


def fingerprints(data: Path) -> dict[str, str]:
    """The loop's closed clips, byte for byte, by their ids."""
    return {
        sidecar.id: hashlib.sha256(path.read_bytes()).hexdigest() for path, sidecar in clips_of(data, "VIDEO").items()
    }


def wait_for_cut(programs: Programs, request: SaveRequest) -> Path:
    """The clip that a save has become."""

    def is_done() -> bool:
        try:
            return any(job.id == request.id and job.state == "done" for job in programs.keeper().jobs)
        except DashcamError:
            return False  # the keeper starts

    wait_until(is_done, f"the clip of {request.id}: {programs.log.read_text()[-2000:]}")
    (job,) = (job for job in programs.keeper().jobs if job.id == request.id)
    (made_id,) = job.result_ids
    return CardFolders(programs.data).dcim / CatalogueReader(programs.state).get(made_id).path


def test_a_save_over_two_borders_is_exact_and_one_that_was_confirmed_survives_a_power_cut(tmp_path: Path) -> None:
    data = tmp_path / "card"
    data.mkdir()
    with Programs(data, tmp_path / "log", *SETTINGS) as programs:
        programs.start("record")
        programs.start("keep")
        programs.wait_until_recording()
        wait_until(lambda: len(clips_of(data, "VIDEO")) >= 3, "three clips")

        request = press(programs)
        before = fingerprints(data)
        exact = wait_for_cut(programs, request)
        after = fingerprints(data)
        assert before == {clip_id: after[clip_id] for clip_id in before}

        # The next one will not be closed for a second and a half.
        closed = len(clips_of(data, "VIDEO"))
        wait_until(
            lambda: len(clips_of(data, "VIDEO")) > closed and len(growing(data)) == 1, "a clip that has just begun"
        )
        confirmed = press(programs)
        programs.kill("record")
        programs.kill("keep")
        before = fingerprints(data)
        cut_off = end_as_by_a_power_cut(data)
        programs.start("record")
        programs.start("keep")
        survived = wait_for_cut(programs, confirmed)
        programs.stop()

    clips = sorted(clips_of(data, "VIDEO").items(), key=lambda found: _order(found[1]))
    loop = [frame for path, sidecar in clips for frame in frames_of(path, sidecar) if sidecar.id.startswith("1-")]
    # Of the loop nothing was lost but what the power cut cost at its end, and nothing was changed.
    assert [frame.number for frame in loop] == list(range(loop[0].number, loop[0].number + len(loop)))
    after = fingerprints(data)
    assert before == {clip_id: after[clip_id] for clip_id in before}

    covered = [sidecar for _, sidecar in clips if _overlaps(sidecar, request)]
    assert len(covered) >= 3
    assert frame_numbers(exact) == expected_of(loop, request)
    assert frame_numbers(survived) == expected_of(loop, confirmed)
    assert loop[-1].number in frame_numbers(survived), "all that the card had"
    assert all(read_sidecar(sidecar_of(path)).integrity == "repaired" for path in cut_off if path.exists())
    for path, pressed in ((exact, request), (survived, confirmed)):
        assert complaints(path) == ""
        sidecar = read_sidecar(sidecar_of(path))
        assert (sidecar.kind, sidecar.frames, sidecar.dropped_frames) == ("event", len(frame_numbers(path)), 0)
        assert sidecar.locked is not None
        assert sidecar.event is not None
        assert sidecar.started_monotonic_ns is not None
        pressed_at = sidecar.started_monotonic_ns + sidecar.event.at_seconds * NANOSECONDS
        assert pressed_at <= pressed.at_monotonic_ns + NANOSECONDS // FPS
    assert SaveRequests(data / ".state").waiting() == []
    assert len(clips_of(data, "EVENT")) == 2


def _order(sidecar: Sidecar) -> tuple[int, int]:
    boot, _, number = sidecar.id.partition("-")
    return int(boot), int(number)


def _overlaps(sidecar: Sidecar, request: SaveRequest) -> bool:
    started, ended = sidecar.started_monotonic_ns, sidecar.ended_monotonic_ns
    assert started is not None
    assert ended is not None or sidecar.integrity == "repaired"
    return started <= request.to_monotonic_ns and (ended or started) >= request.from_monotonic_ns


def growing(data: Path) -> list[Path]:
    """What is recorded now, once it has its name."""
    folder = CardFolders(data).dcim / "VIDEO"
    return [path for path in folder.rglob("dcp_*.mp4") if not sidecar_of(path).exists()]


def end_as_by_a_power_cut(data: Path) -> list[Path]:
    """The clip that grew loses its end: what was written last had not reached the card.

    None grows where the programs were ended between two clips; of one without a name not even that has reached it.
    """
    grown = growing(data)
    for path in grown:
        os.truncate(path, path.stat().st_size * 2 // 3)
    for path in CardFolders(data).dcim.rglob(".tmp-dcp_*.mp4"):
        path.unlink()
    return grown
