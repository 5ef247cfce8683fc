"""Amounts of memory and card: bytes, or per cent of what there is."""

from __future__ import annotations

import os
import re

from dashcam.errors import SettingsError

# Memory is small on the board: a share of it as the recorder's queue makes no sense, so a share counts of this.
QUEUE_WHOLE_BYTES = 64_000_000

_UNITS = {
    "": 1, "B": 1,
    "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40,
}  # fmt: skip
_PATTERN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(%|[A-Za-z]*)\s*")


def bytes_of(quantity: str, whole_bytes: int) -> int:
    """`"2 GB"` or `"80 %"` (of `whole_bytes`) in bytes. Raises SettingsError when it is neither."""
    match = _PATTERN.fullmatch(quantity)
    unit = match[2].upper() if match else "?"
    if match is None or (unit != "%" and unit not in _UNITS):
        raise SettingsError(f"{quantity!r} is no amount; write one such as 16 MB, 2 GiB or 80 %")
    if unit == "%":
        return int(whole_bytes * min(float(match[1]), 100.0) / 100)
    return int(float(match[1]) * _UNITS[unit])


def machine_memory_bytes() -> int:
    """All memory of this machine."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def readable(amount_bytes: float) -> str:
    """Bytes as people say them: `1.5 GB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if abs(amount_bytes) < 1000:
            return f"{amount_bytes:.0f} {unit}" if amount_bytes >= 10 or unit == "B" else f"{amount_bytes:.1f} {unit}"
        amount_bytes /= 1000
    return f"{amount_bytes:.1f} TB"
