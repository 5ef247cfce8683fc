"""The raw track log: JSON lines below `DCIM/TRACK/log`, appended by the recorder, read by the keeper.

`boot0042_003.jsonl` is the third part of boot 42. The first line of each part is its header. Whatever a power cut or a
full card does to the end of a part, every whole line before it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from dashcam import __version__
from dashcam.clips.names import CardFolders
from dashcam.place import Place

LOG_FOLDER = "log"
# Without a fix for longer than this, or with a gap written down, two points are no line.
LONGEST_STEP_NS = 5_000_000_000

_NAME = re.compile(r"boot(\d{4,})_(\d{3,})\.jsonl")
_NANOSECONDS_PER_MILLISECOND = 1_000_000


class LogHeader(msgspec.Struct, frozen=True, kw_only=True, tag="log", tag_field="type"):
    """The first line of a part."""

    version: int = 1
    boot: int
    receiver: str
    """For people: `/dev/ttyACM0 at 9600 baud`."""
    is_real: bool
    """By the receiver's kind: False for a replay and for the simulated drive, True for one that itself simulates."""
    program: str = __version__


class LoggedPlace(msgspec.Struct, frozen=True, array_like=True, tag="p"):
    """A good fix, `["p",milliseconds,latitude,longitude,altitude,speed,course,hdop,satellites]`.

    `monotonic_ms`: CLOCK_MONOTONIC of the boot; the others as in Place.
    """

    monotonic_ms: int
    latitude: float
    longitude: float
    altitude_m: float | None
    speed_mps: float | None
    course_degrees: float | None
    hdop: float | None
    satellites: int | None

    @property
    def monotonic_ns(self) -> int:
        """The moment in nanoseconds."""
        return self.monotonic_ms * _NANOSECONDS_PER_MILLISECOND

    @property
    def place(self) -> Place:
        """Where it was."""
        return Place(
            latitude=self.latitude,
            longitude=self.longitude,
            altitude_m=self.altitude_m,
            speed_mps=self.speed_mps,
            course_degrees=self.course_degrees,
            hdop=self.hdop,
            satellites=self.satellites,
        )


class LoggedGap(msgspec.Struct, frozen=True, array_like=True, tag="g"):
    """From here on there is no good fix, `["g",milliseconds,why]`: a tunnel, a receiver that was unplugged."""

    monotonic_ms: int
    why: str

    @property
    def monotonic_ns(self) -> int:
        """The moment in nanoseconds."""
        return self.monotonic_ms * _NANOSECONDS_PER_MILLISECOND


LogEntry = LoggedPlace | LoggedGap

_entry_decoder = msgspec.json.Decoder(LogEntry)
_header_decoder = msgspec.json.Decoder(LogHeader)


def log_folder(card: CardFolders) -> Path:
    """Where the parts lie."""
    return card.tracks / LOG_FOLDER


def log_name(boot: int, part: int) -> str:
    """The name of a part, `boot0042_003.jsonl`."""
    return f"boot{boot:04d}_{part:03d}.jsonl"


def boot_and_part(name: str) -> tuple[int, int] | None:
    """The inverse of `log_name`; None for other names. Sorts from the oldest to the newest."""
    match = _NAME.fullmatch(name)
    return (int(match[1]), int(match[2])) if match else None


def logged(place: Place, monotonic_ns: int) -> LoggedPlace:
    """The entry for a good fix; a centimetre and a tenth of a degree are exact enough."""
    return LoggedPlace(
        monotonic_ns // _NANOSECONDS_PER_MILLISECOND,
        round(place.latitude, 7),
        round(place.longitude, 7),
        _rounded(place.altitude_m, 1),
        _rounded(place.speed_mps, 3),
        _rounded(place.course_degrees, 1),
        _rounded(place.hdop, 2),
        place.satellites,
    )


def gap(why: str, monotonic_ns: int) -> LoggedGap:
    """The entry for the begin of a gap."""
    return LoggedGap(monotonic_ns // _NANOSECONDS_PER_MILLISECOND, why)


def encode_line(line: LogHeader | LogEntry) -> bytes:
    """One whole line."""
    return msgspec.json.encode(line) + b"\n"


def read_header(line: bytes) -> LogHeader | None:
    """The header in a part's first line; None when it is none."""
    try:
        return _header_decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def read_entries(lines: bytes) -> Iterator[LogEntry]:
    """The entries of some of a part's content; lines that cannot be read, the header among them, are passed over."""
    for line in lines.splitlines():
        try:
            yield _entry_decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
