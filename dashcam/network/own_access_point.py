"""Name and key of the unit's own access point: made once from the system's randomness, kept, and never logged."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

import msgspec

from dashcam.files import TEMPORARY_PREFIX, make_folders, sync_folder
from dashcam.network.base import OwnAccessPoint
from dashcam.network.own_folder import own_folder
from dashcam.settings.schema import NetworkSettings

log = logging.getLogger(__name__)

KEPT_NAME = "access_point.json"
# Without those that look alike: 0 O, 1 l I. Small letters alone, so that no phone's keyboard has to be switched.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP_LENGTH = 4, 4
_MARK_LENGTH = 4


class KeptAccessPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What makes this unit's access point its own."""

    mark: str
    """The end of its name, so that two dashcams are told apart."""
    key: str


class OwnAccessPoints:
    """The access point as the settings have it, with what is kept for the dashcam of the state folder `state`."""

    def __init__(self, state: Path) -> None:
        self._path = own_folder(state) / KEPT_NAME
        self._kept: KeptAccessPoint | None = None

    def of(self, settings: NetworkSettings) -> OwnAccessPoint:
        """Reads what is kept, or makes it. On a card that cannot be written it holds until the program ends."""
        if self._kept is None:
            self._kept = self._read() or self._made()
        name = settings.access_point_name or f"dashcam-{self._kept.mark}"
        return OwnAccessPoint(name.encode(), self._kept.key, settings.access_point_channel)

    def _read(self) -> KeptAccessPoint | None:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=KeptAccessPoint)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeError) as error:
            log.warning("%s cannot be read (%s): the own access point gets a new key", self._path, type(error).__name__)
            return None

    def _made(self) -> KeptAccessPoint:
        groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
        mark = "".join(secrets.choice(_LETTERS) for _ in range(_MARK_LENGTH)).upper()
        kept = KeptAccessPoint(mark=mark, key="-".join(groups))
        try:
            _write_secretly(self._path, msgspec.json.encode(kept))
        except OSError as error:
            log.warning("the key of the own access point cannot be kept, the next start makes another: %s", error)
        return kept


def _write_secretly(path: Path, content: bytes) -> None:
    """Durably, and for nobody else from its first moment on."""
    make_folders(path.parent)
    fresh = path.with_name(f"{TEMPORARY_PREFIX}{path.name}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    sync_folder(path.parent)
