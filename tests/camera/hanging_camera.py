"""`dashcam record` on a virtual Raspberry Pi camera whose library dies after some frames.

`python -m tests.camera.hanging_camera FRAMES record ...`: an exception in picamera2's own thread ends that thread
without a word, and `stop()` then never returns; a pulled ribbon cable hangs the same way.
"""

from __future__ import annotations

import sys
from typing import Any

from tests.virtual_camera.library import make_importable


def main() -> object:
    """Breaks picamera2's thread after so many frames of each camera that is opened, then runs the command line."""
    frames = int(sys.argv.pop(1))
    make_importable()
    import picamera2

    from dashcam import cli
    from tests.virtual_camera.camera import VirtualPicamera2

    class Dying(VirtualPicamera2):
        """Works for a while."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            self._frames_left = frames
            super().__init__(*arguments, **options)

        @property
        def pre_callback(self) -> Any:
            """Counts down in place of what the camera has set."""
            return self._count_down

        @pre_callback.setter
        def pre_callback(self, _callback: Any) -> None:
            """A library that dies calls nobody."""

        def _count_down(self, _request: Any) -> None:
            self._frames_left -= 1
            if self._frames_left < 0:
                raise RuntimeError("the library dies")

    picamera2.Picamera2 = Dying
    return cli.main()


if __name__ == "__main__":
    raise SystemExit(main())
