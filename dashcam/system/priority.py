"""Standing back behind the recorder: less processor time, last at the card."""

from __future__ import annotations

import ctypes
import logging
import os
import platform

log = logging.getLogger(__name__)

# The recorder's threads come first whenever they want to run, and this still gets on with it in between.
_NICENESS = 10
# ioprio_set(2) has no function in the C library. Its number on the processors that a dashcam runs on.
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "riscv64": 30, "armv7l": 314, "armv6l": 314, "i686": 289}
_WHO_PROCESS = 1
# The last of the ordinary class. The idle class gets nothing at all on a busy card, and the keeper must make space.
_BEST_EFFORT_LAST = (2 << 13) | 7


def lower_priority() -> None:
    """Makes this thread, and those that it starts later, give way to others; call it before starting any.

    Where the machine does not allow it, it is logged and the program goes on as it is.
    """
    try:
        os.setpriority(os.PRIO_PROCESS, 0, max(_NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))
    except OSError as error:
        log.info("the processor priority stays as it is: %s", error)
    number = _IOPRIO_SET.get(platform.machine())
    if number is None:
        log.info("the card priority stays as it is: not known how on %s", platform.machine())
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, _WHO_PROCESS, 0, _BEST_EFFORT_LAST) != 0:
        log.info("the card priority stays as it is: %s", os.strerror(ctypes.get_errno()))
