"""What the person who installs has said, understood."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """All of it; the defaults are those of the command line."""

    checkout: Path
    wheels: str = ""
    """A folder of wheels instead of PyPI."""
    has_wifi: bool = True
    """Whether Wi-Fi is the dashcam's to look after."""
    country: str = ""
    camera: str = ""
    """The Raspberry Pi camera's overlay, such as imx708; empty: the firmware finds out."""
    without: tuple[str, ...] = ()
    """Names of measures that are left out."""
    data_uuid: str = ""
    """The file system that the clips go to, when it is one of their own."""
    data_kind: str = ""
    """ext4 or exfat."""
