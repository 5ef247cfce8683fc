"""What is wanted of root, on its way there and back: `wanted.json`, the password, and what root has answered."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from pathlib import Path

import msgspec

from dashcam.errors import DashcamError
from dashcam.files import TEMPORARY_PREFIX, write_durably
from dashcam.network.own_folder import own_folder
from dashcam.network.share_units import AT_REST, SharesRefused, ShareUnits
from dashcam.network.wanted import APPLIED_NAME, SECRETS_NAME, WANTED_NAME, Applied, ShareSecret, Wanted
from dashcam.system.appliance import APPLY_UNIT, SHARES_RUNTIME_FOLDER
from dashcam.system.runtime_folder import make_runtime_folder, runtime_folder

log = logging.getLogger(__name__)

APPLIED_FILE = SHARES_RUNTIME_FOLDER / APPLIED_NAME
# A small board takes seconds for Samba's tools, and minutes nowhere.
_ANSWER_SECONDS = 60.0
_LOOK_SECONDS = 0.2
# One that was just ending, and one more.
_MOST_STARTS = 3
_NO_ANSWER = (
    "The password is not set: the system did not take it in time. Try again; see `journalctl -u dashcam-apply`."
)
_ENDS = "The program ends; set the password again."


class Wishes:
    """The two files and the unit between them. For one thread at a time, which the owner sees to."""

    def __init__(self, state: Path, units: ShareUnits, applied: Path = APPLIED_FILE) -> None:
        self._state = state
        self._units = units
        self._wanted = own_folder(state) / WANTED_NAME
        self._applied = applied

    def written(self) -> Wanted | None:
        """What was wanted last, also by an earlier run of the program; None: nothing yet, or nothing legible."""
        try:
            return msgspec.json.decode(self._wanted.read_bytes(), type=Wanted)
        except (OSError, msgspec.MsgspecError, UnicodeError):
            return None

    def write(self, wanted: Wanted) -> None:
        """Durably: at the next start of the machine root reads it before we do. Raises OSError."""
        content = msgspec.json.encode(wanted)
        try:
            if self._wanted.read_bytes() == content:
                return
        except OSError:
            pass  # none yet
        self._wanted.parent.mkdir(mode=0o700, exist_ok=True)
        write_durably(self._wanted, content)

    def applied(self) -> Applied | None:
        """What root has answered since the start of the machine."""
        try:
            return msgspec.json.decode(self._applied.read_bytes(), type=Applied)
        except (OSError, msgspec.MsgspecError, UnicodeError):
            return None

    def give_password(self, password: str, stop: threading.Event) -> Applied:
        """Has it set; the file with it is gone afterwards, whatever happens. Raises SharesRefused."""
        try:
            path = self._put_secret(password)
        except (OSError, DashcamError) as error:
            raise SharesRefused(f"The password is not set, there is no place to hand it over: {error}") from error
        try:
            self._wait_until_taken(path, stop)
        finally:
            path.unlink(missing_ok=True)
        applied = self.applied()
        if applied is None:
            raise SharesRefused(_NO_ANSWER)
        if applied.password or not applied.has_password:
            raise SharesRefused(applied.password or _NO_ANSWER)
        return applied

    def _put_secret(self, password: str) -> Path:
        make_runtime_folder(self._state, "network")
        path = runtime_folder(self._state, "network") / SECRETS_NAME
        fresh = path.with_name(f"{TEMPORARY_PREFIX}{path.name}")
        fresh.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(fresh, flags, 0o600), "wb") as file:
            file.write(msgspec.json.encode(ShareSecret(password=password)))
        os.replace(fresh, path)
        return path

    def _wait_until_taken(self, path: Path, stop: threading.Event) -> None:
        """Started again while it is still there: who starts a unit that works already starts nothing."""
        ends = time.monotonic() + _ANSWER_SECONDS
        is_taken, starts = False, 0
        while starts <= _MOST_STARTS and time.monotonic() < ends:
            state = self._units.states().get(APPLY_UNIT, "inactive")
            if state in AT_REST:
                # In this order: it was at rest, and so what it has taken it has answered.
                if is_taken:
                    return
                if path.exists():
                    self._units.do("StartUnit", APPLY_UNIT)
                    starts += 1
            is_taken = not path.exists()
            if stop.wait(_LOOK_SECONDS):
                raise SharesRefused(_ENDS)
        raise SharesRefused(_NO_ANSWER)


def fingerprint(wanted: Wanted) -> str:
    """By which root's answer is known to be one to this."""
    return hashlib.sha256(msgspec.json.encode(wanted)).hexdigest()
