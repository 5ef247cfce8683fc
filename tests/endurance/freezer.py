"""Holds a file system frozen until its standard input ends: `python -m tests.endurance.freezer FOLDER`.

In a process of its own, so that a rig that dies, however that happens, never leaves a frozen file system behind.
"""

from __future__ import annotations

import fcntl
import os
import sys

# linux/fs.h
_FREEZE, _THAW = 0xC0045877, 0xC0045878


def main() -> int:
    """Freezes, says so in one line, and thaws when nobody listens any more."""
    folder = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
    fcntl.ioctl(folder, _FREEZE, 0)
    try:
        print("frozen", flush=True)
        sys.stdin.read()
    finally:
        fcntl.ioctl(folder, _THAW, 0)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
