"""A camera's callbacks, made harmless: what goes wrong in a sink stays out of the camera's thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from dashcam.camera.base import CameraCallbacks

log = logging.getLogger(__name__)

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


def guarded(callbacks: CameraCallbacks) -> CameraCallbacks:
    """The same callbacks, which never raise (the first time is logged), and whose `failed` is called once at most."""
    return CameraCallbacks(
        packet=_caught("packet", callbacks.packet, None),
        picture=_caught("picture", callbacks.picture, None),
        wishes_pictures=_caught("wishes_pictures", callbacks.wishes_pictures, False),
        failed=_once(_caught("failed", callbacks.failed, None)),
        lost=callbacks.lost,
        wishes_stamp=_caught("wishes_stamp", callbacks.wishes_stamp, False),
        stamp=_caught("stamp", callbacks.stamp, False),
        stamp_failed=_caught("stamp_failed", callbacks.stamp_failed, None),
    )


def _caught(name: str, function: Callable[_Arguments, _Result], otherwise: _Result) -> Callable[_Arguments, _Result]:
    has_failed = False

    def call(*arguments: _Arguments.args, **options: _Arguments.kwargs) -> _Result:
        nonlocal has_failed
        try:
            return function(*arguments, **options)
        except Exception:
            if not has_failed:
                has_failed = True
                log.exception("what the camera hands to %r fails; the camera goes on", name)
            return otherwise

    return call


def _once(function: Callable[[Exception], None]) -> Callable[[Exception], None]:
    lock = threading.Lock()

    def call(error: Exception) -> None:
        if lock.acquire(blocking=False):
            function(error)

    return call
