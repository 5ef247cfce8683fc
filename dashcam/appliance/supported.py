"""Which systems can become the appliance, and the cure for those that cannot."""

from __future__ import annotations

import re
from pathlib import Path

from dashcam.appliance.machine import Machine
from dashcam.errors import DashcamError

PYTHON = "/usr/bin/python3"
_OLDEST, _TOO_NEW = (3, 11), (3, 14)
_ELF_CLASS_64 = 2  # elf(5), e_ident[EI_CLASS]
_BY_HAND = "or start the dashcam by hand with scripts/run"


class NotSupported(DashcamError):
    """This machine cannot become the appliance; the message says what would help."""


def require_supported(machine: Machine) -> None:
    """Raises NotSupported."""
    for hindrance in (_no_python, _is_32_bit, _no_systemd, _no_debian):
        if words := hindrance(machine):
            raise NotSupported(words)


def _no_python(machine: Machine) -> str:
    path = machine.path(PYTHON)
    if not path.exists() and not path.is_symlink():
        return f"there is no {PYTHON}; install it: sudo apt install python3"
    version = python_version(machine)
    if version < _OLDEST:
        return (
            f"its Python is {version[0]}.{version[1]} and has to be 3.11 or newer: install Raspberry Pi OS Lite "
            "(64-bit) of 2023 or later anew"
        )
    if version >= _TOO_NEW:
        return f"its Python {version[0]}.{version[1]} is newer than this dashcam: get a newer one of that"
    return ""


def python_version(machine: Machine) -> tuple[int, int]:
    """Which the system's Python is, told by its file alone: it may be of another processor. (0, 0) if it is unclear."""
    name = _real_python(machine).name
    found = re.fullmatch(r"python(\d+)\.(\d+)", name)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _real_python(machine: Machine) -> Path:
    """Where its name leads, with links as the machine itself sees them."""
    inside = Path(PYTHON)
    for _ in range(8):
        if not machine.path(inside).is_symlink():
            break
        inside = inside.parent / machine.path(inside).readlink()
    return machine.path(inside)


def _is_32_bit(machine: Machine) -> str:
    try:
        with _real_python(machine).open("rb") as file:
            start = file.read(5)
    except OSError as error:
        return f"{PYTHON} cannot be read: {error}"
    if start[:4] == b"\x7fELF" and start[4] == _ELF_CLASS_64:
        return ""
    return (
        "it is a 32-bit system, for which there are no video libraries: install Raspberry Pi OS Lite (64-bit) anew, "
        "which runs on a Zero 2 W, a 3, a 4 and a 5"
    )


def _no_systemd(machine: Machine) -> str:
    places = ("usr/lib/systemd/systemd", "lib/systemd/systemd")
    if not any(machine.path(place).exists() for place in places):
        return f"it has no systemd: use Raspberry Pi OS or Debian, {_BY_HAND}"
    if machine.is_live and not Path("/run/systemd/system").is_dir():
        return f"it was not started by systemd (a container?): use a machine that was, {_BY_HAND}"
    return ""


def _no_debian(machine: Machine) -> str:
    if machine.path("/var/lib/dpkg/status").exists():
        return ""
    return f"it is no Debian: use Raspberry Pi OS or Debian, {_BY_HAND}"
