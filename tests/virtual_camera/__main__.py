"""The `dashcam` command on a virtual camera: `python -m tests.virtual_camera record --set camera.kind=picamera ...`.

For tests that end, kill or starve the whole process.
"""

from __future__ import annotations

from tests.virtual_camera.library import make_importable


def main() -> object:
    """Replaces the class Picamera2, runs the command line, and returns what that returns."""
    make_importable()
    import picamera2

    from dashcam import cli
    from tests.virtual_camera.camera import VirtualPicamera2

    picamera2.Picamera2 = VirtualPicamera2
    return cli.main()


if __name__ == "__main__":
    main()
