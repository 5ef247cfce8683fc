"""What gpsd says (JSON, a message a line), made fixes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import msgspec

from dashcam.clock import NANOSECONDS
from dashcam.gps.base import Fix, Quality
from dashcam.gps.calendar import believable_utc_ns
from dashcam.gps.plausible import Judge

WATCH = b'?WATCH={"enable":true,"json":true};\n'
ASK_DEVICES = b"?DEVICES;\n"
# Several times the longest message gpsd makes (GPS_JSON_RESPONSE_MAX, 10 kB).
LONGEST_LINE_BYTES = 65_536
# The same moment again after this is no repetition any more but a receiver that stands still.
_REPEATING_NS = 2 * NANOSECONDS

# TPV's status; the others say no more than its mode does. 6 is satellites helped by wheels and gyroscopes.
_STATUSES: dict[int, Quality] = {2: "dgps", 3: "rtk", 4: "rtk_float", 5: "estimated", 8: "simulated"}


class _Satellite(msgspec.Struct):
    used: bool = False


class _Message(msgspec.Struct, rename={"kind": "class", "altitude": "altMSL", "old_altitude": "alt"}):
    """The fields of TPV, SKY, DEVICE and DEVICES that are of use; gpsd leaves out what it does not know."""

    kind: str
    mode: int = 0
    status: int = 0
    time: str | None = None
    lat: float | None = None
    lon: float | None = None
    altitude: float | None = None
    old_altitude: float | None = None
    speed: float | None = None
    track: float | None = None
    hdop: float | None = None
    satellites: list[_Satellite] | None = None
    devices: list[dict[str, object]] | None = None
    activated: str | float | None = None


class GpsdParser:
    """Turns gpsd's lines into fixes and remembers whether it has a receiver. Used by one thread."""

    def __init__(self, reference: date | None) -> None:
        self.devices = 0
        self.has_told_devices = False
        self._reference = reference
        self._judge = Judge()
        self._decoder = msgspec.json.Decoder(_Message)
        self._last: Fix | None = None
        self._hdop: float | None = None
        self._used: int | None = None
        self._in_view: int | None = None
        self._rest = b""

    @property
    def kept_bytes(self) -> int:
        """How much is kept of a line that has not ended yet."""
        return len(self._rest)

    def feed(self, data: bytes, monotonic_ns: int) -> list[Fix]:
        """What came from gpsd at this moment; the fixes in it. What is no message is passed over."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE_BYTES:
            self._rest = b""
        return [fix for line in lines for fix in self._take(line, monotonic_ns)]

    def _take(self, line: bytes, monotonic_ns: int) -> Iterator[Fix]:
        try:
            message = self._decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        match message.kind:
            case "TPV":
                unjudged = self._fix_of(message, monotonic_ns)
                if not self._is_repeated(unjudged):
                    self._last = unjudged
                    yield self._judge.judged(unjudged)
            case "SKY":
                self._remember_sky(message)
            case "DEVICES":
                self.devices = len(message.devices or ())
                self.has_told_devices = True
            case "DEVICE":
                # One that comes and goes; 0 is how a receiver that went away is told.
                self.devices = max(1, self.devices) if message.activated else 0

    def _is_repeated(self, fix: Fix) -> bool:
        """Until gpsd has learnt which sentence is a moment's last it tells the same moment after each of them."""
        last = self._last
        if last is None or fix.utc_ns is None or fix.utc_ns != last.utc_ns:
            return False
        return fix.received_monotonic_ns - last.received_monotonic_ns < _REPEATING_NS

    def _remember_sky(self, message: _Message) -> None:
        if message.hdop is not None:
            self._hdop = message.hdop
        if message.satellites is not None:
            self._in_view = len(message.satellites)
            self._used = sum(satellite.used for satellite in message.satellites)

    def _fix_of(self, message: _Message, monotonic_ns: int) -> Fix:
        has_fix = message.mode >= 2
        return Fix(
            received_monotonic_ns=monotonic_ns,
            verdict="no_fix",
            quality=_STATUSES.get(message.status, "gps") if has_fix else "none",
            utc_ns=self._utc_ns(message.time) if has_fix else None,
            latitude=message.lat,
            longitude=message.lon,
            altitude_m=message.altitude if message.altitude is not None else message.old_altitude,
            speed_mps=message.speed,
            course_degrees=message.track,
            hdop=self._hdop if has_fix else None,
            satellites=self._used,
            satellites_in_view=self._in_view,
        )

    def _utc_ns(self, text: str | None) -> int | None:
        if text is None:
            return None
        try:
            told = datetime.fromisoformat(text)
        except ValueError:
            return None
        if told.tzinfo is None:
            return None
        return believable_utc_ns(round(told.timestamp() * 1000) * (NANOSECONDS // 1000), self._reference)
