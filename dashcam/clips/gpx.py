"""Writes the track of a clip as GPX 1.1, and those of many clips as one.

Speed and course stand in Garmin's TrackPointExtension v2, which other programs read, too. An extension of our own says
of each point how long after the clip's first frame it was: it holds where times are unknown or are corrected later.
gpxpy is imported when something is written, because most programs that import this never do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element
from xml.parsers import expat

import msgspec

from dashcam.clips.gpx_reader import OURS, TrackFile, TrackPoint, parse_track, points_of, read_gpx
from dashcam.errors import DashcamError

if TYPE_CHECKING:
    from gpxpy.gpx import GPX, GPXTrackPoint

CREATOR = "dashcam"
GARMIN = "http://www.garmin.com/xmlschemas/TrackPointExtension/v2"

_NAMESPACES = {"gpxtpx": GARMIN, "dashcam": OURS}
_SCHEMAS = (
    "http://www.topografix.com/GPX/1/1",
    "http://www.topografix.com/GPX/1/1/gpx.xsd",
    GARMIN,
    "http://www.garmin.com/xmlschemas/TrackPointExtensionv2.xsd",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRACK_BEGINS, _TRACK_ENDS, _FILE_ENDS = b"<trk>", b"</trk>", b"</gpx>"


class ClipTrack(msgspec.Struct, frozen=True, kw_only=True):
    """A clip's track as it is written."""

    clip_id: str
    name: str
    started_utc_ns: int | None
    """Of the clip's first frame; None while no clock is trusted: then no times are written."""
    segments: Sequence[Sequence[TrackPoint]]


def gpx_of(track: ClipTrack) -> bytes:
    """The file beside a clip."""
    from gpxpy.gpx import GPXBounds, GPXTrack, GPXTrackSegment

    gpx = _empty()
    points = list(points_of([list(segment) for segment in track.segments]))
    if track.started_utc_ns is not None:
        gpx.time = _utc(track.started_utc_ns)
    if points:
        latitudes, longitudes = [p.latitude for p in points], [p.longitude for p in points]
        gpx.bounds = GPXBounds(min(latitudes), max(latitudes), min(longitudes), max(longitudes))
    trk = GPXTrack(name=track.name)
    trk.extensions.append(_element(OURS, "clip", track.clip_id))
    for segment in track.segments:
        trk.segments.append(GPXTrackSegment([_written(point) for point in segment]))
    gpx.tracks.append(trk)
    return gpx.to_xml(version="1.1").encode() + b"\n"


def tracks_as_gpx(paths: Iterable[Path]) -> Iterator[bytes]:
    """One GPX of many clips' files, one file in memory at a time. What is gone or cannot be read is left out."""
    head, _, tail = _empty().to_xml(version="1.1").encode().partition(_FILE_ENDS)
    yield head
    for path in paths:
        try:
            content = read_gpx(path)
            piece = _own_track_in(content, head) or _track_in(gpx_of(_as_read(parse_track(content, path.name))))
        except (OSError, DashcamError):
            continue
        yield b"  " + piece + b"\n"
    yield _FILE_ENDS + tail + b"\n"


def _empty() -> GPX:
    from gpxpy.gpx import GPX

    gpx = GPX()
    gpx.creator = CREATOR
    gpx.nsmap = dict(_NAMESPACES)
    gpx.schema_locations = list(_SCHEMAS)
    return gpx


def _written(point: TrackPoint) -> GPXTrackPoint:
    from gpxpy.gpx import GPXTrackPoint

    written = GPXTrackPoint(
        latitude=point.latitude,
        longitude=point.longitude,
        elevation=point.altitude_m,
        time=None if point.utc_ns is None else _utc(point.utc_ns),
        horizontal_dilution=point.hdop,
    )
    written.satellites = point.satellites
    if point.speed_mps is not None or point.course_degrees is not None:
        garmin = Element(f"{{{GARMIN}}}TrackPointExtension")
        # In this order, as its schema wants it.
        for name, value in (("speed", point.speed_mps), ("course", point.course_degrees)):
            if value is not None:
                garmin.append(_element(GARMIN, name, _decimal(value)))
        written.extensions.append(garmin)
    if point.seconds is not None:
        written.extensions.append(_element(OURS, "seconds", _decimal(point.seconds)))
    return written


def _element(namespace: str, name: str, text: str) -> Element:
    element = Element(f"{{{namespace}}}{name}")
    element.text = text
    return element


def _decimal(value: float) -> str:
    """Without an exponent, which XML's decimals do not have."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _utc(utc_ns: int) -> datetime:
    """To the millisecond."""
    return _EPOCH + timedelta(milliseconds=round(utc_ns / 1_000_000))


def _own_track_in(content: bytes, head: bytes) -> bytes | None:
    """The track in a file as we have written it; None for one that somebody has changed beyond that."""
    if not content.startswith(head.rstrip()):
        return None
    try:
        expat.ParserCreate().Parse(content, True)
    except expat.ExpatError:
        return None
    return _track_in(content)


def _track_in(content: bytes) -> bytes:
    return content[content.find(_TRACK_BEGINS) : content.rfind(_TRACK_ENDS) + len(_TRACK_ENDS)]


def _as_read(found: TrackFile) -> ClipTrack:
    return ClipTrack(clip_id=found.clip_id, name=found.name, started_utc_ns=None, segments=found.segments)
