"""What a JPEG tells other programs about itself: camera, time and place. Written for ours, read in anybody's.

Tag numbers and types are those of EXIF 2.32 (CIPA DC-008-2019). What is not known is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dashcam import __version__
from dashcam.clock import local_time
from dashcam.errors import BadMedia
from dashcam.media.fitting import FASTEST_MPS, HIGHEST_METRES, LOWEST_METRES, fitting
from dashcam.moment import Moment, SpeedUnit
from dashcam.place import Place

if TYPE_CHECKING:
    from PIL.Image import Exif
    from PIL.TiffImagePlugin import IFDRational

_MAKE, _MODEL, _SOFTWARE, _DATE_TIME, _EXIF_IFD, _GPS_IFD = 0x010F, 0x0110, 0x0131, 0x0132, 0x8769, 0x8825
_ORIGINAL, _DIGITIZED = 0x9003, 0x9004
_OFFSETS = (0x9010, 0x9011, 0x9012)
_SUBSECONDS = (0x9290, 0x9291, 0x9292)
_WIDTH, _HEIGHT = 0xA002, 0xA003
_GPS_VERSION, _LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE, _ALTITUDE_REF, _ALTITUDE, _TIME_STAMP = range(8)
_SATELLITES, _DOP, _SPEED_REF, _SPEED, _TRACK_REF, _TRACK, _MAP_DATUM, _DATE_STAMP = 8, 11, 12, 13, 14, 15, 18, 29
# What EXIF demands of every JPEG (4.6.8) and is the same in all of ours: 72 dots an inch, chroma in the middle of four
# pixels; version 2.32, Y Cb Cr, version 1.00 of FlashPix, sRGB.
_SAME_IN_ALL = {0x011A: 72.0, 0x011B: 72.0, 0x0128: 2, 0x0213: 1}
_SAME_DETAILS_IN_ALL = {0x9000: b"0232", 0x9101: b"\1\2\3\0", 0xA000: b"0100", 0xA001: 1}
# Tag, type, count: Pillow does not know this tag and takes it for numbers (type 1), EXIF wants "undefined" (7).
_COMPONENTS_AS_PILLOW_TYPES_IT = b"\x91\x01\x00\x01\x00\x00\x00\x04\1\2\3\0"
_COMPONENTS_AS_EXIF_TYPES_IT = b"\x91\x01\x00\x07\x00\x00\x00\x04\1\2\3\0"
_APP1, _EXIF_BEGINS = b"\xff\xe1", b"Exif\0\0"
_START_OF_IMAGE = b"\xff\xd8"
# What stands in ours at most.
_OURS = {_MAKE, _MODEL, _SOFTWARE, _DATE_TIME, _EXIF_IFD, _GPS_IFD, *_SAME_IN_ALL}
_OUR_DETAILS = {_ORIGINAL, _DIGITIZED, *_OFFSETS, *_SUBSECONDS, _WIDTH, _HEIGHT, *_SAME_DETAILS_IN_ALL}

# Ours alone write it.
_OUR_MAKE = "dashcam"

# A ten-thousandth of a second of arc is 3 mm.
_PARTS_OF_SECOND = 10_000
_MOST_PARTS = 2**32 - 1
_MPS_OF: dict[str, float] = {"K": 1 / 3.6, "M": 1609.344 / 3600, "N": 1852 / 3600}
_SPEED_REFS: dict[SpeedUnit, str] = {"km/h": "K", "mph": "M"}
# Below it the course is the receiver's noise.
_MOVING_MPS = 1.0
_EXIF_TIME = "%Y:%m:%d %H:%M:%S"
# No JPEG segment is longer, and nobody's name of a camera either.
_LONGEST_TEXT = 200


def exif_block(moment: Moment, model: str, size_pixels: tuple[int, int], unit: SpeedUnit = "km/h") -> bytes:
    """An APP1 segment with the camera, and when and where the picture was taken as far as that is known."""
    from PIL import Image

    exif = Image.Exif()
    exif.update(_SAME_IN_ALL)
    exif[_MAKE], exif[_MODEL], exif[_SOFTWARE] = _OUR_MAKE, model[:_LONGEST_TEXT], f"dashcam {__version__}"
    details: dict[int, Any] = dict(_SAME_DETAILS_IN_ALL)
    details[_WIDTH], details[_HEIGHT] = size_pixels
    if moment.utc_ns is not None:
        exif[_DATE_TIME] = _put_time(details, moment.utc_ns, moment)
    # Given as dictionaries, because Pillow before 10 writes no others.
    exif[_EXIF_IFD] = details
    if (place := fitting(moment.place)) is not None:
        exif[_GPS_IFD] = _gps_ifd(place, moment.utc_ns, unit)
    return _segment_of(exif)


def _segment_of(exif: Exif) -> bytes:
    content = exif.tobytes().replace(_COMPONENTS_AS_PILLOW_TYPES_IT, _COMPONENTS_AS_EXIF_TYPES_IT)
    if not content.startswith(_EXIF_BEGINS):
        content = _EXIF_BEGINS + content
    return _APP1 + (len(content) + 2).to_bytes(2, "big") + content


def with_exif(jpeg: bytes, block: bytes) -> bytes:
    """The JPEG with the segment right behind its start, where readers look for it."""
    return _START_OF_IMAGE + block + jpeg[len(_START_OF_IMAGE) :]


def with_time(jpeg: bytes, moment: Moment) -> bytes:
    """A photo of the recorder with this time in its EXIF; all else in it stays, and so does every byte behind it.

    Raises BadMedia for a photo that is not as the recorder writes them: people have had it in their hands.
    """
    from PIL import Image

    assert moment.utc_ns is not None
    end = len(_START_OF_IMAGE) + len(_APP1) + int.from_bytes(jpeg[4:6], "big")
    if not jpeg.startswith(_START_OF_IMAGE + _APP1) or jpeg[6:12] != _EXIF_BEGINS or end > len(jpeg):
        raise BadMedia("its EXIF is not where the recorder writes it")
    exif = Image.Exif()
    exif.load(jpeg[6:end])
    details = exif.get_ifd(_EXIF_IFD)
    if exif.get(_MAKE) != _OUR_MAKE or not (set(exif) <= _OURS and set(details) <= _OUR_DETAILS):
        raise BadMedia("its EXIF is not as the recorder writes it")
    exif[_DATE_TIME] = _put_time(details, moment.utc_ns, moment)
    exif[_EXIF_IFD] = details
    if _GPS_IFD in exif:
        exif[_GPS_IFD] = exif.get_ifd(_GPS_IFD) | _gps_time(moment.utc_ns)
    return with_exif(jpeg[:2] + jpeg[end:], _segment_of(exif))


def taken_in(exif: Exif) -> str | None:
    """When a photo was taken by its own account: ISO 8601, with the offset from UTC if it names one."""
    details = exif.get_ifd(_EXIF_IFD)
    text = details.get(_ORIGINAL) or exif.get(_DATE_TIME)
    offset = details.get(_OFFSETS[1]) or ""
    for words, form in ((f"{text}{offset}", f"{_EXIF_TIME}%z"), (str(text), _EXIF_TIME)):
        try:
            return datetime.strptime(words, form).isoformat()  # noqa: DTZ007 without an offset it is local time
        except ValueError:
            continue
    return None


def place_in(exif: Exif) -> Place | None:
    """Where a photo was taken by its own account; None when it does not say, or says what cannot be."""
    try:
        return _place_of(exif.get_ifd(_GPS_IFD))
    except Exception:  # noqa: BLE001 whatever Pillow raises over hostile bytes; the picture is good all the same
        return None


def _put_time(details: dict[int, Any], utc_ns: int, moment: Moment) -> str:
    """The three times of EXIF, all the same moment; gives the text of it."""
    milliseconds = utc_ns // 1_000_000
    local = local_time(milliseconds * 1_000_000, moment.zone)
    text = f"{local:{_EXIF_TIME}}"
    details[_ORIGINAL] = details[_DIGITIZED] = text
    details |= dict.fromkeys(_OFFSETS, _offset_text(local.utcoffset() or timedelta()))
    details |= dict.fromkeys(_SUBSECONDS, f"{milliseconds % 1000:03d}")
    return text


def _offset_text(offset: timedelta) -> str:
    """`+05:45`; the seconds that zones had a century ago have no place in EXIF."""
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _gps_ifd(place: Place, utc_ns: int | None, unit: SpeedUnit) -> dict[int, Any]:
    """The place, and where the car drove to (`GPSTrack`).

    Not `GPSImgDirection`: that is where the lens looked, told by a compass; a camera may look out of the rear window.
    """
    ifd: dict[int, Any] = {
        _GPS_VERSION: b"\2\3\0\0",
        _LATITUDE_REF: "S" if place.latitude < 0 else "N",
        _LATITUDE: _angle(place.latitude),
        _LONGITUDE_REF: "W" if place.longitude < 0 else "E",
        _LONGITUDE: _angle(place.longitude),
        _MAP_DATUM: "WGS-84",
    }
    if place.altitude_m is not None:
        ifd[_ALTITUDE_REF] = b"\1" if place.altitude_m < 0 else b"\0"
        ifd[_ALTITUDE] = _rational(abs(place.altitude_m), 100)
    if place.speed_mps is not None:
        ifd[_SPEED_REF] = _SPEED_REFS[unit]
        ifd[_SPEED] = _rational(place.speed_mps / _MPS_OF[_SPEED_REFS[unit]], 100)
        if place.course_degrees is not None and place.speed_mps >= _MOVING_MPS:
            ifd[_TRACK_REF], ifd[_TRACK] = "T", _rational(round(place.course_degrees, 2) % 360, 100)
    if place.hdop is not None:
        ifd[_DOP] = _rational(place.hdop, 100)
    if place.satellites is not None:
        ifd[_SATELLITES] = str(place.satellites)
    return ifd if utc_ns is None else ifd | _gps_time(utc_ns)


def _gps_time(utc_ns: int) -> dict[int, Any]:
    utc = datetime.fromtimestamp(utc_ns // 1_000_000_000, UTC)
    seconds = utc.second * 1000 + utc_ns // 1_000_000 % 1000
    stamp = (_rational(utc.hour, 1), _rational(utc.minute, 1), _rational(seconds / 1000, 1000))
    return {_TIME_STAMP: stamp, _DATE_STAMP: f"{utc:%Y:%m:%d}"}


def _angle(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds without the sign, the last in small parts: no minute ever has 60 seconds."""
    minutes, parts = divmod(round(abs(degrees) * 3600 * _PARTS_OF_SECOND), 60 * _PARTS_OF_SECOND)
    seconds = _rational(parts / _PARTS_OF_SECOND, _PARTS_OF_SECOND)
    return _rational(minutes // 60, 1), _rational(minutes % 60, 1), seconds


def _rational(value: float, parts: int) -> IFDRational:
    from PIL.TiffImagePlugin import IFDRational

    # More has no room; only a sidecar that somebody has written in says so.
    return IFDRational(min(max(round(value * parts), 0), _MOST_PARTS), parts)


def _place_of(ifd: Mapping[int, Any]) -> Place | None:
    latitude = _degrees(ifd.get(_LATITUDE), ifd.get(_LATITUDE_REF), "NS", 90)
    longitude = _degrees(ifd.get(_LONGITUDE), ifd.get(_LONGITUDE_REF), "EW", 180)
    # Nobody photographs at 0, 0 in the Atlantic; phones write it before they know better.
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return None
    below = ifd.get(_ALTITUDE_REF) in (b"\1", 1)
    course = _within(ifd.get(_TRACK), 0, 360) if _letter(ifd.get(_TRACK_REF) or "T") == "T" else None
    metres_a_second = _MPS_OF.get(_letter(ifd.get(_SPEED_REF) or "K"), math.nan)
    return Place(
        latitude=latitude,
        longitude=longitude,
        altitude_m=_within(ifd.get(_ALTITUDE), LOWEST_METRES, HIGHEST_METRES, factor=-1 if below else 1),
        speed_mps=_within(ifd.get(_SPEED), 0, FASTEST_MPS, factor=metres_a_second),
        course_degrees=None if course is None else course % 360,
    )


def _degrees(angle: Any, reference: Any, letters: str, most: float) -> float | None:
    letter = _letter(reference)
    if not letter or letter not in letters:
        return None
    parts = [float(part) for part in angle]
    if len(parts) != 3 or not all(math.isfinite(part) and part >= 0 for part in parts):
        return None
    degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
    if degrees > most:
        return None
    return round(-degrees if letter == letters[1] else degrees, 9)


def _within(value: Any, least: float, most: float, *, factor: float = 1) -> float | None:
    try:
        number = float(value) * factor
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return round(number, 4) if least <= number <= most else None


def _letter(reference: Any) -> str:
    text = reference.decode("ascii", "replace") if isinstance(reference, bytes) else str(reference or "")
    return text.strip("\0 ")[:1].upper()
