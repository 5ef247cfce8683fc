"""What the network program wants of the machine that only root can do, as a contract: no commands, no paths, no text
that would reach a configuration file unchecked.

The network program writes it to `wanted.json` in its own folder and starts `dashcam-apply.service`, which polkit allows
it; that reads it, believes nothing, and answers in `/run/dashcam-shares/applied.json`. At every start of the machine
the unit runs once by itself, so that what was wanted last is there again.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

WANTED_NAME = "wanted.json"
"""In the network program's own folder, see `dashcam.network.own_folder`."""
APPLIED_NAME = "applied.json"
SECRETS_NAME = "secrets.json"
"""In the runtime folder of the network program, 0600: a `ShareSecret` that is taken over and removed."""

Port = Annotated[int, Meta(ge=1, le=65535)]


class WantedSamba(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Samba share, as the settings have it."""

    name: str
    workgroup: str
    may_delete: bool = False


class WantedFtp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An FTP site."""

    tls: Literal["off", "optional", "required"] = "optional"


class WantedCut(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bytes `start` to `end` of a file, to be replaced: what is not to be written down here is meant by its place."""

    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=0)]
    put: Annotated[bytes, Meta(max_length=400)]


class WantedBootFiles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For the boot partition, by its three names; None and no cuts leave a file as it is."""

    settings_cuts: tuple[WantedCut, ...] = ()
    """Takes the secrets out of dashcam.toml: `dashcam.network.boot_file_cuts.cut_out` does it to the file's bytes."""
    settings_read_sha256: str = ""
    """Of the whole file that was read; it is only written while it is this one."""
    report: str | None = None
    """Written as UTF-8, as it stands: mark and line ends for Windows are in it."""
    info: str | None = None
    """The same."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of it. The defaults: nothing is shared, nothing but the page is let in."""

    wifi: bool = False
    """The radio is the dashcam's: it is switched on and goes by the country."""
    country: Annotated[str, Meta(pattern=r"^([A-Z]{2})?\Z")] = ""
    interface: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{0,15}\Z")] = ""
    host_name: Annotated[str, Meta(pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z")] = "dashcam"
    page_ports: tuple[Port, ...] = (80, 8000)
    smb: WantedSamba | None = None
    ftp: WantedFtp | None = None
    boot_files: WantedBootFiles = WantedBootFiles()
    reload_radio: int = 0
    """Another number: the radio's driver is to be loaded anew, the last step of the ladder for a dead radio."""


class ShareSecret(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password of the shares on its way to Samba and vsftpd."""

    password: Annotated[str, Meta(min_length=8, max_length=63)]


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of it. `troubles`: what else did not work, in words with the cure."""

    wanted_sha256: str
    has_password: bool = False
    password: str = ""
    """Why the password that was on its way has not been set; empty when it has, or when none was."""
    smb: str = ""
    """Why Samba cannot run as it is wanted; its old configuration, if any, stays."""
    ftp: str = ""
    """The same for FTP."""
    boot_files: tuple[str, ...] = ()
    """Names of the files on the boot partition that are now as they were wanted."""
    troubles: tuple[str, ...] = ()
    reload_radio: int = 0
