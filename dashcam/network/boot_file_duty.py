"""Takes over what somebody has written into dashcam.toml on the boot partition, once for each change of the file.

Settings are saved as if from the page, networks and the password handed on; then the secrets are taken out of the file.
The power may go at any moment: each step is noted once it is done, done again if it was not, and harms nothing twice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from dashcam.errors import BadRequest, CardError, DashcamError
from dashcam.link.network_messages import BootFileReport
from dashcam.network.base import NetworkTrouble, NewNetwork, OwnAccessPoint
from dashcam.network.boot_file import BootFile, BootNetwork, BootSecret, parse_boot_file
from dashcam.network.boot_file_cuts import digest_of
from dashcam.network.boot_file_memory import BootMemory, read_memory, write_memory
from dashcam.network.boot_file_words import info_text, report_text
from dashcam.network.keys import shown
from dashcam.network.wanted import WantedBootFiles
from dashcam.settings.handwritten import read_bytes
from dashcam.settings.load import SYSTEM_FILE
from dashcam.settings.save import SettingsRefused, save_changes
from dashcam.system.appliance import BOOT_INFO_NAME, BOOT_REPORT_NAME

log = logging.getLogger(__name__)

_LOOK_SECONDS = 5.0
# What is not there yet when the machine starts, such as NetworkManager, is waited for, and asked ever more seldom.
_FIRST_AGAIN_SECONDS, _LAST_AGAIN_SECONDS = 4.0, 300.0
# The texts tell of what has failed only when it had some time to succeed: each is a write to the boot partition.
_SETTLED_SECONDS = 60.0
# Root has answered by then, or will not.
_CUT_SECONDS = 90.0


@dataclass(slots=True)
class _Outcome:
    """Of one look at the file."""

    taken: list[BootSecret] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    """What has failed and may succeed later."""
    failed: set[bytes] = field(default_factory=set)
    """Names of networks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BootFileTakers:
    """Who is handed what stands there, and who knows what is told beside it; the first three may raise DashcamError."""

    save_network: Callable[[NewNetwork], object]
    known_ssids: Callable[[], Collection[bytes]]
    set_password: Callable[[str], object]
    settings_saved: Callable[[], object]
    """Whoever has read them before reads them anew."""
    own_access_point: Callable[[], OwnAccessPoint | None]
    host_name: Callable[[], str]
    write_boot_files: Callable[[WantedBootFiles], object]


