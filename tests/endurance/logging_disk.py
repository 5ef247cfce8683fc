"""A disk in memory that writes down what is done to it; nbdkit runs this file (`nbdkit python logging_disk.py ...`).

Parameters: `image=FILE` what the disk holds at first, `log=FILE` where its log goes. The log holds one record a write
or flush, in the order in which the disk did them, packed as `RECORD` and followed by the written bytes. nbdkit's Python
is the system's, so this file uses nothing but the standard library.
"""

from __future__ import annotations

import builtins
import os
import struct
import time
from typing import Any

import nbdkit  # type: ignore[import-not-found,unused-ignore]

API_VERSION = 2  # of nbdkit, with flags and buffers

# Kind (`W`rite, write that is durable at once (`D`), `F`lush), CLOCK_MONOTONIC in ns when done, offset, length.
RECORD = struct.Struct("<cQQQ")

_parameters: dict[str, str] = {}
_content = bytearray()
_log: list[int] = []


def config(key: str, value: str) -> None:
    """Takes a parameter."""
    _parameters[key] = value


def config_complete() -> None:
    """Fails before the disk is served when a parameter is missing."""
    for name in ("image", "log"):
        if name not in _parameters:
            raise RuntimeError(f"{name}=FILE is missing")


def get_ready() -> None:
    """Reads the image."""
    with builtins.open(_parameters["image"], "rb") as image:
        _content.extend(image.read())
    _log.append(os.open(_parameters["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC))


def thread_model() -> int:
    """One request after the other: the log's order is the disk's."""
    return int(nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS)


def open(readonly: bool) -> int:  # noqa: A001 nbdkit calls it so
    """A connection; there is nothing to keep for it."""
    return int(readonly)


def get_size(_connection: int) -> int:
    """In bytes."""
    return len(_content)


def can_flush(_connection: int) -> bool:
    """Yes: the disk has a cache that it may lose."""
    return True


def can_fua(_connection: int) -> int:
    """Yes: single writes can be made durable."""
    return int(nbdkit.FUA_NATIVE)


def pread(_connection: int, buffer: Any, offset: int, _flags: int) -> None:
    """Reads what was written last, flushed or not."""
    buffer[:] = _content[offset : offset + len(buffer)]


def pwrite(_connection: int, buffer: Any, offset: int, flags: int) -> None:
    """Writes into the cache, or durably."""
    data = bytes(buffer)
    _content[offset : offset + len(data)] = data
    _write_down(b"D" if flags & nbdkit.FLAG_FUA else b"W", offset, data)


def flush(_connection: int, _flags: int) -> None:
    """Makes every earlier write durable."""
    _write_down(b"F", 0, b"")


def _write_down(kind: bytes, offset: int, data: bytes) -> None:
    os.write(_log[0], RECORD.pack(kind, time.monotonic_ns(), offset, len(data)) + data)
