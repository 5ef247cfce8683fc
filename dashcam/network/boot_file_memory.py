"""What was taken over from the boot file, so that what the page has changed since is not undone at every start."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import msgspec

from dashcam.files import make_folders, write_durably
from dashcam.network.own_folder import own_folder

log = logging.getLogger(__name__)

MEMORY_NAME = "boot-file.json"
"""In the network program's own folder."""


class BootMemory(msgspec.Struct, frozen=True, kw_only=True):
    """No secret is in it, nor anything by which one could be tried out once it is out of the file."""

    settings: dict[str, Any] = {}
    """As they were taken over last, by full names; what is not in the file any more is forgotten."""
    networks: dict[str, str] = {}
    """By SSID in hexadecimal digits: a mark of all but the key."""
    sha256: str = ""
    """Of the file that had secrets in it; empty once they are out."""
    taken: tuple[int, ...] = ()
    """Where in that file secrets stand that were taken over."""


def read_memory(state: Path) -> BootMemory:
    """An empty one where there is none: then everything is taken over again."""
    try:
        return msgspec.json.decode((own_folder(state) / MEMORY_NAME).read_bytes(), type=BootMemory)
    except FileNotFoundError:
        return BootMemory()
    except (OSError, msgspec.MsgspecError, UnicodeError) as error:
        log.warning("what was taken over from the boot partition is forgotten: %s", error)
        return BootMemory()


def write_memory(state: Path, memory: BootMemory) -> None:
    """Durably. Raises OSError."""
    make_folders(own_folder(state))
    write_durably(own_folder(state) / MEMORY_NAME, msgspec.json.encode(memory) + b"\n")
