"""Writes the track of a clip as GPX 1.1, and those of many clips as one.

Speed and course stand in Garmin's TrackPointExtension v2, which other programs read, too. An extension of our own says
of each point how long after the clip's first frame it was: it holds where times are unknown or are corrected later.
Written point by point with the standard library: gpxpy holds a whole file several times, and an hour's track would be
many times what the keeper may hold. The tests read with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring
from xml.parsers import expat
from zoneinfo import ZoneInfo

import msgspec

from dashcam.clips.gpx_reader import OURS, TrackFile, TrackPieces, TrackPoint, open_gpx, read_track
from dashcam.clips.sidecar import Sidecar
from dashcam.clips.track_log import LogEntry, LoggedPlace, gap, logged
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES, utc_ns_of, zone_of
from dashcam.errors import DashcamError, SettingsError
from dashcam.moment import Moment, time_words
from dashcam.place import Place

CREATOR = "dashcam"
GARMIN = "http://www.garmin.com/xmlschemas/TrackPointExtension/v2"

_GPX = "http://www.topografix.com/GPX/1/1"
_SCHEMAS = (_GPX, f"{_GPX}/gpx.xsd", GARMIN, "http://www.garmin.com/xmlschemas/TrackPointExtensionv2.xsd")
_NAMESPACES = {
    "xmlns": _GPX,
    "xmlns:dashcam": OURS,
    "xmlns:gpxtpx": GARMIN,
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gpx '
    + " ".join(f'{name}="{uri}"' for name, uri in _NAMESPACES.items())
    + f' xsi:schemaLocation="{" ".join(_SCHEMAS)}" version="1.1" creator="{CREATOR}">\n'
).encode()
# Moments of the log are cut to the millisecond.
_HALF_MS_NS = 500_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRACK_BEGINS, _FILE_ENDS = b"<trk>", b"</gpx>\n"
_TRACK_AND_FILE_END = b"  </trk>\n" + _FILE_ENDS
_BLOCK_BYTES = 16 * 1024


class ClipTrack(msgspec.Struct, frozen=True, kw_only=True):
    """A clip's track as it is written."""

    clip_id: str
    name: str
    started_utc_ns: int | None
    """Of the clip's first frame; None while no clock is trusted: then no times are written."""
    segments: Sequence[Iterable[TrackPoint]]
    """None is empty; each can be gone through twice."""


@dataclass(frozen=True, slots=True)
class _Points:
    """Of a segment, each made when it is asked for."""

    fixes: Sequence[LoggedPlace]
    start_ns: int
    utc_ns: int | None

    def __iter__(self) -> Iterator[TrackPoint]:
        return (_point(fix, self.start_ns, self.utc_ns) for fix in self.fixes)


def clip_track(sidecar: Sidecar, stem: str, segments: Sequence[Sequence[LoggedPlace]]) -> ClipTrack:
    """The track of a clip: called by its local time where that is known, else by the name of its file.

    All times are the clip's own clock, so that they agree with its picture. `sidecar` must know when it began.
    """
    start_ns = sidecar.started_monotonic_ns
    assert start_ns is not None
    utc_ns = _trusted_utc_ns(sidecar)
    return ClipTrack(
        clip_id=sidecar.id,
        name=stem if utc_ns is None else time_words(Moment(monotonic_ns=start_ns, utc_ns=utc_ns, zone=_zone(sidecar))),
        started_utc_ns=utc_ns,
        segments=[_Points(segment, start_ns, utc_ns) for segment in segments],
    )


def entries_in(pieces: TrackPieces, clip_id: str, started_monotonic_ns: int) -> Iterator[LogEntry]:
    """The entries of the log that a file of this clip was made from, for where the log has gone; none of another's."""
    last_ns: int | None = None
    for point in pieces:
        if pieces.clip_id != clip_id:
            return
        if point is None:
            if last_ns is not None:
                yield gap("", last_ns)
        elif point.seconds is not None:
            place = Place(**{name: getattr(point, name) for name in Place.__struct_fields__})
            last_ns = started_monotonic_ns + round(point.seconds * NANOSECONDS) + _HALF_MS_NS
            yield logged(place, last_ns)


def gpx_pieces(track: ClipTrack) -> Iterator[bytes]:
    """The file beside a clip, point by point."""
    yield _HEAD
    metadata = Element("metadata")
    if track.started_utc_ns is not None:
        _add(metadata, "time", _time(track.started_utc_ns))
    bounds = _bounds_of(point for segment in track.segments for point in segment)
    if bounds:
        SubElement(metadata, "bounds", bounds)
    if len(metadata):
        yield _written(metadata, depth=1)
    yield from _track_pieces(track)
    yield _FILE_ENDS


def gpx_of(track: ClipTrack) -> bytes:
    """The same as a whole."""
    return b"".join(gpx_pieces(track))


def tracks_as_gpx(paths: Iterable[Path]) -> Iterator[bytes]:
    """One GPX of many clips' files, block by block. What is gone or cannot be read is left out."""
    yield _HEAD
    for path in paths:
        yield from _track_in(path)
    yield _FILE_ENDS


