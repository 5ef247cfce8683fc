"""Where the sockets of the programs lie."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from dashcam.system.runtime_folder import make_socket_folder, socket_folder

__all__ = ["PAGE_ADDRESS_NAME", "Program", "make_socket_folder", "page_address_path", "socket_folder", "socket_path"]

Program = Literal["recorder", "keeper", "network"]
PAGE_ADDRESS_NAME = "web.address"


def socket_path(state: Path, program: Program) -> Path:
    """The socket of `program`; the folder need not exist."""
    return socket_folder(state) / f"{program}.sock"


def page_address_path(state: Path) -> Path:
    """Where the page writes its address while it listens, beside the sockets."""
    return socket_folder(state) / PAGE_ADDRESS_NAME
