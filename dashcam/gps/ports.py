"""Which serial ports a GPS receiver may be on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

PortFinder = Callable[[], list[str]]

# In this order: what was plugged in on purpose, then the pins of a Raspberry Pi.
_USB = ("ttyACM*", "ttyUSB*")
_PINS = ("serial0", "ttyAMA0", "ttyS0")
# What a Raspberry Pi calls the port that its Bluetooth chip is on: another baud rate there would cut that off.
_BLUETOOTH = "serial1"
_CONSOLES = Path("/proc/consoles")
_DEV = Path("/dev")


def usb_ports(dev: Path = _DEV) -> list[str]:
    """Serial ports on USB."""
    return [str(path) for pattern in _USB for path in sorted(dev.glob(pattern))]


def all_ports(dev: Path = _DEV, consoles: Path = _CONSOLES) -> list[str]:
    """The ports worth listening on; none that the kernel or Bluetooth uses, and none twice."""
    taken = _console_names(consoles) | {(dev / _BLUETOOTH).resolve().name}
    found: dict[Path, str] = {}
    for path in (*map(Path, usb_ports(dev)), *(dev / name for name in _PINS)):
        if path.exists() and path.resolve().name not in taken:
            found.setdefault(path.resolve(), str(path))
    return list(found.values())


def _console_names(consoles: Path) -> set[str]:
    try:
        return {line.split()[0] for line in consoles.read_text().splitlines() if line.strip()}
    except OSError:
        return set()
