"""The shares, as the network program has them: what the settings want, what root has made of it, and what runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from dashcam.clock import NANOSECONDS
from dashcam.errors import BadRequest
from dashcam.link.network_messages import ShareKind, ShareStatus
from dashcam.network.share_units import AT_REST, SharesRefused, ShareUnits
from dashcam.network.share_words import addresses_of, words_of
from dashcam.network.wanted import Applied, Wanted, WantedBootFiles, WantedFtp, WantedSamba
from dashcam.network.wishes import APPLIED_FILE, Wishes, fingerprint
from dashcam.settings import Settings
from dashcam.system.appliance import APPLY_UNIT, FTP_UNIT, SHARE_USER, SMB_UNIT
from dashcam.system.bus import SYSTEM_BUS

log = logging.getLogger(__name__)

_UNIT_OF: dict[ShareKind, str] = {"smb": SMB_UNIT, "ftp": FTP_UNIT}
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 63
# While something is under way, and while nothing is.
_SOON_NS, _LATER_NS = NANOSECONDS // 2, 10 * NANOSECONDS
# What cannot be done, or has not helped, is tried again so often.
_AGAIN_NS = 60 * NANOSECONDS
_BUSY_SECONDS = 90.0


def check_share_password(password: str) -> None:
    """Raises BadRequest for one that Samba, FTP or a keyboard would make something else of."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadRequest(f"the password of the shares has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    if not password.isprintable() or password != password.strip():
        raise BadRequest("the password of the shares has no control characters, and no space at its ends")


def wanted_of(settings: Settings, interface: str, last: Wanted) -> Wanted:
    """What the settings ask of root; what they say nothing of stays as it is in `last`."""
    network, shares = settings.network, settings.shares
    smb = WantedSamba(name=shares.smb_name, workgroup=shares.workgroup, may_delete=shares.smb_delete)
    return msgspec.structs.replace(
        last,
        wifi=network.wifi,
        country=network.country if network.wifi else "",
        interface=interface or network.interface,
        host_name=network.host_name,
        smb=smb if shares.smb else None,
        ftp=WantedFtp(tls=shares.ftp_tls) if shares.ftp else None,
    )


