"""One NMEA 0183 sentence, from text to values; the only module that knows pynmea2.

Talkers (GP, GN, GL, GA, GB, BD, ...) are alike: the three letters after them say what a sentence is.
"""

from __future__ import annotations

from datetime import date, time
from typing import Any, Literal, cast, get_args

import msgspec
import pynmea2

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Quality

SentenceKind = Literal["RMC", "GGA", "GSA", "VTG", "ZDA", "GSV"]
KINDS: tuple[SentenceKind, ...] = get_args(SentenceKind)

_KNOT_MPS = 1852 / 3600
_KMH_MPS = 1000 / 3600
_QUALITIES: dict[int, Quality] = {
    0: "none",
    1: "gps",
    2: "dgps",
    3: "pps",
    4: "rtk",
    5: "rtk_float",
    6: "estimated",
    7: "manual",
    8: "simulated",
}
# RMC's mode (NMEA 2.3 and later). Its last field, the navigational status of NMEA 4.1, is V on every receiver that is
# not approved for ships, and says nothing.
_MODES: dict[str, Quality] = {
    "N": "none",
    "A": "gps",
    "D": "dgps",
    "P": "pps",
    "R": "rtk",
    "F": "rtk_float",
    "E": "estimated",
    "M": "manual",
    "S": "simulated",
}


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """What one sentence says, in the units of `Fix`, however absurd; None for what it leaves out."""

    kind: SentenceKind
    talker: str
    time_ns: int | None = None
    """The time of day, UTC."""
    date: date | None = None
    quality: Quality | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude_m: float | None = None
    speed_mps: float | None = None
    course_degrees: float | None = None
    hdop: float | None = None
    satellites: int | None = None
    satellites_in_view: int | None = None
    """Of this talker's system alone."""


def kind_of(text: str) -> SentenceKind | None:
    """What the sentence is (`GPRMC,...`, without `$`); None for all that is of no use here."""
    kind = text[2:5]
    return kind if text[5:6] == "," and kind in KINDS and text[0] != "P" else None


def checksum(text: str) -> int:
    """The exclusive or of all characters between `$` and `*`."""
    return cast(int, pynmea2.NMEASentence.checksum(text))


def parse(text: str) -> Sentence | None:
    """The values of a sentence of one of KINDS, without `$` and with its checksum compared already.

    None when it is not built as it should be; a single field that makes no sense is left out.
    """
    try:
        message: Any = pynmea2.parse(text)
        return _READERS[message.sentence_type](message)
    except (pynmea2.ParseError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
        return None


def _rmc(message: Any) -> Sentence:
    quality: Quality = "none"
    if message.status == "A":
        quality = _MODES.get(message.mode_indicator, "gps")
    return Sentence(
        kind="RMC",
        talker=message.talker,
        time_ns=_time_ns(message.timestamp),
        date=message.datestamp if isinstance(message.datestamp, date) else None,
        quality=quality,
        latitude=_degrees(message, "lat"),
        longitude=_degrees(message, "lon"),
        speed_mps=_times(message.spd_over_grnd, _KNOT_MPS),
        course_degrees=_number(message.true_course),
    )


def _gga(message: Any) -> Sentence:
    quality = message.gps_qual
    return Sentence(
        kind="GGA",
        talker=message.talker,
        time_ns=_time_ns(message.timestamp),
        quality=_QUALITIES.get(quality, "none") if isinstance(quality, int) else None,
        latitude=_degrees(message, "lat"),
        longitude=_degrees(message, "lon"),
        altitude_m=_number(message.altitude),
        hdop=_dilution(message.horizontal_dil),
        satellites=_count(message.num_sats),
    )


def _gsa(message: Any) -> Sentence:
    return Sentence(kind="GSA", talker=message.talker, hdop=_dilution(message.hdop))


def _vtg(message: Any) -> Sentence:
    speed = _times(message.spd_over_grnd_kmph, _KMH_MPS)
    if speed is None:
        speed = _times(message.spd_over_grnd_kts, _KNOT_MPS)
    return Sentence(kind="VTG", talker=message.talker, speed_mps=speed, course_degrees=_number(message.true_track))


def _zda(message: Any) -> Sentence:
    told = None
    if all(isinstance(part, int) for part in (message.year, message.month, message.day)):
        told = date(message.year, message.month, message.day)
    return Sentence(kind="ZDA", talker=message.talker, time_ns=_time_ns(message.timestamp), date=told)


def _gsv(message: Any) -> Sentence:
    return Sentence(kind="GSV", talker=message.talker, satellites_in_view=_count(message.num_sv_in_view))


_READERS = {"RMC": _rmc, "GGA": _gga, "GSA": _gsa, "VTG": _vtg, "ZDA": _zda, "GSV": _gsv}


def _time_ns(value: Any) -> int | None:
    """pynmea2 hands on as text what it cannot read."""
    if not isinstance(value, time):
        return None
    seconds = (value.hour * 60 + value.minute) * 60 + value.second
    return seconds * NANOSECONDS + value.microsecond * 1000


def _degrees(message: Any, field: Literal["lat", "lon"]) -> float | None:
    text = getattr(message, field)
    directions = "NS" if field == "lat" else "EW"
    direction = getattr(message, f"{field}_dir")
    if not text or not direction or direction not in directions:
        return None
    degrees = float(pynmea2.nmea_utils.dm_to_sd(text))
    return degrees if direction == directions[0] else -degrees


def _number(value: Any) -> float | None:
    """A finite number, else None."""
    if value is None or value == "":
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < 1e9 else None


def _times(value: Any, factor: float) -> float | None:
    number = _number(value)
    return None if number is None else number * factor


def _dilution(value: Any) -> float | None:
    """Receivers without a fix say 0, 50 or 99.99."""
    number = _number(value)
    return number if number is not None and number > 0 else None


def _count(value: Any) -> int | None:
    text = str(value if value is not None else "")
    return int(text) if text.isdecimal() and len(text) <= 3 else None
