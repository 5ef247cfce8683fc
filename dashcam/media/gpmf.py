"""GPMF, the telemetry that GoPro cameras put into MP4: where and when a second of a video was taken.

A tree of key, type, size of one element, number of elements, and the elements, big endian, padded to four bytes; as
described at https://github.com/gopro/gpmf-parser. Many programs read it; exiftool and most map tools do.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dashcam.clock import NANOSECONDS
from dashcam.media.fitting import fitting

if TYPE_CHECKING:
    from dashcam.moment import Moment
    from dashcam.place import Place

# What GPS5 is divided by: degrees, metres, metres a second.
_SCALES = (10_000_000, 10_000_000, 1000, 1000, 100)
_UNITS = (b"deg", b"deg", b"m\0\0", b"m/s", b"m/s")
_NAME = b"GPS (Lat., Long., Alt., 2D speed, 3D speed)"
_DEVICE_NAME = b"Dashcam"
# How many dimensions the receiver knows.
_WITH_ALTITUDE, _WITHOUT_ALTITUDE = 3, 2
_HDOP_SCALE = 100


def _entry(key: bytes, kind: bytes, element_bytes: int, count: int, content: bytes) -> bytes:
    return key + struct.pack(">sBH", kind, element_bytes, count) + content + bytes(-len(content) % 4)


def _text(key: bytes, content: bytes) -> bytes:
    return _entry(key, b"c", 1, len(content), content)


def _tree(key: bytes, *entries: bytes) -> bytes:
    content = b"".join(entries)
    return _entry(key, b"\0", 1, len(content), content)


def _device(*streams: bytes) -> bytes:
    return _tree(b"DEVC", _entry(b"DVID", b"L", 4, 1, struct.pack(">L", 1)), _text(b"DVNM", _DEVICE_NAME), *streams)


NO_SAMPLE = _device()
"""A packet that says nothing but from which device: the track has to begin with something, fix or none."""


def gps_sample(moment: Moment) -> bytes | None:
    """A packet with the place, and with the time when it is trusted; None while there is no place on earth.

    What cannot be of it is left out.
    """
    place = fitting(moment.place)
    if place is None:
        return None
    entries = [_text(b"STNM", _NAME), _entry(b"GPSF", b"L", 4, 1, struct.pack(">L", _dimensions(place)))]
    if moment.utc_ns is not None:
        time = _time(moment.utc_ns)
        entries.append(_entry(b"GPSU", b"U", len(time), 1, time))
    if place.hdop is not None:
        entries.append(_entry(b"GPSP", b"S", 2, 1, struct.pack(">H", round(place.hdop * _HDOP_SCALE))))
    values = _values(place)
    count = len(values)
    entries += [
        _entry(b"UNIT", b"c", 3, count, b"".join(_UNITS[:count])),
        _entry(b"SCAL", b"l", 4, count, struct.pack(f">{count}l", *_SCALES[:count])),
        _entry(b"GPS5", b"l", 4 * count, 1, struct.pack(f">{count}l", *values)),
    ]
    return _device(_tree(b"STRM", *entries))


def _dimensions(place: Place) -> int:
    return _WITHOUT_ALTITUDE if place.altitude_m is None else _WITH_ALTITUDE


def _values(place: Place) -> tuple[int, ...]:
    """Latitude, longitude, altitude and twice the speed; without speeds where they are unknown, rather than 0."""
    speeds = () if place.speed_mps is None else (place.speed_mps, place.speed_mps)
    known = (place.latitude, place.longitude, place.altitude_m or 0.0, *speeds)
    return tuple(round(value * scale) for value, scale in zip(known, _SCALES, strict=False))


def _time(utc_ns: int) -> bytes:
    """`yymmddHHMMSS.sss`."""
    utc = datetime.fromtimestamp(utc_ns // NANOSECONDS, UTC)
    return f"{utc:%y%m%d%H%M%S}.{utc_ns % NANOSECONDS // 1_000_000:03d}".encode()
