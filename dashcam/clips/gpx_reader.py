"""Reads the GPX beside a clip again, also when people have changed it: what is no point is passed over.

A small reader of its own: the page reads tracks, too, and has no room for a library that holds a file several times.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

import msgspec

from dashcam.clips.links import open_ordinary, refuse_link
from dashcam.errors import BadMedia

# The namespace of our own extension.
OURS = "urn:dashcam:track:1"
# Ten fixes a second for an hour.
LARGEST_GPX_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
# So far a clip may be from its first frame's second: a day.
_MOST_SECONDS = 86_400.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CLIP, _SECONDS = f"{{{OURS}}}clip", f"{{{OURS}}}seconds"


class TrackPoint(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A point of a track as it stands in a file; None is what does not stand there."""

    latitude: float
    longitude: float
    altitude_m: float | None = None
    speed_mps: float | None = None
    course_degrees: float | None = None
    hdop: float | None = None
    satellites: int | None = None
    utc_ns: int | None = None
    seconds: float | None = None
    """Since the clip's first frame; only our own files tell."""


@dataclass(slots=True)
class TrackFile:
    """What a GPX file has of tracks; no segment is empty. `clip_id` is empty in files that are not ours."""

    clip_id: str = ""
    name: str = ""
    segments: list[list[TrackPoint]] = field(default_factory=list)

    @property
    def points(self) -> int:
        """In all segments."""
        return sum(map(len, self.segments))


def read_track(path: Path) -> TrackFile:
    """The tracks in a file; of one that is cut off what stands before.

    Raises FileNotFoundError when there is none, BadMedia when it is no GPX, OSError for links and what cannot be read.
    """
    return parse_track(read_gpx(path), path.name)


def read_gpx(path: Path) -> bytes:
    """The content of a file of ours; raises as `read_track`."""
    refuse_link(path)
    with open_ordinary(path) as file:
        content = file.read(LARGEST_GPX_BYTES + 1)
    if len(content) > LARGEST_GPX_BYTES:
        raise BadMedia(f"{path.name} is too large for the track of a clip; remove it")
    return content


def parse_track(content: bytes, name: str) -> TrackFile:
    """The same for the content of a file of this name."""
    if b"<!DOCTYPE" in content:
        raise BadMedia(f"{name} has a document type, which no GPX has; remove it")
    found = TrackFile()
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    depth = 0
    try:
        for start in range(0, len(content), _CHUNK_BYTES):
            parser.feed(content[start : start + _CHUNK_BYTES])
            depth = _take(found, parser, depth)
        parser.close()
        _take(found, parser, depth)
    except (ParseError, ValueError, LookupError) as error:
        if not found.points:
            raise BadMedia(f"{name} is no GPX: {error}; remove it") from error
    found.segments = [segment for segment in found.segments if segment]
    return found


def _take(found: TrackFile, parser: XMLPullParser[Element], depth: int) -> int:
    """What has been parsed since the last time; gives how many elements are open."""
    for happened in parser.read_events():
        event, element = happened[0], happened[-1]
        assert isinstance(element, Element)
        tag = _local(element)
        if event == "start":
            depth += 1
            if depth == 1 and tag != "gpx":
                raise ValueError(f"it begins with {tag}")
            if tag == "trkseg":
                found.segments.append([])
            continue
        depth -= 1
        if tag == "trkpt" and found.segments:
            point = _point_of(element)
            if point is not None:
                found.segments[-1].append(point)
            element.clear()
        elif element.tag == _CLIP and not found.clip_id:
            found.clip_id = (element.text or "").strip()
        elif tag == "name" and not found.name:
            found.name = (element.text or "").strip()
    return depth


def _point_of(element: Element) -> TrackPoint | None:
    texts = {_local(inner): inner.text for inner in element.iter()}
    latitude, longitude = _number(element.get("lat"), -90, 90), _number(element.get("lon"), -180, 180)
    if latitude is None or longitude is None:
        return None
    satellites = _number(texts.get("sat"), 0, 1000)
    return TrackPoint(
        latitude=latitude,
        longitude=longitude,
        altitude_m=_number(texts.get("ele"), -20_000, 100_000),
        speed_mps=_number(texts.get("speed"), 0, 100_000),
        course_degrees=_number(texts.get("course"), 0, 360),
        hdop=_number(texts.get("hdop"), 0, 100_000),
        satellites=None if satellites is None else int(satellites),
        utc_ns=_utc_ns(texts.get("time")),
        seconds=_number(element.findtext(f".//{_SECONDS}"), -_MOST_SECONDS, _MOST_SECONDS),
    )


def _local(element: Element) -> str:
    """The tag without its namespace: files of GPX 1.0 and of other writers differ in that."""
    return element.tag.rpartition("}")[2]


def _number(text: str | None, least: float, most: float) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if isfinite(number) and least <= number <= most else None


def _utc_ns(text: str | None) -> int | None:
    """To the microsecond; a time without a zone is UTC, as GPX says."""
    try:
        time = datetime.fromisoformat((text or "").strip())
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time
        return (round((time - _EPOCH).total_seconds() * 1_000_000)) * 1000
    except (ValueError, OverflowError):
        return None


def points_of(segments: list[list[TrackPoint]]) -> Iterator[TrackPoint]:
    """All points, the oldest first."""
    return (point for segment in segments for point in segment)
