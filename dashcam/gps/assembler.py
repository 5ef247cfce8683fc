"""Bytes of a serial line in, fixes out. Pure: it knows no port, no thread and no clock.

What a serial line makes of NMEA: half lines, lost line ends, flipped bits, binary in between, several talkers at once,
and bursts after a stall. No more of it is ever kept than one sentence may be long.
"""

from __future__ import annotations

import re
from datetime import date

import msgspec

from dashcam.clock import NANOSECONDS
from dashcam.gps import nmea
from dashcam.gps.base import Fix, Quality
from dashcam.gps.calendar import Calendar
from dashcam.gps.nmea import Sentence, SentenceKind
from dashcam.gps.plausible import Judge

# NMEA allows 82, some makers' own sentences have 200 and more.
LONGEST_SENTENCE_BYTES = 400
# From behind the `$` to the checksum; with that a sentence is whole, whatever became of its line end.
_SENTENCE = re.compile(rb"([A-Z][!-)+-~ ]{3,%d})\*([0-9A-Fa-f]{2})" % LONGEST_SENTENCE_BYTES)
_LOOKS_LIKE_A_SENTENCE = re.compile(rb"[A-Z][A-Z0-9]{3,7},")
_LINE_END_OR_BINARY = re.compile(rb"[^ -~]")
_WITHOUT_CHECKSUM = re.compile(rb"[A-Z][!-)+-~ ]{3,%d}[\r\n]" % LONGEST_SENTENCE_BYTES)

# Who sends one of these in every moment is waited for; the others come more rarely, or say nothing of the place.
_AWAITED: frozenset[SentenceKind] = frozenset(("RMC", "GGA", "VTG"))
# What one of two sentences says is so, whatever the other says.
_DOUBTS: tuple[Quality, ...] = ("none", "simulated", "manual")
# Satellites in view and dilution hold for so long: some receivers send them every few seconds.
_LASTING_NS = 10 * NANOSECONDS


class Counts(msgspec.Struct):
    """What came over the line. `ignored`: whole, but of no use here, or without a checksum."""

    good: int = 0
    bad: int = 0
    ignored: int = 0
    fixes: int = 0


class LineSplitter:
    """Finds the sentences in whatever comes, and counts the others."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._rest = b""

    @property
    def kept_bytes(self) -> int:
        """How much is kept for a sentence that is not whole yet."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[str]:
        """The sentences, without `$` and checksum, of the kinds that are of use; all others are only counted."""
        # Before the first `$` lies nothing of a sentence; what was kept begins with one.
        _, *chunks = (self._rest + data).split(b"$")
        self._rest = b""
        if chunks and not _is_over(chunks[-1]):
            self._rest = b"$" + chunks.pop()
        found = [self._look_at(chunk) for chunk in chunks]
        return [text for text in found if text is not None]

    def _look_at(self, chunk: bytes) -> str | None:
        match = _SENTENCE.match(chunk)
        if match is None:
            if _WITHOUT_CHECKSUM.match(chunk):
                self._counts.ignored += 1
            elif _LOOKS_LIKE_A_SENTENCE.match(chunk):
                self._counts.bad += 1
            return None
        text = match[1].decode("ascii")
        if nmea.checksum(text) != int(match[2], 16):
            self._counts.bad += 1
            return None
        if nmea.kind_of(text) is None:
            self._counts.ignored += 1
            return None
        return text


def _is_over(chunk: bytes) -> bool:
    """Whether nothing that comes after it can make a sentence of it any more, or it is one."""
    return (
        len(chunk) > LONGEST_SENTENCE_BYTES
        or _SENTENCE.match(chunk) is not None
        or _LINE_END_OR_BINARY.search(chunk) is not None
    )


class _Moment:
    """The sentences of one moment so far."""

    def __init__(self, received_monotonic_ns: int) -> None:
        self.received_monotonic_ns = received_monotonic_ns
        self.time_ns: int | None = None
        self.sentences: dict[SentenceKind, Sentence] = {}

    def add(self, sentence: Sentence) -> None:
        self.sentences.setdefault(sentence.kind, sentence)
        if self.time_ns is None:
            self.time_ns = sentence.time_ns


