"""Finds the libcamera that `build-libcamera` made and makes it and picamera2 importable.

To be called before anything imports libcamera or picamera2.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
import types
from pathlib import Path

# What picamera2.previews.drm_preview reads from pykms when it is imported. Nothing is ever drawn with it.
_PIXEL_FORMATS = ("RGB888", "BGR888", "XRGB8888", "XBGR8888", "ABGR8888", "YUV420", "YVU420", "NV12")


class VirtualCameraMissing(Exception):
    """There is no virtual camera on this machine. The message says what to run."""


def libcamera_folder() -> Path:
    """Where libcamera was installed: of several versions the newest made. Raises VirtualCameraMissing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dashcam"
    # A symbolic link is made when the build is whole; what is being built is a folder of another name.
    found = [path for path in cache.glob(f"libcamera-*-{sysconfig.get_config_var('SOABI')}-*") if path.is_symlink()]
    if not found:
        raise VirtualCameraMissing(f"no libcamera in {cache}: run tests/virtual_camera/build-libcamera")
    return max(found, key=lambda path: path.lstat().st_mtime)


def make_importable() -> None:
    """Puts libcamera on the import path, and a stand-in for pykms. Raises VirtualCameraMissing."""
    folder = libcamera_folder()
    if importlib.util.find_spec("picamera2") is None:
        raise VirtualCameraMissing("picamera2 is not installed: the extra virtual_camera of setup.cfg")
    # Read when the library is loaded. Without it every configuration prints a page.
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:ERROR")
    packages = str(folder / "python")
    if packages not in sys.path:
        sys.path.insert(0, packages)
    # PyPI's `kms` is an unrelated package, and picamera2 would prefer it: None makes importing it fail.
    sys.modules.setdefault("kms", None)  # type: ignore[arg-type]
    sys.modules.setdefault("pykms", _pykms())


def _pykms() -> types.ModuleType:
    stand_in = types.ModuleType("pykms")
    stand_in.PixelFormat = types.SimpleNamespace(**{name: name for name in _PIXEL_FORMATS})  # type: ignore[attr-defined]
    return stand_in
