"""What stands behind the servers of these tests, and clients that speak the wire by hand."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from dashcam.errors import ClipBusy
from dashcam.link.client import Watch, watch
from dashcam.link.messages import (
    ClipsDone,
    DeleteClips,
    Done,
    Failed,
    Message,
    PreviewPicture,
    RecorderRequest,
    Save,
    Saved,
    ScanCard,
    StopRecording,
    TakePhoto,
    WatchPreview,
)
from dashcam.link.place import socket_path
from dashcam.link.server import LinkServer
from dashcam.link.stream import Stream

# Only to end what would hang; nothing is measured by it.
LONG_SECONDS = 60.0

Requests = RecorderRequest | ScanCard | DeleteClips


def picture(number: int, size: int = 10) -> PreviewPicture:
    return PreviewPicture(jpeg=b"j" * size, width=1, height=1, captured_monotonic_ns=number)


class Program:
    """What stands behind the server: one answer a request, and streams of pictures."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.has_subscriber = threading.Semaphore(0)
        self.has_lost_subscriber = threading.Semaphore(0)
        self.unsubscribed = 0
        self.go_on = threading.Event()

    def answer(self, request: Any) -> Message:
        match request:
            case Save(cause=cause):
                return Saved(id=cause, clip_ids=("1-2", "1-3"))
            case StopRecording():
                raise ClipBusy("the clip is still open; try again")
            case TakePhoto():
                raise ZeroDivisionError("a mistake")
            case ScanCard():
                self.go_on.wait(LONG_SECONDS)
                return Done()
            case DeleteClips(ids=ids):
                return ClipsDone(done=ids, failed={})
        return Done()

    def subscribe(self, request: Any, stream: Stream) -> Callable[[], None] | None:
        if not isinstance(request, WatchPreview):
            return None
        self.streams.append(stream)
        self.has_subscriber.release()
        return self.unsubscribe

    def unsubscribe(self) -> None:
        self.unsubscribed += 1
        self.has_lost_subscriber.release()

    def wait_for_subscriber(self) -> Stream:
        assert self.has_subscriber.acquire(timeout=LONG_SECONDS)
        return self.streams[-1]

    def wait_for_loss(self) -> None:
        assert self.has_lost_subscriber.acquire(timeout=LONG_SECONDS)


def new_server(state: Path, program: Program) -> LinkServer:
    return LinkServer(state, "recorder", requests=Requests, answer=program.answer, subscribe=program.subscribe)


def raw_client(state: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(LONG_SECONDS)
    client.connect(str(socket_path(state, "recorder")))
    return client


def message_from(client: socket.socket) -> Any:
    """The next message, read by hand: the format of multiprocessing.connection is part of the contract."""
    length = struct.unpack("!i", client.recv(4, socket.MSG_WAITALL))[0]
    return msgspec.msgpack.decode(client.recv(length, socket.MSG_WAITALL), type=Done | Failed | Saved | PreviewPicture)


def open_handles() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def framed(content: bytes) -> bytes:
    return struct.pack("!i", len(content)) + content


def watch_pictures(state: Path) -> Watch[PreviewPicture]:
    return watch(state, "recorder", WatchPreview(), PreviewPicture, LONG_SECONDS)
