"""Computers that open the network drive: Samba's own smbclient, and smbprotocol."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import smbclient
from smbclient._io import SMBFileIO, SMBFileTransaction, set_info
from smbprotocol.file_info import FileDispositionInformation
from smbprotocol.open import CreateOptions, FilePipePrinterAccessMask

from tests.shares.rig import ADDRESS, PASSWORD, SHARE_USER, Machine

_LIMIT_SECONDS = 60.0


def asked(
    machine: Machine,
    command: str,
    *options: str,
    share: str = "dashcam",
    user: str | None = SHARE_USER,
    password: str = PASSWORD,
) -> str:
    """What smbclient says, however it ends. `user`: None: as a guest."""
    words = ["smbclient", f"--port={machine.smb_port}", *options]
    if user is None:
        words.append("--no-pass")
    else:
        file = machine.folder / "login"
        file.write_text(f"username = {user}\npassword = {password}\n")
        words.append(f"--authentication-file={file}")
    words += [f"//{ADDRESS}/{share}", f"--command={command}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=_LIMIT_SECONDS, check=False)
    return done.stdout + done.stderr


@contextmanager
def session(machine: Machine, password: str = PASSWORD) -> Iterator[dict[str, Any]]:
    """The options by which smbprotocol's calls find the drive, logged in."""
    cache: dict[str, Any] = {}
    options = {"username": SHARE_USER, "password": password, "port": machine.smb_port, "connection_cache": cache}
    try:
        smbclient.register_session(ADDRESS, connection_timeout=_LIMIT_SECONDS, **options)
        yield options
    finally:
        smbclient.reset_connection_cache(fail_on_error=False, connection_cache=cache)


def path_of(name: str) -> str:
    return rf"\\{ADDRESS}\dashcam\{name}".replace("/", "\\")


Deleting = Callable[[str, dict[str, Any]], None]
_DELETE = (
    FilePipePrinterAccessMask.DELETE
    | FilePipePrinterAccessMask.FILE_READ_ATTRIBUTES
    | FilePipePrinterAccessMask.SYNCHRONIZE
)


def _when_closed(path: str, options: dict[str, Any]) -> None:
    on_close = CreateOptions.FILE_DELETE_ON_CLOSE | CreateOptions.FILE_NON_DIRECTORY_FILE
    access = {"share_access": "rwd", "desired_access": _DELETE, "create_options": on_close}
    with SMBFileIO(path, mode="r", **access, **options):
        pass  # that is all


def _by_disposition(path: str, options: dict[str, Any]) -> None:
    raw = SMBFileIO(path, mode="r", share_access="rwd", desired_access=_DELETE, **options)
    with SMBFileTransaction(raw) as transaction:
        information = FileDispositionInformation()
        information["delete_pending"] = True
        set_info(transaction, information)


def _attributes_first(path: str, options: dict[str, Any]) -> None:
    smbclient.remove(path, **options)


DELETING = [
    pytest.param(_when_closed, id="when it is closed, as Linux and telephones"),
    pytest.param(_by_disposition, id="by its disposition, as Explorer and Finder"),
    pytest.param(_attributes_first, id="with its attributes cleared before, as libraries"),
]