class Shares:
    """All that only root can do is asked for here. `turn` is one thread's; the rest may be called by any."""

    def __init__(
        self,
        state: Path,
        *,
        bus_address: str = SYSTEM_BUS,
        applied: Path = APPLIED_FILE,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """`applied`: where root answers."""
        self._units = ShareUnits(bus_address)
        self._wishes = Wishes(state, self._units, applied)
        self._monotonic_ns = monotonic_ns
        self._closing = threading.Event()
        self._asking = threading.Lock()  # whoever starts the unit of root, and waits for its answer
        self._lock = threading.Lock()  # guards what follows, for lines
        self._wanted: Wanted | None = None
        self._due_ns = 0
        self._applied: Applied | None = None
        self._states: dict[str, str] = {}
        self._refusal = ""
        # Only of the thread that turns: what a running share was started with, and when that was last tried.
        self._running: dict[ShareKind, bytes] = {}
        self._tried_ns: dict[ShareKind, int] = {}
        self._has_asked = False
        self._awaited = ""  # the fingerprint of what root was started for last, as long as nothing else is wanted
        self._asked_ns = 0

    def take(self, settings: Settings, interface: str = "") -> None:
        """What is wanted from now on; put into force by the next turns. `interface`: the radio, where it is known."""
        self._change(lambda last: wanted_of(settings, interface, last))

    def write_boot_files(self, files: WantedBootFiles) -> None:
        """Texts for the boot partition, written by the next turns."""
        self._change(lambda last: msgspec.structs.replace(last, boot_files=files))

    def reload_radio(self) -> None:
        """Has the radio's driver loaded anew, once."""
        self._change(lambda last: msgspec.structs.replace(last, reload_radio=last.reload_radio + 1))

    def turn(self) -> None:
        """A step further, about twice a second; never raises, holds up for a few seconds at worst."""
        with self._lock:
            wanted, is_due = self._wanted, self._monotonic_ns() >= self._due_ns
        if wanted is None or not is_due or not self._asking.acquire(blocking=False):
            return
        try:
            wait_ns = self._step(wanted)
            refusal = ""
        except SharesRefused as error:
            wait_ns, refusal = _AGAIN_NS, str(error)
        except OSError as error:
            wait_ns, refusal = _AGAIN_NS, f"What is wanted cannot be written down: {error}; look after the card."
        finally:
            self._asking.release()
        if refusal and refusal != self._refusal:
            log.warning("shares: %s", refusal)
        with self._lock:
            self._refusal = refusal
            if self._wanted is wanted:
                self._due_ns = self._monotonic_ns() + wait_ns

    def status(self, host_name: str = "", addresses: Sequence[str] = ()) -> tuple[ShareStatus, ...]:
        """Samba and FTP. `host_name`: as announced, without .local; `addresses`: the machine's own, best first."""
        with self._lock:
            wanted, applied, states, refusal = self._wanted, self._applied, self._states, self._refusal
        wanted = wanted or Wanted()
        found = []
        for kind, unit in _UNIT_OF.items():
            state = states.get(unit, "inactive")
            found.append(
                ShareStatus(
                    kind=kind,
                    is_wanted=_part(wanted, kind) is not None,
                    is_running=state == "active",
                    has_password=applied is not None and applied.has_password,
                    user=SHARE_USER,
                    words=words_of(kind, wanted, applied, state, refusal),
                    addresses=addresses_of(kind, wanted, host_name, addresses),
                )
            )
        return tuple(found)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What root could not do, in words with the cure."""
        with self._lock:
            return self._applied.troubles if self._applied else ()

    @property
    def boot_files(self) -> tuple[str, ...]:
        """Names of the files on the boot partition that root has found or made as they are wanted now."""
        with self._lock:
            applied, wanted = self._applied, self._wanted
        is_answer = applied is not None and wanted is not None and applied.wanted_sha256 == fingerprint(wanted)
        return applied.boot_files if applied is not None and is_answer else ()

    def set_password(self, password: str) -> None:
        """Gives both shares this password, and returns when they have it.

        Raises BadRequest for one that cannot be, SharesRefused when it could not be set; the message says why.
        """
        check_share_password(password)
        if not self._asking.acquire(timeout=_BUSY_SECONDS):
            raise SharesRefused("Another change is still being made; try again in a minute.")
        try:
            with self._lock:
                wanted = self._wanted
            if wanted is not None:
                self._wishes.write(wanted)
            applied = self._wishes.give_password(password, self._closing)
        except OSError as error:
            raise SharesRefused(f"The password is not set: {error}; look after the card.") from error
        finally:
            self._asking.release()
        log.info("the shares have a new password")
        with self._lock:
            self._applied = applied
            self._refusal, self._due_ns = "", 0

    def close(self) -> None:
        """Nothing is stopped: shares go on without us. May be called twice."""
        self._closing.set()

    def _change(self, change: Callable[[Wanted], Wanted]) -> None:
        with self._lock:
            # What an earlier run of the program has asked for last: else the radio's driver would be loaded anew.
            before = self._wanted or Wanted(reload_radio=getattr(self._wishes.written(), "reload_radio", 0))
            changed = change(before)
            if changed != self._wanted:
                self._wanted, self._due_ns = changed, 0

    def _step(self, wanted: Wanted) -> int:
        """Looks where things stand and starts what is next; gives how long it may rest, in nanoseconds."""
        applied = self._wishes.applied()
        with self._lock:
            self._applied = applied
        if applied is None or applied.wanted_sha256 != fingerprint(wanted):
            if applied is None and wanted == Wanted(host_name=wanted.host_name, interface=wanted.interface):
                return _LATER_NS  # nothing is asked of a machine that may not even be an appliance
            self._ask(wanted)
            return _SOON_NS
        states = self._look()
        settled = [self._settle(kind, wanted, applied, states) for kind in _UNIT_OF]
        return _LATER_NS if all(settled) else _SOON_NS

    def _look(self) -> dict[str, str]:
        states = self._units.states()
        with self._lock:
            self._states = states
        return states

    def _ask(self, wanted: Wanted) -> None:
        """Has root put it into force; again when it has not answered this."""
        self._wishes.write(wanted)
        states, now_ns = self._look(), self._monotonic_ns()
        if self._awaited != fingerprint(wanted):
            self._awaited = ""
        # Who starts a unit that works already starts nothing, and it may have read what was wanted before.
        if states.get(APPLY_UNIT, "") not in ("", *AT_REST):
            return
        if self._awaited:
            if now_ns - self._asked_ns < _AGAIN_NS:
                return
            log.warning("the system has not answered what was asked of it; it is asked again")
        self._awaited, self._asked_ns, self._has_asked = fingerprint(wanted), now_ns, True
        self._units.do("StartUnit", APPLY_UNIT)

    def _settle(self, kind: ShareKind, wanted: Wanted, applied: Applied, states: dict[str, str]) -> bool:
        """Starts or stops a share as it has to be; True when it is so already."""
        unit, now_ns = _UNIT_OF[kind], self._monotonic_ns()
        state = states.get(unit, "inactive")
        is_to_run = _part(wanted, kind) is not None and applied.has_password and not getattr(applied, kind)
        if not is_to_run:
            if state in AT_REST:
                return True
            if state != "deactivating":
                self._units.do("StopUnit", unit)
            self._running.pop(kind, None)
            return False
        config = msgspec.json.encode((wanted.host_name, _part(wanted, kind)))
        if state == "active":
            # Of one that was started by an earlier run of the program: root has been asked for nothing new since.
            known = self._running.get(kind, b"" if self._has_asked else config)
            self._running[kind] = config
            if known == config:
                return True
            self._units.do("RestartUnit", unit)
            return False
        if state in AT_REST and now_ns >= self._tried_ns.get(kind, now_ns):
            self._tried_ns[kind] = now_ns + _AGAIN_NS
            self._running[kind] = config
            self._units.do("StartUnit", unit)
        return False


def _part(wanted: Wanted, kind: ShareKind) -> WantedSamba | WantedFtp | None:
    return wanted.smb if kind == "smb" else wanted.ftp