def _track_in(path: Path) -> Iterator[bytes]:
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open_gpx(path))
            extent = _extent_of_own_track(file)
            pieces = _track_pieces(_as_read(read_track(path))) if extent is None else _blocks_of(file, *extent)
        except (OSError, DashcamError):
            return
        yield from pieces


def _track_pieces(track: ClipTrack) -> Iterator[bytes]:
    yield b"  <trk>\n"
    name = Element("name")
    name.text = _legal(track.name)
    yield _written(name, depth=2)
    extensions = Element("extensions")
    _add(extensions, "dashcam:clip", _legal(track.clip_id))
    yield _written(extensions, depth=2)
    for segment in track.segments:
        yield b"    <trkseg>\n"
        for point in segment:
            yield _written(_element_of(point), depth=3)
        yield b"    </trkseg>\n"
    yield b"  </trk>\n"


def _bounds_of(points: Iterable[TrackPoint]) -> dict[str, str]:
    """Empty when there are no points."""
    south = west = 180.0
    north = east = -180.0
    for point in points:
        south, north = min(south, point.latitude), max(north, point.latitude)
        west, east = min(west, point.longitude), max(east, point.longitude)
    if south > north:
        return {}
    return {"minlat": _number(south), "maxlat": _number(north), "minlon": _number(west), "maxlon": _number(east)}


def _point(fix: LoggedPlace, start_ns: int, utc_ns: int | None) -> TrackPoint:
    passed_ns = fix.monotonic_ns - start_ns
    return TrackPoint(
        **msgspec.structs.asdict(fix.place),
        utc_ns=None if utc_ns is None else utc_ns + passed_ns,
        seconds=round(passed_ns / NANOSECONDS, 4),
    )


def _trusted_utc_ns(sidecar: Sidecar) -> int | None:
    if sidecar.started_utc is None or sidecar.clock_source not in TRUSTED_SOURCES:
        return None
    try:
        return utc_ns_of(sidecar.started_utc)
    except (ValueError, OverflowError):
        return None  # somebody has written into the sidecar


def _zone(sidecar: Sidecar) -> ZoneInfo | None:
    try:
        return zone_of(sidecar.zone)
    except SettingsError:
        return None  # this machine does not know it


def _element_of(point: TrackPoint) -> Element:
    """In the order that the schemas want."""
    element = Element("trkpt", {"lat": _number(point.latitude), "lon": _number(point.longitude)})
    if point.altitude_m is not None:
        _add(element, "ele", _number(point.altitude_m))
    if point.utc_ns is not None:
        _add(element, "time", _time(point.utc_ns))
    if point.satellites is not None:
        _add(element, "sat", str(point.satellites))
    if point.hdop is not None:
        _add(element, "hdop", _number(point.hdop))
    extensions = Element("extensions")
    if point.speed_mps is not None or point.course_degrees is not None:
        garmin = SubElement(extensions, "gpxtpx:TrackPointExtension")
        for name, value in (("gpxtpx:speed", point.speed_mps), ("gpxtpx:course", point.course_degrees)):
            if value is not None:
                _add(garmin, name, _decimal(value))
    if point.seconds is not None:
        _add(extensions, "dashcam:seconds", _decimal(point.seconds))
    if len(extensions):
        element.append(extensions)
    return element


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _written(element: Element, *, depth: int) -> bytes:
    """As lines; the prefixes of its names are those of the head."""
    indent(element, level=depth)
    return b"  " * depth + tostring(element, encoding="unicode").encode() + b"\n"


def _legal(text: str) -> str:
    """Without what no XML can hold, and a name of a file can."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _decimal(value: float, digits: int = 4) -> str:
    """Without an exponent, which XML's decimals do not have."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def _number(value: float) -> str:
    """As exact as it is."""
    text = str(value)
    return text if "e" not in text else _decimal(value, 10)


def _time(utc_ns: int) -> str:
    """To the millisecond."""
    time = _EPOCH + timedelta(milliseconds=round(utc_ns / 1_000_000))
    return time.isoformat().replace("+00:00", "Z")


def _extent_of_own_track(file: BinaryIO) -> tuple[int, int] | None:
    """From where to where the track stands in a file as we have written it; None: somebody has changed it beyond."""
    parser, begin, size, end = expat.ParserCreate(), -1, 0, b""
    try:
        while block := file.read(_BLOCK_BYTES):
            if not size:
                begin = block.find(_TRACK_BEGINS) if block.startswith(_HEAD) else -1
            if begin < 0:
                return None
            parser.Parse(block)
            size, end = size + len(block), (end + block)[-len(_TRACK_AND_FILE_END) :]
        parser.Parse(b"", True)
    except expat.ExpatError:
        return None
    return (begin, size - len(_FILE_ENDS)) if end == _TRACK_AND_FILE_END else None


def _blocks_of(file: BinaryIO, begin: int, end: int) -> Iterator[bytes]:
    file.seek(begin)
    yield b"  "
    while begin < end and (block := file.read(min(_BLOCK_BYTES, end - begin))):
        begin += len(block)
        yield block


def _as_read(found: TrackFile) -> ClipTrack:
    return ClipTrack(clip_id=found.clip_id, name=found.name, started_utc_ns=None, segments=found.segments)
