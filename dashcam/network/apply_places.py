"""Where `dashcam network apply` reads and writes, by what it works, and how it reads what it does not believe."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from dashcam.errors import DashcamError
from dashcam.system.appliance import (
    BOOT_FOLDERS,
    CARD_GROUP,
    FTP_PASSIVE_PORTS,
    FTP_PORT,
    SHARE_USER,
    SHARES_RUNTIME_FOLDER,
    SHARES_STATE_FOLDER,
    SMB_PORT,
)
from dashcam.system.tool import run_tool


class ApplyTrouble(DashcamError):
    """One of the things that are to be done cannot be; the message says why and names the cure."""

    code = "apply_failed"


class RunTool(Protocol):
    """As `dashcam.system.tool.run_tool`."""

    def __call__(self, words: Sequence[str], content: bytes = b"", *, limit_seconds: float = 20.0) -> str:
        """What the program prints. Raises ToolFailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where shares listen. Every address: which ones there are changes with each network that is joined."""

    smb_port: int = SMB_PORT
    ftp_port: int = FTP_PORT
    passive_ports: tuple[int, int] = FTP_PASSIVE_PORTS
    address: str = ""
    """Only there, such as 127.0.0.1; empty: everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """All that is outside, by name. The defaults are those of the appliance."""

    wanted: Path
    secrets: Path
    dcim: Path
    templates: Path
    runtime: Path = SHARES_RUNTIME_FOLDER
    kept: Path = SHARES_STATE_FOLDER
    boot_folders: tuple[Path, ...] = BOOT_FOLDERS
    ssh: Path = Path("/etc/ssh")
    radios: Path = Path("/sys/class/ieee80211")
    modules: Path = Path("/sys/module")
    mounts: Path = Path("/proc/self/mounts")
    share_user: str = SHARE_USER
    card_group: str = CARD_GROUP
    pam_service: str = "dashcam-ftp"
    has_seccomp: bool = False
    """vsftpd's own filter of system calls; on kernels of today it hangs up at the first file."""
    listening: Listening = field(default_factory=Listening)
    writers: frozenset[int] = frozenset({0})
    """The users whose word is taken: root, and that of the network program."""
    run: RunTool = run_tool


def find_netconfig() -> Path:
    """The templates: beside the package in a checkout, else where it was installed. Raises ApplyTrouble."""
    beside = Path(__file__).resolve().parents[2] / "netconfig"
    installed = Path(sys.prefix) / "share" / "dashcam" / "netconfig"
    for folder in (beside, installed):
        if (folder / "smb.conf").is_file():
            return folder
    raise ApplyTrouble(f"the templates are neither in {beside} nor in {installed}; run scripts/install again")


def read_unbelieved(path: Path, most_bytes: int, writers: frozenset[int]) -> bytes:
    """A file that somebody else may have put there: a plain one, of one of `writers`, and not too long.

    Raises FileNotFoundError when there is none, ApplyTrouble for anything else.
    """
    try:
        # Not through a link, and without waiting for whoever would write into a pipe.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ApplyTrouble(f"{path} cannot be read: {error.strerror}; remove it, it is made anew") from error
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid not in writers or facts.st_nlink != 1:
            raise ApplyTrouble(f"{path} is not what the network program has written; remove it, it is made anew")
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise ApplyTrouble(f"{path} cannot be read: {error.strerror}; look after the card") from error
    finally:
        os.close(descriptor)
    if len(content) > most_bytes:
        raise ApplyTrouble(f"{path} is longer than anything the network program writes; remove it, it is made anew")
    return content


def put_file(path: Path, content: bytes, mode: int) -> bool:
    """Puts a whole file in place, for root's own folders; False when it was so already."""
    try:
        if path.read_bytes() == content and stat.S_IMODE(path.stat().st_mode) == mode:
            return False
    except OSError:
        pass  # then it is written
    fresh = path.with_name(f".new-{path.name}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    with open(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    os.replace(fresh, path)
    return True
