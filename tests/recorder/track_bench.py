"""A track log on a card in a folder, with a clock that is set by hand, and what it left there."""

from __future__ import annotations

from pathlib import Path

from dashcam.clips.track_log import LogEntry, LoggedPlace, LogHeader, boot_and_part, read_entries, read_header
from dashcam.clock import NANOSECONDS, WallClock
from dashcam.place import Place
from dashcam.recorder.card import Card
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.track_log import TrackLog
from dashcam.recorder.track_parts import Source

USB = Source("/dev/ttyACM0 at 9600 baud", is_real=True)
DRAWN = Source("simulated drive", is_real=False)


class Bench:
    """`drive` and `miss` are what a receiver says, `turn` is the bookkeeper's."""

    def __init__(self, data: Path, *, has_met_card: bool = True) -> None:
        self.folder = data / "DCIM" / "TRACK" / "log"
        self.quota = "64 MB"
        self.seconds = 100.0
        self.numbering = Numbering(data / ".state")
        self.numbering.start()
        self.card = Card(data, self.numbering, WallClock(), "UTC")
        if has_met_card:
            self.card.open()
        self.log = TrackLog(self.card, self.numbering, lambda: self.quota, lambda: round(self.seconds * NANOSECONDS))

    def drive(self, fixes: int, source: Source = USB, *, degrees_north: float = 0.0) -> None:
        """A good fix a second."""
        for _ in range(fixes):
            self.seconds += 1
            north = degrees_north + self.seconds / 10_000
            place = Place(latitude=north, longitude=13.4, speed_mps=11.1, hdop=0.9, satellites=8)
            self.log.put(round(self.seconds * NANOSECONDS), place, source)

    def miss(self, fixes: int, why: str = "no_fix") -> None:
        """A bad fix a second."""
        for _ in range(fixes):
            self.seconds += 1
            self.log.miss(round(self.seconds * NANOSECONDS), why)

    def turn(self) -> None:
        self.log.turn()

    @property
    def names(self) -> list[str]:
        return sorted((path.name for path in self.folder.iterdir()), key=lambda name: boot_and_part(name) or (0, 0))

    def header(self, name: str) -> LogHeader:
        found = read_header((self.folder / name).read_bytes().splitlines()[0])
        assert found is not None
        return found

    def entries(self, *names: str) -> list[LogEntry]:
        return [entry for name in names or self.names for entry in read_entries((self.folder / name).read_bytes())]

    @property
    def moments(self) -> list[float]:
        """When the good fixes of all parts were, in seconds."""
        return [entry.monotonic_ms / 1000 for entry in self.entries() if isinstance(entry, LoggedPlace)]
