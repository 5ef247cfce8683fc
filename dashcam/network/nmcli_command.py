"""The package `nmcli`, made safe: the only module that knows it.

What is cured here: it calls sudo, waits for ever, takes the words of LC_ALL's language, decodes by the locale, and
drops what nmcli had to say. What is not cured is not used: its lists (`device`, `device.wifi`, `connection`), which
tear what they read, `wifi_hotspot`, and everything that takes a key: command lines can be read by everybody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import nmcli

from dashcam.network.base import NetworkTrouble, TroubleKind
from dashcam.network.terse import rows_of
from dashcam.network.troubles import NOT_RUNNING, trouble_of
from dashcam.system.command_output import CommandOutput, CommandStopped, CommandTooSlow, command_output
from dashcam.system.run_command import CommandFailed

# Of a question that has nothing to wait for; on a Zero 2 W that boots nmcli takes a second or two.
_QUESTION_SECONDS = 15.0
# nmcli counts its own limit from when it has found NetworkManager.
_START_SECONDS = 2.0
_DEVICE_FIELDS = "DEVICE,TYPE,STATE,CONNECTION"
# The package's errors have no base of their own.
_ERRORS = (
    nmcli.UnspecifiedException,
    nmcli.InvalidUserInputException,
    nmcli.TimeoutExpiredException,
    nmcli.ConnectionActivateFailedException,
    nmcli.ConnectionDeactivateFailedException,
    nmcli.ConnectionDeleteFailedException,
    nmcli.DisconnectDeviceFailedException,
    nmcli.NetworkManagerNotRunningException,
    nmcli.NotExistException,
    nmcli.ScanningNotAllowedException,
)

Runner = Callable[[Sequence[bytes], float, threading.Event | None], CommandOutput]


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A device of any kind, as people know it from `nmcli device`."""

    interface: str
    kind: str
    state: str
    """In nmcli's words, such as `connecting (getting IP configuration)`."""
    profile: str
    """By its name; empty: none."""


class Nmcli:
    """Commands without secrets. Each call has its own limit; from any thread."""

    def __init__(self, stop: threading.Event | None = None, run: Runner = command_output) -> None:
        """`stop`: whoever still waits is told that the dashcam ends."""
        self._stop = stop
        self._run = run

    def up(self, uuid: str, limit_seconds: float) -> None:
        """Activates a profile and waits until it is."""
        self._ask(limit_seconds, lambda command: nmcli.ConnectionControl(command).up(uuid, _whole(limit_seconds)))

    def down(self, uuid: str, limit_seconds: float) -> None:
        """Deactivates it. Raises `not_ready` or `not_found` when it is not active."""
        self._ask(limit_seconds, lambda command: nmcli.ConnectionControl(command).down(uuid, _whole(limit_seconds)))

    def delete(self, uuid: str) -> None:
        """Forgets a profile; one that is not there is forgotten already."""
        with _no_matter_if("not_found"):
            self._ask(
                _QUESTION_SECONDS,
                lambda command: nmcli.ConnectionControl(command).delete(uuid, _whole(_QUESTION_SECONDS)),
            )

    def switch_radio(self, *, is_on: bool) -> None:
        """Switches Wi-Fi on or off. NetworkManager remembers that, also over a start of the machine."""

        def switch(command: Any) -> None:
            radio = nmcli.RadioControl(command)
            (radio.wifi_on if is_on else radio.wifi_off)()

        self._ask(_QUESTION_SECONDS, switch)

    def devices(self) -> tuple[ListedDevice, ...]:
        """Every device, read exactly."""
        words = self._ask(
            _QUESTION_SECONDS, lambda command: command.nmcli(["-t", "-e", "yes", "-f", _DEVICE_FIELDS, "device"])
        )
        return tuple(ListedDevice(*row) for row in rows_of(str(words), len(_DEVICE_FIELDS.split(","))))

    def _ask(self, limit_seconds: float, question: Callable[[Any], Any]) -> Any:
        """Has the package ask, through our runner. Raises NetworkTrouble, with what nmcli had to say."""

        def run(words: Sequence[str], **_wishes: Any) -> CommandOutput:
            output = self._run([each.encode("utf-8", "surrogateescape") for each in words], limit, self._stop)
            output.check(words)
            return output

        limit = limit_seconds + _START_SECONDS
        command = nmcli.SystemCommand(subprocess_run=run)
        command.disable_use_sudo()
        try:
            return question(command)
        except _ERRORS as error:
            raise _trouble(error) from error
        except CommandTooSlow as error:
            raise NetworkTrouble("timeout", f"nmcli does not answer: {error}; try again") from error
        except CommandStopped as error:
            raise NetworkTrouble("unknown", str(error)) from error
        except CommandFailed as error:
            raise NetworkTrouble("no_service", f"nmcli: {error}. {NOT_RUNNING}") from error


@contextmanager
def _no_matter_if(kind: TroubleKind) -> Iterator[None]:
    try:
        yield
    except NetworkTrouble as trouble:
        if trouble.kind != kind:
            raise


def _whole(seconds: float) -> int:
    """nmcli waits for whole seconds, and with 0 not at all."""
    return max(1, int(seconds))


def _trouble(error: Exception) -> NetworkTrouble:
    """The package drops most of what nmcli had to say, but not what it made its error from."""
    cause = error.__cause__
    words = getattr(cause, "stderr", b"").decode() or getattr(cause, "stdout", b"").decode() or str(error)
    return trouble_of(getattr(cause, "returncode", 1), words)
