"""`dashcam network show`, `add` and the others: asks the running program over its link, and prints for people."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from typing import TypeVar

from dashcam.errors import BadRequest, DashcamError, LinkError
from dashcam.link.client import ask
from dashcam.link.message import Done, Message, SettingsChanged, SettingsTaken
from dashcam.link.network_messages import (
    AccessPoint,
    AddNetwork,
    ForgetNetwork,
    GetAccessPoint,
    GetNetworkStatus,
    NetworkAdded,
    NetworksSeen,
    NetworkStatus,
    SavedNetwork,
    ScanNetworks,
    SetSharePassword,
    TryBegins,
    TryNetwork,
)
from dashcam.link.place import socket_path
from dashcam.network.command_words import access_point_lines, saved_lines, seen_lines, status_lines, switched_lines
from dashcam.options import ProgramOptions
from dashcam.settings.save import save_changes
from dashcam.system.exit_codes import OK

Reply = TypeVar("Reply", bound=Message)

# Root and its tools take their time on a small board.
_LIMIT_SECONDS = 30.0
_PASSWORD_LIMIT_SECONDS = 180.0


def act(options: ProgramOptions, asked: argparse.Namespace) -> int:
    """Does what was typed; gives the exit code. Raises DashcamError, which names the cure."""
    if asked.action == "apply":
        from dashcam.network.apply import apply

        return apply(options.data, options.state)
    _ACTIONS[asked.action](Asker(options), asked)
    return OK


class Asker:
    """Asks the running program of one state folder."""

    def __init__(self, options: ProgramOptions) -> None:
        self.options = options

    def ask(self, request: Message, reply: type[Reply], limit_seconds: float = _LIMIT_SECONDS) -> Reply:
        """Raises DashcamError with the cure."""
        path = socket_path(self.options.state, "network")
        try:
            return ask(self.options.state, "network", request, reply, limit_seconds)
        except LinkError as error:
            # Whoever may not even look into the folder cannot tell either whether the program runs.
            if isinstance(error.__cause__, PermissionError):
                raise LinkError(f"you may not talk to the network program ({path}): use sudo") from error
            if isinstance(error.__cause__, FileNotFoundError | ConnectionRefusedError):
                raise LinkError(
                    "the network program does not run for this folder; start it (systemctl start dashcam-network, or "
                    f"`dashcam network`), or name its folder with --data or --state ({path})"
                ) from error
            raise

    def status(self) -> NetworkStatus:
        """As it is now."""
        return self.ask(GetNetworkStatus(), NetworkStatus)

    def saved(self, name: str) -> SavedNetwork:
        """The saved network of this name or id. Raises BadRequest."""
        saved = self.status().saved
        found = [each for each in saved if name in (each.id, each.ssid) or name.encode().hex() == each.ssid_hex]
        if len(found) == 1:
            return found[0]
        if found:
            raise BadRequest(f"{len(found)} networks are called {name}; use an id of `dashcam network list`")
        names = ", ".join(each.ssid for each in saved)
        raise BadRequest(f"no saved network is called {name}; {f'there are: {names}' if names else 'none is saved'}")


def _print(lines: list[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _show(asker: Asker, asked: argparse.Namespace) -> None:
    _print(status_lines(asker.status()))
    if asked.key:
        _print(access_point_lines(asker.ask(GetAccessPoint(), AccessPoint)))


def _list(asker: Asker, _asked: argparse.Namespace) -> None:
    _print(saved_lines(asker.status()))


def _scan(asker: Asker, _asked: argparse.Namespace) -> None:
    _print(seen_lines(asker.ask(ScanNetworks(), NetworksSeen)))


def _add(asker: Asker, asked: argparse.Namespace) -> None:
    ssid = asked.ssid or _typed("Name of the network: ")
    key = "" if asked.is_open else _secret(f"Key of {ssid}: ")
    if not key and not asked.is_open:
        raise BadRequest("the key is empty; for a network without one use --open")
    request = AddNetwork(
        # What the terminal could not decode are bytes that the name has.
        ssid_hex=ssid.encode(errors="surrogateescape").hex(),
        key=key,
        is_hidden=asked.hidden,
        address=asked.address,
        gateway=asked.gateway,
        is_first=not asked.last,
    )
    asker.ask(request, NetworkAdded)
    _print([f"{ssid} is saved. `dashcam network try` joins it now; else it is joined when it is next looked for."])


def _forget(asker: Asker, asked: argparse.Namespace) -> None:
    found = asker.saved(asked.ssid)
    asker.ask(ForgetNetwork(id=found.id), Done)
    _print([f"{found.ssid} is forgotten."])


def _try(asker: Asker, asked: argparse.Namespace) -> None:
    uuid = asker.saved(asked.ssid).id if asked.ssid else ""
    _print([asker.ask(TryNetwork(id=uuid), TryBegins).words])


def _shares(asker: Asker, asked: argparse.Namespace) -> None:
    if asked.switch == "password":
        if asked.kind:
            raise BadRequest("both shares have the same password: `dashcam network shares password`")
        password = _secret("New password of the shares: ")
        if sys.stdin.isatty() and password != _secret("Once more: "):
            raise BadRequest("the two are not the same; nothing was changed")
        asker.ask(SetSharePassword(password=password), Done, _PASSWORD_LIMIT_SECONDS)
        _print(["The shares have the new password."])
        return
    if not asked.kind:
        raise BadRequest(f"which one? `dashcam network shares {asked.switch} smb` or `ftp`")
    is_on = asked.switch == "on"
    status = asker.status()  # before anything is changed: is it there?
    try:
        save_changes(asker.options.state, {f"shares.{asked.kind}": is_on})
    except PermissionError as error:
        raise DashcamError(f"the settings may not be written by this user ({error.filename}): use sudo") from error
    asker.ask(SettingsChanged(), SettingsTaken)
    _print(switched_lines(asked.kind, status.shares, is_on=is_on))


def _typed(prompt: str) -> str:
    if sys.stdin.isatty():
        return input(prompt)
    raise BadRequest("name the network: dashcam network add SSID")


def _secret(prompt: str) -> str:
    """From the terminal without an echo, else the first line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


_ACTIONS: dict[str, Callable[[Asker, argparse.Namespace], None]] = {
    "show": _show,
    "list": _list,
    "scan": _scan,
    "add": _add,
    "forget": _forget,
    "try": _try,
    "shares": _shares,
}
