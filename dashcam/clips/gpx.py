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
from zoneinfo import ZoneInfo

import msgspec

from dashcam.clips.gpx_reader import OURS, TrackFile, TrackPoint, parse_track, points_of, read_gpx
from dashcam.clips.sidecar import Sidecar
from dashcam.clips.track_log import LogEntry, LoggedPlace, gap, logged
from dashcam.clock import NANOSECONDS, TRUSTED_SOURCES, utc_ns_of, zone_of
from dashcam.errors import DashcamError, SettingsError
from dashcam.moment import Moment, time_words
from dashcam.place import Place

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
# Moments of the log are cut to the millisecond.
_HALF_MS_NS = 500_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TRACK_BEGINS, _TRACK_ENDS, _FILE_ENDS = b"<trk>", b"</trk>", b"</gpx>"


class ClipTrack(msgspec.Struct, frozen=True, kw_only=True):
    """A clip's track as it is written."""

    clip_id: str
    name: str
    started_utc_ns: int | None
    """Of the clip's first frame; None while no clock is trusted: then no times are written."""
    segments: Sequence[Sequence[TrackPoint]]


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
        segments=[[_point(fix, start_ns, utc_ns) for fix in segment] for segment in segments],
    )


def entries_in(found: TrackFile, started_monotonic_ns: int) -> list[LogEntry]:
    """The entries of the log that a file of ours was made from, for where the log has gone."""
    entries: list[LogEntry] = []
    for segment in found.segments:
        for point in segment:
            if point.seconds is not None:
                place = Place(**{name: getattr(point, name) for name in Place.__struct_fields__})
                entries.append(logged(place, started_monotonic_ns + round(point.seconds * NANOSECONDS) + _HALF_MS_NS))
        if entries:
            entries.append(gap("", entries[-1].monotonic_ns))
    return entries


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
    return f"{value:.4f}".rstrip("0").rstrip(".")


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
