"""A machine without a trusted clock that drives through a recorded log: all real but its clocks and its serial port.

The bytes come over a port at the log's own pace, in pieces, as a line brings them. The serial receiver, the recorder's
clock, names, clips, track log and anchors, and afterwards the keeper on the same card are those of the product, turned
by hand in one thread. Waiting for the port is what lets the time pass, and nobody waits in truth.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal
from unittest import mock

import serial

import dashcam.clock
from dashcam.camera.base import CameraFacts, Packet
from dashcam.clock import NANOSECONDS, Anchor, WallClock
from dashcam.gps.nmea import checksum
from dashcam.gps.serial_nmea import SerialReceiver
from dashcam.gps.tracker import FixSink
from dashcam.recorder.anchors import AnchorLog
from dashcam.recorder.bookkeeper import Bookkeeper
from dashcam.recorder.card import Card
from dashcam.recorder.gps_duty import GpsDuty, ReceiverWish
from dashcam.recorder.growing import Growing
from dashcam.recorder.moments import Moments
from dashcam.recorder.numbering import Numbering
from dashcam.recorder.packet_queue import NewFormat, PacketQueue
from dashcam.recorder.timekeeper import Timekeeper
from dashcam.recorder.track_log import TrackLog
from dashcam.recorder.trip import TripMeter
from dashcam.recorder.writer import ClipWriter
from dashcam.settings.schema import CameraSettings, GpsSettings, RecordingSettings, Settings
from tests.packets import HEIGHT, WIDTH, encoded_frames

MachineClock = Literal["none", "saved"]

CLIP_SECONDS = 30
ZONE = "UTC"
# The machine has run for so long when the log's first second begins.
BEGAN_NS = 40 * NANOSECONDS
# The camera takes a picture every second, a moment before the log's seconds begin.
_CAMERA_BEFORE_NS = NANOSECONDS // 10
# After the begin of the log's last second.
_END_SECONDS = 0.85
_TURN_NS = 2 * NANOSECONDS
# A line of 38400 baud, of which a converter hands on 128 bytes at a time.
_LATE_NS, _PIECE_BYTES, _PIECE_NS = 30_000_000, 128, 33_400_000
_LONGEST_PAUSE_SECONDS = 600.0
_DAY_SECONDS = 86_400.0
# A receiver that has just got power, by which its port is found; it says nothing of place and time.
_FIRST_WORDS_SECONDS = range(-10, 0)
_FIRST_WORDS = b"$GPGSV,1,1,00*79\r\n" * 2
_MOMENT = re.compile(rb"\$([A-Z]{2}(RMC|GGA),(\d{6}(?:\.\d+)?)?,[^$*\r\n]*)\*([0-9A-Fa-f]{2})")
_WEEK_NS = 7 * 86_400 * NANOSECONDS


def paced(content: bytes) -> Iterator[tuple[float, bytes]]:
    """Pieces of a log, each with its second since the log's begin: as far apart as its times of day say.

    Without a time, or where it jumps, a second for each time that a sentence comes again.
    """
    content = b"".join(line for line in content.splitlines(keepends=True) if not line.startswith(b"#"))
    begin, second, time, kinds = 0, 0.0, None, set[bytes]()
    for match in _MOMENT.finditer(content):
        if checksum(match[1].decode()) != int(match[4], 16):
            continue
        told = _seconds_of_day(match[3]) if match[3] else None
        is_same = told == time if told is not None and time is not None else match[2] not in kinds
        if not is_same and kinds:
            yield second, content[begin : match.start()]
            begin, kinds = match.start(), set()
            step = (told - time) % _DAY_SECONDS if told is not None and time is not None else 1.0
            second, time = second + (step if step <= _LONGEST_PAUSE_SECONDS else 1.0), None
        kinds.add(match[2])
        time = told if told is not None else time
    yield second, content[begin:]


def _seconds_of_day(text: bytes) -> float:
    return int(text[:2]) * 3600 + int(text[2:4]) * 60 + float(text[4:])


class _Port(serial.Serial):
    """An open port on the machine's line; reading waits, and waiting is the machine's time."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine
        machine.forget_heard()

    @property
    def in_waiting(self) -> int:
        self._check()
        return len(self._machine.heard)

    def read(self, size: int = 1, /) -> bytes:
        self._check()
        self._machine.wait_for_bytes()
        self._check()
        heard = self._machine.heard
        taken = bytes(heard[:size])
        del heard[:size]
        return taken

    def reset_input_buffer(self) -> None:
        self._machine.forget_heard()

    def _check(self) -> None:
        if self._machine.is_unplugged:
            raise serial.SerialException("device reports readiness to read but returned no data")


