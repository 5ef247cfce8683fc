"""`VirtualPicamera2`: picamera2 as it is, on libcamera's virtual camera.

Importing this needs `library.make_importable()` first. What differs from a Raspberry Pi: sizes are those of
virtual.yaml (another becomes the largest), the controls are FrameDurationLimits and FaceDetectMode, the metadata is
SensorTimestamp, transforms do not flip, and without /dev/video* picamera2 takes the machine for one with a hardware
encoder, so encoders are to be chosen by name. Pictures show black and white bars; draw into them in a `pre_callback`.
"""

from __future__ import annotations

from typing import Any

import libcamera
import picamera2
import picamera2.picamera2

from tests.virtual_camera.memory import MemoryAllocator
from tests.virtual_camera.pacing import PacedCamera


class VirtualPicamera2(picamera2.Picamera2):  # type: ignore[misc]
    """A Picamera2. `fps` is what it delivers, whatever the controls ask for; None: what they ask for, or 30.

    Overrides private methods of picamera2 0.3.38, which is why the tests pin that version.
    """

    def __init__(self, camera_num: int = 0, fps: float | None = None, **options: Any) -> None:
        self._asked_formats: dict[str, str] = {}
        # close() makes a new allocator of this name, and the real one needs /dev/dma_heap.
        picamera2.picamera2.DmaAllocator = MemoryAllocator
        super().__init__(camera_num, allocator=MemoryAllocator(), **options)
        unpaced: Any = self.camera
        self.camera: Any = PacedCamera(unpaced, self.allocator.completed, fps)

    def configure_(self, camera_config: Any) -> None:
        """As in picamera2; then tells the allocator which streams are to look like YUV420."""
        super().configure_(camera_config)
        planar = {self.stream_map[name] for name, asked in self._asked_formats.items() if asked == "YUV420"}
        self.allocator.planar_streams = planar

    def _get_raw_modes(self) -> list[dict[str, Any]]:
        # The virtual camera has no raw stream. These are its picture sizes.
        formats = self.camera.generate_configuration([libcamera.StreamRole.VideoRecording]).at(0).formats
        return [
            {"format": str(pixel_format), "size": (size.width, size.height)}
            for pixel_format in formats.pixel_formats
            for size in formats.sizes(pixel_format)
        ]

    def _make_libcamera_config(self, camera_config: dict[str, Any]) -> Any:
        names = [name for name in ("main", "lores") if camera_config.get(name)]
        self._asked_formats = {name: camera_config[name]["format"] for name in names}
        return super()._make_libcamera_config(camera_config)

    def _update_camera_config(self, camera_config: dict[str, Any], libcamera_config: Any) -> None:
        super()._update_camera_config(camera_config, libcamera_config)
        for name, asked in self._asked_formats.items():
            if (asked, camera_config[name]["format"]) == ("YUV420", "NV12"):
                camera_config[name]["format"] = asked