class SentenceAssembler:
    """Turns what a receiver sends into fixes. Used by one thread."""

    def __init__(self, reference: date | None) -> None:
        """`reference`: a date surely past, for receivers whose week counter rolled over; None in a recording."""
        self.counts = Counts()
        self._splitter = LineSplitter(self.counts)
        self._calendar = Calendar(reference)
        self._judge = Judge()
        self._moment: _Moment | None = None
        self._is_told = False
        # Which sentences came in the last two moments: once all have come again, the moment is over.
        self._usual: tuple[set[SentenceKind], set[SentenceKind]] = (set(), set())
        self._dilution: tuple[int, float | None] = (0, None)
        self._in_view: dict[str, tuple[int, int]] = {}

    @property
    def kept_bytes(self) -> int:
        """How much of the line is kept."""
        return self._splitter.kept_bytes

    def feed(self, data: bytes, monotonic_ns: int) -> list[Fix]:
        """What came over the line at this moment; the fixes that are complete with it."""
        fixes = []
        for text in self._splitter.feed(data):
            sentence = nmea.parse(text)
            if sentence is None:
                self.counts.bad += 1
            else:
                self.counts.good += 1
                fixes += self._take(sentence, monotonic_ns)
        return fixes

    def flush(self) -> list[Fix]:
        """The line is silent: what came of a moment is all that will come."""
        return self._tell()

    def _take(self, sentence: Sentence, monotonic_ns: int) -> list[Fix]:
        if sentence.kind == "GSV":
            if sentence.satellites_in_view is not None:
                self._in_view[sentence.talker] = (monotonic_ns, sentence.satellites_in_view)
            return []
        if sentence.kind == "GSA":
            self._dilution = (monotonic_ns, sentence.hdop)
            return []
        fixes: list[Fix] = []
        if self._moment is None or self._begins_another(self._moment, sentence):
            fixes += self._tell()
            self._begin(monotonic_ns)
        assert self._moment is not None
        self._moment.add(sentence)
        return fixes + self._tell() if self._is_complete(self._moment) else fixes

    def _begins_another(self, moment: _Moment, sentence: Sentence) -> bool:
        if sentence.kind == "VTG":
            # It carries no time: it belongs to what came before it.
            return False
        if sentence.time_ns is not None and moment.time_ns is not None:
            return sentence.time_ns != moment.time_ns
        # A receiver that has no time yet sends the same kinds again and again.
        return sentence.kind in moment.sentences

    def _is_complete(self, moment: _Moment) -> bool:
        usual = self._usual[0] | self._usual[1]
        if "RMC" in usual:
            # Which has a speed of its own.
            usual = usual - {"VTG"}
        return bool(usual) and moment.sentences.keys() >= usual

    def _begin(self, monotonic_ns: int) -> None:
        if self._moment is not None:
            self._usual = (self._usual[1], set(self._moment.sentences.keys() & _AWAITED))
        self._moment = _Moment(monotonic_ns)
        self._is_told = False

    def _tell(self) -> list[Fix]:
        """The fix of the present moment, once; none of a moment that has nothing to say of the place."""
        moment = self._moment
        if moment is None or self._is_told or moment.sentences.keys().isdisjoint({"RMC", "GGA"}):
            return []
        self._is_told = True
        self.counts.fixes += 1
        return [self._judge.judged(self._fix_of(moment))]

    def _fix_of(self, moment: _Moment) -> Fix:
        rmc, gga, vtg, zda = (moment.sentences.get(kind) for kind in ("RMC", "GGA", "VTG", "ZDA"))
        quality = _quality(rmc, gga)
        now_ns = moment.received_monotonic_ns
        told = next((each.date for each in (rmc, zda) if each is not None and each.date is not None), None)
        utc_ns = None
        if quality != "none" and moment.time_ns is not None:
            utc_ns = self._calendar.utc_ns(told, moment.time_ns)
        place = next((each for each in (rmc, gga) if each is not None and each.latitude is not None), None)
        is_recent = now_ns - self._dilution[0] < _LASTING_NS
        in_view = [count for seen_ns, count in self._in_view.values() if now_ns - seen_ns < _LASTING_NS]
        return Fix(
            received_monotonic_ns=now_ns,
            verdict="no_fix",
            quality=quality,
            utc_ns=utc_ns,
            latitude=place.latitude if place else None,
            longitude=place.longitude if place else None,
            altitude_m=gga.altitude_m if gga else None,
            speed_mps=_first(rmc.speed_mps if rmc else None, vtg.speed_mps if vtg else None),
            course_degrees=_first(rmc.course_degrees if rmc else None, vtg.course_degrees if vtg else None),
            hdop=_first(gga.hdop if gga else None, self._dilution[1] if is_recent else None),
            satellites=gga.satellites if gga else None,
            satellites_in_view=sum(in_view) if in_view else None,
        )


def _quality(rmc: Sentence | None, gga: Sentence | None) -> Quality:
    """No fix, or a made-up one, if either says so; else the more exact word, which is GGA's."""
    told = [each.quality for each in (gga, rmc) if each is not None and each.quality is not None]
    return next((doubt for doubt in _DOUBTS if doubt in told), told[0] if told else "none")


def _first(value: float | None, otherwise: float | None) -> float | None:
    return value if value is not None else otherwise
