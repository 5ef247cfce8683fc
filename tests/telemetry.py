"""Drives with a receiver that is there, absent, or comes and goes; clips of them; and what is read of these."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import av

from dashcam.camera.base import Packet
from dashcam.clock import NANOSECONDS, utc_ns_of
from dashcam.media.clip_file import ClipFile
from dashcam.media.durable_file import DurableFile
from dashcam.media.telemetry import Telemetry
from dashcam.moment import Moment
from dashcam.place import Place
from tests.packets import HEIGHT, WIDTH, packets

STARTED_NS = utc_ns_of("2026-11-20T14:45:00.000Z")
EXIFTOOL_FIELDS = "$gpsdatetime|$gpslatitude#|$gpslongitude#|$gpsaltitude#|$gpsspeed#|$sampletime#"

MomentAt = Callable[[int], Moment]


@dataclass(frozen=True, slots=True)
class Drive:
    """A drive that began at 0 of the monotonic clock; `is_known` says in which seconds there is a good fix."""

    name: str
    is_known: Callable[[int], bool]
    has_time: bool = True

    def moment_at(self, monotonic_ns: int) -> Moment:
        """What is known of a moment."""
        second = monotonic_ns // NANOSECONDS
        return Moment(
            monotonic_ns=monotonic_ns,
            utc_ns=STARTED_NS + monotonic_ns if self.has_time else None,
            zone=ZoneInfo("Europe/Berlin"),
            place=place_at(second) if self.is_known(second) else None,
        )


def place_at(second: int) -> Place:
    """Where the car is."""
    return Place(
        latitude=53.35 + second / 10_000,
        longitude=-6.26 - second / 10_000,
        altitude_m=12.5 + second / 10,
        speed_mps=10 + 5 * math.sin(second / 7),
        hdop=0.9,
    )


PRESENT = Drive("present", lambda _second: True)
ABSENT = Drive("absent", lambda _second: False)
COMING_AND_GOING = Drive("coming and going", lambda second: second % 5 in (1, 2))
ENDING = Drive("ending", lambda second: second < 1)
BEGINNING = Drive("beginning", lambda second: second >= 3)
UNDATED = Drive("undated", lambda _second: True, has_time=False)
DRIVES = (PRESENT, ABSENT, COMING_AND_GOING, ENDING, BEGINNING, UNDATED)


def write_clip(
    path: Path,
    moment_at: MomentAt | None,
    sent: Iterable[Packet],
    *,
    comment: str = "",
    created_utc_ns: int | None = None,
    place: Place | None = None,
) -> bytes:
    """Writes a clip; gives what was in the file the moment before it was closed."""
    file = DurableFile(path)
    clip = ClipFile(
        file,
        width=WIDTH,
        height=HEIGHT,
        template=None,
        comment=comment,
        created_utc_ns=created_utc_ns,
        place=place,
        telemetry=None if moment_at is None else Telemetry(moment_at, "km/h"),
    )
    for packet in sent:
        clip.write(packet)
    growing = path.read_bytes()
    clip.close()
    file.close()
    return growing


def write_drive(path: Path, drive: Drive | None, frames: int) -> bytes:
    """Writes a clip of a drive; gives what was in the file the moment before it was closed."""
    return write_clip(path, None if drive is None else drive.moment_at, packets(frames))


@dataclass(frozen=True, slots=True)
class Told:
    """A sample of a track: when, for how long, and what."""

    at: float
    seconds: float
    content: bytes

    @property
    def text(self) -> str:
        """Of a subtitle: what is to be read."""
        return self.content[2 : 2 + int.from_bytes(self.content[:2], "big")].decode()


def samples_in(path: Path, kind: str) -> list[Told]:
    """All samples of the tracks of a kind (`subtitle`, `data`)."""
    found = []
    with av.open(str(path)) as container:
        streams = [stream for stream in container.streams if stream.type == kind]
        for packet in container.demux(streams) if streams else ():
            if packet.size and not packet.is_corrupt:
                assert packet.pts is not None
                base = packet.time_base or Fraction(1)
                found.append(Told(float(packet.pts * base), float((packet.duration or 0) * base), bytes(packet)))
    return found


def texts_in(path: Path) -> list[Told]:
    """The subtitles that are to be read; the empty ones between them end the others."""
    return [told for told in samples_in(path, "subtitle") if told.text]


def exiftool(path: Path, *options: str) -> str:
    """What exiftool says."""
    asked = subprocess.run(["exiftool", *options, str(path)], capture_output=True, text=True, check=False)
    return asked.stdout


def positions_by_exiftool(path: Path) -> list[tuple[str, float, float, float, float, float]]:
    """Time, latitude, longitude, altitude, speed and sample time of every sample with a position."""
    found = []
    for line in exiftool(path, "-ee", "-f", "-p", EXIFTOOL_FIELDS).splitlines():
        time, latitude, longitude, altitude, speed, sample_time = line.split("|")
        if latitude != "-" and sample_time != "-":
            found.append((time, float(latitude), float(longitude), float(altitude), float(speed), float(sample_time)))
    return found