class _End(threading.Event):
    """Set when the drive is over; who waits for it lets the time pass."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine

    def is_set(self) -> bool:
        return self._machine.now_ns >= self._machine.ends_ns

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self._machine.pass_until(self._machine.now_ns + round(timeout * NANOSECONDS))
        return self.is_set()


class Machine:
    """`drive` goes through the whole log; afterwards the card is as a recorder leaves it."""

    def __init__(
        self,
        data: Path,
        content: bytes,
        release: date,
        clock: MachineClock,
        unplugged: tuple[float, float] | None = None,
    ) -> None:
        """`release`: when the unit's program was made; `unplugged`: from one second of the drive to another."""
        self._release = release
        self._release_ns = round(datetime.combine(release, datetime.min.time(), UTC).timestamp()) * NANOSECONDS
        self._unplugged = [BEGAN_NS + round(second * NANOSECONDS) for second in unplugged or (-1.0, -1.0)]
        pieces = list(paced(content))
        self._arrivals = list(_arrivals([*((second, _FIRST_WORDS) for second in _FIRST_WORDS_SECONDS), *pieces]))
        self.now_ns = 0
        self.ends_ns = BEGAN_NS + round((pieces[-1][0] + _END_SECONDS) * NANOSECONDS)
        self.heard = bytearray()
        self.offers: list[Anchor] = []
        """What TimeTrust has vouched for, by when it was offered to the clock."""
        self.trusted: Anchor | None = None
        """The first of them that the recorder's clock has taken."""
        self._picture_ns, self._turn_ns = BEGAN_NS - _CAMERA_BEFORE_NS, _TURN_NS
        # What it remembers of its last run: a week after the program was made. Without that it begins in 1970.
        self._machine_began_ns = self._release_ns + _WEEK_NS if clock == "saved" else 0
        self._compose(data)

    def drive(self) -> None:
        """From switching on to switching off."""
        # A unit of that release: all its clocks take no earlier time for possible.
        with mock.patch.object(dashcam.clock, "RELEASE_UTC_NS", self._release_ns):
            self._queue.open()
            self._writer._handle(NewFormat(CameraFacts("test", "a picture a second", WIDTH, HEIGHT, 1.0, "made")))
            self._gps._change(ReceiverWish(GpsSettings(kind="serial"), 1.0, or_simulated=False))
            self._receiver._work(_End(self))
            self._writer._end_clip()
            self._card.close()

    def pass_until(self, until_ns: int) -> None:
        """Lets the time pass, with all that happens meanwhile; never beyond the end."""
        until_ns = min(until_ns, self.ends_ns)
        while (due_ns := min(self._picture_ns, self._turn_ns)) <= until_ns:
            self.now_ns = due_ns
            if due_ns == self._turn_ns:
                self._turn_ns += _TURN_NS
                self._note_down()
            else:
                self._picture_ns += NANOSECONDS
                self._take_picture()
        self.now_ns = max(self.now_ns, until_ns)

    def wait_for_bytes(self) -> None:
        """Until something is there to be read, or the read's time is over."""
        until_ns = self.now_ns + NANOSECONDS // 4
        self._hear()
        while not self.heard and self.now_ns < min(until_ns, self.ends_ns) and not self.is_unplugged:
            self.pass_until(min(until_ns, self._arrivals[0][0]) if self._arrivals else until_ns)
            self._hear()

    def forget_heard(self) -> None:
        """What came while nobody had the port open is lost."""
        self._hear()
        self.heard.clear()

    @property
    def is_unplugged(self) -> bool:
        """Whether the port is gone at this moment."""
        return self._unplugged[0] <= self.now_ns < self._unplugged[1]

    def second_of(self, monotonic_ns: int) -> float:
        """Of the drive: 0 is when the log's first second begins."""
        return (monotonic_ns - BEGAN_NS) / NANOSECONDS

    def _compose(self, data: Path) -> None:
        """As the recorder's composition root does."""
        machine = WallClock(
            lambda: self.now_ns, lambda: self._machine_began_ns + self.now_ns, evidence=lambda _utc_ns: "nothing"
        )
        self._clock = Timekeeper(machine, asleep_ns=lambda: 0)
        settings = Settings(
            camera=CameraSettings(name="front"), recording=RecordingSettings(segment_seconds=float(CLIP_SECONDS))
        )
        self._numbering = Numbering(data / ".state")
        self._numbering.start()
        self._card = Card(data, self._numbering, self._clock, ZONE)
        self._anchors = AnchorLog(data / ".state", kernel="", asleep_ns=lambda: 0)
        moments = Moments(self._clock, ZONE)
        self._queue = PacketQueue(10**8)
        self._books = Bookkeeper(self._card, frozenset[str], lambda: 0)
        self._writer = ClipWriter(
            self._queue,
            self._card,
            settings,
            on_closed=self._finish,
            on_first_durable=lambda: None,
            sync=lambda _descriptor: None,
            moment_at=moments.at,
        )
        self._track = TrackLog(self._card, self._numbering, lambda: settings.gps.log_quota, lambda: self.now_ns)
        self._gps = GpsDuty(
            moments=moments,
            track=self._track,
            trip=TripMeter(),
            offer_time=self._offer_time,
            open_receiver=self._open_receiver,
            monotonic=lambda: self.now_ns / NANOSECONDS,
        )

    def _open_receiver(
        self, settings: GpsSettings, on_fix: FixSink, *, reference: date, speed: float, or_simulated: bool
    ) -> SerialReceiver:
        """With the date of this unit's release, not of the present program's."""
        self._receiver = SerialReceiver(
            settings,
            on_fix,
            self._release,
            lambda: ["/dev/ttyUSB0"],
            open_port=self._open_port,
            monotonic_ns=lambda: self.now_ns,
        )
        return self._receiver

    def _open_port(self, device: str) -> serial.Serial:
        if self.is_unplugged:
            raise serial.SerialException(f"could not open port {device}: No such file or directory")
        return _Port(self)

    def _offer_time(self, anchor: Anchor) -> None:
        self._clock.offer_gps(anchor)
        self.offers.append(anchor.at(self.now_ns))
        if self.trusted is None and (best := self._clock.anchor()).is_trusted:
            self.trusted = best

    def _hear(self) -> None:
        while self._arrivals and self._arrivals[0][0] <= self.now_ns:
            at_ns, piece = self._arrivals.pop(0)
            if not self._unplugged[0] <= at_ns < self._unplugged[1]:
                self.heard += piece

    def _take_picture(self) -> None:
        data, is_keyframe = encoded_frames(1)[0]
        self._writer._handle(Packet(data, self.now_ns, self.now_ns, NANOSECONDS, is_keyframe, self.now_ns))
        self._writer._keep_durable()

    def _note_down(self) -> None:
        """What the bookkeeper does at each of its turns."""
        if self._numbering.is_settled:
            self._anchors.note(self._numbering.boot, self._clock.anchor())
        self._track.turn()

    def _finish(self, growing: Growing) -> None:
        self._note_down()
        self._books._finish(growing)


def _arrivals(pieces: Iterable[tuple[float, bytes]]) -> Iterator[tuple[int, bytes]]:
    """When which bytes come."""
    at_ns = 0
    for second, content in pieces:
        at_ns = max(at_ns, BEGAN_NS + round(second * NANOSECONDS) + _LATE_NS)
        for begin in range(0, len(content), _PIECE_BYTES):
            yield at_ns, content[begin : begin + _PIECE_BYTES]
            at_ns += _PIECE_NS
