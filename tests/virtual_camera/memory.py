"""Picture buffers in ordinary memory, for machines without /dev/dma_heap."""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
from picamera2.allocators import Allocator


class MemoryAllocator(Allocator):  # type: ignore[misc]
    """The face of picamera2's DmaAllocator, on memfd: one file a buffer, with luma and chroma as its two planes.

    The virtual camera makes only NV12. The buffers of streams in `planar_streams` are turned into YUV420 when their
    picture is complete. `completed` is set then too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.completed = threading.Event()
        self.planar_streams: set[Any] = set()
        self.mapped_buffers: dict[Any, mmap.mmap] = {}
        self.sync = _Mapped
        self._frame_buffers: dict[Any, list[Any]] = {}
        self._files: list[int] = []

    def allocate(self, libcamera_config: Any, use_case: object) -> None:
        """Makes the buffers of every stream of the configuration; those of an earlier one go away."""
        self.close()
        for stream_config in libcamera_config:
            buffers = [self._make_buffer(stream_config) for _ in range(stream_config.buffer_count)]
            self._frame_buffers[stream_config.stream] = buffers

    def buffers(self, stream: Any) -> list[Any]:
        """The buffers of a stream, in the order in which requests take them."""
        return self._frame_buffers[stream]

    def acquire(self, buffers: Mapping[Any, Any]) -> None:
        """Called by picamera2 once for each completed request, with its buffer for each stream."""
        for stream, buffer in buffers.items():
            if stream in self.planar_streams:
                chroma_to_planes(self.mapped_buffers[buffer], stream.configuration)
        self.completed.set()

    def close(self) -> None:
        """Gives the memory back as soon as nobody has it mapped any more. May be called twice."""
        self._frame_buffers = {}
        self.mapped_buffers = {}
        for file in self._files:
            os.close(file)
        self._files = []

    def _make_buffer(self, stream_config: Any) -> Any:
        # Imported here: it is on the import path only after library.make_importable().
        import libcamera

        file = os.memfd_create("virtual-camera", os.MFD_CLOEXEC)
        self._files.append(file)
        os.ftruncate(file, stream_config.frame_size)
        luma_bytes = stream_config.stride * stream_config.size.height
        planes = []
        for offset, length in ((0, luma_bytes), (luma_bytes, stream_config.frame_size - luma_bytes)):
            plane = libcamera.FrameBuffer.Plane()
            plane.fd, plane.offset, plane.length = file, offset, length
            planes.append(plane)
        buffer = libcamera.FrameBuffer(planes)
        self.mapped_buffers[buffer] = mmap.mmap(file, stream_config.frame_size)
        return buffer


class _Mapped:
    """What picamera2 enters to read or write a buffer. Memory needs no flushing, so this only looks it up."""

    def __init__(self, allocator: MemoryAllocator, buffer: Any, write: bool) -> None:
        self._memory = allocator.mapped_buffers.get(buffer)

    def __enter__(self) -> mmap.mmap | None:
        return self._memory

    def __exit__(self, *_error: object) -> None:
        return None


def chroma_to_planes(memory: mmap.mmap, stream_config: Any) -> None:
    """Turns NV12 (UVUV...) into YUV420 (UU...VV...) in place; the luma is the same in both."""
    chroma = np.frombuffer(memory, np.uint8)[stream_config.stride * stream_config.size.height :]
    interleaved = chroma.copy()
    half = len(chroma) // 2
    chroma[:half] = interleaved[0::2]
    chroma[half:] = interleaved[1::2]
