"""A video of an exact bit rate whose every picture is numbered, and an account of which of them are on a card.

The pictures are small and cheap; filler (NAL units that every decoder skips) makes each as large as those of a real
camera. Replayed in a loop, picture n of the recording bears the number n modulo FRAMES.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import av
import numpy as np

from dashcam.camera.frame_code import draw
from dashcam.clips.names import CardFolders
from dashcam.clips.sidecar import decode_tag
from dashcam.clock import NANOSECONDS
from tests.endurance.clip_files import frame_numbers, is_temporary, videos_below

FPS = 30
FRAMES = 10 * FPS
# A GOP of one second, as all our cameras have.
GOP_FRAMES = FPS
BITS_PER_SECOND = 8_000_000
BYTES_PER_SECOND = BITS_PER_SECOND // 8
WIDTH, HEIGHT = 640, 360


def write_stream(path: Path) -> Path:
    """Makes the video, ten seconds of it."""
    kilobits = BITS_PER_SECOND // 1000
    rate = f"bitrate={kilobits}:vbv-maxrate={kilobits}:vbv-bufsize={kilobits // 10}:nal-hrd=cbr"
    options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x264-params": f"{rate}:keyint={GOP_FRAMES}:min-keyint={GOP_FRAMES}:scenecut=0",
    }
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(FRAMES):
            planes = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
            planes[:HEIGHT] = 60 + number % 100
            draw(planes[:HEIGHT], number, 0)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode(None))
    return path


@dataclass(slots=True)
class FrameAccount:
    """Which pictures of the recording are on the card. `missing` are runs between the first and the last of them."""

    frames: int = 0
    clips: int = 0
    missing: list[range] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def missing_frames(self) -> int:
        """All that are missing."""
        return sum(len(run) for run in self.missing)

    @property
    def misses_whole_gops(self) -> bool:
        """True when every run begins with a keyframe and ends before one."""
        return all(run.start % GOP_FRAMES == 0 and run.stop % GOP_FRAMES == 0 for run in self.missing)


def account_of(data: Path) -> FrameAccount:
    """Opens and decodes every clip on the card, those that were cut off, too."""
    account = FrameAccount()
    found: set[int] = set()
    for path in videos_below(CardFolders(data).dcim):
        if is_temporary(path):
            continue
        numbers = list(_numbers_in(path))
        account.clips += 1
        account.frames += len(numbers)
        if found & set(numbers):
            account.wrong.append(f"{path.name} holds pictures that are in another clip, too")
        found.update(numbers)
        drawn = frame_numbers(path)
        if drawn != [number % FRAMES for number in numbers]:
            account.wrong.append(f"{path.name} does not show the pictures that its times stand for")
    if found:
        account.missing = list(_runs(sorted(set(range(min(found), max(found) + 1)) - found)))
    return account


def _numbers_in(path: Path) -> Iterator[int]:
    """The numbers of a clip's pictures by their times."""
    with av.open(str(path)) as container:
        tag = decode_tag(container.metadata.get("comment", ""))
        assert tag is not None
        assert tag.media_start_ns is not None
        for packet in container.demux(video=0):
            if packet.size and packet.pts is not None and packet.time_base is not None:
                seconds = tag.media_start_ns / NANOSECONDS + float(packet.pts * packet.time_base)
                yield round(seconds * FPS)


def _runs(numbers: list[int]) -> Iterator[range]:
    for _, group in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        yield range(run[0], run[-1] + 1)
