"""Computers that open the network drive: Samba's own smbclient, and smbprotocol."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import smbclient

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
