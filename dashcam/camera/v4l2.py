"""What Linux says of its video devices (V4L2, linux/videodev2.h): which are cameras, and what they can deliver."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# ioctl numbers as linux/ioctl.h makes them on x86 and Arm: direction, size, type 'V', number.
_READ, _WRITE = 2, 1
_CAPABILITY = struct.Struct("=16s32s32sII I12x")
_FORMAT = struct.Struct("=III32s4s16x")
_SIZE = struct.Struct("=I4sI6I8x")
_INTERVAL = struct.Struct("=I4sIII6I8x")


def _request(direction: int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | ord("V") << 8 | number


_QUERYCAP = _request(_READ, 0, _CAPABILITY.size)
_ENUM_FMT = _request(_READ | _WRITE, 2, _FORMAT.size)
_ENUM_FRAMESIZES = _request(_READ | _WRITE, 74, _SIZE.size)
_ENUM_FRAMEINTERVALS = _request(_READ | _WRITE, 75, _INTERVAL.size)

_VIDEO_CAPTURE = 0x00000001
_STREAMING = 0x04000000
_HAS_DEVICE_CAPS = 0x80000000
_BUFFERS_OF_CAPTURE = 1
_DISCRETE = 1

# Parts of the Raspberry Pi's own camera path: they look like cameras, but only libcamera can drive them.
_NO_WEBCAMS = frozenset({"unicam", "bcm2835-isp", "bcm2835-codec", "rp1-cfe", "pispbe", "bm2835 mmal", "rpivid"})
# A driver that never says "that was all" is left after so many.
_MOST_ANSWERS = 200

# Sizes tried within what a driver offers without steps.
_USUAL_SIZES = ((640, 480), (1280, 720), (1920, 1080), (3840, 2160))


@dataclass(frozen=True, slots=True)
class Device:
    """A webcam: its node, its name for people, and its driver."""

    path: Path
    name: str
    driver: str


@dataclass(frozen=True, slots=True)
class Mode:
    """One way a webcam can deliver pictures. `fourcc` is its format (`H264`, `MJPG`, `YUYV`)."""

    fourcc: str
    width: int
    height: int
    fps: float


@dataclass(frozen=True, slots=True)
class Capability:
    """What a device says of itself."""

    driver: str
    name: str
    is_camera: bool


def read_capability(answer: bytes) -> Capability:
    """Reads a `struct v4l2_capability`."""
    driver_bytes, name_bytes, _bus, _version, whole, own = _CAPABILITY.unpack(answer)
    capabilities = own if whole & _HAS_DEVICE_CAPS else whole
    driver, name = _text(driver_bytes), _text(name_bytes)
    wanted = _VIDEO_CAPTURE | _STREAMING
    return Capability(driver, name, capabilities & wanted == wanted and driver not in _NO_WEBCAMS)


def read_size(answer: bytes) -> list[tuple[int, int]]:
    """The sizes of a `struct v4l2_frmsizeenum`: one, or the usual ones within a range."""
    _index, _fourcc, kind, *values = _SIZE.unpack(answer)
    if kind == _DISCRETE:
        return [(values[0], values[1])]
    least_width, most_width, _, least_height, most_height, _ = values
    return [
        (width, height)
        for width, height in _USUAL_SIZES
        if least_width <= width <= most_width and least_height <= height <= most_height
    ]


def read_rate(answer: bytes) -> float:
    """The frame rate of a `struct v4l2_frmivalenum`; of a range the highest. 0 when it makes no sense."""
    _index, _fourcc, _width, _height, _kind, *values = _INTERVAL.unpack(answer)
    seconds_numerator, seconds_denominator = values[0], values[1]
    return seconds_denominator / seconds_numerator if seconds_numerator else 0.0


def list_devices(folder: Path = Path("/dev")) -> list[Device]:
    """The webcams, in the order of their numbers. Those that may not be opened are left out."""
    devices = []
    for path in sorted(folder.glob("video[0-9]*"), key=lambda path: int(path.name.removeprefix("video") or 0)):
        capability = _capability_of(path)
        if capability is not None and capability.is_camera:
            devices.append(Device(path, capability.name, capability.driver))
    return devices


def list_modes(device: Device) -> list[Mode]:
    """All modes of a webcam. Raises OSError when it cannot be asked (any more)."""
    descriptor = os.open(device.path, os.O_RDWR | os.O_NONBLOCK)
    try:
        return list(_modes(descriptor))
    finally:
        os.close(descriptor)


def _capability_of(path: Path) -> Capability | None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        answer = bytearray(_CAPABILITY.size)
        fcntl.ioctl(descriptor, _QUERYCAP, answer)
        return read_capability(bytes(answer))
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _modes(descriptor: int) -> Iterator[Mode]:
    for index in range(_MOST_ANSWERS):
        answer = _ask(descriptor, _ENUM_FMT, _FORMAT.pack(index, _BUFFERS_OF_CAPTURE, 0, b"", b""))
        if answer is None:
            return
        fourcc = _FORMAT.unpack(answer)[4]
        for width, height in _sizes(descriptor, fourcc):
            for fps in _rates(descriptor, fourcc, width, height) or [0.0]:
                yield Mode(_text(fourcc), width, height, fps)


def _sizes(descriptor: int, fourcc: bytes) -> list[tuple[int, int]]:
    sizes: list[tuple[int, int]] = []
    for index in range(_MOST_ANSWERS):
        answer = _ask(descriptor, _ENUM_FRAMESIZES, _SIZE.pack(index, fourcc, 0, *(0,) * 6))
        if answer is None:
            break
        sizes += read_size(answer)
        if _SIZE.unpack(answer)[2] != _DISCRETE:
            break
    return sizes


def _rates(descriptor: int, fourcc: bytes, width: int, height: int) -> list[float]:
    rates = []
    for index in range(_MOST_ANSWERS):
        question = _INTERVAL.pack(index, fourcc, width, height, 0, *(0,) * 6)
        answer = _ask(descriptor, _ENUM_FRAMEINTERVALS, question)
        if answer is None:
            break
        rates.append(read_rate(answer))
        if _INTERVAL.unpack(answer)[4] != _DISCRETE:
            break
    return [rate for rate in rates if rate > 0]


def _ask(descriptor: int, request: int, question: bytes) -> bytes | None:
    """The driver's answer to a question of a list; None when the list is at its end."""
    buffer = bytearray(question)
    try:
        fcntl.ioctl(descriptor, request, buffer)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOTTY):
            return None
        raise
    return bytes(buffer)


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
