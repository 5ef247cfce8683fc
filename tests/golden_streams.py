"""What never ends, cut after one of each: server-sent events, a live picture, a line of a log."""

from __future__ import annotations

import logging
import os
import threading
from itertools import islice
from typing import Any

import msgspec

from dashcam.clock import utc_ns_of
from dashcam.link.messages import NetworkStatus, PreviewPicture
from dashcam.system.health import Health
from dashcam.system.log_file import LogLine
from dashcam.system.log_writer import _LineOfJson
from dashcam.web.clips import clip_of
from dashcam.web.events import CLIPS_SECONDS, SIGN_OF_LIFE_SECONDS, EventStream
from dashcam.web.live import MotionJpeg
from dashcam.web.status import LiveFacts, NetworkFacts, Status, _plain
from tests import golden_values as golden
from tests.golden_network import NETWORK_MESSAGES

_HEALTH = Health(
    model="Raspberry Pi 4 Model B Rev 1.5",
    system="Debian GNU/Linux 13 (trixie)",
    python="3.13.5",
    uptime_seconds=75.5,
    temperature_celsius=51.5,
    is_throttled=False,
    is_under_voltage=None,
    was_under_voltage=True,
    memory_total_bytes=4_000_000_000,
    memory_free_bytes=3_000_000_000,
    load=0.25,
)
_NETWORK = next(one for one in NETWORK_MESSAGES if isinstance(one, NetworkStatus))
_STATUS = Status(
    connected=True,
    is_recording=True,
    state="recording",
    reason="",
    warnings=("less than 15 % of the card is free",),
    generation=7,
    is_building=False,
    version="0.1.0",
    accounts="off",
    live=LiveFacts(viewers=1, max_viewers=10),
    speed_unit="km/h",
    machine=_HEALTH,
    pending_settings=("camera.width",),
    recorder=_plain(golden.STATUS),
    keeper=_plain(golden.PROGRESS),
    network=NetworkFacts(wifi=_NETWORK.wifi, page_addresses=_NETWORK.page_addresses),
)
PICTURE = PreviewPicture(jpeg=b"\xff\xd8\xff\xd9", width=640, height=360, captured_monotonic_ns=61_000_999_999)
SENT_MONOTONIC_NS = 61_045_999_999
LOG_LINE = LogLine(golden.STARTED, "warning", "recorder", "the card is slow: größer", 4711)


class _Board:
    """Says that the list of clips has changed after its first word."""

    def __init__(self) -> None:
        self.told = 0

    def now(self) -> Status:
        self.told += 1
        return _STATUS if self.told == 1 else msgspec.structs.replace(_STATUS, generation=8)


class _Viewer:
    def next(self, _limit_seconds: float) -> PreviewPicture:
        return PICTURE


def events() -> bytes:
    """`status`, `clips` and `alive`, as a page hears them."""
    board: Any = _Board()
    moments = iter((100.0, 100.0 + CLIPS_SECONDS, 100.0 + CLIPS_SECONDS + SIGN_OF_LIFE_SECONDS))
    newest = clip_of(golden.ROW)
    stream = EventStream(board, lambda: newest, threading.Event(), lambda: None, lambda: next(moments))
    return b"".join(islice(stream, 3))


def live_picture() -> list[str]:
    """The lines up to the boundary behind the first picture, with their ends."""
    viewer: Any = _Viewer()
    body = b"".join(islice(MotionJpeg(viewer, lambda: SENT_MONOTONIC_NS), 2))
    return body.decode("latin-1").splitlines(keepends=True)


def log_line() -> bytes:
    """As a program's log file has it."""
    said = {
        "name": f"dashcam.{LOG_LINE.area}.writer",
        "levelno": logging.WARNING,
        "msg": "the card is slow: %s",
        "args": ("größer",),
        "created": utc_ns_of(LOG_LINE.utc) / 1e9,
    }
    line = _LineOfJson().format(logging.makeLogRecord(said))
    return line.replace(f'"pid":{os.getpid()}', f'"pid":{LOG_LINE.pid}').encode() + b"\n"
