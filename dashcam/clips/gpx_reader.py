"""Reads the GPX beside a clip again, also when people have changed it: what is no point is passed over.

A small reader of its own: the page reads tracks, too, and has no room for a library that holds a file several times.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from math import isfinite
from pathlib import Path
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError, XMLPullParser

import msgspec

from dashcam.clips.links import open_ordinary, refuse_link
from dashcam.errors import BadMedia

# The namespace of our own extension.
OURS = "urn:dashcam:track:1"
# Ten fixes a second for an hour.
LARGEST_GPX_BYTES = 16 * 1024 * 1024
_CHUNK_BYTES = 32 * 1024
_DOCUMENT_TYPE = b"<!DOCTYPE"
# Below gpx, trk and trkseg.
_DEPTH_OF_POINTS = 3
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


class TrackPieces:
    """The points of a file one after the other, in little memory however many there are. None: a segment begins.

    Going through it raises BadMedia when it is no GPX, and what reading the file raises; a file that is cut off just
    ends. `clip_id` and `name` are known once they have been passed; in our files that is before the first point.
    """

    def __init__(self, chunks: Iterable[bytes], file_name: str) -> None:
        self.clip_id = ""
        self.name = ""
        self._chunks = chunks
        self._file_name = file_name
        self._parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
        self._open: list[Element] = []
        self._is_in_track = False

    def __iter__(self) -> Iterator[TrackPoint | None]:
        has_points = False
        try:
            for chunk in _without_document_type(self._chunks, self._file_name):
                self._parser.feed(chunk)
                for piece in self._parsed():
                    has_points = has_points or piece is not None
                    yield piece
            self._parser.close()
            yield from self._parsed()
        except (ParseError, ValueError, LookupError) as error:
            if not has_points:
                raise BadMedia(f"{self._file_name} is no GPX: {error}; remove it") from error

    def _parsed(self) -> Iterator[TrackPoint | None]:
        """What has been parsed since the last time."""
        for happened in self._parser.read_events():
            event, element = happened[0], happened[-1]
            assert isinstance(element, Element)
            if event == "start":
                yield from self._begin(element)
            else:
                self._open.pop()
                yield from self._end(element)

    def _begin(self, element: Element) -> Iterator[None]:
        tag = _local(element)
        if not self._open and tag != "gpx":
            raise ValueError(f"it begins with {tag}")
        self._open.append(element)
        if tag == "trkseg":
            self._is_in_track = True
            yield None

    def _end(self, element: Element) -> Iterator[TrackPoint]:
        tag = _local(element)
        if tag == "trkpt" and self._is_in_track:
            point = _point_of(element)
            if point is not None:
                yield point
        elif element.tag == _CLIP and not self.clip_id:
            self.clip_id = (element.text or "").strip()
        elif tag == "name" and not self.name:
            self.name = (element.text or "").strip()
        if 0 < len(self._open) <= _DEPTH_OF_POINTS:
            self._open[-1].remove(element)  # else the tree would grow to the whole file


@contextmanager
def open_track(path: Path) -> Iterator[TrackPieces]:
    """The tracks in a file, piece by piece.

    Raises FileNotFoundError when there is none, BadMedia when it is too large, OSError for links and what cannot be
    read.
    """
    with open_gpx(path) as file:
        yield TrackPieces(iter(partial(file.read, _CHUNK_BYTES), b""), path.name)


def read_track(path: Path) -> TrackFile:
    """The tracks in a file; of one that is cut off what stands before. Raises as `open_track`, and BadMedia."""
    with open_track(path) as pieces:
        return _whole(pieces)


def parse_track(content: bytes, name: str) -> TrackFile:
    """The same as `read_track` for the content of a file of this name."""
    chunks = (content[start : start + _CHUNK_BYTES] for start in range(0, len(content), _CHUNK_BYTES))
    return _whole(TrackPieces(chunks, name))


@contextmanager
def open_gpx(path: Path) -> Iterator[BinaryIO]:
    """The content of a file of ours; raises as `open_track`."""
    refuse_link(path)
    with open_ordinary(path) as file:
        if os.fstat(file.fileno()).st_size > LARGEST_GPX_BYTES:
            raise BadMedia(f"{path.name} is too large for the track of a clip; remove it")
        yield file


def _whole(pieces: TrackPieces) -> TrackFile:
    found = TrackFile()
    for piece in pieces:
        if piece is None:
            found.segments.append([])
        else:
            found.segments[-1].append(piece)
    found.segments = [segment for segment in found.segments if segment]
    found.clip_id, found.name = pieces.clip_id, pieces.name
    return found


def _without_document_type(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    before = b""
    for chunk in chunks:
        if _DOCUMENT_TYPE in before + chunk:
            raise BadMedia(f"{name} has a document type, which no GPX has; remove it")
        before = chunk[1 - len(_DOCUMENT_TYPE) :]
        yield chunk


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
