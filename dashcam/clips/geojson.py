"""Lines of clips as GeoJSON (RFC 7946): a feature for each part without a gap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from dashcam.clips.row import ClipRow
from dashcam.clips.track_summary import LinePoint
from dashcam.clock import TRUSTED_SOURCES, utc_text

GEOJSON_TYPE = "application/geo+json"
_NANOSECONDS_PER_MILLISECOND = 1_000_000

Position = tuple[float, float]
"""Longitude first, as RFC 7946 wants it."""


class LineString(msgspec.Struct, frozen=True, tag="LineString", tag_field="type"):
    """Where it drove."""

    coordinates: tuple[Position, ...]


class Point(msgspec.Struct, frozen=True, tag="Point", tag_field="type"):
    """One place between two gaps: a line needs two."""

    coordinates: Position


class LineFacts(msgspec.Struct, frozen=True, kw_only=True, rename={"coord_times": "coordTimes"}):
    """What is known of each place of the geometry, in its order."""

    id: str
    """Of the clip."""
    day: str
    coord_times: tuple[str, ...] | None
    """UTC, as other programs look for it; None while no clock is trusted."""
    seconds: tuple[float, ...]
    """Since the clip's first frame."""
    speeds: tuple[float | None, ...]
    """Metres a second."""


class Feature(msgspec.Struct, frozen=True, kw_only=True, tag="Feature", tag_field="type"):
    """A part of a clip's line."""

    geometry: LineString | Point
    properties: LineFacts


_encoder = msgspec.json.Encoder()


def features_of(row: ClipRow) -> list[Feature]:
    """The parts of a clip's line; none for a clip without."""
    parts: list[list[LinePoint]] = []
    for point in row.track.line if row.track else ():
        if point.begins or not parts:
            parts.append([])
        parts[-1].append(point)
    return [_feature(row, part) for part in parts]


def collection_of(rows: Iterable[ClipRow]) -> Iterator[bytes]:
    """A FeatureCollection of all these lines, a piece for each clip."""
    before = b'{"type":"FeatureCollection","features":['
    for row in rows:
        if features := features_of(row):
            yield before + _encoder.encode(features)[1:-1]
            before = b","
    yield b"]}" if before == b"," else before + b"]}"


def _feature(row: ClipRow, points: list[LinePoint]) -> Feature:
    places = tuple((point.longitude, point.latitude) for point in points)
    return Feature(
        geometry=LineString(places) if len(places) > 1 else Point(places[0]),
        properties=LineFacts(
            id=row.id,
            day=row.day,
            coord_times=_times(row, points),
            seconds=tuple(point.seconds for point in points),
            speeds=tuple(point.speed_mps for point in points),
        ),
    )


def _times(row: ClipRow, points: list[LinePoint]) -> tuple[str, ...] | None:
    started_ms = row.started_utc_ms
    if started_ms is None or row.clock_source not in TRUSTED_SOURCES:
        return None
    return tuple(
        utc_text((started_ms + round(point.seconds * 1000)) * _NANOSECONDS_PER_MILLISECOND) for point in points
    )
