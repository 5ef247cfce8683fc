"""Clips in which something moves at known times, as the recorder leaves them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from dashcam.clips.event import EventFacts
from dashcam.clips.names import sidecar_of
from dashcam.clips.sidecar import read_sidecar, write_sidecar
from dashcam.clock import NANOSECONDS
from tests.made_clips import STARTED_NS, put_clip
from tests.made_videos import write_video

SECONDS, RATE = 12.0, 10
_HEIGHT, _WIDTH, _SIDE = 180, 320, 36
Spans = tuple[tuple[float, float], ...]


def put_moving(
    data: Path, number: int, spans: Spans = (), *, boot: int = 42, kind: str = "VIDEO", event: EventFacts | None = None
) -> Path:
    """Clip `number` of the boot; each goes on where the one before ended."""
    begins = (number - 1) * SECONDS
    started_ns = STARTED_NS + round(begins * NANOSECONDS)
    path = put_clip(data, f"{boot}-{number}", started_ns=started_ns, kind=kind, event=event)
    path.write_bytes(moving_video(spans))
    sidecar = replace(
        read_sidecar(sidecar_of(path)),
        bytes=path.stat().st_size,
        duration_seconds=SECONDS,
        frames=int(SECONDS * RATE),
        started_monotonic_ns=100 * NANOSECONDS + round(begins * NANOSECONDS),
        media_start_ns=5 * NANOSECONDS + round(begins * NANOSECONDS),
    )
    write_sidecar(sidecar_of(path), sidecar)
    return path


@lru_cache(maxsize=16)
def moving_video(spans: Spans) -> bytes:
    """A still place with the noise of a camera; during each span a thing crosses it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "moving.mp4"
        write_video(path, _pictures(spans), rate=RATE)
        return path.read_bytes()


def _pictures(spans: Spans) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    chance = np.random.default_rng(7)
    rows, columns = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    place = 60 + (rows * 3 + columns * 2) % 97
    for number in range(int(SECONDS * RATE)):
        seconds = number / RATE
        picture = place + chance.normal(0, 2, place.shape)
        for begin, end in spans:
            if begin <= seconds < end:
                left = int((_WIDTH - _SIDE) * (seconds - begin) / (end - begin))
                picture[70 : 70 + _SIDE, left : left + _SIDE] = 220
        yield seconds, picture.clip(16, 235).astype(np.uint8)
