"""What settings of Wi-Fi and shares must be beyond type and limits; each raises SettingsError."""

from __future__ import annotations

import re

from dashcam.errors import SettingsError

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
# RFC 1123: labels of letters, digits and hyphens; one label, because .local is put behind it.
_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", re.ASCII)
# What needs no quoting in any configuration file and that every computer can write.
_SHARE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*( [A-Za-z0-9_.-]+)*", re.ASCII)
_RESERVED_SHARES = frozenset({"global", "homes", "printers", "print$", "ipc$", "admin$"})
# MS-NBTE: a NetBIOS name, of which these are the characters that nobody has to escape.
_WORKGROUP = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*", re.ASCII)
# IEEE 802.11: an SSID has at most 32 octets.
MOST_SSID_BYTES = 32


def check_country(country: str) -> None:
    """Raises SettingsError for what is no code of ISO 3166; whether it exists, the radio knows."""
    if country and not _COUNTRY.fullmatch(country):
        raise SettingsError("network.country: write two capital letters such as DE, GB or US")


def check_host_name(name: str) -> None:
    """Raises SettingsError for a name that no program could look up."""
    if not _HOST_NAME.fullmatch(name):
        raise SettingsError("network.host_name: write letters, digits and hyphens, such as dashcam or my-car")


def check_access_point_name(name: str) -> None:
    """Raises SettingsError for more than an SSID holds."""
    if len(name.encode()) > MOST_SSID_BYTES:
        raise SettingsError(f"network.access_point_name: write at most {MOST_SSID_BYTES} bytes; ä and é are two each")


def check_share_name(name: str) -> None:
    """Raises SettingsError for a name that Samba or a computer would take for something else."""
    if not _SHARE_NAME.fullmatch(name) or name.lower() in _RESERVED_SHARES:
        raise SettingsError("shares.smb_name: write letters, digits, hyphens and single spaces, such as dashcam")


def check_workgroup(name: str) -> None:
    """Raises SettingsError for what is no NetBIOS name."""
    if not _WORKGROUP.fullmatch(name):
        raise SettingsError("shares.workgroup: write letters, digits and hyphens, such as WORKGROUP")
