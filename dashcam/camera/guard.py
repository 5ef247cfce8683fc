"""A camera's callbacks, made harmless: what goes wrong in a sink stays out of the camera's thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from dashcam.camera.base import CameraCallbacks

log = logging.getLogger(__name__)

_Argument = TypeVar("_Argument")
_Result = TypeVar("_Result")


def guarded(callbacks: CameraCallbacks) -> CameraCallbacks:
    """The same callbacks, which never raise (the first time is logged), and whose `failed` is called once at most."""
    return CameraCallbacks(
        packet=_caught("packet", callbacks.packet, None),
        picture=_caught("picture", callbacks.picture, None),
        wishes_pictures=_caught("wishes_pictures", callbacks.wishes_pictures, False),
        failed=_once(_caught("failed", callbacks.failed, None)),
        lost=callbacks.lost,
    )


def _caught(name: str, function: Callable[[_Argument], _Result], otherwise: _Result) -> Callable[[_Argument], _Result]:
    has_failed = False

    def call(argument: _Argument) -> _Result:
        nonlocal has_failed
        try:
            return function(argument)
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
