"""A thousand clients that say nothing, half of something, or never listen, while it records: not a frame may be lost.

    python -m tests.endurance.slow_clients --clients 1000 --seconds 60

Recorder, keeper and web program as `dashcam run` starts them, on the loopback only. An honest visitor asks for the
status all the time; the page must stay small and answer him.
"""

from __future__ import annotations

import argparse
import http.client
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median

from dashcam.clips.catalogue import CatalogueReader
from dashcam.clips.clip import ClipId
from dashcam.clips.names import SIDECAR_SUFFIX, CardFolders
from dashcam.clips.sidecar import read_sidecar
from dashcam.worker import Worker
from tests.bench.listing import fill
from tests.bench.measuring import seconds_until
from tests.endurance.clip_files import frame_numbers
from tests.endurance.hammer import recorded_clips
from tests.endurance.slow_crowd import Crowd
from tests.endurance.workers import misplaced, work_for
from tests.programs import Programs

SEGMENT_SECONDS = 2
# Clips that lie on the card before, so that lists are long enough to choke on.
OLD_CLIPS = 500
_VISIT_SECONDS = 0.2
# Another than the crowd's: the driver's own phone.
_PHONE = ("127.0.0.2", 0)
# A page that is held up for longer has been given up by the driver.
_PATIENCE_SECONDS = 10.0
# Every thread's stack, and a long list in the hands of each that waits for a client who does not take it.
_MOST_GROWTH_BYTES = 30_000_000
_LIST_LIMIT_SECONDS = 60.0


@dataclass(slots=True)
class SlowReport:
    """What the crowd did, how the page bore it, and what was wrong."""

    crowd: str = ""
    waits: list[float] = field(default_factory=list)
    refused: int = 0
    resident_before: int = 0
    resident_most: int = 0
    frames: int = 0
    clips: int = 0
    gaps: int = 0
    dropped: int = 0
    wrong: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """The figures in words."""
        typical, worst = (1000 * pick(self.waits or [0]) for pick in (median, max))
        return (
            f"{self.crowd}\nthe status was asked for {len(self.waits)} times, {self.refused} times in vain; "
            f"answered after {typical:.0f} ms, at worst {worst:.0f} ms; "
            f"page {self.resident_before / 1e6:.1f} MB before, {self.resident_most / 1e6:.1f} MB at most\n"
            f"{self.frames} frames in {self.clips} clips, {self.dropped} dropped, "
            f"{self.gaps or 'no'} gaps in their numbers"
        )


class Visitor:
    """Somebody with a phone, who wants to know how it stands."""

    def __init__(self, address: str, pid: int, report: SlowReport) -> None:
        self._address = address
        self._status = Path(f"/proc/{pid}/status")
        self._report = report

    def work(self, stop: threading.Event) -> None:
        """Asks until told to stop, each time on a new connection."""
        while not stop.wait(_VISIT_SECONDS):
            self._report.resident_most = max(self._report.resident_most, self.resident_bytes())
            began = time.monotonic()
            connection = http.client.HTTPConnection(self._address, timeout=_PATIENCE_SECONDS, source_address=_PHONE)
            try:
                connection.request("GET", "/api/status")
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self._report.refused += 1
            except (OSError, http.client.HTTPException):
                self._report.refused += 1
            finally:
                connection.close()
            self._report.waits.append(time.monotonic() - began)

    def look_around(self) -> None:
        """Everything once, so that what is needed for it is in memory before the crowd comes."""
        for path in ("/", "/api/status", "/api/days", "/api/clips?limit=500", "/api/clips/1-1", "/api/storage"):
            connection = http.client.HTTPConnection(self._address, timeout=_PATIENCE_SECONDS)
            connection.request("GET", path)
            connection.getresponse().read()
            connection.close()

    def resident_bytes(self) -> int:
        """Memory of the page now."""
        lines = self._status.read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def besiege(folder: Path, clients: int, seconds: float, *, height: int) -> SlowReport:
    """Records the synthetic drive below `folder` with so many slow clients at the door, then looks at every frame."""
    data = folder / "card"
    fill(CardFolders(data), OLD_CLIPS)
    settings = ("camera.kind=pattern", f"camera.height={height}", f"recording.segment_seconds={SEGMENT_SECONDS}")
    report = SlowReport()
    with Programs(data, folder / "log", *settings) as programs:
        for command in ("record", "keep"):
            programs.start(command)
        address = programs.start_page()
        programs.wait_until_recording()
        wait_until_listed(programs)
        visitor = Visitor(address, programs.pid_of("web"), report)
        visitor.look_around()
        report.resident_before = visitor.resident_bytes()
        crowd = Crowd(address, clients)
        have_ended = work_for(seconds, [Worker("visitor", visitor.work), Worker("crowd", crowd.work)])
        report.crowd = crowd.words()
        if not have_ended:
            report.wrong.append("a client waits for ever")
        if crowd.most_at_once < clients // 2:
            report.wrong.append(f"only {crowd.most_at_once} clients were there at once")
        report.dropped = programs.recorder().queue.dropped_frames
        programs.stop()
    check(report, data)
    return report


def wait_until_listed(programs: Programs) -> None:
    """Until the keeper has found the old clips."""
    catalogue = CatalogueReader(programs.state)
    seconds_until(lambda: not catalogue.state().is_building, time.monotonic(), _LIST_LIMIT_SECONDS)
    catalogue.close()


def check(report: SlowReport, data: Path) -> None:
    """Every frame must be in the files; the page must have stayed small and answered."""
    if report.dropped:
        report.wrong.append(f"{report.dropped} frames dropped")
    numbers: list[int] = []
    for path in recorded_clips(data):
        # The old ones have but a few bytes.
        if ClipId.parse(read_sidecar(path.with_suffix(SIDECAR_SUFFIX)).id).boot > 1:
            numbers += frame_numbers(path)
            report.clips += 1
    report.frames = len(numbers)
    report.gaps = sum(after != before + 1 for before, after in pairwise(numbers))
    report.wrong += misplaced(numbers)
    if report.refused:
        report.wrong.append(f"an honest visitor got no status {report.refused} times")
    if report.resident_most - report.resident_before > _MOST_GROWTH_BYTES:
        report.wrong.append(f"the page grew to {report.resident_most / 1e6:.1f} MB")


def main() -> int:
    """Besieges, prints, and gives 1 when something was wrong."""
    parser = argparse.ArgumentParser(description="A thousand slow clients while it records")
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--height", type=int, default=720, help="of the picture, in pixels")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dashcam-slow-") as folder:
        report = besiege(Path(folder), chosen.clients, chosen.seconds, height=chosen.height)
    print(*report.wrong, report.summary(), sep="\n")
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
