"""All that is different on the appliance, in the order in which it is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from dashcam.appliance.change import Change
from dashcam.appliance.data_partition import DataPartition, changes_for
from dashcam.appliance.edits import merged
from dashcam.appliance.files import Folder, WriteFile
from dashcam.appliance.machine import Machine
from dashcam.appliance.measures import changes_of_measures
from dashcam.appliance.packages import DebianPackages, packages_for
from dashcam.appliance.python import ENVIRONMENT, PythonEnvironment, source_mark
from dashcam.appliance.supported import python_version
from dashcam.appliance.units import UNITS, EnableUnit, MaskUnit
from dashcam.appliance.users import read_sysusers
from dashcam.appliance.wishes import Wishes
from dashcam.system.appliance import (
    BOOT_FILE_NAME,
    BOOT_FILE_PLACES,
    BOOT_INFO_NAME,
    BOOT_REPORT_NAME,
    CARD_GROUP,
    DATA_FOLDER,
    NETWORK_STATE_FOLDER,
    NETWORK_USER,
    READERS_GROUP,
    RECORDER_USER,
    RUNTIME_FOLDER,
    SHARES_STATE_FOLDER,
    STATE_FOLDER,
    STATE_GROUP,
    SYSTEM_SETTINGS,
)

COMMAND = "/usr/local/bin/dashcam"
FTP_LOGIN = "dashcam-ftp"
ACCESS_POINT_PROFILE = "dashcam-ap"
SYSUSERS = "/etc/sysusers.d/dashcam.conf"
TMPFILES = "/etc/tmpfiles.d/dashcam.conf"
POLKIT_RULES = "/etc/polkit-1/rules.d/50-dashcam.rules"
# Debian starts them by itself; ours are started by units of our own with settings of our own.
SHARE_DAEMONS = ("smbd.service", "nmbd.service", "samba-ad-dc.service", "vsftpd.service")
_UNIT_ENDINGS = {".service", ".socket", ".target", ".slice", ".timer", ".mount", ".path"}


def plan_for(machine: Machine, wishes: Wishes) -> list[Change]:
    """The whole plan for this machine."""
    return [
        *(MaskUnit(unit=unit, why="the dashcam starts its own", at_once=True) for unit in SHARE_DAEMONS),
        *_packages(machine),
        *_users(wishes.checkout),
        *_data(wishes),
        *_folders(wishes),
        *_program(machine, wishes),
        *_boot_file(machine, wishes.checkout),
        *_shares(wishes.checkout),
        *_units(wishes.checkout),
        *merged(list(changes_of_measures(machine, wishes))),
    ]


def _packages(machine: Machine) -> Iterator[Change]:
    if machine.is_live:
        wanted = packages_for(machine)
        yield DebianPackages(
            names=tuple(found.name for found in wanted),
            where_offered=tuple(found.name for found in wanted if found.where_offered),
        )


def _users(checkout: Path) -> Iterator[Change]:
    content = _read(checkout / "boot" / "sysusers.conf")
    yield WriteFile(path=SYSUSERS, content=content, why="the dashcam's users and groups")
    yield read_sysusers(SYSUSERS, content)


def _data(wishes: Wishes) -> Iterator[Change]:
    if wishes.data_uuid:
        yield from changes_for(DataPartition(wishes.data_uuid, wishes.data_kind))
    yield from _card_folders(wishes)


def _card_folders(wishes: Wishes) -> tuple[Folder, Folder]:
    # exFAT knows no owners: all of it is whose the mount options say, and nothing else may be asked of it.
    has_owners = wishes.data_kind != "exfat"
    card = Folder(
        path=str(DATA_FOLDER),
        why="the clips",
        owner="root" if has_owners else RECORDER_USER,
        group=READERS_GROUP if has_owners else CARD_GROUP,
        mode=0o750 if has_owners else 0o775,
        keeps_content=True,
    )
    clips = Folder(
        path=str(DATA_FOLDER / "DCIM"),
        why="what the recorder writes and everybody may read who gets there",
        owner=RECORDER_USER,
        group=CARD_GROUP,
        mode=0o2775 if has_owners else 0o775,
        keeps_content=True,
    )
    return card, clips


def _folders(wishes: Wishes) -> Iterator[Change]:
    content = _read(wishes.checkout / "boot" / "tmpfiles.conf")
    for folder in _card_folders(wishes):
        line = f"d {folder.path} {folder.mode:04o} {folder.owner} {folder.group} -"
        content = re.sub(rf"^d {folder.path} .*$", line, content, flags=re.MULTILINE)
    yield WriteFile(path=TMPFILES, content=content, why="the dashcam's folders, also on another card")
    yield Folder(path=str(STATE_FOLDER), why="catalogue and saved settings", group=STATE_GROUP, mode=0o2770)
    yield Folder(
        path=str(NETWORK_STATE_FOLDER), why="key of the own Wi-Fi", owner=NETWORK_USER, group=STATE_GROUP, mode=0o700
    )
    yield Folder(path=str(SHARES_STATE_FOLDER), why="passwords of the shares", mode=0o700)


def _program(machine: Machine, wishes: Wishes) -> Iterator[Change]:
    mark = source_mark(wishes.checkout, str(python_version(machine)), machine.is_raspberry_pi)
    yield PythonEnvironment(
        checkout=str(wishes.checkout), mark=mark, has_system_packages=machine.is_raspberry_pi, wheels=wishes.wheels
    )
    yield WriteFile(path=COMMAND, content=_command(), why="`dashcam` in a terminal", mode=0o755)
    yield WriteFile(
        path=str(SYSTEM_SETTINGS),
        content=settings_text(has_wifi="true" if wishes.has_wifi else "false", country=wishes.country),
        why="settings, yours to edit",
        unedited=_UNEDITED_SETTINGS,
    )


def _command() -> str:
    return f"""#!/bin/sh
