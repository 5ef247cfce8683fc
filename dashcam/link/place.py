"""Where the sockets of the programs lie."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from dashcam.system.runtime_folder import runtime_folder

Program = Literal["recorder", "keeper", "network"]
PAGE_ADDRESS_NAME = "web.address"


def socket_path(state: Path, program: Program) -> Path:
    """The socket of `program`; the folder need not exist."""
    return runtime_folder(state, program) / f"{program}.sock"


def page_address_path(state: Path) -> Path:
    """Where the page writes its address while it listens."""
    return runtime_folder(state, "web") / PAGE_ADDRESS_NAME
