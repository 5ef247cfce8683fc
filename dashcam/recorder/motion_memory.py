"""What moved while it was recorded: the last minutes for the page, and a trace for each clip's sidecar."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from dashcam.clips.event import MOST_TRACE_POINTS, MOST_WINDOWS, MotionTrace, MotionWindow
from dashcam.clock import NANOSECONDS
from dashcam.link.status import MotionPoint

HISTORY_SECONDS = 15 * 60
# The longest clip, and the time that a slow card may take to close it; 15 looks a second are the most that are set.
_KEPT_NS = 3_700 * NANOSECONDS
_MOST_LOOKS = 15 * 3_700
# Finer than one look nothing is known, and finer than this nobody can point.
_LEAST_STEP_SECONDS = 0.2
# Looks farther apart than this, in the clip's own time, have not seen what was between them.
_JOINED_SECONDS = 2.0
# Other settings are seldom saved as often within an hour.
_MOST_WISHES = 50


class _Since(NamedTuple):
    from_ns: int
    wish: str


class _Window(NamedTuple):
    from_seconds: float
    to_seconds: float
    score: int


class MotionMemory:
    """Written by the watcher, read by any thread. A look costs ten bytes, and no more are kept than fit an hour."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times_ns = array("q")
        self._scores = array("B")
        # In hundredths, and whether it counted as motion in the highest bit.
        self._marks = array("B")
        self._wishes: deque[_Since] = deque(maxlen=_MOST_WISHES)

    def add(self, monotonic_ns: int, score: float, confidence: float, *, is_motion: bool, wish: str = "") -> None:
        """One look, by when its picture was taken; `wish`: the fingerprint of the settings.

        One that is not later than the last is forgotten.
        """
        with self._lock:
            if self._times_ns and monotonic_ns <= self._times_ns[-1]:
                return
            if not self._wishes or self._wishes[-1].wish != wish:
                self._wishes.append(_Since(monotonic_ns, wish))
            self._times_ns.append(monotonic_ns)
            self._scores.append(_within(score, 100))
            self._marks.append(_within(confidence * 100, 100) | (0x80 if is_motion else 0))
            # Seldom, and then much: what is behind is moved up each time.
            if len(self._times_ns) % 1024 == 0:
                self._forget(max(len(self._times_ns) - _MOST_LOOKS, self._first_since(monotonic_ns - _KEPT_NS)))

    def history(self, now_ns: int) -> tuple[MotionPoint, ...]:
        """A point a second of the last minutes, oldest first; seconds without a look are left out."""
        points: list[MotionPoint] = []
        with self._lock:
            last_second = -1
            for at in range(self._first_since(now_ns - HISTORY_SECONDS * NANOSECONDS), len(self._times_ns)):
                second, mark = self._times_ns[at] // NANOSECONDS, self._marks[at]
                point = MotionPoint(
                    age_seconds=round(max(now_ns - self._times_ns[at], 0) / NANOSECONDS, 1),
                    score=self._scores[at],
                    confidence=(mark & 0x7F) / 100,
                    is_motion=bool(mark & 0x80),
                )
                if second == last_second:
                    points[-1] = _stronger(points[-1], point)
                else:
                    points.append(point)
                last_second = second
        return tuple(points)

    def trace_between(self, first_ns: int, last_ns: int, duration_seconds: float) -> MotionTrace | None:
        """What moved from a clip's first frame to its last, which is so long; None when nobody looked.

        A replay may be played faster than it was recorded: the times of the trace are the clip's.
        """
        scale = duration_seconds / max(last_ns - first_ns, 1)
        with self._lock:
            begin, end = self._first_since(first_ns), bisect_right(self._times_ns, last_ns)
            seconds = [(at_ns - first_ns) * scale for at_ns in self._times_ns[begin:end]]
            scores, marks = self._scores[begin:end], self._marks[begin:end]
            wish = self._wish_from(self._times_ns[begin]) if begin < end else ""
            is_changed = begin < end and self._wish_from(self._times_ns[end - 1]) != wish
        if not seconds or duration_seconds <= 0:
            return None
        step = round(max(_LEAST_STEP_SECONDS, duration_seconds / MOST_TRACE_POINTS), 3)
        highest = [0] * min(int(duration_seconds / step) + 1, MOST_TRACE_POINTS)
        for at, score in zip(seconds, scores, strict=True):
            number = min(int(at / step), len(highest) - 1)
            highest[number] = max(highest[number], score)
        looked = sum(
            later - earlier
            for earlier, later in zip(seconds, [*seconds[1:], duration_seconds], strict=True)
            if later - earlier <= _JOINED_SECONDS
        )
        windows = _fewer(list(_windows(seconds, scores, marks, duration_seconds)))
        return MotionTrace(
            seen="live",
            step_seconds=step,
            scores=tuple(highest),
            windows=tuple(
                MotionWindow(round(window.from_seconds, 2), round(window.to_seconds, 2), window.score)
                for window in windows
            ),
            looked_seconds=round(min(looked + min(seconds[0], step), duration_seconds), 2),
            wish="" if is_changed else wish,
        )

    def _wish_from(self, monotonic_ns: int) -> str:
        """The settings that were looked with then; empty where that is forgotten."""
        return next((since.wish for since in reversed(self._wishes) if since.from_ns <= monotonic_ns), "")

    def _first_since(self, monotonic_ns: int) -> int:
        return bisect_left(self._times_ns, monotonic_ns)

    def _forget(self, count: int) -> None:
        for kept in (self._times_ns, self._scores, self._marks):
            del kept[:count]


def _windows(seconds: list[float], scores: array[int], marks: array[int], duration_seconds: float) -> Iterator[_Window]:
    """From the first look at which something moved to the first at which it did not."""
    window: _Window | None = None
    last = 0.0
    for at, score, mark in zip(seconds, scores, marks, strict=True):
        if window is not None and at - last > _JOINED_SECONDS:
            yield window._replace(to_seconds=last)
            window = None
        last = at
        if mark & 0x80:
            window = _Window(at, at, score) if window is None else window._replace(score=max(window.score, score))
        elif window is not None:
            yield window._replace(to_seconds=at)
            window = None
    if window is not None:
        to_seconds = duration_seconds if duration_seconds - last <= _JOINED_SECONDS else last
        yield window._replace(to_seconds=to_seconds)


def _fewer(windows: list[_Window]) -> list[_Window]:
    """Joins those that are nearest to each other until they are few enough."""
    if len(windows) <= MOST_WINDOWS:
        return windows
    gaps = sorted(later.from_seconds - earlier.to_seconds for earlier, later in pairwise(windows))
    widest = gaps[len(windows) - MOST_WINDOWS - 1]
    joined = [windows[0]]
    missing = len(windows) - MOST_WINDOWS
    for window in windows[1:]:
        last = joined[-1]
        if missing and window.from_seconds - last.to_seconds <= widest:
            joined[-1] = _Window(last.from_seconds, window.to_seconds, max(last.score, window.score))
            missing -= 1
        else:
            joined.append(window)
    return joined


def _stronger(one: MotionPoint, other: MotionPoint) -> MotionPoint:
    """Of the same second: what counted as motion before what did not, then the higher score."""
    return max(other, one, key=lambda point: (point.is_motion, point.score))


def _within(value: float, highest: int) -> int:
    return min(max(round(value), 0), highest)