# The dashcam of this machine, with its folders. Written by scripts/install.
export DASHCAM_RUNTIME={RUNTIME_FOLDER} DASHCAM_DATA={DATA_FOLDER} DASHCAM_STATE={STATE_FOLDER}
export DASHCAM_BOOT_FILE={BOOT_FILE_PLACES}
export PYTHONSAFEPATH=1 PYTHONDONTWRITEBYTECODE=1
exec {ENVIRONMENT}/bin/python -m dashcam "$@"
"""


def settings_text(*, has_wifi: str, country: str) -> str:
    """The settings of the machine, to begin with."""
    return f"""# Settings of this dashcam; what the page saves stands above them. The README lists all of them.
# Yours to edit: what you have changed stays when you install again.

[network]
wifi = {has_wifi}
""" + (f'country = "{country}"\n' if country else "")


_UNEDITED_SETTINGS = re.escape(settings_text(has_wifi="?", country="")).replace(r"\?", "(?:true|false)") + (
    '(?:country = "[A-Z]{2}"\n)?'
)


def _boot_file(machine: Machine, checkout: Path) -> Iterator[Change]:
    if machine.boot_folder:
        # Notepad of older Windows knows no other line ends.
        content = _read(checkout / "boot" / BOOT_FILE_NAME).replace("\n", "\r\n")
        yield WriteFile(
            path=f"{machine.boot_folder}/{BOOT_FILE_NAME}",
            content=content,
            why="settings to be filled in on a computer",
            mode=0,
            unedited=re.escape(content),
        )


def leftovers(machine: Machine) -> list[Path]:
    """What the programs have put beside the system's own files, for --remove. Saved Wi-Fi networks are the owner's."""
    names = [
        f"/etc/NetworkManager/system-connections/{ACCESS_POINT_PROFILE}.nmconnection",
        *(f"{machine.boot_folder}/{name}" for name in (BOOT_REPORT_NAME, BOOT_INFO_NAME) if machine.boot_folder),
    ]
    return [machine.path(name) for name in names]


def _shares(checkout: Path) -> Iterator[Change]:
    templates = checkout / "netconfig"
    yield WriteFile(
        path=f"/etc/pam.d/{FTP_LOGIN}", content=_read(templates / "vsftpd.pam"), why="who may log in to the FTP site"
    )
    yield WriteFile(
        path="/etc/NetworkManager/dnsmasq-shared.d/dashcam.conf",
        content=_read(templates / "dnsmasq-shared.conf"),
        why="names for who is on the own access point",
    )


def _units(checkout: Path) -> Iterator[Change]:
    boot = checkout / "boot"
    yield WriteFile(
        path=POLKIT_RULES, content=_read(boot / "polkit.rules"), why="what the programs may ask of the system"
    )
    units = {path.name: _read(path) for path in sorted(boot.iterdir()) if path.suffix in _UNIT_ENDINGS}
    for name, content in units.items():
        yield WriteFile(path=f"{UNITS}/{name}", content=content, why=_description(content))
    for name, content in units.items():
        if re.search(r"^\[Install\]", content, re.MULTILINE):
            yield EnableUnit(unit=name)


def _description(unit: str) -> str:
    found = re.search(r"^Description=(.*)$", unit, re.MULTILINE)
    return found[1] if found else "a unit"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