class BootFileDuty:
    """`work` is a thread's; it calls `take`, which costs a look at the file's age while nothing is new."""

    def __init__(
        self,
        path: Path,
        state: Path,
        takers: BootFileTakers,
        *,
        system_file: Path = SYSTEM_FILE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = path
        self._state = state
        self._takers = takers
        self._system_file = system_file
        self._monotonic = monotonic
        self._seen: object = None
        self._began = monotonic()
        self._again_at: float | None = None
        self._again_seconds = _FIRST_AGAIN_SECONDS
        self._cut_by: float | None = None
        self._has_cut_failed = False
        self._written: WantedBootFiles | None = None
        self._is_new = True
        self.report: BootFileReport | None = None
        """What became of it; None while there is no file. May be read by any thread."""

    def work(self, stop: threading.Event) -> None:
        """The thread's loop."""
        while True:
            try:
                self.take()
            except Exception:
                # Whatever it is, it is no reason to do without Wi-Fi.
                log.exception("the boot partition's file is not taken over")
            if stop.wait(_LOOK_SECONDS):
                return

    def renew(self) -> None:
        """The own access point or the name has changed: the next turn looks after what is told beside the file."""
        self._is_new = True

    def take(self) -> None:
        """Takes over what is new. To be called at the start and every few seconds; may wait for others."""
        now = self._monotonic()
        is_due = self._again_at is not None and now >= self._again_at
        seen = self._look()
        is_news = seen != self._seen
        if is_news:
            self._cut_by, self._has_cut_failed = None, False
            self._again_seconds, self._began = _FIRST_AGAIN_SECONDS, now
        elif self._cut_by is not None and now >= self._cut_by:
            self._cut_by, self._has_cut_failed = None, True
            is_news = True
        if not (is_news or is_due or self._is_new):
            return
        # Until it has come to its end.
        self._seen, self._again_at, self._is_new = seen, now + self._again_seconds, False
        try:
            content = read_bytes(self._path)
        except OSError as error:
            words = f"It cannot be read: {error.strerror or error}; look after the card."
            self.report = BootFileReport(path=str(self._path), mistakes=(words,))
            return
        if content is None:
            self.report, self._again_at = None, None
            if self._path.parent.is_mount():
                self._tell(BootFile({}, (), None, False, (), "utf-8"), None, _Outcome(), "")
            return
        self._take_over(parse_boot_file(content), digest_of(content))

    def _look(self) -> object:
        """Changes when the file does."""
        try:
            facts = self._path.stat()
        except OSError as error:
            return error.errno
        return facts.st_ino, facts.st_size, facts.st_mtime_ns

    def _take_over(self, file: BootFile, sha256: str) -> None:
        memory, outcome = read_memory(self._state), _Outcome()
        try:
            memory = self._take_settings(file, memory, outcome)
            done = frozenset(memory.taken) if memory.sha256 == sha256 else frozenset()
            self._take_networks(file, memory, outcome, done)
            self._take_password(file, outcome, done)
            # Only now: who is cut off before hands them on once more.
            places = tuple(secret.places[0][0] for secret in outcome.taken)
            marks = {_hex(network): _mark(network) for network in file.networks if network.ssid not in outcome.failed}
            noted = msgspec.structs.replace(memory, networks=marks, sha256=sha256 if places else "", taken=places)
            if noted != memory:
                write_memory(self._state, noted)
        except OSError as error:
            outcome.waiting.append(f"it cannot be noted what was taken over: {error.strerror or error}")
            outcome.taken.clear()
        self._tell(file, self._path, outcome, sha256)

    def _take_settings(self, file: BootFile, memory: BootMemory, outcome: _Outcome) -> BootMemory:
        """Saves what is another than last time."""
        new = {name: value for name, value in file.settings.items() if memory.settings.get(name) != value}
        kept = {name: value for name, value in file.settings.items() if name not in new}
        has_saved = False
        while new:
            try:
                has_saved = save_changes(self._state, new, self._system_file)
                break
            except SettingsRefused as error:
                outcome.mistakes += [f"{name}: {words}" for name, words in error.fields.items()]
                # One that disagrees with others may not be among them.
                new = {
                    name: value for name, value in new.items() if name not in error.fields and error.fields.keys() & new
                }
            except CardError as error:
                outcome.waiting.append(str(error))
                return memory
        noted = msgspec.structs.replace(memory, settings=kept | new)
        if noted != memory:
            write_memory(self._state, noted)
        if has_saved:
            log.info("taken over from the boot partition: %s", ", ".join(sorted(new)))
            self._takers.settings_saved()
        return noted

    def _take_networks(self, file: BootFile, memory: BootMemory, outcome: _Outcome, done: Collection[int]) -> None:
        for network in file.networks:
            secret = network.secret
            if secret is not None and secret.places[0][0] in done:
                outcome.taken.append(secret)
            elif network.was_taken:
                self._look_after(network, memory, outcome)
            elif secret is not None or memory.networks.get(_hex(network)) != _mark(network):
                self._save(network, outcome)

    def _save(self, network: BootNetwork, outcome: _Outcome) -> None:
        try:
            self._takers.save_network(network.wish())
        except DashcamError as error:
            is_for_good = isinstance(error, BadRequest) or (
                isinstance(error, NetworkTrouble) and error.kind == "invalid"
            )
            (outcome.mistakes if is_for_good else outcome.waiting).append(f"{network.words}: {error}")
            outcome.failed.add(network.ssid)
            return
        log.info("taken over from the boot partition: the network %s", shown(network.ssid))
        if network.secret is not None:
            outcome.taken.append(network.secret)

    def _look_after(self, network: BootNetwork, memory: BootMemory, outcome: _Outcome) -> None:
        """Its password was taken over before: without it nothing of the network can be changed from here."""
        if memory.networks.get(_hex(network), _mark(network)) != _mark(network):
            outcome.mistakes.append(f"{network.words}: to change its address, write its password again, too")
            outcome.failed.add(network.ssid)
            return
        try:
            known = self._takers.known_ssids()
        except DashcamError:
            return  # NetworkManager will tell in time
        if network.ssid not in known:
            outcome.mistakes.append(f"{network.words} is not saved any more; write its password again to have it back")

    def _take_password(self, file: BootFile, outcome: _Outcome, done: Collection[int]) -> None:
        secret = file.password
        if secret is None:
            return
        if secret.places[0][0] not in done:
            try:
                self._takers.set_password(secret.text)
            except DashcamError as error:
                outcome.waiting.append(f"the password: {error}")
                return
            log.info("taken over from the boot partition: the password of the shares")
        outcome.taken.append(secret)

    def _tell(self, file: BootFile, path: Path | None, outcome: _Outcome, sha256: str) -> None:
        now = self._monotonic()
        self._again_at = now + self._again_seconds if outcome.waiting else None
        if outcome.waiting:
            self._again_seconds = min(2 * self._again_seconds, _LAST_AGAIN_SECONDS)
        left = bool(outcome.taken) and self._has_cut_failed
        mistakes = [*file.mistakes, *outcome.mistakes, *outcome.waiting]
        if left:
            mistakes.append(
                "the passwords that were taken over could not be removed from the file: it cannot be written. "
                "Remove them in a computer; whoever has the card can read them"
            )
        if path is not None:
            self.report = BootFileReport(path=str(path), taken=file.taken, mistakes=tuple(mistakes), secrets_left=left)
        if outcome.taken and not left and self._cut_by is None:
            self._cut_by = now + _CUT_SECONDS
        self._want(file, path, outcome, sha256, mistakes)

    def _want(
        self, file: BootFile, path: Path | None, outcome: _Outcome, sha256: str, mistakes: Collection[str]
    ) -> None:
        is_settled = not outcome.waiting or self._monotonic() - self._began >= _SETTLED_SECONDS
        report = report_text(file.taken, mistakes) if path is not None and is_settled else None
        info = info_text(self._takers.own_access_point(), self._takers.host_name())
        wanted = WantedBootFiles(
            settings_cuts=file.cuts(outcome.taken),
            settings_read_sha256=sha256 if outcome.taken else "",
            report=None if report is None or self._is_there(BOOT_REPORT_NAME, report) else report,
            info=None if self._is_there(BOOT_INFO_NAME, info) else info,
        )
        if wanted not in (WantedBootFiles(), self._written):
            self._written = wanted
            self._takers.write_boot_files(wanted)

    def _is_there(self, name: str, text: str) -> bool:
        try:
            return read_bytes(self._path.with_name(name)) == text.encode()
        except OSError:
            return False


def _hex(network: BootNetwork) -> str:
    return network.ssid.hex()


def _mark(network: BootNetwork) -> str:
    return f"{int(network.is_hidden)} {network.address} {network.gateway}"
